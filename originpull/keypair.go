package originpull

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/originpull/originpull-go/internal/printable"
	"github.com/originpull/originpull-go/internal/secret"
)

// The errors of a key pair, besides [ErrNotLeaf] and PEM that cannot be parsed. They
// all wrap [ErrInvalidInput] too.
var (
	// ErrExpired says that the certificate has expired. The API would accept it, but no
	// origin should.
	ErrExpired = errors.New("certificate has expired")

	// ErrNotYetValid says that the certificate's validity has not begun.
	ErrNotYetValid = errors.New("certificate is not valid yet")

	// ErrKeyMismatch says that the private key belongs to another certificate.
	ErrKeyMismatch = errors.New("private key belongs to another certificate")

	// ErrEncryptedKey says that the private key is encrypted. The API cannot decrypt it.
	ErrEncryptedKey = errors.New("private key is encrypted")

	// ErrWeak says that the pair or its chain has an RSA key of fewer than 2048 bits, or a
	// signature by SHA-1 or MD5. The API may accept it, but common origins do not: OpenSSL
	// as Debian sets it up refuses both, and so do nginx and HAProxy there. [AllowWeak]
	// accepts it.
	ErrWeak = errors.New("certificate is too weak")
)

// KeyPair is a leaf certificate and its private key, checked before an upload. Make it
// with [ParseKeyPair], [LoadKeyPair] or [KeyPairFromTLS]. It prints as the subject and
// the fingerprint of the certificate; the key is never printed.
type KeyPair struct {
	leaf  *x509.Certificate
	chain string // PEM of the leaf and of what came after it
	key   secret.Text
}

// KeyPairOption is a setting of [ParseKeyPair], [LoadKeyPair] and [KeyPairFromTLS].
type KeyPairOption func(*keyPairRules)

type keyPairRules struct{ allowWeak bool }

// AllowWeak accepts what is otherwise [ErrWeak]. Use it only if you know that your origin
// accepts it.
func AllowWeak() KeyPairOption {
	return func(r *keyPairRules) { r.allowWeak = true }
}

// ParseKeyPair parses a certificate and its private key in PEM. The first certificate
// must be the leaf; intermediates may follow, each of which has signed the one before it,
// and are uploaded with it. The key must be PKCS #8, PKCS #1 or SEC 1 (`EC PRIVATE KEY`),
// and not encrypted.
//
// PEM that was damaged by copying is still read if it can only mean one thing: with a byte
// order mark, as UTF-16, indented, in quotes, on one line, or with the two characters \n in
// place of line breaks. Otherwise the error says what is broken.
//
// The error is [ErrInvalidInput], and one of these where it applies: [ErrNotLeaf],
// [ErrKeyMismatch], [ErrEncryptedKey], [ErrWeak], [ErrExpired], [ErrNotYetValid]. The leaf
// may be self-signed. It needs neither the clientAuth key usage nor a name of the zone.
func ParseKeyPair(certPEM, keyPEM []byte, options ...KeyPairOption) (KeyPair, error) {
	chain, err := parseChain(certPEM)
	if err != nil {
		return KeyPair{}, invalidPair(err)
	}
	return newKeyPair(chain, keyPEM, options)
}

// LoadKeyPair reads a certificate and its private key from PEM files, and checks them
// as [ParseKeyPair] does. Both may be in one file. A file can be a pipe, such as
// /dev/stdin, which is read to its end. A file of more than 1 MiB is refused. If a file
// cannot be read, the error wraps an [*os.PathError].
func LoadKeyPair(certFile, keyFile string, options ...KeyPairOption) (KeyPair, error) {
	certPEM, err := readFile(certFile)
	if err != nil {
		return KeyPair{}, fmt.Errorf("key pair: certificate: %w", err)
	}
	keyPEM := certPEM // a pipe can be read only once
	if keyFile != certFile {
		if keyPEM, err = readFile(keyFile); err != nil {
			return KeyPair{}, fmt.Errorf("key pair: private key: %w", err)
		}
	}
	pair, err := ParseKeyPair(certPEM, keyPEM, options...)
	if err != nil {
		return KeyPair{}, fmt.Errorf("%s, %s: %w", certFile, keyFile, err)
	}
	return pair, nil
}

// KeyPairFromTLS makes a key pair of a [tls.Certificate] and checks it as
// [ParseKeyPair] does. The upload sends the private key, so a key that cannot be
// exported, such as one in a hardware security module, is refused.
func KeyPairFromTLS(certificate tls.Certificate, options ...KeyPairOption) (KeyPair, error) {
	var certPEM bytes.Buffer
	for _, der := range certificate.Certificate {
		pem.Encode(&certPEM, &pem.Block{Type: "CERTIFICATE", Bytes: der}) // a buffer takes all
	}
	chain, err := parseChain(certPEM.Bytes())
	if err != nil {
		return KeyPair{}, invalidPair(err)
	}
	der, err := marshalKey(certificate.PrivateKey)
	if err != nil {
		return KeyPair{}, invalidPair(fmt.Errorf("the private key, a %T, cannot be exported: the API needs the key itself", certificate.PrivateKey))
	}
	return newKeyPair(chain, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), options)
}

// marshalKey returns the key in PKCS #8. The standard library would panic on a nil
// pointer and on a truncated Ed25519 key.
func marshalKey(key crypto.PrivateKey) ([]byte, error) {
	if own, ok := key.(hiddenKey); ok {
		key = own.signer()
	}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		if key == nil {
			return nil, errors.New("the key is nil")
		}
	case *ecdsa.PrivateKey:
		if key == nil {
			return nil, errors.New("the key is nil")
		}
	case ed25519.PrivateKey:
		if len(key) != ed25519.PrivateKeySize {
			return nil, errors.New("the key is truncated")
		}
	}
	return x509.MarshalPKCS8PrivateKey(key)
}

