package main

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/certs"
	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

const noID = "fa633cc7-4afc-4875-8814-b321153fee13"

// TestOperatorUsage: what is not used as the help says ends the command with status 2, says
// what is wanted, and nothing is sent.
func TestOperatorUsage(t *testing.T) {
	t.Parallel()
	c := newCloudflare(t, originpulltest.Options{})
	leaf, ca := testpki.Leaf("client", nil), testpki.CA("ca")
	other := testpki.Leaf("other", nil)
	cert, key := pemFile(t, "c.pem", leaf.CertPEM()), pemFile(t, "c.key", leaf.KeyPEM())
	otherKey := pemFile(t, "o.key", other.KeyPEM())
	caCert, caKey := pemFile(t, "ca.pem", ca.CertPEM()), pemFile(t, "ca.key", ca.KeyPEM())
	empty, large := pemFile(t, "empty", []byte(" \n")), pemFile(t, "large", make([]byte, 5000))
	upload := func(args ...string) []string { return append([]string{"certificates", "upload"}, args...) }
	tests := []struct {
		args []string
		want string // on stderr
	}{
		{[]string{"certificates", "lst"}, `unknown command "lst"`},
		{[]string{"certificates", "list", "more"}, `unexpected argument "more"`},
		{[]string{"certificates", "list", "--zone", ""}, "--zone is missing"},
		{[]string{"certificates", "list", "--zone", "com"}, `--zone "com": want the zone's id, 32 hexadecimal digits, or its name`},
		{[]string{"certificates", "list", "--zone", "a..com"}, `--zone "a..com": want`},
		{[]string{"certificates", "list", "--zone", "ex ample.com"}, `--zone "ex ample.com": want`},
		{[]string{"certificates", "list", "--zone", "../x.com"}, `--zone "../x.com": want`},
		{[]string{"certificates", "list", "-o", "yaml"}, `--output "yaml": want table, wide, json, jsonl, columns=NAME,… or noheader`},
		{[]string{"certificates", "list", "-o", "columns="}, `there is no column "": want some of ID,STATUS,SHA256,SUBJECT,EXPIRES`},
		{[]string{"certificates", "list", "-o", "columns=id,key"}, `there is no column "KEY"`},
		{[]string{"certificates", "list", "--token", "x"}, "unknown flag: --token"},
		{[]string{"certificates", "list", "--base-url", "http://example.com"}, "want https, or http on loopback"},
		{[]string{"certificates", "list", "--token-file", ""}, "--token-file is empty"},
		{[]string{"certificates", "list", "--token-file", "missing"}, "no such file"},
		{[]string{"certificates", "list", "--token-file", empty}, "is empty"},
		{[]string{"certificates", "list", "--token-file", large}, "more than 4096 bytes"},
		{[]string{"certificates", "list", "--token-file", "-"}, "standard input is empty"},
		{[]string{"certificates", "show"}, "ID is missing"},
		{[]string{"certificates", "show", "settings"}, `ID "settings": want the id of a certificate`},
		{[]string{"certificates", "show", "--zone", zoneTestName, "../x"}, `ID "../x": want the id of a certificate`},
		{[]string{"certificates", "delete"}, "ID is missing"},
		{[]string{"certificates", "delete", noID, noID}, "is given twice"},
		{[]string{"certificates", "delete", noID, "a/b"}, `ID "a/b": want the id of a certificate`},
		{[]string{"certificates", "delete", noID, "--timeout", "1m"}, "--timeout needs --wait"},
		{upload("--key", key), "--cert is missing"},
		{upload("--cert", cert), "--key is missing"},
		{upload("--cert", cert, "--key", otherKey), "private key belongs to another certificate"},
		{upload("--cert", caCert, "--key", caKey), "not a leaf certificate"},
		{upload("--cert", cert, "--key", "missing"), "no such file"},
		{upload("--cert", cert, "--key", key, "--wait", "--timeout", "soon"), `--timeout "soon": want a duration such as 90s, 12h or 30d`},
		{upload("--cert", cert, "--key", key, "--wait", "--timeout", "0s"), "--timeout 0s: want more than 0"},
		{[]string{"settings", "on"}, `unknown command "on"`},
		{[]string{"settings", "enable", "now"}, `unexpected argument "now"`},
	}
	for _, test := range tests {
		got := c.run(t, test.args...)
		if got.code != cli.Error || got.stdout != "" || !strings.HasPrefix(got.stderr, "originpull: ") || !strings.Contains(got.stderr, test.want) {
			t.Errorf("originpull %q exits with %d and prints %q and %q, want 2 and %q", test.args, got.code, got.stdout, got.stderr, test.want)
		}
		if !strings.Contains(got.stderr, "\nSee 'originpull ") && !strings.Contains(got.stderr, "\n  next: ") {
			t.Errorf("originpull %q does not say what to do next: %q", test.args, got.stderr)
		}
	}
	if sent := c.requests(); len(sent) > 0 {
		t.Errorf("wrong usage has sent %v", sent)
	}
}

