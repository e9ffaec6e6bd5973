// Package originpull is a client of Cloudflare's zone-level Authenticated
// Origin Pulls: the zone's own client certificate, which Cloudflare presents
// to the origin server so that the origin can refuse everyone else.
//
// A [Zone] is the entry to everything else. This program uploads a certificate, waits
// until it is deployed to Cloudflare's edge, and makes Cloudflare present it to the
// origin:
//
//	client, err := originpull.FromEnv()
//	zone, err := client.Zone("023e105f4ecef8ad9ca31a8372d0c353")
//	pair, err := originpull.LoadKeyPair("client.pem", "client.key")
//	cert, err := zone.Certificates.Upload(ctx, pair)
//	cert, err = zone.Certificates.Wait(ctx, cert.ID, originpull.StatusActive)
//	err = zone.Settings.Enable(ctx)
//
// # Errors
//
// Arguments are checked before a request is made; see [ErrInvalidInput]. A failure of
// the API or of the network is an [*Error]. Get it with [errors.As], or compare with
// [errors.Is] and the errors of this package, such as [ErrAlreadyExists] and
// [ErrDenied].
//
// What to do about an error:
//
//	ErrInvalidInput       fix the argument or option; nothing was sent
//	ErrDenied             check the token and its permission; do not repeat the call
//	ErrNotFound           check the id; nothing is left to delete
//	ErrAlreadyExists      use the certificate, which Find returns, or wait until it is deleted
//	ErrNotLeaf            upload a leaf certificate
//	ErrPendingDeployment  wait until it is active, then delete it
//	ErrAlreadyDeleted     nothing
//	ErrConflict           repeat the call once the other client has finished
//	ErrRateLimited        repeat the call after Error.RetryAfter
//	ErrOutcomeUnknown     upload the same pair again
//	ErrMalformedResponse  look whether it took effect; see what is between here and the API
//	a context's error     the call had no time left; what it was doing is in the Error
//	anything else         show it to a person: it names operation, status, codes and Cf-Ray
//
// # Attempts
//
// A request that fails is repeated if it cannot take effect twice and may succeed. It is
// attempted up to five times, each time for a minute at most; [WithMaxAttempts] and
// [WithAttemptTimeout] change that, and [WithoutRetry] turns it off for a call.
//
//	nothing was sent: no connection, a failed TLS handshake      repeated
//	409 of the API: another client changes the zone              repeated five times more
//	429 of the API                                               repeated after Retry-After
//	a lost response; 408, 425, 502 to 504, 520 to 530;           repeated, but for POST
//	  429 or 409 of a proxy                                        and PATCH
//	a code that judges the request, whatever the status          not repeated
//	a name or port without a server, a certificate that is       not repeated
//	  not trusted, a response that is too large
//	anything else                                                not repeated
//
// The pause before the second attempt is random, up to half a second, and each further one
// is up to twice as long. A pause is never shorter than Retry-After says. If it would be
// longer than an hour, or than the context allows, there is no further attempt.
//
// In an outage the attempts of all calls of a client together add no more than a fifth to
// the load: each call earns a fifth of a repetition, up to ten. Conflicts do not count.
//
// Uploads and deletions in one zone wait for each other within a client, since the API
// refuses a second change while one is in flight. [CertificateClient.Upload] says what
// happens if the response to an upload is lost.
//
// # Rate limit
//
// The API allows 1,200 requests in five minutes for all programs of a user together, and
// refuses everything for five minutes once that is exceeded. A client reads from the
// responses what is left and stops at 95 % of the limit ([WithRateShare]) until the next
// window. It spreads the last fifth over the rest of the window, and sends at most 100
// requests a second, fewer if other programs use the limit too. A call that would have to
// wait beyond its context's deadline fails at once with [ErrRateLimited].
//
// # Secrets
//
// Private keys and credentials are redacted: under every verb of fmt, in JSON, in slog
// and in errors. That holds also for a [KeyPair] or a [Client] in an unexported field
// of your struct.
//
// # Odd responses
//
// A call needs of a successful response that it says success, and the id and the status
// of a certificate or the enablement; and that it is about the certificate of the
// request. Without these it fails with [ErrMalformedResponse]. Any other field that is not as
// documented is read if there is no doubt what it means, such as a number that is sent as
// text. If it cannot be read, it is left empty, named in [Response.Unreadable], and
// logged once per client as a warning.
//
// # Dependencies
//
// The package depends only on the standard library. From Go 1.27, or with
// GOEXPERIMENT=jsonv2, encoding/json/v2 decodes the responses: a field whose name comes
// twice with different values cannot be read, and names are case-sensitive. Before that,
// encoding/json decodes them: names are case-insensitive, and of a duplicate name the
// last value counts. Invalid UTF-8 is refused in both cases. So decode the result of
// [Client.Do] into a type whose fields have json tags.
package originpull
