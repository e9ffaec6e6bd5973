package originpulltest_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// TestKeyPair makes the pairs that tests of a service need, and has the SDK judge each.
func TestKeyPair(t *testing.T) {
	t.Parallel()
	caCert, caKey := originpulltest.KeyPair(t, originpulltest.CA())
	now := time.Now()
	for _, tt := range []struct {
		name    string
		options []originpulltest.KeyPairOption
		key     x509.PublicKeyAlgorithm
		is      error // how the SDK refuses it
	}{
		{"by default", nil, x509.ECDSA, nil},
		{"RSA", []originpulltest.KeyPairOption{originpulltest.RSA(2048)}, x509.RSA, nil},
		{"Ed25519", []originpulltest.KeyPairOption{originpulltest.Ed25519()}, x509.Ed25519, nil},
		{"issued by a CA", []originpulltest.KeyPairOption{originpulltest.IssuedBy(caCert, caKey)}, x509.ECDSA, nil},
		{"CA", []originpulltest.KeyPairOption{originpulltest.CA()}, x509.ECDSA, originpull.ErrNotLeaf},
		{"expired", []originpulltest.KeyPairOption{originpulltest.Valid(now.Add(-2*time.Hour), now.Add(-time.Hour))}, x509.ECDSA, originpull.ErrExpired},
		{"not yet valid", []originpulltest.KeyPairOption{originpulltest.Valid(now.Add(time.Hour), now.Add(2*time.Hour))}, x509.ECDSA, originpull.ErrNotYetValid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cert, key := originpulltest.KeyPair(t, tt.options...)
			pair, err := tls.X509KeyPair(cert, key)
			if err != nil {
				t.Fatalf("what a test is given is not a pair: %v", err)
			}
			if pair.Leaf.PublicKeyAlgorithm != tt.key {
				t.Errorf("the key is %s, want %s", pair.Leaf.PublicKeyAlgorithm, tt.key)
			}
			if _, err := originpull.ParseKeyPair(cert, key); !errors.Is(err, tt.is) {
				t.Errorf("the SDK says %v, want %v", err, tt.is)
			}
		})
	}
}

// TestKeyPairChain uploads a leaf with its CA behind it.
func TestKeyPairChain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.NewServer(t, originpulltest.Options{})
		caCert, caKey := originpulltest.KeyPair(t, originpulltest.CA())
		cert, key := originpulltest.KeyPair(t, originpulltest.IssuedBy(caCert, caKey))
		pair, err := originpull.ParseKeyPair(slices.Concat(cert, caCert), key)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := newZone(sim).Certificates.Upload(context.Background(), pair); err != nil {
			t.Fatalf("a test cannot upload its pair: %v", err)
		}
	})
}

// fatal is a test that notes how it ends.
type fatal struct {
	testing.TB
	said string
}

func (f *fatal) Helper() {}

func (f *fatal) Fatal(args ...any) { f.said = args[0].(error).Error() }

// TestKeyPairRefuses ends the test whose options cannot be applied, and says why.
func TestKeyPairRefuses(t *testing.T) {
	t.Parallel()
	cert, key := originpulltest.KeyPair(t)
	now := time.Now()
	for says, option := range map[string]originpulltest.KeyPairOption{
		"is not a CA: make it with the option CA": originpulltest.IssuedBy(cert, key),
		"IssuedBy: tls:":         originpulltest.IssuedBy(cert, nil),
		"want at least 1024":     originpulltest.RSA(512),
		"before it begins at 20": originpulltest.Valid(now, now.Add(-time.Hour)),
	} {
		f := &fatal{TB: t}
		if cert, key := originpulltest.KeyPair(f, option); cert != nil || key != nil || !strings.Contains(f.said, says) {
			t.Errorf("the user reads %q, want %q in it", f.said, says)
		}
		func() {
			defer func() {
				if err, ok := recover().(error); !ok || !strings.Contains(err.Error(), says) {
					t.Errorf("outside of a test the user reads %v, want %q in it", err, says)
				}
			}()
			originpulltest.KeyPair(nil, option)
		}()
	}
}

// TestKeyPairsDiffer: two pairs of a test are two certificates, with marked keys.
func TestKeyPairsDiffer(t *testing.T) {
	t.Parallel()
	cert1, key1 := originpulltest.KeyPair(t)
	cert2, key2 := originpulltest.KeyPair(t)
	if bytes.Equal(cert1, cert2) || bytes.Equal(key1, key2) {
		t.Error("two pairs are one")
	}
	joined := strings.ReplaceAll(string(key1), "\n", "")
	if !slices.ContainsFunc([]int{0, 1, 2}, func(i int) bool {
		return strings.Contains(joined, testpki.Marks()["base64, offset "+string(rune('0'+i))])
	}) {
		t.Error("a key that a test shows would not be found: it has no mark")
	}
}
