// Package originpulltest simulates Cloudflare's zone-level Authenticated Origin
// Pulls for tests: the API with the gateway in front of it, and the edge that
// pulls from an origin. It behaves as the live service does: certificates take
// time to deploy, lists lag, deleted certificates stay readable, and requests are
// rate limited.
//
//	sim := originpulltest.NewServer(t, originpulltest.Options{DeployDelay: -1})
//	client, err := originpull.New(originpull.WithToken(sim.Token()), originpull.WithTransport(sim.Transport()))
//	zone, err := client.Zone(sim.ZoneID())
//	…
//	pull := sim.Pull(ctx, sim.ZoneID(), originpulltest.Origin{Addr: origin.Addr})
//
// The gateway checks credentials and rate limits before the API itself. The edge is
// Cloudflare's proxy between visitors and the origin, your server; a pull is a request
// that the edge makes to the origin.
//
// # Transports
//
// [Simulator.URL] is the API over TCP. [Simulator.Client] and
// [Simulator.Transport] reach it in memory. That also works inside a bubble of
// testing/synctest, where an hour of deployment takes no time: make the simulator in
// the bubble that uses it, and let the origin listen on a [Listener]. As a program, the
// simulator is “originpull serve”.
//
// The simulator runs nothing in the background. It computes the state of a
// certificate from recorded times when a request asks for it.
//
// In a bubble, all requests of a test come at the same instant and from the same
// address. After 200 of them the simulator responds with HTTP 429, unless
// Options.RateLimit is negative.
//
// # Faults
//
// A [Rule] decides for each request what goes wrong: your own function, a
// [Script], or [Chaos] with a seed. A [Fault] can reject the request, or carry it
// out and lose the response; and it can delay, replace, truncate or slow down the
// response; it can make one deployment slower than the others, so that the certificate
// uploaded last is not the one deployed last; and it can hide a certificate from one
// list. [Simulator.Record] returns all requests, responses, faults and pulls.
// [Simulator.WriteLog] prints them; [NewServer] does so when a test fails.
//
// # Looking at a zone
//
// [Simulator.Certificates], [Simulator.Enabled] and [Simulator.Presented] return what the
// zone holds and what the edge presents now, without a request or a pull.
// [Simulator.NextChange] returns when that next changes by itself, and [Simulator.State]
// a text that is the same for zones in the same state.
//
// With them a test can try many orders of events: in a bubble, without a server, on
// [Simulator.Handler]. It needs no goroutine of the simulator, and with Options.NoRecord
// a simulator costs little.
//
// # What is not simulated
//
// The endpoints for single hostnames respond as a path that does not exist, and so
// does an operation that the simulator does not implement. Changes that the API
// makes by itself, such as an e-mail about an expiring certificate, do not happen.
//
// # Assumptions
//
// The following is not documented anywhere, so the simulator does what is easiest
// for a client. Do not rely on it. A [Fault] can send any other response instead.
//
//   - The response to an upload says pending_deployment. The status initializing
//     is returned only after [Simulator.SetStatus]. A certificate that is
//     initializing cannot be deleted (code 1434).
//   - The response to a deletion holds the certificate with status
//     pending_deletion.
//   - A certificate that is pending_deletion is still listed, and no longer
//     presented to the origin. Neither is one that is deletion_timed_out; for a
//     live API that still presents it, set it to active with [Simulator.SetStatus].
//     Lists are in the order of the uploads. A list that
//     is not null has result_info.
//   - A certificate that is re-uploaded after deletion has the status
//     pending_deletion for the first tenth of its deployment. It has a new
//     uploaded_on, and is missing from lists twice as long as a new certificate.
//   - A certificate that is deployment_timed_out or deletion_timed_out can be
//     deleted. Uploading it again is refused as a duplicate.
//   - These get HTTP 400 without a code: a private key that does not match, is
//     encrypted or cannot be parsed; a missing field; malformed JSON; deleting a
//     certificate that is deleted. A change while another one is in flight gets
//     HTTP 409 without a code. The codes 1406, 1408, 1412 and 1434 come with HTTP
//     400.
//   - A CA certificate is refused with 1412, as for a hostname. Of a chain that
//     begins with a leaf, only the leaf is kept.
//   - GET of an unknown certificate has code 1551, DELETE has 1552. An id that is
//     neither a UUID nor 32 hexadecimal digits is malformed.
//   - The gateway counts each request before it routes it. Past a limit it responds
//     with HTTP 429, also for a path or a method that does not exist. Then it checks
//     the path, the method, the credentials, the permission and the zone. A request
//     without credentials, or with refused ones, is no request of the user: it does
//     not count for the user's limit, and past that it is refused as ever. An unknown zone with a well-formed
//     id gets HTTP 403 with 9109. Missing credentials get HTTP 400.
//   - GET /zones lists the zones that have a name by [Simulator.SetZoneName] and that
//     the token may access, and needs the permission Zone Read. Of its filters it has
//     name, which is compared as a whole; it refuses other parameters than page and
//     per_page with HTTP 400.
//   - The zone settings tls_client_auth and ssl need the permissions Zone
//     Settings Read and Write. A new zone's SSL mode is full.
//   - The rate limit of the user responds with code 971, that of the address with
//     10429. All tokens belong to one user. Every 429 has Retry-After, also the one
//     for bad credentials (10502, from the eleventh within five minutes). Good
//     credentials are not affected by bad ones.
//   - A body of more than 1 MiB gets HTTP 413 without a code.
package originpulltest
