package originpulltest

import (
	"crypto"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
)

// KeyPairOption is a setting of [KeyPair].
type KeyPairOption func(*keyPair) error

type keyPair struct {
	template *x509.Certificate
	key      crypto.Signer
	issuer   *tls.Certificate // nil: the pair signs itself
}

// KeyPair returns a new certificate and its private key in PEM, for tests only. Without
// options it is a self-signed leaf with an ECDSA P-256 key, valid from an hour ago for a
// day, for clients and servers. The key is PKCS #8. In a bubble of testing/synctest, call
// KeyPair inside it, so that the pair is valid at the time of the bubble.
//
// An option that cannot be applied ends the test. tb may be nil outside of a test, such as
// in an example; then KeyPair panics instead.
func KeyPair(tb testing.TB, options ...KeyPairOption) (certPEM, keyPEM []byte) {
	if tb != nil {
		tb.Helper()
	}
	now := time.Now()
	p := keyPair{template: &x509.Certificate{
		SerialNumber:          new(big.Int).SetBytes([]byte(rand.Text()[:16])),
		Subject:               pkix.Name{CommonName: "originpulltest"},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(24 * time.Hour),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}}
	certPEM, keyPEM, err := p.make(options)
	switch {
	case err == nil:
	case tb == nil:
		panic(err)
	default:
		tb.Fatal(err)
	}
	return certPEM, keyPEM
}

func (p *keyPair) make(options []KeyPairOption) (certPEM, keyPEM []byte, err error) {
	for _, option := range options {
		if option == nil {
			return nil, nil, errors.New("originpulltest: key pair: an option is nil")
		}
		if err := option(p); err != nil {
			return nil, nil, fmt.Errorf("originpulltest: key pair: %w", err)
		}
	}
	if p.key == nil {
		p.key = testpki.Key()
	}
	parent, signer := p.template, crypto.PrivateKey(p.key)
	if p.issuer != nil {
		parent, signer = p.issuer.Leaf, p.issuer.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, p.template, parent, p.key.Public(), signer)
	if err != nil {
		return nil, nil, fmt.Errorf("originpulltest: key pair: %w", err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		return nil, nil, fmt.Errorf("originpulltest: key pair: %w", err)
	}
	certPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return certPEM, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), nil
}

// CA makes the certificate a CA. The API refuses a CA; use it to issue leaves, with
// [IssuedBy].
func CA() KeyPairOption {
	return func(p *keyPair) error {
		p.template.IsCA, p.template.KeyUsage, p.template.ExtKeyUsage = true, x509.KeyUsageCertSign, nil
		p.template.Subject.CommonName = "originpulltest CA"
		return nil
	}
}

// IssuedBy has the certificate signed by a CA, which KeyPair has returned. An origin that
// trusts the CA accepts it. The CA is not in the PEM; to upload a chain, append its
// certificate.
func IssuedBy(caCertPEM, caKeyPEM []byte) KeyPairOption {
	return func(p *keyPair) error {
		issuer, err := tls.X509KeyPair(caCertPEM, caKeyPEM)
		if err != nil {
			return fmt.Errorf("IssuedBy: %w", err)
		}
		if !issuer.Leaf.IsCA {
			return fmt.Errorf("IssuedBy: %q is not a CA: make it with the option CA", issuer.Leaf.Subject)
		}
		p.issuer = &issuer
		return nil
	}
}

// RSA gives the pair an RSA key of that many bits, at least 1024, instead of ECDSA. A
// key of 2048 bits takes about a tenth of a second to make.
func RSA(bits int) KeyPairOption {
	return func(p *keyPair) error {
		if bits < 1024 {
			return fmt.Errorf("RSA with %d bits: want at least 1024", bits)
		}
		p.key = testpki.RSA(bits)
		return nil
	}
}

// Ed25519 gives the pair an Ed25519 key instead of ECDSA.
func Ed25519() KeyPairOption {
	return func(p *keyPair) error { p.key = testpki.Ed25519(); return nil }
}

// Valid sets when the certificate's validity begins and ends, to the second: in the past
// for one that has expired.
func Valid(notBefore, notAfter time.Time) KeyPairOption {
	return func(p *keyPair) error {
		if notAfter.Before(notBefore) {
			return fmt.Errorf("Valid: it ends at %s, before it begins at %s", notAfter.Format(time.RFC3339), notBefore.Format(time.RFC3339))
		}
		p.template.NotBefore, p.template.NotAfter = notBefore, notAfter
		return nil
	}
}
