package main

import (
	"crypto/tls"
	"crypto/x509"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
)

// TestServeTLS: the SDK works over HTTPS, by each name of this machine, for a client that
// trusts the CA, and for no other.
func TestServeTLS(t *testing.T) {
	t.Parallel()
	s := start(t, "--tls")
	base, err := url.Parse(s.url)
	if err != nil || base.Scheme != "https" || !filepath.IsAbs(s.caFile) {
		t.Fatalf("serve --tls prints %q and %q, want a base URL and an absolute path: %v", s.url, s.caFile, err)
	}
	trusted := pool(t, s.caFile)
	for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
		for _, protocol := range []string{"h2", "http/1.1"} {
			c, err := tls.Dial("tcp", base.Host, &tls.Config{RootCAs: trusted, ServerName: name, NextProtos: []string{protocol}})
			if err != nil {
				t.Errorf("a client that trusts the CA cannot connect to %s: %v", name, err)
				continue
			}
			if got := c.ConnectionState().NegotiatedProtocol; got != protocol {
				t.Errorf("%s: the protocol is %q, want %q", name, got, protocol)
			}
			c.Close()
		}
	}
	if _, err := s.sdk(t).Settings.Get(t.Context()); err != nil {
		t.Errorf("the SDK does not work over HTTPS: %v", err)
	}
	ca, err := os.ReadFile(s.caFile)
	if info, statErr := os.Stat(s.caFile); err != nil || statErr != nil || strings.Contains(string(ca), "KEY") || runtime.GOOS != "windows" && info.Mode().Perm() != 0o644 {
		t.Errorf("%s is not a certificate that all may read: %v, %v, %v\n%s", s.caFile, err, statErr, info.Mode(), ca)
	}
	stranger := served{url: s.url}
	if _, err := stranger.sdk(t).Settings.Get(t.Context()); err == nil {
		t.Error("a client that does not trust the CA is served")
	}
	// The server logs it on its own time, and does not once it has ended.
	const refused = "TLS handshake error"
	for began := time.Now(); !strings.Contains(s.logged.String(), refused) && time.Since(began) < 10*time.Second; time.Sleep(time.Millisecond) {
	}
	s.end()
	if !strings.Contains(s.logged.String(), refused) {
		t.Errorf("the log does not say that a client refused the certificate:\n%s", s.logged)
	}
	if _, err := os.Stat(s.caFile); err == nil {
		t.Errorf("%s is left behind", s.caFile)
	}
}

// TestServeTLSCA: the file is as its user named it, is kept, and is replaced by the next
// run, whose CA is another.
func TestServeTLSCA(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "ca.pem")
	var before string
	for range 2 {
		s := start(t, "--tls", "--tls-ca", file)
		if s.caFile != file {
			t.Fatalf("serve prints the path %q, want %q", s.caFile, file)
		}
		if _, err := s.sdk(t).Settings.Get(t.Context()); err != nil {
			t.Errorf("the SDK does not work with the CA of the file: %v", err)
		}
		s.end()
		ca, err := os.ReadFile(file)
		if err != nil || string(ca) == before {
			t.Errorf("after the run the file is not its CA: %v", err)
		}
		before = string(ca)
	}
}

// TestIdentity: the certificate is for the host of --addr too.
func TestIdentity(t *testing.T) {
	t.Parallel()
	for host, names := range map[string][]string{
		"":            {"localhost", "127.0.0.1", "::1"},
		"localhost":   {"localhost"},
		"0.0.0.0":     {"127.0.0.1"},
		"192.0.2.7":   {"192.0.2.7", "localhost"},
		"fe80::1%lo0": {"fe80::1"},
		"api.example": {"api.example", "localhost", "127.0.0.1"},
	} {
		ca, pair, err := identity(host)
		if err != nil {
			t.Fatalf("%q: %v", host, err)
		}
		leaf, err := x509.ParseCertificate(pair.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if _, err := leaf.Verify(x509.VerifyOptions{Roots: testpki.Pair{Certificate: ca}.Pool(), DNSName: name}); err != nil {
				t.Errorf("listening on %q, a client cannot connect to %q: %v", host, name, err)
			}
		}
	}
}

// TestServeExamples runs what the help shows: the commands of serve as they stand there,
// and the SDK in the place of the other programs.
func TestServeExamples(t *testing.T) {
	t.Chdir(t.TempDir())
	leaf := testpki.Leaf("client", nil)
	if err := os.WriteFile("client.pem", leaf.CertPEM(), 0o644); err != nil {
		t.Fatal(err)
	}
	example := strings.ReplaceAll(newServe(new(bool)).Example, "\\\n", " ")
	commands := regexp.MustCompile(`(?m)^ *originpull serve (.*) &$`).FindAllStringSubmatch(example, -1)
	if len(commands) != 2 {
		t.Fatalf("the help has %d examples, want 2", len(commands))
	}
	for i, command := range commands {
		s := start(t, strings.Fields(command[1])...)
		certificates, err := s.sdk(t).Certificates.List(t.Context())
		if err != nil || len(certificates) != i {
			t.Errorf("%s: the zone has %d certificates, want %d: %v", command[0], len(certificates), i, err)
		}
		if i == 1 && (s.caFile == "" || certificates[0].Status != originpull.StatusActive) {
			t.Errorf("%s: the certificate is %s, the CA in %q", command[0], certificates[0].Status, s.caFile)
		}
		if code := s.end(); code != cli.Done {
			t.Errorf("%s ends with %d: %s", command[0], code, s.logged)
		}
	}
}
