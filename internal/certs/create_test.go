package certs_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/certs"
	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/origin"
	"github.com/originpull/originpull-go/originpull/probe"
)

func order(t *testing.T, adjust ...func(*certs.Order)) certs.Order {
	t.Helper()
	o := certs.Order{Folder: t.TempDir(), Name: "my origin", KeyType: "ecdsa-p256", Lifetime: certs.LeafLifetime}
	for _, a := range adjust {
		a(&o)
	}
	return o
}

func create(t *testing.T, o certs.Order) certs.Created {
	t.Helper()
	created, err := certs.Create(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{created.KeyFile, created.CAKeyFile} {
		listKey(t, name)
	}
	return created
}

// listKey lists the key in a file, so that the leak scan finds parts of it.
func listKey(t *testing.T, name string) {
	t.Helper()
	cert := strings.TrimSuffix(name, ".key") + ".pem"
	pair, err := tls.LoadX509KeyPair(cert, name)
	if err != nil {
		t.Fatalf("%s does not fit %s: %v", name, cert, err)
	}
	testpki.ListedKey(pair.PrivateKey)
}

func content(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(data)
	}
	return files
}

// TestCreate: what is made is accepted by the SDK, and an origin that trusts the CA is
// enforced with it.
func TestCreate(t *testing.T) {
	t.Parallel()
	for _, keyType := range certs.KeyTypes {
		t.Run(keyType, func(t *testing.T) {
			t.Parallel()
			created := create(t, order(t, func(o *certs.Order) { o.KeyType = keyType }))
			for name, mode := range map[string]os.FileMode{created.KeyFile: 0o600, created.CAKeyFile: 0o600} {
				if info, err := os.Stat(name); err != nil || info.Mode().Perm() != mode {
					t.Errorf("%s can be read by others: %v, %v", name, info.Mode(), err)
				}
			}
			pair, err := originpull.LoadKeyPair(created.LeafFile, created.KeyFile)
			if err != nil {
				t.Fatalf("the SDK refuses the pair: %v", err)
			}
			leaf, ca := created.Leaf, created.CA
			if leaf.IsCA || !slices.Equal(leaf.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}) || leaf.Subject.String() != "CN=my origin" {
				t.Errorf("the leaf: CA %t, usages %v, subject %v", leaf.IsCA, leaf.ExtKeyUsage, leaf.Subject)
			}
			if left := time.Until(leaf.NotAfter); left < 364*24*time.Hour || left > 366*24*time.Hour || ca.NotAfter.Before(leaf.NotAfter) {
				t.Errorf("the leaf is valid for %v, the CA until %v", left, ca.NotAfter)
			}
			enforced(t, created.CAFile, pair)
		})
	}
}

// enforced starts an origin that trusts the CA, and has it probed.
func enforced(t *testing.T, caFile string, pair originpull.KeyPair) {
	t.Helper()
	trusted, err := origin.LoadFiles(caFile)
	if err != nil {
		t.Fatal(err)
	}
	own := testpki.Leaf("www.example.com", nil).TLS()
	config, err := origin.Require(&tls.Config{Certificates: []tls.Certificate{own}}, trusted)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{TLSConfig: config, Handler: http.NotFoundHandler(), ErrorLog: log.New(io.Discard, "", 0)}
	go server.ServeTLS(listener, "", "")
	defer server.Close()
	results, err := probe.Check(context.Background(), probe.Target{
		Addresses: []string{listener.Addr().String()}, ServerNames: []string{"www.example.com"}, Timeout: time.Minute,
	}, probe.Certificates{New: pair.TLSCertificate()})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Verdict != probe.Enforced {
			t.Errorf("with what was made the origin is %v", r)
		}
	}
}

