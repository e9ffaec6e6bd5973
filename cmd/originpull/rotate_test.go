package main

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// atOnce has changes of the simulator take no time.
var atOnce = originpulltest.Options{DeployDelay: -1, DeleteDelay: -1}

// leafFor returns a leaf that is valid for a time.
func leafFor(name string, valid time.Duration) testpki.Pair {
	return testpki.Leaf(name, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(valid) })
}

// pairFiles writes a pair, and returns the flags that name its files.
func pairFiles(t *testing.T, pair testpki.Pair) []string {
	t.Helper()
	return []string{"--cert", pemFile(t, "client.pem", pair.CertPEM()), "--key", pemFile(t, "client.key", pair.KeyPEM())}
}

func fingerprint(pair testpki.Pair) string {
	sum := sha256.Sum256(pair.Certificate.Raw)
	return hex.EncodeToString(sum[:])
}

// active returns the fingerprints of the zone's active certificates.
func (c cloudflare) active(zoneID string) (fingerprints []string) {
	for _, one := range c.Certificates(zoneID) {
		if row := newCertificateRow(one); row.Status == "active" {
			fingerprints = append(fingerprints, row.SHA256)
		}
	}
	return fingerprints
}

// TestRotate: what a user reads before, while and after a rotation, and the exit status.
func TestRotate(t *testing.T) {
	t.Parallel()
	const year = 365 * 24 * time.Hour
	for _, test := range []struct {
		what           string
		scene          func(t *testing.T, c cloudflare, old, mine testpki.Pair)
		args           []string
		code           int
		stdout, stderr []string
		mine, old      bool // are active afterwards
		changes        int  // requests that change something
	}{
		{
			what: "a dry run changes nothing", args: []string{"--dry-run"},
			stdout: []string{"zone 0", `+ certificate "CN=mine"`, `- certificate `, "deleted once the desired one is active", "~ enabled: false -> true", "First: upload"}, old: true,
		},
		{
			what:   "done",
			stdout: []string{"DONE         true", "STATUS       active", "SUBJECT      CN=mine", "ENABLED      true", "CHANGES      upload, delete ", ", enable"},
			stderr: []string{"+ certificate", "upload: the zone does not have it\n", "enable: ", "done "}, mine: true, changes: 3,
		},
		{
			what: "all holds", scene: func(t *testing.T, c cloudflare, _, mine testpki.Pair) {
				c.add(t, mine)
				c.SetEnabled(c.ZoneID(), true)
				c.run(t, append([]string{"rotate"}, pairFiles(t, mine)...)...)
			},
			stdout: []string{"DONE         true", "CHANGES      -"}, stderr: []string{"Nothing to do now.", "done "}, mine: true, changes: 1,
		},
		{
			what: "nothing is due", args: []string{"--renew-before", "30d"},
			stdout: []string{"DONE         true", "SUBJECT      CN=old", "CHANGES      -", "KEPT         -"},
			stderr: []string{"Nothing to do before 20", "it is not due for renewal", "warning: the zone is not enabled", "the next run is due at 20"}, old: true,
		},
		{
			what: "a warning, with --strict", args: []string{"--renew-before", "30d", "--strict"}, code: cli.Failed,
			stdout: []string{"DONE         true"}, stderr: []string{"originpull: 1 warning, and --strict\n"}, old: true,
		},
		{
			what: "it is due", args: []string{"--renew-before", "366d"}, stdout: []string{"CHANGES      upload"}, mine: true, changes: 3,
		},
		{
			what: "the old one stays for a day", args: []string{"--grace", "1d", "-o", "json"},
			stdout: []string{`"next_at": "20`, `"kept": [` + "\n    \"", `"superseded": [],`}, stderr: []string{"the next run is due at 20"}, mine: true, old: true, changes: 2,
		},
		{
			what: "superseded", scene: func(t *testing.T, c cloudflare, old, mine testpki.Pair) {
				c.add(t, mine)
				c.add(t, leafFor("newer", year))
			},
			code: cli.Failed, stdout: []string{"DONE         false"}, stderr: []string{"was not rotated\n", "  why:  rotate: superseded by certificate", "  next: if the newer certificate should stay, nothing; else run the command again with --supersede"}, mine: true, old: true,
		},
		{
			what: "a dry run that would be superseded", scene: func(t *testing.T, c cloudflare, old, mine testpki.Pair) {
				c.add(t, mine)
				c.add(t, leafFor("newer", year))
			},
			args: []string{"--dry-run"}, code: cli.Failed, stdout: []string{"First: stop"}, stderr: []string{"a run would not change zone"}, mine: true, old: true,
		},
		{
			what: "a newer one is replaced", scene: func(t *testing.T, c cloudflare, old, mine testpki.Pair) {
				c.add(t, mine)
				c.add(t, leafFor("newer", year))
			},
			args: []string{"--supersede", "all"}, stdout: []string{"DONE         true"}, mine: true, changes: 5,
		},
		{
			what: "the enablement is left", args: []string{"--leave-enablement"}, stdout: []string{"ENABLED      false"}, mine: true, changes: 2,
		},
		{
			what: "disabled", scene: func(t *testing.T, c cloudflare, _, _ testpki.Pair) { c.SetEnabled(c.ZoneID(), true) },
			args: []string{"--disable"}, stdout: []string{"ENABLED      false", "disable"}, mine: true, changes: 3,
		},
		{
			what: "settings of the zone that defeat it", scene: func(t *testing.T, c cloudflare, _, _ testpki.Pair) {
				c.SetSSLMode(c.ZoneID(), originpulltest.SSLFlexible)
			},
			args: []string{"--zone-settings", "--strict"}, code: cli.Failed, stderr: []string{"warning: the SSL mode of the zone is flexible", "1 warning, and --strict"}, mine: true, changes: 3,
		},
		{
			what: "denied", scene: func(t *testing.T, c cloudflare, _, _ testpki.Pair) { c.RevokeToken(c.Token()) },
			code: cli.Denied, stderr: []string{"was not looked at", "check the token"}, old: true,
		},
		{
			what: "its deployment fails", scene: func(t *testing.T, c cloudflare, _, mine testpki.Pair) {
				c.SetStatus(c.ZoneID(), c.add(t, mine), "deployment_timed_out")
			},
			code: cli.Failed, stderr: []string{"deployment_timed_out", "  next: delete that certificate"}, old: true,
		},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			c := newCloudflare(t, atOnce)
			old, mine := leafFor("old", year), leafFor("mine", year)
			c.add(t, old)
			if test.scene != nil {
				test.scene(t, c, old, mine)
			}
			before := len(c.requests())
			got := c.run(t, append(append([]string{"rotate"}, pairFiles(t, mine)...), test.args...)...)
			if got.code != test.code {
				t.Errorf("the exit status is %d, want %d", got.code, test.code)
			}
			for stream, texts := range map[string][2]any{"standard output": {got.stdout, test.stdout}, "standard error": {got.stderr, test.stderr}} {
				for _, want := range texts[1].([]string) {
					if !strings.Contains(texts[0].(string), want) {
						t.Errorf("%s has no %q:\n%s", stream, want, texts[0])
					}
				}
			}
			active := c.active(c.ZoneID())
			if slices.Contains(active, fingerprint(mine)) != test.mine || slices.Contains(active, fingerprint(old)) != test.old {
				t.Errorf("active are %v; want the new one %t, the old one %t", active, test.mine, test.old)
			}
			changes := 0
			for _, operation := range c.requests()[before:] {
				if !strings.HasPrefix(operation, "List") && !strings.HasPrefix(operation, "Get") {
					changes++
				}
			}
			if test.what != "all holds" && test.what != "denied" && changes != test.changes {
				t.Errorf("%d requests change something, want %d: %v", changes, test.changes, c.requests()[before:])
			}
			if t.Failed() {
				t.Logf("it printed\n%s%s", got.stdout, got.stderr)
			}
		})
	}
}

