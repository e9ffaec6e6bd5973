package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// TestServeUsage: a value that cannot be ends the program before it listens. It names the
// flag, says what is wanted, and where the help is, and does not print a token.
func TestServeUsage(t *testing.T) {
	t.Parallel()
	leaf := testpki.Leaf("client", nil)
	file := pemFile(t, "client.pem", leaf.CertPEM())
	ca := pemFile(t, "ca.pem", testpki.CA("ca").CertPEM())
	key := pemFile(t, "client.key", leaf.KeyPEM())
	der := pemFile(t, "client.der", leaf.Certificate.Raw)
	cut := pemFile(t, "cut.pem", leaf.CertPEM()[:200])
	damaged := pemFile(t, "damaged.pem", []byte("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"))
	several := pemFile(t, "several.pem", slices.Concat(leaf.CertPEM(), testpki.Leaf("another", nil).CertPEM()))
	large := pemFile(t, "large.pem", make([]byte, maxFile+1))
	missing := filepath.Join(t.TempDir(), "missing", "file.pem")
	certificate := func(file string) []string { return []string{"--zone", zone, "--certificate", file} }
	tests := []struct {
		args []string
		want string // of the first line, after the program's name
	}{
		{[]string{"--addr", ""}, `--addr "": want host:port with a port`},
		{[]string{"--addr", "8787"}, `--addr "8787": want host:port`},
		{[]string{"--addr", "localhost:http"}, `--addr "localhost:http": want host:port`},
		{[]string{"--addr", "localhost:65536"}, `--addr "localhost:65536": want host:port`},
		{[]string{"extra"}, `unexpected argument "extra"`},
		{[]string{"--token", ""}, "--token is empty: no client can send that"},
		{[]string{"--token", " a-token-of-mine"}, "--token: no client can send it in a header"},
		{[]string{"--token", "two\nlines-of-mine"}, "--token: no client can send it in a header"},
		{[]string{"--permission", "admin"}, `--permission "admin": want read or write`},
		{[]string{"--permission", ""}, `--permission "": want read or write`},
		{[]string{"--zone", "example.com"}, `--zone "example.com": want a zone id, which is 32 hexadecimal digits`},
		{[]string{"--zone", ""}, `--zone "": want a zone id`},
		{[]string{"--zone-name", ""}, `--zone-name "": want a name such as example.com`},
		{[]string{"--zone-name", "com"}, `--zone-name "com": want a name`},
		{[]string{"--zone-name", "example.com=1"}, `--zone-name "example.com=1": want a name`},
		{[]string{"--zone", strings.Repeat("f", 32), "--zone-name", "example.com=" + zone}, "--zone is the only zone there is"},
		{[]string{"--certificate", file}, "--certificate needs --zone"},
		{certificate(""), `--certificate "": want the name of a file`},
		{certificate(missing), "no such file or directory"},
		{certificate(filepath.Dir(file)), "is a directory"},
		{certificate(ca), "it is a CA, which the API refuses: want a leaf"},
		{certificate(key), "it holds no whole certificate in PEM"},
		{certificate(cut), "it holds no whole certificate in PEM"},
		{certificate(der), "convert it with openssl x509 -inform der"},
		{certificate(damaged), "it is damaged"},
		{certificate(several), "it holds several certificates that are no chain"},
		{certificate(large), "it has more than 1 MiB"},
		{append(certificate(file), "--certificate", file), "it was given twice"},
		{[]string{"--change-takes", "-200ms"}, "--change-takes -200ms: want 0 or more"},
		{[]string{"--deploy-delay", "-1s"}, "--deploy-delay -1s: want 0 or more"},
		{[]string{"--delete-delay", "-1ns"}, "--delete-delay -1ns: want 0 or more"},
		{[]string{"--list-lag", "-1h"}, "--list-lag -1h0m0s: want 0 or more"},
		{[]string{"--list-lag", "5"}, `--list-lag "5": want a duration such as 500ms`},
		{[]string{"--rate-limit", "0"}, "--rate-limit 0: want 1 or more requests in five minutes, or -1 for no limit"},
		{[]string{"--rate-limit", "many"}, `--rate-limit "many": want a whole number`},
		{[]string{"--chaos", "-1"}, `--chaos "-1": want a whole number, 0 or more`},
		{[]string{"--tls=yes"}, `--tls "yes": want true or false`},
		{[]string{"--debug=yes"}, `--debug "yes": want true or false`},
		{[]string{"--tls-ca", missing}, "--tls-ca needs --tls"},
		{[]string{"--tls", "--tls-ca", ""}, "--tls-ca is empty: want the name of a file"},
		{[]string{"--tls", "--tls-ca", missing}, "its folder: no such file or directory"},
		{[]string{"--tls", "--tls-ca", key}, "it exists and is not the CA of an earlier run"},
		{[]string{"--tls", "--tls-ca", ca}, "it exists and is not the CA of an earlier run"},
		{[]string{"--tls", "--tls-ca", filepath.Dir(key)}, "is a directory"},
		{[]string{"--port", "1"}, "unknown flag: --port"},
	}
	for _, test := range tests {
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // ends a run that should not have begun
		var stdout, stderr strings.Builder
		code := cli.Run(ctx, newRoot(), append([]string{"serve", "--addr", "127.0.0.1:0"}, test.args...), &stdout, &stderr)
		first, rest, _ := strings.Cut(stderr.String(), "\n")
		if code != cli.Error || stdout.Len() > 0 || !strings.HasPrefix(first, "originpull: ") || !strings.Contains(first, test.want) ||
			rest != "See 'originpull serve --help'.\n" || strings.Contains(first, "of-mine") {
			t.Errorf("serve %q exits with %d and prints %q and %q; want status 2, %q, and where the help is", test.args, code, stdout.String(), stderr.String(), test.want)
		}
		if flag := lastFlag(test.args); !strings.Contains(first, flag) {
			t.Errorf("serve %q does not name the flag %s: %q", test.args, flag, first)
		}
	}
	if kept, err := os.ReadFile(key); err != nil || string(kept) != string(leaf.KeyPEM()) {
		t.Errorf("a key that --tls-ca names is not as it was: %v", err)
	}
}