// TestNoCredentials: without credentials the user reads how to give them.
func TestNoCredentials(t *testing.T) {
	for _, name := range []string{"CLOUDFLARE_API_TOKEN", "CLOUDFLARE_EMAIL", "CLOUDFLARE_API_KEY"} {
		t.Setenv(name, "")
	}
	got := command(t.Context(), strings.NewReader(""), "settings", "get", "--zone", zone)
	if got.code != cli.Error || !strings.Contains(got.stderr, "no credentials for the API\n  why:  ") || !strings.Contains(got.stderr, "\n  next: set CLOUDFLARE_API_TOKEN, or give --token-file") {
		t.Errorf("exit status %d, stderr %q", got.code, got.stderr)
	}
}

// TestPlainCalls: a certificate is uploaded, shown, listed and deleted, and the zone turned
// on and off.
func TestPlainCalls(t *testing.T) {
	t.Parallel()
	c := newCloudflare(t, originpulltest.Options{DeployDelay: -1, DeleteDelay: -1})
	leaf := testpki.Leaf("client", nil)
	cert, key := pemFile(t, "c.pem", leaf.CertPEM()), pemFile(t, "c.key", leaf.KeyPEM())
	done := func(args ...string) string {
		t.Helper()
		got := c.run(t, args...)
		if got.code != cli.Done {
			t.Fatalf("originpull %q exits with %d: %s", args, got.code, got.stderr)
		}
		return got.stdout
	}
	if got := done("certificates", "list", "-o", "json"); got != "[]\n" {
		t.Errorf("no certificates are %q in JSON, want []", got)
	}
	if got := done("certificates", "list", "-o", "jsonl"); got != "" {
		t.Errorf("no certificates are %q as lines of JSON, want none", got)
	}
	id := strings.TrimSpace(done("certificates", "upload", "--zone", zoneTestName, "--cert", cert, "--key", key, "--wait", "-o", "columns=id", "-o", "noheader"))
	var one certificateRow
	if err := json.Unmarshal([]byte(done("certificates", "show", id, "-o", "json")), &one); err != nil || one.ID != id || one.Status != "active" || one.Subject != "CN=client" {
		t.Errorf("the certificate is shown as %+v: %v", one, err)
	}
	want := "ID,STATUS,SHA256\n" + id + ",active," + one.SHA256
	if got := strings.TrimSpace(done("certificates", "list", "-o", "columns=id,status,sha256")); strings.Join(strings.Fields(got), ",") != strings.ReplaceAll(want, "\n", ",") {
		t.Errorf("the list is %q, want %q", got, want)
	}
	if got := done("settings", "enable", "-o", "jsonl"); got != `{"zone_id":"`+zone+`","enabled":true}`+"\n" || !c.Enabled(zone) {
		t.Errorf("settings enable prints %q, and the zone is enabled: %t", got, c.Enabled(zone))
	}
	if got := done("settings", "disable", "--zone", "Example.COM.", "-o", "columns=enabled", "-o", "noheader"); got != "false\n" || c.Enabled(zone) {
		t.Errorf("settings disable prints %q, and the zone is enabled: %t", got, c.Enabled(zone))
	}
	if got := done("settings", "get"); got != "ZONE     "+zone+"\nENABLED  false\n" {
		t.Errorf("settings get prints %q", got)
	}
	if got := done("certificates", "delete", id, "--wait", "-o", "noheader", "-o", "columns=status"); got != "deleted\n" {
		t.Errorf("the deletion prints %q", got)
	}
	if got := c.run(t, "certificates", "delete", id); got.code != cli.Done || !strings.Contains(got.stderr, "is deleted already") {
		t.Errorf("a second deletion exits with %d: %q", got.code, got.stderr)
	}
}