// newTLSOrigin returns the address of an origin that requires a certificate of a CA.
func newTLSOrigin(t *testing.T, ca testpki.Pair) string {
	t.Helper()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.Pool()}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// TestRotateOrigin: what an origin would refuse is not uploaded.
func TestRotateOrigin(t *testing.T) {
	t.Parallel()
	ca := testpki.CA("ca")
	client := func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }
	accepted, refused := ca.Issue("accepted", client), testpki.CA("other").Issue("refused", client)
	origin := newTLSOrigin(t, ca)
	c := newCloudflare(t, atOnce)
	old := pairFiles(t, accepted)
	got := c.run(t, append(append([]string{"rotate", "--origin", origin, "--server-name", "www.example.com"}, pairFiles(t, refused)...), "--old-cert", old[1], "--old-key", old[3])...)
	if got.code != cli.Failed || len(c.active(c.ZoneID())) != 0 {
		t.Errorf("an origin refuses it: exit status %d, active %v; want %d and none", got.code, c.active(c.ZoneID()), cli.Failed)
	}
	for _, want := range []string{"ask: before the certificate is uploaded", "\n  " + origin + " www.example.com TLS 1.2: ", "\n  " + origin + " www.example.com TLS 1.3: ", "  why:  rotate: ask: not proven: 2 of 2 rows do not accept the certificate\n", "  next: correct the origin"} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("standard error has no %q:\n%s", want, got.stderr)
		}
	}
	if got := c.run(t, append([]string{"rotate", "--origin", origin}, pairFiles(t, accepted)...)...); got.code != cli.Done || len(c.active(c.ZoneID())) != 1 {
		t.Errorf("the origin accepts it: exit status %d\n%s", got.code, got.stderr)
	}
	if got := c.run(t, append([]string{"rotate", "--origin", origin, "--require", "nothing"}, pairFiles(t, refused)...)...); got.code != cli.Done {
		t.Errorf("nothing is required: exit status %d\n%s", got.code, got.stderr)
	}
}