// lastFlag returns the last flag of a command line, without its value.
func lastFlag(args []string) (flag string) {
	for _, arg := range args {
		if strings.HasPrefix(arg, "--") {
			flag, _, _ = strings.Cut(arg, "=")
		}
	}
	return flag
}

// TestServePortTaken: one prefix, what is wrong, what to do.
func TestServePortTaken(t *testing.T) {
	t.Parallel()
	first := start(t)
	addr := strings.TrimSuffix(strings.TrimPrefix(first.url, "http://"), "/client/v4")
	ca := filepath.Join(t.TempDir(), "ca.pem")
	for _, args := range [][]string{nil, {"--tls", "--tls-ca", ca}} {
		var stdout, stderr strings.Builder
		code := cli.Run(t.Context(), newRoot(), append([]string{"serve", "--addr", addr}, args...), &stdout, &stderr)
		want := "originpull: cannot listen on " + addr + ": bind: address already in use: choose another address with --addr; 127.0.0.1:0 takes a free port\nSee 'originpull serve --help'.\n"
		if code != cli.Error || stdout.Len() > 0 || stderr.String() != want {
			t.Errorf("on a port that is taken, serve %q exits with %d and prints %q and %q, want 2 and %q", args, code, stdout.String(), stderr.String(), want)
		}
	}
	if _, err := os.Stat(ca); err == nil {
		t.Error("the CA is written, and there is no server for it")
	}
}

// scene is what a client of serve sees of a zone.
type scene struct {
	list, upload, get, settings, otherZone int // HTTP statuses
	listed                                 int // certificates
	status                                 string
	sunset, deprecation                    bool
}

