package originpulltest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"time"
)

// sharedIdentity stands in for Cloudflare's shared certificate and the CA that
// has signed it.
type sharedIdentity struct {
	ca   *x509.Certificate
	pair tls.Certificate
}

// SharedCA returns the CA that signed the shared certificate, which the global
// level presents: a stand-in for Cloudflare's, made anew for each simulator.
func (s *Simulator) SharedCA() *x509.Certificate { return s.shared().ca }

// newSharedIdentity makes both. They are valid from 1999, since a synctest
// bubble begins in 2000, to 2100. Cloudflare's CA ends in 2029; a stand-in that
// did would end the tests of that day.
func newSharedIdentity() sharedIdentity {
	begin, end := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	caKey, key := newKey(), newKey()
	ca := sign(&x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "origin-pull.cloudflare.net", Organization: []string{"originpulltest stand-in"}},
		NotBefore:             begin,
		NotAfter:              end,
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}, nil, caKey, caKey)
	leaf := sign(&x509.Certificate{
		SerialNumber: big.NewInt(2),
		Subject:      pkix.Name{CommonName: "cloudflare shared", Organization: []string{"originpulltest stand-in"}},
		NotBefore:    begin,
		NotAfter:     end,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, ca, key, caKey)
	return sharedIdentity{ca, tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf}}
}

func newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(fmt.Sprintf("originpulltest: make a key: %v", err)) // no randomness
	}
	return key
}

// sign makes a certificate for key; a nil parent stands for itself.
func sign(template, parent *x509.Certificate, key, parentKey *ecdsa.PrivateKey) *x509.Certificate {
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err == nil {
		template, err = x509.ParseCertificate(der)
	}
	if err != nil {
		panic(fmt.Sprintf("originpulltest: make the shared certificate: %v", err))
	}
	return template
}