// TestRotateExec: the command sees no credentials, and if it fails nothing is deleted.
func TestRotateExec(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no sh")
	}
	t.Setenv("CLOUDFLARE_API_TOKEN", "not for commands")
	c := newCloudflare(t, atOnce)
	c.add(t, leafFor("old", time.Hour))
	mine := leafFor("mine", time.Hour)
	file := filepath.Join(t.TempDir(), "environment")
	for _, test := range []struct {
		command string
		code    int
		stderr  string
		active  int
	}{
		{"echo refused by canary; exit 3", cli.Failed, "exit status 3", 2},
		{"env >" + file + "; printf 'all\\033[1m good'", cli.Done, "all\\x1b[1m good\n", 1},
	} {
		got := c.run(t, append([]string{"rotate", "--exec", test.command}, pairFiles(t, mine)...)...)
		if active := c.active(c.ZoneID()); got.code != test.code || len(active) != test.active || !strings.Contains(got.stderr, test.stderr) || strings.Contains(got.stdout, "canary") {
			t.Errorf("--exec %q: exit status %d, active %v, want %d and %d; standard error, which needs %q:\n%s", test.command, got.code, active, test.code, test.active, test.stderr, got.stderr)
		}
	}
	environment, err := os.ReadFile(file)
	if err != nil || strings.Contains(string(environment), "CLOUDFLARE") || !strings.Contains(string(environment), "ORIGINPULL_ZONE="+c.ZoneID()+"\n") || !strings.Contains(string(environment), "ORIGINPULL_SHA256="+fingerprint(mine)+"\n") {
		t.Errorf("the environment of the command is, %v:\n%s", err, environment)
	}
}