// look sends each request once.
func look(t *testing.T, s served) (seen scene) {
	t.Helper()
	client := s.client(t)
	certificate, key := originpulltest.KeyPair(t)
	upload, err := json.Marshal(map[string]string{"certificate": string(certificate), "private_key": string(key)})
	if err != nil {
		t.Fatal(err)
	}
	send := func(method, path, body string, result any) (int, http.Header) {
		r, err := http.NewRequestWithContext(t.Context(), method, s.url+"/zones/"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer any")
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if err := json.NewDecoder(response.Body).Decode(&struct{ Result any }{result}); err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, response.Header
	}
	var listed []originpulltest.Certificate
	var one originpulltest.Certificate
	status, header := send("GET", zone+"/origin_tls_client_auth", "", &listed)
	seen.list, seen.listed = status, len(listed)
	seen.deprecation, seen.sunset = header.Get("Deprecation") != "", header.Get("Sunset") != ""
	seen.upload, _ = send("POST", zone+"/origin_tls_client_auth", string(upload), &one)
	if len(listed) > 0 {
		one = listed[0]
	}
	if one.ID != "" {
		seen.get, _ = send("GET", zone+"/origin_tls_client_auth/"+one.ID, "", &one)
		seen.status = string(one.Status)
	}
	seen.settings, _ = send("PUT", zone+"/origin_tls_client_auth/settings", `{"enabled":true}`, &struct{}{})
	seen.otherZone, _ = send("GET", strings.Repeat("f", 32)+"/origin_tls_client_auth", "", &listed)
	return seen
}

// TestServeScene: what each flag changes for a client.
func TestServeScene(t *testing.T) {
	t.Parallel()
	leaf := testpki.Leaf("client", nil)
	both := pemFile(t, "both.pem", append(leaf.KeyPEM(), leaf.CertPEM()...))
	ca := testpki.CA("ca")
	issued := ca.Issue("issued", nil)
	chain := pemFile(t, "chain.pem", slices.Concat(issued.CertPEM(), issued.KeyPEM(), ca.CertPEM()))
	usual := scene{list: 200, upload: 200, get: 200, settings: 200, otherZone: 200, status: "active"}
	tests := map[string]struct {
		args   []string
		change func(*scene)
	}{
		"no flags":              {nil, func(*scene) {}},
		"HTTPS":                 {[]string{"--tls"}, func(*scene) {}},
		"read":                  {[]string{"--permission", "read"}, func(s *scene) { s.upload, s.settings, s.get, s.status = 403, 403, 0, "" }},
		"one zone":              {[]string{"--zone", zone}, func(s *scene) { s.otherZone = 403 }},
		"another zone":          {[]string{"--zone", strings.Repeat("F", 32)}, func(s *scene) { *s = scene{list: 403, upload: 403, settings: 403, otherZone: 200} }},
		"another token":         {[]string{"--token", "another"}, func(s *scene) { *s = scene{list: 403, upload: 403, settings: 403, otherZone: 403} }},
		"a certificate":         {[]string{"--zone", zone, "--certificate", both}, func(s *scene) { s.otherZone, s.listed = 403, 1 }},
		"a chain":               {[]string{"--zone", zone, "--certificate", chain}, func(s *scene) { s.otherZone, s.listed = 403, 1 }},
		"deployment fails":      {[]string{"--deployment-fails"}, func(s *scene) { s.status = "deployment_timed_out" }},
		"deprecated":            {[]string{"--deprecated"}, func(s *scene) { s.deprecation, s.sunset = true, true }},
		"deprecated, and fails": {[]string{"--deprecated", "--deployment-fails"}, func(s *scene) { s.deprecation, s.sunset, s.status = true, true, "deployment_timed_out" }},
		"rate limit":            {[]string{"--rate-limit", "1"}, func(s *scene) { *s = scene{list: 200, upload: 429, settings: 429, otherZone: 429} }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := usual
			test.change(&want)
			s := start(t, append([]string{"--deploy-delay", "0s"}, test.args...)...)
			if got := look(t, s); got != want {
				t.Errorf("with %q a client sees\n%+v, want\n%+v\n%s", test.args, got, want, s.logged)
			}
			if code := s.end(); code != cli.Done {
				t.Errorf("interrupted, serve exits with %d: %s", code, s.logged)
			}
		})
	}
}

