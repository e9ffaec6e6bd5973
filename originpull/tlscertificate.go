package originpull

import (
	"crypto"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"

	"github.com/originpull/originpull-go/internal/secret"
)

// TLSCertificate returns the pair with its chain for package crypto/tls, to connect to an
// origin as Cloudflare does. Its private key signs, and is redacted wherever it is printed,
// as the pair is. The zero KeyPair returns the zero Certificate.
func (p KeyPair) TLSCertificate() tls.Certificate {
	if p.leaf == nil {
		return tls.Certificate{}
	}
	certificate := tls.Certificate{Leaf: p.leaf, PrivateKey: hiddenKey{p.signer()}}
	for block, rest := pem.Decode([]byte(p.chain)); block != nil; block, rest = pem.Decode(rest) {
		certificate.Certificate = append(certificate.Certificate, block.Bytes)
	}
	return certificate
}

// signer returns a func that returns the private key. It parses the key once.
func (p KeyPair) signer() func() crypto.Signer {
	block, _ := pem.Decode([]byte(p.key.Reveal()))
	key, _ := parseKeyDER(block.Bytes) // it was parsed before
	return func() crypto.Signer { return key }
}

// hiddenKey is a private key that prints as [secret.Redacted]. The func hides it also in
// an unexported field, see [secret.Text].
type hiddenKey struct{ signer func() crypto.Signer }

var _ crypto.Signer = hiddenKey{}

// Public returns the public key.
func (k hiddenKey) Public() crypto.PublicKey { return k.signer().Public() }

// Sign signs digest.
func (k hiddenKey) Sign(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return k.signer().Sign(rand, digest, opts)
}

// String returns [secret.Redacted].
func (k hiddenKey) String() string { return secret.Redacted }

// Format writes [secret.Redacted] under every verb.
func (k hiddenKey) Format(f fmt.State, _ rune) { io.WriteString(f, secret.Redacted) }

// LogValue returns [secret.Redacted].
func (k hiddenKey) LogValue() slog.Value { return slog.StringValue(secret.Redacted) }

// MarshalText returns [secret.Redacted].
func (k hiddenKey) MarshalText() ([]byte, error) { return []byte(secret.Redacted), nil }
