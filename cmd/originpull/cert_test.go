package main

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/certs"
	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/origin"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// cert runs a command that must exit with a status, and lists the keys in a folder for
// the leak scan. Its output must have no key.
func cert(t *testing.T, folder string, want int, args ...string) ran {
	t.Helper()
	got := command(t.Context(), strings.NewReader(""), append([]string{"cert"}, args...)...)
	if got.code != want {
		t.Errorf("cert %q exits with %d, want %d: %s%s", args, got.code, want, got.stdout, got.stderr)
	}
	keys, err := filepath.Glob(filepath.Join(folder, "*.key"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range keys {
		if pair, err := tls.LoadX509KeyPair(strings.TrimSuffix(name, ".key")+".pem", name); err == nil {
			testpki.ListedKey(pair.PrivateKey)
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if body := strings.Split(string(text), "\n"); len(body) < 2 || strings.Contains(got.stdout+got.stderr, body[1][:16]) {
			t.Errorf("cert %q prints a key, or %s has none", args, name)
		}
	}
	return got
}

// TestCertFirstDay: what cert create makes is uploaded, and an origin that trusts the CA
// accepts the pulls of the zone and no others; the next certificate of the CA too.
func TestCertFirstDay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	made := cert(t, dir, cli.Done, "create", "--out", dir, "--name", "my origin", "-o", "json")
	var rows []createdRow
	if err := json.Unmarshal([]byte(made.stdout), &rows); err != nil || len(rows) != 4 || !strings.Contains(made.stderr, "rotate --cert "+in("client.pem")) {
		t.Fatalf("%v: %q, %q", err, made.stdout, made.stderr)
	}
	trusted, err := origin.LoadFiles(in("ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	config, err := origin.Require(&tls.Config{Certificates: []tls.Certificate{testpki.Leaf("origin", nil).TLS()}}, trusted)
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

	c := newCloudflare(t, originpulltest.Options{DeployDelay: -1})
	pull := func(when string, want originpulltest.Outcome) {
		t.Helper()
		if p := c.Pull(t.Context(), c.ZoneID(), originpulltest.Origin{Addr: listener.Addr().String()}); p.Outcome != want {
			t.Errorf("%s: the pull is %s, want %s: %v", when, p.Outcome, want, &p)
		}
	}
	upload := func(folder string) {
		t.Helper()
		if got := c.run(t, "certificates", "upload", "--cert", filepath.Join(folder, "client.pem"), "--key", filepath.Join(folder, "client.key"), "--wait"); got.code != cli.Done {
			t.Fatal(got.stderr)
		}
	}
	upload(dir)
	pull("before the zone is enabled", originpulltest.Refused)
	if got := c.run(t, "settings", "enable"); got.code != cli.Done {
		t.Fatal(got.stderr)
	}
	pull("with the certificate", originpulltest.Accepted)

	next := t.TempDir()
	cert(t, next, cli.Done, "create", "--out", next, "--ca", in("ca.pem"), "--ca-key", in("ca.key"), "--valid", "90d")
	upload(next)
	pull("with the next certificate", originpulltest.Accepted)

	cert(t, dir, cli.Done, "inspect", in("client.pem"), in("client.key"), in("ca.pem"))
	cert(t, dir, cli.Failed, "inspect", in("client.pem"), filepath.Join(next, "client.key"))
	cert(t, dir, cli.Done, "diff", in("client.pem"), in("client.pem"))
	if got := cert(t, dir, cli.Failed, "diff", in("client.pem"), filepath.Join(next, "client.pem")); got.stderr != "" || !strings.Contains(got.stdout, "issuer         same") {
		t.Errorf("certificates of one CA are compared as %q, %q", got.stdout, got.stderr)
	}
}

// TestCertRefuses: what cannot be done says why and what next, and leaves the folder as it
// was.
func TestCertRefuses(t *testing.T) {
	t.Parallel()
	leaf := testpki.Leaf("client", nil)
	cer, key := pemFile(t, "c.pem", leaf.CertPEM()), pemFile(t, "c.key", leaf.KeyPEM())
	text := pemFile(t, "text", []byte("hello"))
	there := filepath.Dir(pemFile(t, "client.key", []byte("precious")))
	empty := t.TempDir()
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"create", "--out", there}, "client.key: file already exists: no file is replaced, and none was written\n  next: choose another folder"},
		{[]string{"create", "--out", filepath.Join(empty, "missing")}, "no such file"},
		{[]string{"create", "--out", empty, "--key-type", "dsa"}, "want one of ecdsa-p256, rsa-2048"},
		{[]string{"create", "--out", empty, "--valid", "soon"}, `--valid "soon": want a duration such as`},
		{[]string{"create", "--out", empty, "--valid", "0s"}, "the lifetime"},
		{[]string{"create", "--out", empty, "--name", ""}, "the name"},
		{[]string{"create", "--out", empty, "--ca", cer}, "give both"},
		{[]string{"create", "--out", empty, "--ca", cer, "--ca-key", key}, "is not a CA"},
		{[]string{"create", "--out", empty, "--ca", "missing", "--ca-key", key}, "no such file"},
		{[]string{"create", "more"}, `unexpected argument "more"`},
		{[]string{"inspect"}, "FILE is missing"},
		{[]string{"inspect", "missing"}, "no such file"},
		{[]string{"inspect", text}, "neither a certificate nor a private key"},
		{[]string{"diff", cer}, "B is missing"},
		{[]string{"diff", cer, key}, "no certificate"},
		{[]string{"diff", cer, text}, "neither a certificate nor a private key"},
	} {
		got := cert(t, there+"/none", cli.Error, test.args...)
		if got.stdout != "" || !strings.Contains(got.stderr, test.want) {
			t.Errorf("cert %q prints %q and %q, want %q", test.args, got.stdout, got.stderr, test.want)
		}
	}
	for dir, want := range map[string]int{there: 1, empty: 0} {
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != want {
			t.Errorf("%v was written, %v", entries, err)
		}
	}
}

// TestCertInspectPrints: what is wrong with a certificate is in words, in a table and in
// JSON, whatever its name is.
func TestCertInspectPrints(t *testing.T) {
	t.Parallel()
	ca := pemFile(t, "ca.pem", testpki.CA("evil\x1b[2J\nCA").CertPEM())
	got := cert(t, "", cli.Done, "inspect", ca)
	if !strings.Contains(got.stdout, "refused: it is a CA") || !strings.Contains(got.stdout, `evil\x1b[2J\nCA`) || strings.Contains(got.stdout, "\x1b") {
		t.Errorf("printed %q", got.stdout)
	}
	var rows []certs.Certificate
	got = cert(t, "", cli.Done, "inspect", ca, "-o", "json")
	if err := json.Unmarshal([]byte(got.stdout), &rows); err != nil || len(rows) != 1 || rows[0].Cloudflare.Verdict != certs.Refused || rows[0].Origins.Verdict != certs.Accepted {
		t.Errorf("JSON %q, %v", got.stdout, err)
	}
	if got = cert(t, "", cli.Failed, "inspect", pemFile(t, "k", testpki.Leaf("x", nil).KeyPEM()), "-o", "json"); got.stdout != "[]\n" {
		t.Errorf("a key alone is %q in JSON, want []", got.stdout)
	}
}
