// Package originpulltest simulates Cloudflare's zone-level Authenticated Origin
// Pulls for tests: the API with the gateway in front of it, and the edge that
// pulls from an origin. It answers as the live service does, late deployments,
// lists that lag, tombstones and rate limits included.
//
//	sim := originpulltest.NewServer(t, originpulltest.Options{DeployDelay: -1})
//	client, err := originpull.New(originpull.WithToken(sim.Token()), originpull.WithTransport(sim.Transport()))
//	zone, err := client.Zone(sim.ZoneID())
//	…
//	pull := sim.Pull(ctx, sim.ZoneID(), originpulltest.Origin{Addr: origin.Addr})
//
// # Ways in
//
// [Simulator.URL] is the API over TCP. [Simulator.Client] and
// [Simulator.Transport] reach it in memory, also inside testing/synctest, where
// an hour of deployment passes in no time; make the simulator in the bubble that
// uses it, and an origin on a [Listener]. As a program it is
// “originpull serve”.
//
// State is computed from recorded instants when it is asked for. Nothing runs in
// between.
//
// In a bubble all requests of a crowd come at one instant, and from one address:
// past 200 they are answered 429, unless Options.RateLimit is negative.
//
// # Faults
//
// A [Rule] decides for each request what goes wrong: a function of one's own, a
// [Script], or [Chaos] by a seed. A [Fault] can keep a request from taking
// effect, or let it and lose the answer; delay, replace, cut or slow it. All
// requests, answers, faults and pulls are on the [Simulator.Record], which
// [Simulator.WriteLog] prints for people; [NewServer] does so when a test fails.
//
// # What is not simulated
//
// The sibling endpoints for single hostnames answer as a path that does not
// exist. A change that the API makes by itself, such as mail about an expiring
// certificate, does not happen.
//
// # Assumptions
//
// Nobody has published what follows, so the simulator makes the mildest choice.
// Do not rely on it; a [Fault] can put any other answer in its place.
//
//   - The upload answers pending_deployment; initializing is read only after
//     [Simulator.SetStatus]. Deleting a certificate that is initializing is
//     refused with code 1434 as well.
//   - The answer to a deletion holds the certificate, pending_deletion.
//   - A certificate that is pending_deletion is still listed, and not presented
//     to the origin any more. Lists are in the order of the uploads. A list that
//     is not null has result_info.
//   - A certificate that comes back from the dead reads pending_deletion for the
//     first tenth of its deployment, has a new uploaded_on, and is missing from
//     lists twice as long as a new one.
//   - What has timed out may be deleted (again); a second upload of it is a
//     duplicate.
//   - A key that does not match, is encrypted or cannot be parsed, a missing
//     field and malformed JSON get HTTP 400 without a code, and so does deleting
//     what is deleted; a change while another is in flight gets 409 without a
//     code. The codes 1406, 1408, 1412 and 1434 come with HTTP 400.
//   - A CA certificate is refused on the zone level as it is on the hostname
//     level, with 1412. Of a chain that begins with a leaf, the leaf is kept.
//   - GET of an unknown certificate has code 1551, DELETE 1552. An id that is
//     neither a UUID nor 32 hexadecimal digits is malformed.
//   - The gateway looks at the path first, then at the method, the credentials,
//     the limit, the permission and the zone. A well-formed zone that is unknown
//     gets 403 with 9109. Missing credentials get HTTP 400.
//   - The zone settings tls_client_auth and ssl need the permissions Zone
//     Settings Read and Write; a new zone's SSL mode is full.
//   - The limit of the user is answered with code 971, that of the address with
//     10429. All tokens are one user's. Both kinds of 429, and that for bad
//     credentials (from the eleventh refused within five minutes, 10502), have
//     Retry-After. Good credentials are not held up by bad ones.
//   - A body of more than a MiB gets HTTP 413 without a code.
package originpulltest
