// Package probe finds out from outside whether an origin server accepts only connections
// with your client certificate. It needs the standard library alone.
//
// This program, without its error checks, prints a line for each address of the origin,
// server name and TLS version:
//
//	pair, err := originpull.LoadKeyPair("client.pem", "client.key")
//	results, err := probe.Check(ctx,
//		probe.Target{Addresses: []string{"192.0.2.1"}, ServerNames: []string{"www.example.com"}},
//		probe.Certificates{New: pair.TLSCertificate()})
//	for _, result := range results {
//		fmt.Println(result)
//	}
//
// Give the addresses of the origin itself. The name of a proxied zone resolves to
// Cloudflare's edge, which [Check] recognises and reports as [Unknown].
//
// # How it finds out
//
// A TLS handshake proves nothing: in TLS 1.3 a client finishes it before the server has
// judged the certificate, and nginx refuses by an HTTP response in every version. So Check
// sends the same request several times and compares what happens: without a certificate,
// with a certificate of a stranger, with yours, and with your old one if you give it. The
// stranger's has the names, the validity and the kind of key of yours, but is signed by a
// CA that no one trusts; Check makes it in memory. The [Verdict] follows from the
// difference:
//
//	without a certificate   with the stranger's   with yours          verdict
//	refused                 refused               accepted            Enforced
//	refused                 accepted              accepted            Any
//	accepted, requested     either                accepted            Optional
//	accepted, not requested                                           Off
//	either                  either                refused             Refused
//	refused                 refused               not given           Unknown
//	all the same 403                                                  Unknown
//	anything else                                                     Unknown
//
// A request is refused if the origin sends a TLS alert after it has requested a certificate,
// or responds with HTTP 400, 401, 403, 495 or 496. It is accepted if the origin responds
// with any other status, 429 and 503 excepted. A timeout is neither. A connection that is
// closed without an alert is a refusal only if the same happens in every repetition, while
// yours is accepted each time.
//
// # What it cannot find out
//
// The verdict is about the requested path: an origin may treat other paths otherwise. An
// origin that admits Cloudflare's addresses alone is Unknown from anywhere else. An origin
// that requests a certificate only after it has read the request (Apache with
// SSLVerifyClient in a <Location>) is Unknown too. An error page with a status that is not a
// refusal, such as a redirect, is Unknown if yours gets another status; if yours gets the
// same one, it is taken for an acceptance.
//
// # Plain HTTP
//
// An origin that enforces is open all the same if it also serves plain HTTP, where no one is
// asked for a certificate. [CheckHTTP] finds that out. Give it the same addresses, without the
// port or with that of plain HTTP.
//
// # How it sends
//
// Each request has a connection of its own, without session resumption, and speaks HTTP/1.1,
// chosen by ALPN. Redirects are not followed, and proxies of the environment are not
// used. At most 64 KiB of a response are read. A connection that could not be made, was
// closed without a response or timed out is tried once more. Eight rows are probed at
// the same time, the requests of a row one after the other.
package probe