// TestJSONIsDocumented: the help names every field, and no other one.
func TestJSONIsDocumented(t *testing.T) {
	t.Parallel()
	for help, row := range map[string]reflect.Type{
		certificatesJSON: reflect.TypeFor[certificateRow](), createdJSON: reflect.TypeFor[createdRow](),
		inspectJSON: reflect.TypeFor[certs.Certificate](), diffJSON: reflect.TypeFor[certs.Comparison](),
	} {
		var documented []string
		for line := range strings.Lines(help) {
			if name, ok := strings.CutPrefix(line, "    "); ok && !strings.HasPrefix(name, " ") {
				documented = append(documented, strings.Fields(name)[0])
			}
		}
		var fields []string
		for _, field := range reflect.VisibleFields(row) {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			fields = append(fields, name)
		}
		slices.Sort(documented)
		slices.Sort(fields)
		if !slices.Equal(documented, fields) {
			t.Errorf("JSON of %v has the fields %q, the help documents %q", row, fields, documented)
		}
	}
}

// TestOperatorFailures: what the API refuses is said in three lines with the Cf-Ray, and
// the exit status tells denied from failed.
func TestOperatorFailures(t *testing.T) {
	t.Parallel()
	c := newCloudflare(t, originpulltest.Options{DeployDelay: time.Hour})
	active := c.add(t, testpki.Leaf("active", nil))
	leaf := testpki.Leaf("client", nil)
	cert, key := pemFile(t, "c.pem", leaf.CertPEM()), pemFile(t, "c.key", leaf.KeyPEM())
	if got := c.run(t, "certificates", "upload", "--cert", cert, "--key", key); got.code != cli.Done {
		t.Fatal(got.stderr)
	}
	pending := c.Certificates(c.ZoneID())[1].ID
	token := func(grant originpulltest.Grant) string {
		return pemFile(t, "token", []byte(c.NewToken(grant)))
	}
	reads := token(originpulltest.Grant{Permissions: []string{originpulltest.PermissionRead}})
	names := token(originpulltest.Grant{Permissions: []string{originpulltest.PermissionZoneRead}, Zones: []string{strings.Repeat("f", 32)}})
	tests := []struct {
		args            []string
		code            int
		what, why, next string
	}{
		{[]string{"certificates", "show", noID}, cli.Failed, "the certificate was not read", "HTTP 404: 1551", "check the id"},
		{[]string{"certificates", "delete", active, noID}, cli.Failed, "nothing was deleted", "HTTP 404", "check the id"},
		{[]string{"certificates", "delete", pending}, cli.Failed, "was not deleted", "1434 Cannot delete resource", "once the certificate is active"},
		{[]string{"certificates", "upload", "--cert", cert, "--key", key}, cli.Failed, "was not uploaded", "1406 This certificate already exists", "certificates list"},
		{[]string{"settings", "enable", "--token-file", reads}, cli.Denied, "were not changed", "10000 Authentication error", `"SSL and Certificates Write"`},
		{[]string{"settings", "get", "--token-file", pemFile(t, "token", []byte(testpki.Token()))}, cli.Denied, "were not read", "10000", `"SSL and Certificates Read"`},
		{[]string{"settings", "get", "--zone", zoneTestName, "--token-file", reads}, cli.Denied, "the zone example.com could not be looked up", "10000", `"Zone Read"`},
		{[]string{"settings", "get", "--zone", zoneTestName, "--token-file", names}, cli.Failed, "the zone example.com was not found", "can see no zone", `"Zone Read"`},
		{[]string{"settings", "get", "--zone", strings.Repeat("e", 32)}, cli.Denied, "were not read", "9109", "check the token"},
	}
	for _, test := range tests {
		got := c.run(t, test.args...)
		lines := strings.Split(strings.TrimSpace(got.stderr), "\n")
		if got.code != test.code || got.stdout != "" || len(lines) != 3 || !strings.HasPrefix(lines[0], "originpull: ") || !strings.Contains(lines[0], test.what) ||
			!strings.HasPrefix(lines[1], "  why:  ") || !strings.Contains(lines[1], test.why) || !strings.HasPrefix(lines[2], "  next: ") || !strings.Contains(lines[2], test.next) {
			t.Errorf("originpull %q exits with %d and prints %q and\n%s\nwant %d, %q, %q, %q", test.args, got.code, got.stdout, got.stderr, test.code, test.what, test.why, test.next)
		}
		if strings.Contains(lines[1], "HTTP") && !strings.Contains(lines[1], "(Cf-Ray ") {
			t.Errorf("originpull %q does not say the Cf-Ray: %s", test.args, lines[1])
		}
	}
	if c.Enabled(c.ZoneID()) {
		t.Error("a token that may only read has enabled the zone")
	}
	if got := c.Certificates(c.ZoneID())[0].Status; got != "active" {
		t.Errorf("one of two ids does not exist, and the certificate of the other one is %s", got)
	}
}

