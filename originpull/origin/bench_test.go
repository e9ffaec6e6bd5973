package origin_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"testing"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/origin"
)

// BenchmarkHandshake compares full handshakes with Require and with a fixed set of CAs.
func BenchmarkHandshake(b *testing.B) {
	ca := testpki.CA("our CA")
	client := &tls.Config{ServerName: serverName, InsecureSkipVerify: true, Certificates: []tls.Certificate{ca.Issue("ours", nil).TLS()}}
	fixed := own()
	fixed.ClientAuth, fixed.ClientCAs = tls.RequireAndVerifyClientCert, ca.Pool()
	for name, server := range map[string]*tls.Config{"fixed": fixed, "required": benchmarked(b, own(), ca)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				here, there := net.Pipe()
				go func() {
					connection := tls.Server(there, server)
					io.Copy(io.Discard, connection)
					connection.Close()
				}()
				connection := tls.Client(here, client)
				if err := connection.Handshake(); err != nil {
					b.Fatal(err)
				}
				connection.Close()
			}
		})
	}
}

// BenchmarkRequirement is what Require adds to a handshake: with a config of its own, and
// with one that the caller's GetConfigForClient returns.
func BenchmarkRequirement(b *testing.B) {
	ca := testpki.CA("our CA")
	state := tls.ConnectionState{VerifiedChains: [][]*x509.Certificate{{ca.Issue("ours", nil).Certificate, ca.Certificate}}}
	choosing := own()
	inner := choosing.Clone()
	choosing.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return inner, nil }
	for name, config := range map[string]*tls.Config{"one config": own(), "GetConfigForClient": choosing} {
		b.Run(name, func(b *testing.B) {
			required := benchmarked(b, config, ca)
			b.ReportAllocs()
			for b.Loop() {
				chosen, err := required.GetConfigForClient(new(tls.ClientHelloInfo))
				if err == nil {
					err = chosen.VerifyConnection(state)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func benchmarked(b *testing.B, config *tls.Config, ca testpki.Pair) *tls.Config {
	b.Helper()
	bundle := new(origin.Bundle)
	if err := bundle.Set(ca.Certificate); err != nil {
		b.Fatal(err)
	}
	required, err := origin.Require(config, bundle)
	if err != nil {
		b.Fatal(err)
	}
	return required
}
