// Package origin makes a server in Go accept only connections with a client certificate
// that you trust, as Authenticated Origin Pulls need it. It needs the standard library
// alone.
//
// This program, without its error checks, serves HTTPS to Cloudflare and refuses everyone
// else. It follows changes of the file with the trusted certificates:
//
//	trusted, err := origin.LoadFiles("origin-pull-ca.pem")
//	go trusted.Watch(ctx, slog.Default())
//
//	own, err := tls.LoadX509KeyPair("server.pem", "server.key")
//	config, err := origin.Require(&tls.Config{Certificates: []tls.Certificate{own}}, trusted)
//
//	server := &http.Server{Addr: ":443", TLSConfig: config, Handler: handler}
//	err = server.ListenAndServeTLS("", "")
//
// The file has the CA of the certificate that you uploaded, or that certificate itself if
// it is self-signed. It must not have the CA of the certificate that Cloudflare shares among
// all customers: then every customer's pulls are accepted.
//
// [ClientOf] returns who pulled. Package originpull/probe finds out from outside whether
// the origin refuses everyone else.
//
// # What is checked when
//
// A full handshake verifies the certificate against what the [Source] has at that moment, by
// [tls.RequireAndVerifyClientCert]. When a client resumes a session, by a session ticket of
// TLS 1.2 or a pre-shared key of TLS 1.3, its certificate of then is checked against what is
// trusted now: if its CA was removed, or a certificate of its chain has expired, the client
// has to make a full handshake. At the end of every handshake the same is checked once
// more.
//
// Connections that are open stay open when a CA is removed: shut the server down if they
// must end at once.
//
// A handshake never reads a file: [Files.Watch] does, in a goroutine that you start, and
// [Files.Reload].
package origin