// TestServeChangeTakes: of two uploads at once one is refused, while the other takes its
// time, which is not nothing unless a flag says so.
func TestServeChangeTakes(t *testing.T) {
	t.Parallel()
	if takes := newServe(new(bool)).Flags().Lookup("change-takes").DefValue; takes != "200ms" {
		t.Errorf("a change takes %s, want 200ms", takes)
	}
	s := start(t, "--change-takes", "1h")
	done := make(chan error, 2)
	for range 2 {
		zone := s.sdk(t) // of a client of its own: within one, uploads wait for each other
		pair, err := originpull.ParseKeyPair(originpulltest.KeyPair(t))
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			_, err := zone.Certificates.Upload(t.Context(), pair)
			done <- err
		}()
	}
	if err := <-done; !errors.Is(err, originpull.ErrConflict) {
		t.Errorf("the upload that does not wait for an hour ends with %v, want HTTP 409", err)
	}
	s.end()
	if err := <-done; err == nil {
		t.Error("serve has ended, and the upload in flight has succeeded")
	}
}

// TestServeChaosDeprecated: what goes wrong by chance also announces the end.
func TestServeChaosDeprecated(t *testing.T) {
	t.Parallel()
	f := serveFlags{chaotic: true, chaos: 1, deprecated: true, deploymentBad: true}
	rule, chaos := f.rule(), originpulltest.Chaos(1)
	replaced := false
	for number := range 1000 {
		request := originpulltest.Request{Number: number, Operation: "UploadCertificate"}
		got, want := rule(request), chaos(request)
		if got.Reject != want.Reject || got.Disconnect != want.Disconnect || !got.TimeOut || got.Response.Header.Get("Sunset") == "" {
			t.Fatalf("request %d: %s, want the headers added to: %s", number, got, want)
		}
		if want.Response != nil {
			replaced = true
			if got.Response.Status != want.Response.Status || want.Response.Header.Get("Sunset") != "" {
				t.Fatalf("request %d: the response is %+v, chaos wants %+v", number, got.Response, want.Response)
			}
			for name := range want.Response.Header {
				if got.Response.Header.Get(name) != want.Response.Header.Get(name) {
					t.Fatalf("request %d: the response has lost the header %s", number, name)
				}
			}
		}
	}
	if !replaced {
		t.Error("chaos replaced no response: try another seed")
	}
}

// TestServeDebug: with --debug the log says how a request arrived, and never with which
// credentials.
func TestServeDebug(t *testing.T) {
	t.Parallel()
	for _, debug := range []bool{true, false} {
		var args []string
		if debug {
			args = []string{"--debug"}
		}
		s := start(t, args...)
		r, err := http.NewRequestWithContext(t.Context(), "GET", s.url+"/zones/"+zone+"/origin_tls_client_auth", nil)
		if err != nil {
			t.Fatal(err)
		}
		token := testpki.Token()
		r.Header = http.Header{"Authorization": {"Bearer " + token}, "X-Auth-Key": {token}, "Cookie": {token}, "Accept": {"text/plain"}}
		response, err := s.client(t).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		s.end()
		logged := s.logged.String()
		if !strings.Contains(logged, "status=200") || strings.Contains(logged, "Accept: text/plain") != debug || strings.Contains(logged, "Authorization") != debug {
			t.Errorf("with debug %t the log is\n%s", debug, logged)
		}
		if strings.Contains(logged, token[8:16]) {
			t.Errorf("with debug %t the log shows a token", debug)
		}
	}
}

// TestServeZoneName: clients find the zones by the names that flags give them.
func TestServeZoneName(t *testing.T) {
	t.Parallel()
	other := strings.Repeat("ab", 16)
	s := start(t, "--zone-name", "example.com", "--zone-name", "example.net="+other)
	for name, want := range map[string]string{"example.com": zone, "example.net": other, "example.org": ""} {
		got := command(t.Context(), strings.NewReader("any"), "settings", "get", "--zone", name, "--base-url", s.url, "--token-file", "-", "-o", "columns=zone", "-o", "noheader")
		if strings.TrimSpace(got.stdout) != want || (got.code == cli.Done) != (want != "") {
			t.Errorf("the zone %s is %q: %s", name, got.stdout, got.stderr)
		}
	}
}
