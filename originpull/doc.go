// Package originpull is a client of Cloudflare's zone-level Authenticated
// Origin Pulls: the zone's own client certificate, which Cloudflare presents
// to the origin server so that the origin can refuse everyone else.
//
// Make a [Client], and get a [Zone] from it: its fields Certificates and Settings have
// the calls. This program, without its error checks, uploads a certificate, waits until it
// is deployed to Cloudflare's edge, and makes Cloudflare present it to the origin:
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
//	ErrNotFound           check the id; after a deletion: nothing, it is gone
//	ErrAlreadyExists      use the certificate, which Find returns, or wait until it is deleted
//	ErrNotLeaf            upload a leaf certificate
//	ErrPendingDeployment  wait until it is active, then delete it
//	ErrAlreadyDeleted     nothing
//	ErrConflict           repeat the call once the other client has finished
//	ErrRateLimited        repeat the call after Error.RetryAfter
//	ErrOutcomeUnknown     upload the same pair again
//	ErrMalformedResponse  find out whether it took effect; check the proxy in between, if any
//	a context's error     the call had no time left; what it was doing is in the Error
//	anything else         report it: it names operation, status, codes and Cf-Ray
//
// # Attempts
//
// A failed request is repeated if another attempt may succeed and the request cannot take
// effect twice. A call makes up to five attempts ([WithMaxAttempts]), each of a minute at
// most ([WithAttemptTimeout]). [WithoutRetry] allows a call one attempt only.
//
//	what went wrong                                              repeated
//	nothing was sent: no connection, a failed TLS handshake      yes
//	HTTP 409 of the API: another client changes the zone         yes, see below
//	HTTP 429 of the API                                          yes, after Retry-After
//	HTTP 408, 425, 502 to 504, 520 to 530; 409 or 429 of a       if the method is idempotent:
//	  proxy; a response that is lost or truncated                  not POST, not PATCH
//	an error code about the request itself, such as 1406 or      no
//	  10000, whatever the HTTP status
//	a host name that does not exist, a server certificate that   no
//	  is not trusted, no TLS, a response that is too large
//	anything else, such as HTTP 400 or 500                       no
//
// A conflict (HTTP 409) is repeated up to five times, besides the other attempts.
//
// The pause before the second attempt is random, up to half a second. The limit doubles
// with each further attempt, up to eight seconds. A pause is never shorter than
// Retry-After. If the pause would be longer than an hour, or would end after the context's
// deadline, there is no further attempt.
//
// All calls of a client share a retry budget, so that retries add at most a fifth to the
// load of an outage. It starts with ten retries, which is also the most it holds. Each
// retry takes one, except after a conflict, and each call adds a fifth of one.
//
// Uploads and deletions in one zone wait for each other within a client, since the API
// refuses a second change while one is in flight. [CertificateClient.Upload] says what
// happens if the response to an upload is lost.
//
// # Rate limit
//
// The API allows 1,200 requests in five minutes for all programs of a user together. Once
// that is exceeded, it refuses all of them for five minutes. Responses say how many
// requests are left, and the calls of a client wait accordingly:
//
//   - At 95 % of the limit ([WithRateShare]) they wait for the next window.
//   - In the last fifth of the limit before that, requests are spread evenly over the rest
//     of the window.
//   - A client sends at most 100 requests a second, and after a pause up to 50 at once. It
//     sends fewer if other programs use the limit too, before its first response, and if
//     the last response is more than a second old. At most an eighth of the requests that
//     are left are in flight at once.
//   - After HTTP 429 of the API, no request is sent until Retry-After has passed, or an
//     hour.
//
// A call that would have to wait beyond its context's deadline fails at once with
// [ErrRateLimited]. A server whose responses name no limit, such as a stub, is not waited
// for, except after HTTP 429.
//
// # Secrets
//
// Private keys and credentials are redacted: under every verb of fmt, in JSON, in slog
// and in errors. That holds also for a [KeyPair] or a [Client] in an unexported field
// of your struct.
//
// # Odd responses
//
// A call succeeds only if the response says success and has what the caller needs: the id
// and the status of a certificate, or the enablement. The response must be about the
// certificate of the request. Otherwise the error is [ErrMalformedResponse].
//
// Any other field that is not as documented is still read if its meaning is clear, such
// as a number that is sent as a string. If it cannot be read, it is left empty, named in
// [Response.Unreadable], and logged once per client as a warning.
//
// # Dependencies
//
// The package depends only on the standard library. From Go 1.27, or with
// GOEXPERIMENT=jsonv2, encoding/json/v2 decodes the responses: a field whose name comes
// twice with different values counts as unreadable, and names are case-sensitive. Before that,
// encoding/json decodes them: names are case-insensitive, and of a duplicate name the
// last value counts. Invalid UTF-8 is refused in both cases. So decode the result of
// [Client.Do] into a type whose fields have json tags.
package originpull