// TestNextLeaf issues a second leaf from the CA of the first: the origin accepts both.
func TestNextLeaf(t *testing.T) {
	t.Parallel()
	first := create(t, order(t))
	before := content(t, filepath.Dir(first.CAFile))
	next := order(t, func(o *certs.Order) { o.CA, o.CAKey = first.CAFile, first.CAKeyFile })
	second, err := certs.Create(next)
	if err != nil {
		t.Fatal(err)
	}
	listKey(t, second.KeyFile)
	pair, err := originpull.LoadKeyPair(second.LeafFile, second.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	enforced(t, first.CAFile, pair)
	if files := content(t, next.Folder); len(files) != 2 {
		t.Errorf("beside the leaf and its key there are more files: %d", len(files))
	}
	for name, text := range content(t, filepath.Dir(first.CAFile)) {
		if before[name] != text {
			t.Errorf("%s of the first leaf was changed", name)
		}
	}
}

// TestNothingReplaced: if one file is there, in whatever form, nothing is written.
func TestNothingReplaced(t *testing.T) {
	t.Parallel()
	for _, there := range []string{"ca.pem", "ca.key", "client.pem", "client.key"} {
		for kind, put := range map[string]func(string) error{
			"file":          func(name string) error { return os.WriteFile(name, []byte("precious"), 0o600) },
			"folder":        func(name string) error { return os.Mkdir(name, 0o700) },
			"dangling link": func(name string) error { return os.Symlink("nowhere", name) },
		} {
			o := order(t)
			if err := put(filepath.Join(o.Folder, there)); err != nil {
				t.Fatal(err)
			}
			_, err := certs.Create(o)
			if !errors.Is(err, os.ErrExist) || !strings.Contains(err.Error(), there) || !strings.Contains(err.Error(), "none was written") {
				t.Errorf("%s is a %s: %v, want that it exists", there, kind, err)
			}
			entries, _ := os.ReadDir(o.Folder)
			if len(entries) != 1 {
				t.Errorf("%s is a %s: %v was written", there, kind, entries)
			}
		}
	}
}

// TestNothingHalf: if a file cannot be written, none stays.
func TestNothingHalf(t *testing.T) {
	t.Parallel()
	o := order(t, func(o *certs.Order) { o.Folder = filepath.Join(o.Folder, "missing") })
	if _, err := certs.Create(o); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is missing: %v", err)
	}
	dir := t.TempDir()
	if err := certs.WriteNew(filepath.Join(dir, "one"), filepath.Join(dir, "missing", "two")); err == nil {
		t.Error("a file in a missing folder was written")
	}
	twice := filepath.Join(dir, "one") // as if someone else wrote it in between
	if err := certs.WriteNew(twice, twice); !errors.Is(err, os.ErrExist) {
		t.Errorf("a file that has come in between was replaced: %v", err)
	}
	if left := content(t, dir); len(left) > 0 {
		t.Errorf("after a failure these stay: %v", left)
	}
}

// TestImpossible: an order that cannot be met says which part of it, and writes nothing.
func TestImpossible(t *testing.T) {
	t.Parallel()
	good, other := create(t, order(t)), create(t, order(t))
	file := func(name string, data []byte) string {
		name = filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	expired := testpki.Leaf("expired", func(c *x509.Certificate) {
		c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign
		c.NotBefore, c.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
	})
	with := func(ca, key string) func(*certs.Order) {
		return func(o *certs.Order) { o.CA, o.CAKey = ca, key }
	}
	for name, test := range map[string]struct {
		adjust func(*certs.Order)
		want   string
	}{
		"no name":               {func(o *certs.Order) { o.Name = " " }, "the name"},
		"name with a line":      {func(o *certs.Order) { o.Name = "a\nb" }, "the name"},
		"name that is too long": {func(o *certs.Order) { o.Name = strings.Repeat("x", 62) }, "61 bytes"},
		"key type":              {func(o *certs.Order) { o.KeyType = "rsa-1024" }, "ecdsa-p256, rsa-2048"},
		"no lifetime":           {func(o *certs.Order) { o.Lifetime = 0 }, "the lifetime"},
		"longer than the CA":    {func(o *certs.Order) { o.Lifetime = 11 * certs.LeafLifetime }, "outlive"},
		"CA without its key":    {with(good.CAFile, ""), "give both"},
		"key without its CA":    {with("", good.CAKeyFile), "give both"},
		"key of another CA":     {with(good.CAFile, other.CAKeyFile), "does not belong"},
		"leaf as CA":            {with(good.LeafFile, good.KeyFile), "is not a CA"},
		"CA that is a key":      {with(good.CAKeyFile, good.CAKeyFile), "exactly one certificate"},
		"key that is a CA":      {with(good.CAFile, good.CAFile), "exactly one unencrypted private key"},
		"not PEM":               {with(file("ca.pem", []byte("x")), good.CAKeyFile), "neither a certificate nor a private key"},
		"expired CA":            {with(file("ca.pem", expired.CertPEM()), file("ca.key", expired.KeyPEM())), "has expired"},
		"outlives its CA": {func(o *certs.Order) {
			o.CA, o.CAKey, o.Lifetime = good.CAFile, good.CAKeyFile, 11*certs.LeafLifetime
		}, "would outlive it"},
	} {
		o := order(t, test.adjust)
		_, err := certs.Create(o)
		if !errors.Is(err, certs.ErrInvalid) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want ErrInvalid with %q", name, err, test.want)
		}
		if files := content(t, o.Folder); len(files) > 0 {
			t.Errorf("%s: something was written: %d files", name, len(files))
		}
	}
	if _, err := certs.Create(order(t, with("missing", good.CAKeyFile))); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file of the CA is missing: %v", err)
	}
}

// TestOpenSSL has another implementation verify what was made.
func TestOpenSSL(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	for _, keyType := range certs.KeyTypes {
		created := create(t, order(t, func(o *certs.Order) { o.KeyType = keyType }))
		out, err := exec.Command("openssl", "verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", created.CAFile, created.LeafFile).CombinedOutput()
		if err != nil {
			t.Errorf("%s: openssl verify: %v: %s", keyType, err, out)
		}
	}
}

// TestCreatedPrints: under no verb of fmt does what Create returns show a key.
func TestCreatedPrints(t *testing.T) {
	t.Parallel()
	created := create(t, order(t))
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		if strings.Contains(fmt.Sprintf(verb, created), "PrivateKey") {
			t.Errorf("%s of what was created has a private key", verb)
		}
	}
}
