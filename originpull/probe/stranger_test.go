package probe_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
	"github.com/originpull/originpull-go/originpull/probe"
)

// TestStranger: the stranger's certificate is like ours in all that an origin could go by
// without checking who signed it, and an origin that checks that refuses it.
func TestStranger(t *testing.T) {
	t.Parallel()
	id := newIdentity()
	made := func(option originpulltest.KeyPairOption) tls.Certificate {
		pair, err := tls.X509KeyPair(originpulltest.KeyPair(t, option))
		if err != nil {
			t.Fatal(err)
		}
		return pair
	}
	for name, test := range map[string]struct {
		ours tls.Certificate
		ca   *x509.Certificate
	}{
		"ECDSA, of a CA":       {ours: id.ours.TLS(), ca: id.ca.Certificate},
		"ECDSA, self-signed":   {ours: testpki.Leaf("self-signed", nil).TLS()},
		"RSA, self-signed":     {ours: made(originpulltest.RSA(2048))},
		"Ed25519, self-signed": {ours: made(originpulltest.Ed25519())},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours := test.ours.Leaf
			if test.ca == nil {
				test.ca = ours
			}
			trusted := testpki.Pair{Certificate: test.ca}.Pool()
			config := &tls.Config{Certificates: []tls.Certificate{id.origin.TLS()}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: trusted}
			for _, r := range check(t, serve(t, config, status(http.StatusOK)), probe.Certificates{New: test.ours}) {
				if r.Verdict != probe.Enforced {
					t.Errorf("an origin that enforces: %v\n%s", r, lines(r.Observations))
				}
			}
			stranger := presented(t, id, test.ours)
			for what, same := range map[string]bool{
				"subject":  string(stranger.RawSubject) == string(ours.RawSubject),
				"issuer":   string(stranger.RawIssuer) == string(ours.RawIssuer),
				"names":    fmt.Sprint(stranger.DNSNames) == fmt.Sprint(ours.DNSNames),
				"validity": stranger.NotBefore.Equal(ours.NotBefore) && stranger.NotAfter.Equal(ours.NotAfter),
				"usage":    fmt.Sprint(stranger.ExtKeyUsage) == fmt.Sprint(ours.ExtKeyUsage),
				"key kind": kind(stranger) == kind(ours),
			} {
				if !same {
					t.Errorf("the stranger's %s is not like ours: an origin can tell it from ours without checking who signed it", what)
				}
			}
			if public, ok := stranger.PublicKey.(*ecdsa.PublicKey); ok && public.Equal(ours.PublicKey) {
				t.Error("the stranger has our key")
			}
		})
	}
}

// presented returns the stranger's certificate, as an origin sees it.
func presented(t *testing.T, id identity, ours tls.Certificate) *x509.Certificate {
	t.Helper()
	var mu sync.Mutex
	var stranger *x509.Certificate
	handler := func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		for _, c := range r.TLS.PeerCertificates {
			if !c.Equal(ours.Leaf) {
				stranger = c
			}
		}
	}
	config := &tls.Config{Certificates: []tls.Certificate{id.origin.TLS()}, ClientAuth: tls.RequestClientCert}
	check(t, serve(t, config, http.HandlerFunc(handler)), probe.Certificates{New: ours})
	mu.Lock()
	defer mu.Unlock()
	if stranger == nil {
		t.Fatal("no stranger's certificate was presented")
	}
	return stranger
}

func kind(c *x509.Certificate) string {
	switch public := c.PublicKey.(type) {
	case *ecdsa.PublicKey:
		return public.Curve.Params().Name
	case *rsa.PublicKey:
		return fmt.Sprint("RSA ", public.N.BitLen())
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return "another"
}