func newKeyPair(chain []*x509.Certificate, keyPEM []byte, options []KeyPairOption) (KeyPair, error) {
	key, text, err := parseKey(keyPEM)
	if err != nil {
		return KeyPair{}, invalidPair(err)
	}
	var rules keyPairRules
	for _, option := range options {
		if option == nil {
			return KeyPair{}, invalidPair(errors.New("an option is nil"))
		}
		option(&rules)
	}
	leaf := chain[0]
	public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(leaf.PublicKey) {
		return KeyPair{}, invalidPair(fmt.Errorf("%w: it does not belong to %q", ErrKeyMismatch, &leaf.Subject))
	}
	if err := checkStrength(chain); err != nil && !rules.allowWeak {
		return KeyPair{}, invalidPair(err)
	}
	pair := KeyPair{leaf: leaf, chain: encodeChain(chain), key: text}
	if err := pair.check(); err != nil {
		return KeyPair{}, err
	}
	return pair, nil
}

func invalidPair(err error) error { return fmt.Errorf("%w: key pair: %w", ErrInvalidInput, err) }

// check refuses the zero pair, and one that is expired or not yet valid.
func (p KeyPair) check() error {
	now := time.Now()
	switch {
	case p.leaf == nil:
		return invalidPair(errors.New("it is empty: make it with ParseKeyPair, LoadKeyPair or KeyPairFromTLS"))
	case now.After(p.leaf.NotAfter):
		return invalidPair(fmt.Errorf("%w: %q was valid until %s", ErrExpired, &p.leaf.Subject, p.leaf.NotAfter.Format(time.RFC3339)))
	case now.Before(p.leaf.NotBefore):
		return invalidPair(fmt.Errorf("%w: %q will be valid from %s", ErrNotYetValid, &p.leaf.Subject, p.leaf.NotBefore.Format(time.RFC3339)))
	}
	return nil
}

// Leaf returns the certificate; nil for the zero KeyPair. Do not modify it.
func (p KeyPair) Leaf() *x509.Certificate { return p.leaf }

// Matches reports whether certificate, as the API returned it, is the certificate of
// the pair. It compares the parsed certificates, since the API encodes the PEM again.
func (p KeyPair) Matches(certificate Certificate) bool {
	listed, err := ParseCertificate([]byte(certificate.Certificate))
	return err == nil && p.leaf != nil && listed.Equal(p.leaf)
}

// Fingerprint returns the SHA-256 of the leaf's DER in hexadecimal; empty for the zero
// KeyPair.
func (p KeyPair) Fingerprint() string {
	if p.leaf == nil {
		return ""
	}
	sum := sha256.Sum256(p.leaf.Raw)
	return hex.EncodeToString(sum[:])
}

// String returns the subject and the fingerprint of the leaf.
func (p KeyPair) String() string {
	if p.leaf == nil {
		return "KeyPair(empty)"
	}
	return fmt.Sprintf("KeyPair(%s, SHA-256 %s)", printable.Line(p.leaf.Subject.String()), p.Fingerprint())
}

// LogValue returns the same text as [KeyPair.String].
func (p KeyPair) LogValue() slog.Value { return slog.StringValue(p.String()) }

// ParseCertificate parses the PEM of one certificate, such as the field Certificate of
// a [Certificate]. No other block may be there. It is only read: an expired or weak
// certificate, or a CA, is not refused.
func ParseCertificate(certPEM []byte) (*x509.Certificate, error) {
	blocks, err := parseBlocks(certPEM)
	if err == nil && (len(blocks) != 1 || blocks[0].Type != "CERTIFICATE") {
		err = errors.New("want the PEM of one certificate")
	}
	var certificate *x509.Certificate
	if err == nil {
		certificate, err = x509.ParseCertificate(blocks[0].Bytes)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: certificate: %w", ErrInvalidInput, err)
	}
	return certificate, nil
}

// parseKey parses the private key in keyPEM. Errors show nothing of the key.
func parseKey(keyPEM []byte) (crypto.Signer, secret.Text, error) {
	all, err := parseBlocks(keyPEM)
	if err != nil {
		return nil, secret.Text{}, fmt.Errorf("private key: %w", err)
	}
	var blocks []*pem.Block
	for _, block := range all {
		if strings.HasSuffix(block.Type, "PRIVATE KEY") { // and not parameters of a curve, or certificates in the same file
			blocks = append(blocks, block)
		}
	}
	switch len(blocks) {
	case 0:
		return nil, secret.Text{}, errors.New("no PRIVATE KEY block in the key's PEM: is it PEM, and not the certificate or DER?" + insteadOf(keyPEM, all))
	case 1:
	default:
		return nil, secret.Text{}, fmt.Errorf("%d PRIVATE KEY blocks in the key's PEM: leave the one that belongs to the certificate", len(blocks))
	}
	block := blocks[0]
	if block.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") {
		return nil, secret.Text{}, fmt.Errorf("%w: decrypt it first, with openssl pkey for instance", ErrEncryptedKey)
	}
	key, ok := parseKeyDER(block.Bytes)
	if !ok {
		return nil, secret.Text{}, errors.New("the private key cannot be parsed: want PKCS #8, PKCS #1 or SEC 1, of RSA, ECDSA or Ed25519; ssh-keygen -p -m PEM converts one of OpenSSH")
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes}))
	return key, secret.New(text), nil
}

func parseKeyDER(der []byte) (crypto.Signer, bool) {
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		signer, ok := key.(crypto.Signer)
		return signer, ok
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, true
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key, true
	}
	return nil, false
}
