package originpull_test

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
)

// TestParseKeyPairAccepts goes through all that an operator may have, and requires
// that the API is sent the leaf first, its chain, and the key alone.
func TestParseKeyPairAccepts(t *testing.T) {
	t.Parallel()
	leaf, ca := testpki.Leaf("client.example", nil), testpki.CA("ca.example")
	issued := ca.Issue("client.example", nil)
	rsaKey, edKey := testpki.RSA(2048), testpki.Ed25519()
	serverOnly := testpki.Leaf("outside.example", func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	})
	for _, tt := range []struct {
		name      string
		cert, key []byte
		chain     int // certificates that are sent
	}{
		{"PKCS #8", leaf.CertPEM(), leaf.KeyPEM(), 1},
		{"SEC 1 after EC PARAMETERS", leaf.CertPEM(), sec1(leaf.Key), 1},
		{"RSA, PKCS #1", selfSigned(&rsaKey.PublicKey, rsaKey), block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey)), 1},
		{"RSA, PKCS #8", selfSigned(&rsaKey.PublicKey, rsaKey), block("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(rsaKey))), 1},
		{"Ed25519", selfSigned(edKey.Public(), edKey), block("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(edKey))), 1},
		{"chain", slices.Concat(issued.CertPEM(), ca.CertPEM()), issued.KeyPEM(), 2},
		{"one file with both", slices.Concat(leaf.CertPEM(), leaf.KeyPEM()), slices.Concat(leaf.CertPEM(), leaf.KeyPEM()), 1},
		{"one file, the key first", slices.Concat(leaf.KeyPEM(), leaf.CertPEM()), slices.Concat(leaf.KeyPEM(), leaf.CertPEM()), 1},
		{"text around the blocks", slices.Concat([]byte("Bag Attributes\n"), leaf.CertPEM(), []byte("\nend\n")), slices.Concat([]byte("x\n"), leaf.KeyPEM()), 1},
		{"lines of Windows", bytes.ReplaceAll(leaf.CertPEM(), []byte("\n"), []byte("\r\n")), bytes.ReplaceAll(leaf.KeyPEM(), []byte("\n"), []byte("\r\n")), 1},
		{"no newline at the end", bytes.TrimSpace(leaf.CertPEM()), bytes.TrimSpace(leaf.KeyPEM()), 1},
		{"X.509 v1", version1(leaf), leaf.KeyPEM(), 1},
		{"serverAuth alone", serverOnly.CertPEM(), serverOnly.KeyPEM(), 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pair, err := originpull.ParseKeyPair(tt.cert, tt.key)
			if err != nil {
				t.Fatalf("an operator cannot upload it: %v", err)
			}
			cert, key := uploaded(t, pair)
			certificates := blocks(t, cert, "CERTIFICATE")
			if len(certificates) != tt.chain || !bytes.Equal(certificates[0], pair.Leaf().Raw) {
				t.Errorf("%d certificates are sent, want %d with the leaf first", len(certificates), tt.chain)
			}
			if keys := blocks(t, key, "PRIVATE KEY"); len(keys) != 1 {
				t.Errorf("%d keys are sent, want one", len(keys))
			}
			if _, err := tls.X509KeyPair([]byte(cert), []byte(key)); err != nil {
				t.Errorf("what is sent is not a pair: %v", err)
			}
		})
	}
}

// blocks returns the contents of the PEM blocks of text, which must all be of the
// kind and have nothing around them.
func blocks(t *testing.T, text, kind string) (contents [][]byte) {
	t.Helper()
	for b, rest := pem.Decode([]byte(text)); b != nil; b, rest = pem.Decode(rest) {
		if !strings.HasSuffix(b.Type, kind) {
			t.Errorf("a block %s is sent among those of %s", b.Type, kind)
		}
		contents = append(contents, b.Bytes)
		if len(rest) > 0 && !bytes.HasPrefix(rest, []byte("-----BEGIN")) {
			t.Errorf("%d bytes stand around the blocks of %s", len(rest), kind)
		}
	}
	return contents
}

// TestParseKeyPairRefuses requires that a pair that would fail, or hurt, is
// refused with a reason and a way out, before any request is made.
func TestParseKeyPairRefuses(t *testing.T) {
	t.Parallel()
	leaf, ca := testpki.Leaf("client.example", nil), testpki.CA("ca.example")
	expired := testpki.Leaf("old.example", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	early := testpki.Leaf("new.example", func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Hour) })
	x25519 := testpki.ListedKey(must(ecdh.X25519().GenerateKey(rand.Reader)))
	rsaKey := testpki.RSA(2048)
	for _, tt := range []struct {
		name      string
		cert, key []byte
		is        error // nil where there is only ErrInvalidInput
		says      string
	}{
		{"nothing", nil, nil, nil, "no CERTIFICATE block"},
		{"no key", leaf.CertPEM(), nil, nil, "no PRIVATE KEY block"},
		{"swapped", leaf.KeyPEM(), leaf.CertPEM(), nil, "is it PEM, and not the key or DER?"},
		{"certificate twice", leaf.CertPEM(), leaf.CertPEM(), nil, "is it PEM, and not the certificate or DER?"},
		{"certificate in DER", leaf.Certificate.Raw, leaf.KeyPEM(), nil, "is it PEM, and not the key or DER?"},
		{"key in DER", leaf.CertPEM(), must(x509.MarshalPKCS8PrivateKey(leaf.Key)), nil, "is it PEM, and not the certificate or DER?"},
		{"public key", leaf.CertPEM(), block("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(leaf.Key.Public()))), nil, "no PRIVATE KEY block"},
		{"broken certificate", block("CERTIFICATE", leaf.Certificate.Raw[:99]), leaf.KeyPEM(), nil, "certificate: x509:"},
		{"broken certificate in the chain", append(leaf.CertPEM(), block("CERTIFICATE", []byte("x"))...), leaf.KeyPEM(), nil, "certificate: x509:"},
		{"broken key", leaf.CertPEM(), block("PRIVATE KEY", []byte("x")), nil, "the private key cannot be parsed: want PKCS #8"},
		{"key that cannot sign", leaf.CertPEM(), block("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(x25519))), nil, "the private key cannot be parsed"},
		{"CA", ca.CertPEM(), ca.KeyPEM(), originpull.ErrNotLeaf, "the leaf comes first"},
		{"CA first", slices.Concat(ca.CertPEM(), leaf.CertPEM()), leaf.KeyPEM(), originpull.ErrNotLeaf, "ca.example"},
		{"key of another", leaf.CertPEM(), testpki.Leaf("another.example", nil).KeyPEM(), originpull.ErrKeyMismatch, `it does not belong to "CN=client.example"`},
		{"key of another kind", selfSigned(rsaKey.Public(), rsaKey), leaf.KeyPEM(), originpull.ErrKeyMismatch, "another certificate"},
		{"encrypted, PKCS #8", leaf.CertPEM(), block("ENCRYPTED PRIVATE KEY", []byte("ciphertext")), originpull.ErrEncryptedKey, "openssl pkey"},
		{"encrypted, by header", leaf.CertPEM(), encryptedByHeader(), originpull.ErrEncryptedKey, "openssl pkey"},
		{"expired", expired.CertPEM(), expired.KeyPEM(), originpull.ErrExpired, "was valid until " + expired.Certificate.NotAfter.Format(time.RFC3339)},
		{"not yet valid", early.CertPEM(), early.KeyPEM(), originpull.ErrNotYetValid, "will be valid from " + early.Certificate.NotBefore.Format(time.RFC3339)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := originpull.ParseKeyPair(tt.cert, tt.key)
			wantRefusal(t, err, tt.is, tt.says)
		})
	}
}

// TestLoadKeyPair reads files, and names them where it cannot.
func TestLoadKeyPair(t *testing.T) {
	t.Parallel()
	leaf, dir := testpki.Leaf("client.example", nil), t.TempDir()
	file := func(name string, content ...[]byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, slices.Concat(content...), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	cert, key, both := file("client.pem", leaf.CertPEM()), file("client.key", leaf.KeyPEM()), file("both.pem", leaf.KeyPEM(), leaf.CertPEM())
	for _, files := range [][2]string{{cert, key}, {both, both}} {
		pair, err := originpull.LoadKeyPair(files[0], files[1])
		if err != nil || !pair.Leaf().Equal(leaf.Certificate) {
			t.Errorf("an operator cannot load %s and %s: %v", filepath.Base(files[0]), filepath.Base(files[1]), err)
		}
	}
	_, err := originpull.LoadKeyPair(key, cert)
	wantRefusal(t, err, nil, cert)
	_, err = originpull.LoadKeyPair(cert, file("empty.key"))
	wantRefusal(t, err, nil, "empty.key")
	absent := filepath.Join(dir, "absent.pem")
	for what, files := range map[string][2]string{"certificate": {absent, key}, "private key": {cert, absent}} {
		_, err := originpull.LoadKeyPair(files[0], files[1])
		var path *fs.PathError
		if !errors.As(err, &path) || path.Path != absent || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), what) {
			t.Errorf("of a %s that is not there the user reads %v", what, err)
		}
	}
}

// hardwareKey signs and does not give itself away.
type hardwareKey struct{ crypto.Signer }

// TestFromTLS takes what crypto/tls has, and refuses what the API cannot be sent.
func TestFromTLS(t *testing.T) {
	t.Parallel()
	ca := testpki.CA("ca.example")
	leaf := ca.Issue("client.example", nil)
	certificate := leaf.TLS()
	certificate.Certificate = append(certificate.Certificate, ca.Certificate.Raw)
	pair, err := originpull.KeyPairFromTLS(certificate)
	if err != nil {
		t.Fatal(err)
	}
	cert, key := uploaded(t, pair)
	if want := string(slices.Concat(leaf.CertPEM(), ca.CertPEM())); cert != want {
		t.Errorf("the certificates sent are\n%swant\n%s", cert, want)
	}
	if key != string(leaf.KeyPEM()) {
		t.Error("the key sent is not the certificate's")
	}
	another := testpki.Leaf("another.example", nil)
	for _, tt := range []struct {
		name        string
		certificate tls.Certificate
		is          error
		says        string
	}{
		{"empty", tls.Certificate{}, nil, "no CERTIFICATE block"},
		{"no key", tls.Certificate{Certificate: certificate.Certificate}, nil, "cannot be exported"},
		{"hardware key", tls.Certificate{Certificate: certificate.Certificate, PrivateKey: hardwareKey{leaf.Key}}, nil, "originpull_test.hardwareKey, cannot be exported: the API needs the key itself"},
		{"key of another", tls.Certificate{Certificate: certificate.Certificate, PrivateKey: another.Key}, originpull.ErrKeyMismatch, "client.example"},
		{"CA", ca.TLS(), originpull.ErrNotLeaf, "ca.example"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := originpull.KeyPairFromTLS(tt.certificate)
			wantRefusal(t, err, tt.is, tt.says)
		})
	}
}

// TestMatches compares certificates as the API returns them: re-encoded.
func TestMatches(t *testing.T) {
	t.Parallel()
	leaf := testpki.Leaf("client.example", nil)
	pair := must(originpull.ParseKeyPair(bytes.TrimSpace(leaf.CertPEM()), leaf.KeyPEM()))
	text, another := string(leaf.CertPEM()), testpki.Leaf("client.example", nil)
	for _, tt := range []struct {
		name, text string
		want       bool
	}{
		{"as it is", text, true},
		{"without the last newline", strings.TrimSpace(text), true},
		{"with more newlines", "\n" + text + "\n\n", true},
		{"lines of Windows", strings.ReplaceAll(text, "\n", "\r\n"), true},
		{"another of that name", string(another.CertPEM()), false},
		{"two", text + text, false},
		{"key", string(leaf.KeyPEM()), false},
		{"nothing", "", false},
	} {
		if got := pair.Matches(originpull.Certificate{Certificate: tt.text}); got != tt.want {
			t.Errorf("%s: Matches = %t, want %t", tt.name, got, tt.want)
		}
	}
	if (originpull.KeyPair{}).Matches(originpull.Certificate{Certificate: text}) {
		t.Error("an empty pair matches")
	}
}

// TestKeyPairShows shows which certificate a pair is of.
func TestKeyPairShows(t *testing.T) {
	t.Parallel()
	leaf := testpki.Leaf("client\n.example", nil)
	pair := must(originpull.ParseKeyPair(leaf.CertPEM(), leaf.KeyPEM()))
	sum := sha256.Sum256(leaf.Certificate.Raw)
	if want := hex.EncodeToString(sum[:]); pair.Fingerprint() != want {
		t.Errorf("the fingerprint is %s, want %s", pair.Fingerprint(), want)
	}
	want := "KeyPair(CN=client\\n.example, SHA-256 " + pair.Fingerprint() + ")"
	if pair.String() != want || pair.LogValue().String() != want {
		t.Errorf("the pair shows as %q and logs as %q, want %q", pair, pair.LogValue(), want)
	}
	if empty := (originpull.KeyPair{}); empty.String() != "KeyPair(empty)" || empty.Fingerprint() != "" || empty.Leaf() != nil {
		t.Errorf("an empty pair shows as %q with fingerprint %q", empty, empty.Fingerprint())
	}
}

// TestLoadKeyPairGivenTheKey gives the key itself where its path is wanted.
func TestLoadKeyPairGivenTheKey(t *testing.T) {
	t.Parallel()
	leaf := testpki.Leaf("client.example", nil)
	encoded := base64.StdEncoding.EncodeToString(leaf.KeyPEM())
	body := strings.Join(strings.Split(string(leaf.KeyPEM()), "\n")[1:3], "")
	for how, key := range map[string]string{
		"PEM": string(leaf.KeyPEM()), "PEM on one line": strings.ReplaceAll(string(leaf.KeyPEM()), "\n", `\n`),
		"base64 of PEM": encoded, "base64 alone": body,
	} {
		cert := filepath.Join(t.TempDir(), "client.pem")
		if err := os.WriteFile(cert, leaf.CertPEM(), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, files := range [][2]string{{cert, key}, {key, cert}} {
			_, err := originpull.LoadKeyPair(files[0], files[1])
			if !errors.Is(err, originpull.ErrInvalidInput) || !strings.Contains(err.Error(), "want the path") {
				t.Errorf("%s: the user reads %v", how, !errors.Is(err, originpull.ErrInvalidInput))
			}
			wantNoMarks(t, "the refusal of "+how, fmt.Sprint(err))
		}
	}
}
