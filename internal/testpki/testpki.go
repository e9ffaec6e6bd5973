// Package testpki makes the keys, certificates and tokens of tests, of the
// simulator and of the demo. None of them is a secret: each private key and
// token holds a mark, so that a search of all output for the mark (make secrets) finds
// every place where a secret would be shown.
package testpki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"time"
)

// Token returns a new marked API token.
func Token() string { return Listed(mark + rand.Text()) }

// Key returns a new marked P-256 key: its private scalar begins with the mark.
func Key() *ecdsa.PrivateKey {
	scalar := make([]byte, 32)
	rand.Read(scalar[copy(scalar, mark):])
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	if err != nil {
		panic(err) // the mark makes a scalar within the curve's order
	}
	return ListedKey(key)
}

// Pair is a certificate and its private key.
type Pair struct {
	Certificate *x509.Certificate
	Key         *ecdsa.PrivateKey
}

// Leaf returns a new self-signed leaf of a common name, valid from an hour ago for
// a day, as adjusted by adjust, if not nil.
func Leaf(name string, adjust func(*x509.Certificate)) Pair {
	return issue(template(name), adjust, nil)
}

// CA returns a new self-signed CA.
func CA(name string) Pair {
	return issue(template(name), func(c *x509.Certificate) {
		c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign
		c.ExtKeyUsage = nil
	}, nil)
}

// Issue returns a new leaf signed by p.
func (p Pair) Issue(name string, adjust func(*x509.Certificate)) Pair {
	return issue(template(name), adjust, &p)
}

// CertPEM returns the certificate in PEM.
func (p Pair) CertPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate.Raw})
}

// KeyPEM returns the private key in PEM, PKCS #8.
func (p Pair) KeyPEM() []byte {
	der, err := x509.MarshalPKCS8PrivateKey(p.Key)
	if err != nil {
		panic(err) // an ECDSA key can be marshalled
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// TLS returns the pair for package crypto/tls.
func (p Pair) TLS() tls.Certificate {
	return tls.Certificate{Certificate: [][]byte{p.Certificate.Raw}, PrivateKey: p.Key, Leaf: p.Certificate}
}

// Pool returns a pool that holds the certificate alone.
func (p Pair) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(p.Certificate)
	return pool
}

func template(name string) *x509.Certificate {
	now := time.Now()
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		panic(err) // the system's randomness does not fail
	}
	return &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(24 * time.Hour),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
}

// issue signs by parent, or by the new key itself.
func issue(template *x509.Certificate, adjust func(*x509.Certificate), parent *Pair) Pair {
	if adjust != nil {
		adjust(template)
	}
	key := Key()
	signer, signerKey := template, key
	if parent != nil {
		signer, signerKey = parent.Certificate, parent.Key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, signer, key.Public(), signerKey)
	if err != nil {
		panic(err) // a template that cannot be signed is a mistake in the test
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return Pair{Certificate: certificate, Key: key}
}