// TestSeveralZonesOfAName: no zone is guessed.
func TestSeveralZonesOfAName(t *testing.T) {
	t.Parallel()
	c := newCloudflare(t, originpulltest.Options{})
	second := strings.Repeat("ab", 16)
	c.AddZone(second)
	c.SetZoneName(second, zoneTestName)
	got := c.run(t, "settings", "get", "--zone", zoneTestName)
	if got.code != cli.Failed || !strings.Contains(got.stderr, "is ambiguous") || !strings.Contains(got.stderr, second) || !strings.Contains(got.stderr, zone) {
		t.Errorf("exit status %d, stderr %q", got.code, got.stderr)
	}
}

// TestUploadWaits: a deployment that fails or takes too long is no success, and the user
// reads which certificate it is about.
func TestUploadWaits(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options   originpulltest.Options
		args      []string
		why, next string
	}{
		"timed out at Cloudflare": {originpulltest.Options{DeployDelay: -1, Faults: originpulltest.Always(originpulltest.Fault{TimeOut: true})}, nil,
			"deployment_timed_out", "delete it, and upload it again"},
		"too slow": {originpulltest.Options{DeployDelay: time.Hour}, []string{"--timeout", "100ms"}, "deadline exceeded", "give it more time"},
	} {
		c := newCloudflare(t, test.options)
		leaf := testpki.Leaf("client", nil)
		cert, key := pemFile(t, "c.pem", leaf.CertPEM()), pemFile(t, "c.key", leaf.KeyPEM())
		got := c.run(t, append([]string{"certificates", "upload", "--cert", cert, "--key", key, "--wait", "-o", "columns=id", "-o", "noheader"}, test.args...)...)
		id := strings.TrimSpace(got.stdout)
		if got.code != cli.Failed || id == "" || !strings.Contains(got.stderr, "the certificate "+id+" was uploaded, and is not active") ||
			!strings.Contains(got.stderr, test.why) || !strings.Contains(got.stderr, test.next) {
			t.Errorf("%s: exit status %d, stdout %q, stderr %q", name, got.code, got.stdout, got.stderr)
		}
	}
}

// TestDebugShowsNoSecrets: the log of --debug is on standard error, and has no token.
func TestDebugShowsNoSecrets(t *testing.T) {
	t.Parallel()
	c := newCloudflare(t, originpulltest.Options{})
	for _, stdin := range []bool{false, true} {
		args := []string{"settings", "get", "--zone", zoneTestName, "--debug"}
		if stdin {
			args = append(args, "--token-file", "-")
		}
		got := command(t.Context(), strings.NewReader(c.Token()), c.args(args...)...)
		if got.code != cli.Done || !strings.Contains(got.stderr, "operation=GetSettings") || strings.Contains(got.stdout, "operation") {
			t.Errorf("exit status %d, stdout %q, stderr %q", got.code, got.stdout, got.stderr)
		}
		if strings.Contains(got.stderr+got.stdout, c.Token()[8:16]) {
			t.Error("the token is shown")
		}
	}
}

// TestCompletion: the shell completes commands, flags and the values of -o.
func TestCompletion(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"certi":                     "certificates\t",
		"cert create --key-type ":   "rsa-2048",
		"certificates ":             "upload\t",
		"certificates delete --y":   "--yes\t",
		"settings get --tok":        "--token-file\t",
		"certificates list -o ":     "columns=id,status,sha256,subject,expires",
		"settings get -o c":         "columns=zone,enabled",
		"certificates list --zone ": ":4\n", // no names of files
	} {
		args := strings.Split(line, " ")
		if got := command(t.Context(), strings.NewReader(""), append([]string{"__complete"}, args...)...); got.code != cli.Done || !strings.Contains(got.stdout, want) {
			t.Errorf("originpull %s<tab> completes to %q, want %q", line, got.stdout, want)
		}
	}
	if got := command(t.Context(), strings.NewReader(""), "completion", "bash"); got.code != cli.Done || !strings.Contains(got.stdout, "__start_originpull") {
		t.Errorf("completion bash exits with %d: %s", got.code, got.stderr)
	}
}
