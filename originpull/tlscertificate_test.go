package originpull_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
)

// TestTLSCertificate connects with the pair to an origin that wants it.
func TestTLSCertificate(t *testing.T) {
	t.Parallel()
	ca := issue("ca.example", testpki.Key(), nil, asCA)
	server := testpki.Leaf("origin.example", nil)
	for name, key := range map[string]crypto.Signer{"RSA": rsaKey(), "ECDSA": testpki.Key(), "Ed25519": testpki.Ed25519()} {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			middle := issue("middle.example", testpki.Key(), &ca, asCA)
			leaf := issue("client.example", key, &middle, func(c *x509.Certificate) {
				c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
			})
			pair := must(originpull.ParseKeyPair(pems(leaf, middle)))
			trusted := x509.NewCertPool()
			trusted.AddCert(ca.Certificate)
			clientEnd, originEnd := net.Pipe()
			accepted := make(chan error, 1)
			origin := tls.Server(originEnd, &tls.Config{
				Certificates: []tls.Certificate{server.TLS()}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: trusted,
				MinVersion: version, MaxVersion: version,
			})
			go func() { accepted <- origin.Handshake(); origin.Close() }()
			client := tls.Client(clientEnd, &tls.Config{
				Certificates: []tls.Certificate{pair.TLSCertificate()}, RootCAs: server.Pool(), ServerName: "origin.example", InsecureSkipVerify: true,
			})
			err := client.Handshake()
			go client.Read(make([]byte, 1)) // takes the tickets, and an alert
			if refused := <-accepted; err != nil || refused != nil {
				t.Errorf("%s, %s: the origin refuses the pair: %v, %v", name, tls.VersionName(version), err, refused)
			}
			if got := origin.ConnectionState().PeerCertificates; len(got) != 2 || !got[0].Equal(leaf.Certificate) {
				t.Errorf("%s: the origin is presented %d certificates, want the leaf and its issuer", name, len(got))
			}
			client.Close()
		}
	}
}

// TestTLSCertificateShowsNoKey prints the certificate in each way, alone and within a
// struct of a user's.
func TestTLSCertificateShowsNoKey(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]crypto.Signer{"RSA": rsaKey(), "ECDSA": testpki.Key(), "Ed25519": testpki.Ed25519()} {
		pair := must(originpull.ParseKeyPair(pems(issue("client.example", key, nil, nil))))
		certificate := pair.TLSCertificate()
		_, keyPEM := uploaded(t, pair)
		for what, value := range map[string]any{
			"certificate": certificate, "pointer": &certificate, "held": hold(&certificate),
			"list": []tls.Certificate{certificate}, "config": &tls.Config{Certificates: []tls.Certificate{certificate}},
			"key": certificate.PrivateKey, "key, held": hold(&certificate.PrivateKey),
		} {
			for how, shown := range shownAs(value) {
				wantNoMarks(t, name+", "+what+" under "+how, shown)
				wantNoKeyBytes(t, name+", "+what+" under "+how, shown, key)
			}
		}
		back, err := originpull.KeyPairFromTLS(certificate)
		if err != nil {
			t.Errorf("%s: the certificate does not become the pair again: %v", name, err)
		} else if _, again := uploaded(t, back); again != keyPEM {
			t.Errorf("%s: the certificate becomes the pair of another key", name)
		}
	}
	if empty := (originpull.KeyPair{}).TLSCertificate(); empty.PrivateKey != nil || empty.Certificate != nil {
		t.Error("an empty pair has a certificate")
	}
}

// wantNoKeyBytes requires that text does not show the numbers that are private in a key,
// in decimal or hexadecimal or as a list of bytes.
func wantNoKeyBytes(t *testing.T, what, text string, key crypto.Signer) {
	t.Helper()
	var number []byte
	switch key := key.(type) {
	case *rsa.PrivateKey:
		number = key.Primes[0].Bytes()
	case *ecdsa.PrivateKey:
		number = must(key.Bytes())
	case ed25519.PrivateKey:
		number = key.Seed()
	}
	half := number[:len(number)/2]
	for _, shown := range []string{
		new(big.Int).SetBytes(number).String()[:16], fmt.Sprintf("%x", half), fmt.Sprintf("%X", half),
		strings.Trim(fmt.Sprint(half), "[]"), strings.ReplaceAll(strings.Trim(fmt.Sprint(half), "[]"), " ", ","),
	} {
		if strings.Contains(text, shown) {
			t.Errorf("%s shows the private key", what)
			return
		}
	}
}