// TestRotateUsage: nothing is sent if a command is not used as its help says.
func TestRotateUsage(t *testing.T) {
	t.Parallel()
	c := newCloudflare(t, atOnce)
	mine := leafFor("mine", time.Hour)
	pair := pairFiles(t, mine)
	server := testpki.Leaf("server", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })
	zones := pemFile(t, "zones", []byte("example.com\n"))
	bad := pemFile(t, "bad", []byte("# ours\nexample.com # first\n\nnot a zone\n"+c.ZoneID()+"\nEXAMPLE.com.\nx/y\n"))
	empty := pemFile(t, "empty", []byte("# nothing\n"))
	half := t.TempDir()
	if err := os.WriteFile(filepath.Join(half, "example.com.pem"), mine.CertPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	one := func(args ...string) []string {
		return append(append([]string{"--zone", "example.com"}, pair...), args...)
	}
	many := func(args ...string) []string { return append(append([]string{"--zones", zones}, pair...), args...) }
	for _, test := range []struct {
		args []string
		want string
	}{
		{pair, "want one of --zone, --zones and --pairs"},
		{one("--zones", zones), "want one of --zone, --zones and --pairs"},
		{one("--zone", "x"), `--zone "x": want`},
		{one("more"), `unexpected argument "more"`},
		{[]string{"--zone", "example.com"}, "--cert is missing"},
		{[]string{"--zone", "example.com", "--cert", pair[1]}, "--key is missing"},
		{[]string{"--zone", "example.com", "--cert", pair[1], "--key", pair[1]}, "cannot be used"},
		{one("--report", "r"), "--report is for many zones"},
		{one("--canary", "1"), "--canary is for many zones"},
		{one("--stop-after", "1"), "--stop-after is for many zones"},
		{one("--leave-enablement", "--disable"), "want one of --leave-enablement and --disable"},
		{one("--require", "luck"), `--require "luck": want proof or nothing`},
		{one("--require", "proof"), "--require proof needs --origin"},
		{one("--server-name", "www.example.com"), "--server-name needs --origin"},
		{one("--origin", "https://x"), `address "https://x": give a host and not a URL`},
		{one("--origin", "192.0.2.1", "--server-name", "a:1"), `server name "a:1"`},
		{append([]string{"--zone", "example.com", "--origin", "192.0.2.1"}, pairFiles(t, server)...), "extended key usage includes clientAuth"},
		{append([]string{"--zone", "example.com"}, pairFiles(t, server)...), "lacks clientAuth"},
		{one("--old-cert", pair[1]), "--old-cert and --old-key need each other"},
		{one("--old-cert", pair[1], "--old-key", pair[3]), "--old-cert needs --origin"},
		{one("--origin", "192.0.2.1", "--old-cert", pair[1], "--old-key", pair[1]), "the old certificate and its key cannot be used"},
		{one("--supersede", "newer"), `--supersede "newer": want older, all, or the SHA-256`},
		{one("--supersede", "all,older"), "--supersede all: it does not go with others"},
		{one("--supersede", fingerprint(mine)), "that is the certificate of --cert itself"},
		{one("--grace", "-1d"), `--grace "-1d": want a duration such as 90s, 12h or 30d`},
		{one("--renew-before", "soon"), `--renew-before "soon": want a duration`},
		{one("--exec", ""), "--exec is empty"},
		{one("--dry-run", "-o", "json"), "--dry-run prints a diff"},
		{many("--canary", "0"), "--canary 0: want 1 or more"},
		{many("--then-wait", "1h"), "--then-wait needs --canary"},
		{many("--stop-after", "0"), "--stop-after 0: want 1 or more, or -1 for never"},
		{many("--dry-run", "--resume", "r"), "--dry-run writes no report"},
		{many("-o", "columns=zone"), "-o columns=… is for one zone"},
		{many("--report", zones), "--report: " + zones + ", line 1: it is not a line of a report"},
		{many("--resume", "missing"), "--resume: open missing"},
		{many("--resume", bad), "--resume: " + bad + ", line 1: it is not a line of a report"},
		{append([]string{"--zones", "missing"}, pair...), "open missing"},
		{append([]string{"--zones", empty}, pair...), empty + ": it names no zone"},
		{append([]string{"--zones", bad}, pair...), bad + ", line 4: it is not a zone: want its id"},
		{append([]string{"--zones", bad}, pair...), bad + `, line 6: the zone "EXAMPLE.com." comes twice, first in ` + bad + ", line 2"},
		{append([]string{"--zones", bad}, pair...), bad + ", line 7: it is not a zone"},
		{append([]string{"--pairs", half}, pair...), "leave out --cert and --key"},
		{[]string{"--pairs", half}, "there is no example.com.key beside it"},
		{[]string{"--pairs", t.TempDir()}, "it names no zone"},
		{[]string{"--pairs", "missing"}, "open missing"},
	} {
		got := command(t.Context(), strings.NewReader(""), append([]string{"rotate", "--base-url", c.URL(), "--token-file", c.tokenFile}, test.args...)...)
		if got.code != cli.Error || !strings.Contains(got.stderr, test.want) || got.stdout != "" {
			t.Errorf("rotate %q: exit status %d, standard output %q, standard error\n%swant %d and %q", test.args, got.code, got.stdout, got.stderr, cli.Error, test.want)
		}
	}
	if got := c.requests(); len(got) != 0 {
		t.Errorf("requests were made: %v", got)
	}
	if text, _ := os.ReadFile(zones); string(text) != "example.com\n" {
		t.Errorf("a file that is not a report was changed: %q", text)
	}
}

// TestRotateJSON: the fields that the help documents are there, whatever happens.
func TestRotateJSON(t *testing.T) {
	t.Parallel()
	c := newCloudflare(t, atOnce)
	got := c.run(t, append([]string{"rotate", "-o", "jsonl"}, pairFiles(t, leafFor("mine", time.Hour))...)...)
	var row map[string]any
	if err := json.Unmarshal([]byte(got.stdout), &row); err != nil || strings.Count(got.stdout, "\n") != 1 {
		t.Fatalf("-o jsonl prints %q: %v", got.stdout, err)
	}
	for field := range row {
		if !regexp.MustCompile(`\b` + field + `\b`).MatchString(rotateEnd) {
			t.Errorf("the help does not document the field %q", field)
		}
	}
	for _, field := range []string{"changes", "superseded", "leaving", "kept", "warnings"} {
		if _, list := row[field].([]any); !list {
			t.Errorf("%s is %v, want a list, also if it is empty", field, row[field])
		}
	}
}
