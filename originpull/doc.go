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
// # Secrets
//
// Private keys and credentials are redacted: under every verb of fmt, in JSON, in slog
// and in errors. That holds also for a [KeyPair] or a [Client] in an unexported field
// of your struct.
//
// # Dependencies
//
// The package depends only on the standard library. From Go 1.27, or with
// GOEXPERIMENT=jsonv2, encoding/json/v2 decodes the responses: it refuses duplicate
// names, and names are case-sensitive. Before that, encoding/json decodes them: names
// are case-insensitive, and of a duplicate name the last value counts. Invalid UTF-8 is
// refused in both cases. So decode the result of [Client.Do] into a type whose fields
// have json tags.
package originpull
