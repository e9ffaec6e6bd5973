package demo

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"

	"github.com/originpull/originpull-go/internal/testpki"
)

// originName is the name that the origin's certificate is for.
const originName = "origin.demo.example"

// origin is a real TLS server that accepts only connections with a client
// certificate of the demo's own CA.
type origin struct {
	addr   string
	roots  *x509.CertPool // what a client of it trusts
	server *http.Server
}

// startOrigin serves on loopback until it is closed. The demo passes
// tls.RequireAndVerifyClientCert as auth.
func startOrigin(clients testpki.Pair, auth tls.ClientAuthType) (*origin, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the origin: %w", err)
	}
	servers := testpki.CA("demo origin's CA")
	certificate := servers.Issue(originName, func(c *x509.Certificate) { c.DNSNames = []string{originName} })
	o := &origin{
		addr:  listener.Addr().String(),
		roots: servers.Pool(),
		server: &http.Server{
			Handler:  http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello from the origin\n") }),
			ErrorLog: log.New(io.Discard, "", 0), // refused handshakes are what the demo is about
			TLSConfig: &tls.Config{
				Certificates: []tls.Certificate{certificate.TLS()},
				ClientAuth:   auth,
				ClientCAs:    clients.Pool(),
			},
		},
	}
	go o.server.ServeTLS(listener, "", "")
	return o, nil
}

func (o *origin) close() { o.server.Close() }

// refuses connects to the origin directly with a client certificate and fails unless
// the origin refuses it by a TLS alert.
func (o *origin) refuses(ctx context.Context, client testpki.Pair) error {
	transport := &http.Transport{TLSClientConfig: &tls.Config{
		ServerName: originName, RootCAs: o.roots, Certificates: []tls.Certificate{client.TLS()},
		// Send the certificate although the origin does not ask for its issuer.
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			certificate := client.TLS()
			return &certificate, nil
		},
	}}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+o.addr+"/", nil)
	if err != nil {
		return err
	}
	resp, err := transport.RoundTrip(request)
	if err == nil {
		resp.Body.Close()
		return fmt.Errorf("the origin accepted another client: HTTP %d", resp.StatusCode)
	}
	var remote *net.OpError
	if !errors.As(err, &remote) || remote.Op != "remote error" {
		return fmt.Errorf("the client was not refused, something else failed: %w", err)
	}
	return nil
}
