// Package originpull is a client of Cloudflare's zone-level Authenticated
// Origin Pulls: the zone's own client certificate, which Cloudflare presents
// to the origin server so that the origin can refuse everyone else.
//
// A client sees one zone at a time. This uploads a certificate, waits until
// Cloudflare's edge has it, and has it presented to the origin:
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
// Input is checked before a request is made; see [ErrInvalidInput]. What the
// API or the network answers comes back as an [*Error], reachable by
// [errors.As] and to be told apart by [errors.Is] with the errors of this
// package, such as [ErrAlreadyExists] and [ErrDenied].
//
// # Secrets
//
// Private keys and credentials show nowhere: not under any verb of fmt, in
// JSON, in slog or in an error, also not where a [KeyPair] or a [Client] is an
// unexported field of a struct of yours.
//
// # Dependencies
//
// The package needs the standard library and nothing else. From Go 1.27, or
// with GOEXPERIMENT=jsonv2, answers are decoded by encoding/json/v2, which
// also refuses repeated names and takes a name in its own case alone; before
// that by encoding/json, where of a repeated name the last value wins, whatever
// its case. Both refuse invalid UTF-8. So give the result of [Client.Do] a type
// whose fields are named by json tags.
package originpull
