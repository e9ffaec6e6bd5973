package main

import (
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/modcopy"
	"github.com/originpull/originpull-go/internal/testorigin"
	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/probe"
)

// config runs origin config for an origin with the files.
func (f originFiles) config(t *testing.T, kind, ca, listen string) string {
	t.Helper()
	program := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(program.Close)
	dir := filepath.Join(t.TempDir(), "with a space")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	cert := filepath.Join(dir, "origin.pem")
	for name, content := range map[string][]byte{cert: f.origin.CertPEM(), cert + ".key": f.origin.KeyPEM()} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := command(t.Context(), strings.NewReader(""), "origin", "config", kind, "--ca", ca, "--server-name", originName, "--server-name", "b.example.com",
		"--cert", cert, "--key", cert+".key", "--listen", listen, "--backend", strings.TrimPrefix(program.URL, "http://"))
	if got.code != cli.Done || got.stderr != "" {
		t.Fatalf("origin config %s: exit status %d: %s", kind, got.code, got.stderr)
	}
	return got.stdout
}

// enforced requires that origin check calls an address enforced by TLS 1.2 and 1.3.
func (f originFiles) enforced(t *testing.T, address string) {
	t.Helper()
	rows, code := f.checkJSON(t, address)
	for _, r := range rows {
		if r.Verdict != probe.Enforced {
			t.Errorf("with the configuration that is printed: %v", r.Result)
		}
	}
	if code != cli.Done || len(rows) != 2 {
		t.Errorf("exit status %d, %d rows; want 0 and two", code, len(rows))
	}
}

// TestOriginConfigServers starts each server with exactly what is printed.
func TestOriginConfigServers(t *testing.T) {
	t.Parallel()
	for kind, server := range configServers {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			needConfigServer(t, kind)
			self := testpki.Leaf("self-signed", nil)
			root := testpki.CA("root")
			intermediate := intermediateOf(root)
			f := newOriginFiles(t)
			for name, trusted := range map[string]struct {
				ca     testpki.Pair
				client testpki.Pair
				chain  []byte // above the client's certificate
			}{
				"a CA":                              {f.ca, f.client, nil},
				"a certificate that is self-signed": {self, self, nil},
				"a CA with an intermediate":         {root, intermediate.Issue("client", nil), intermediate.CertPEM()},
			} {
				f.cert, f.keyFile = pemFile(t, "client.pem", append(trusted.client.CertPEM(), trusted.chain...)), pemFile(t, "client.key", trusted.client.KeyPEM())
				caFile := pemFile(t, "ca.pem", trusted.ca.CertPEM())
				addresses := server.Start(t, 1, func(_ string, addresses []string) string { return f.config(t, kind, caFile, addresses[0]) })
				t.Log("trusted is", name)
				f.enforced(t, addresses[0])
			}
		})
	}
}

var configServers = map[string]testorigin.Server{"nginx": testorigin.Nginx(), "apache": testorigin.Apache(), "haproxy": testorigin.HAProxy()}

func needConfigServer(t *testing.T, kind string) {
	t.Helper()
	if configServers[kind].Need(t); os.Geteuid() != 0 && kind != "haproxy" {
		t.Skipf("NOT TESTED: %s as it is installed has to be started by root, so the configuration that is printed is not tried", kind)
	}
}

func intermediateOf(root testpki.Pair) testpki.Pair {
	return root.Issue("intermediate", func(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign })
}

// TestOriginConfigDepth: without the line, Apache refuses what an intermediate CA has issued,
// in a way that is not said to be a refusal. Whoever checks reads which line it is.
func TestOriginConfigDepth(t *testing.T) {
	t.Parallel()
	needConfigServer(t, "apache")
	f, root := newOriginFiles(t), testpki.CA("root")
	intermediate := intermediateOf(root)
	client := intermediate.Issue("client", nil)
	f.cert, f.keyFile = pemFile(t, "client.pem", append(client.CertPEM(), intermediate.CertPEM()...)), pemFile(t, "client.key", client.KeyPEM())
	caFile := pemFile(t, "ca.pem", root.CertPEM())
	addresses := configServers["apache"].Start(t, 1, func(_ string, addresses []string) string {
		return strings.Replace(f.config(t, "apache", caFile, addresses[0]), "SSLVerifyDepth 10", "", 1)
	})
	rows, code := f.checkJSON(t, addresses[0])
	for _, r := range rows {
		if r.Verdict != probe.Unknown || !strings.Contains(r.Reason, "SSLVerifyDepth") {
			t.Errorf("%v; want unknown, and what to change", r.Result)
		}
	}
	if code != cli.Unknown {
		t.Errorf("exit status %d, want 3", code)
	}
}

// TestOriginConfigGo compiles and runs the program that is printed.
func TestOriginConfigGo(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("compiles a program")
	}
	f := newOriginFiles(t)
	address := testorigin.FreeAddresses(t, 1)[0]
	folder, err := modcopy.NewFolder("originconfig")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { folder.Remove() })
	source, program := filepath.Join(folder.Dir, "main.go"), filepath.Join(folder.Dir, "origin")
	if err := os.WriteFile(source, []byte(f.config(t, "go", pemFile(t, "ca.pem", f.ca.CertPEM()), address)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "build", "-ldflags=-s -w", "-o", program, source).CombinedOutput(); err != nil {
		t.Fatalf("the program that is printed: %v\n%s", err, out)
	}
	testorigin.Run(t, program, address)
	f.enforced(t, address)
}

// TestOriginConfigInput: what a server could not use, or would read as something else, is
// refused, and nothing is printed.
func TestOriginConfigInput(t *testing.T) {
	t.Parallel()
	ca := testpki.CA("our CA")
	good := pemFile(t, "ca.pem", ca.CertPEM())
	expired := testpki.Leaf("expired", func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
	})
	intermediate := intermediateOf(ca)
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"no server":             {[]string{"--ca", good}, "is missing"},
		"another server":        {[]string{"caddy", "--ca", good}, "want nginx, apache, haproxy, go"},
		"no CA":                 {[]string{"nginx"}, "--ca is missing"},
		"no such CA":            {[]string{"nginx", "--ca", "none.pem"}, "none.pem"},
		"a folder":              {[]string{"nginx", "--ca", t.TempDir()}, "directory"},
		"no PEM":                {[]string{"nginx", "--ca", pemFile(t, "noise", []byte("noise"))}, "no certificate in PEM"},
		"a key":                 {[]string{"nginx", "--ca", pemFile(t, "both.pem", append(ca.CertPEM(), ca.KeyPEM()...))}, "want certificates and nothing else"},
		"half a certificate":    {[]string{"nginx", "--ca", pemFile(t, "half.pem", append(ca.CertPEM(), ca.CertPEM()[:100]...))}, "not PEM"},
		"a certificate of text": {[]string{"nginx", "--ca", pemFile(t, "text.pem", []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))}, "cannot be parsed"},
		"an expired one":        {[]string{"nginx", "--ca", pemFile(t, "expired.pem", expired.CertPEM())}, "has expired"},
		"no root":               {[]string{"nginx", "--ca", pemFile(t, "intermediate.pem", intermediate.CertPEM())}, "add the root"},
		"a bad name":            {[]string{"nginx", "--ca", good, "--server-name", "a; ssl_verify_client off"}, "--server-name"},
		"a bad path":            {[]string{"apache", "--ca", good, "--cert", "/a\nSSLVerifyClient none"}, "--cert"},
		"a variable":            {[]string{"nginx", "--ca", good, "--key", "/$host.key"}, "--key"},
		"a bad port":            {[]string{"go", "--ca", good, "--listen", "0"}, "--listen"},
		"a bad address":         {[]string{"haproxy", "--ca", good, "--listen", "example.com:443"}, "--listen"},
		"a bad backend":         {[]string{"haproxy", "--ca", good, "--backend", "http://127.0.0.1:8080"}, "--backend"},
		"a key for HAProxy":     {[]string{"haproxy", "--ca", good, "--cert", "/o.pem", "--key", "/o.key"}, "want /o.pem.key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := command(t.Context(), strings.NewReader(""), append([]string{"origin", "config"}, test.args...)...)
			if got.code != cli.Error || got.stdout != "" || !strings.Contains(got.stderr, test.want) {
				t.Errorf("exit status %d, printed %q and %q; want 2 and %q", got.code, got.stdout, got.stderr, test.want)
			}
		})
	}
}

// TestOriginConfigShared: whoever trusts the CA of Cloudflare's shared certificate is told
// who gets in.
func TestOriginConfigShared(t *testing.T) {
	t.Parallel()
	file := pemFile(t, "ca.pem", testpki.CA("origin-pull.cloudflare.net").CertPEM())
	for _, kind := range []string{"nginx", "apache", "haproxy", "go"} {
		got := command(t.Context(), strings.NewReader(""), "origin", "config", kind, "--ca", file)
		if got.code != cli.Done || !strings.Contains(got.stderr, "every Cloudflare customer") || !strings.Contains(got.stdout, file) {
			t.Errorf("%s: exit status %d, standard error %q", kind, got.code, got.stderr)
		}
	}
}
