package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/testorigin"
	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/probe"
)

const originName = "www.example.com"

// originFiles are the files of an operator, and what is in them.
type originFiles struct {
	origin, ca, client      testpki.Pair
	originCA, cert, keyFile string
}

func newOriginFiles(t *testing.T) originFiles {
	named := func(c *x509.Certificate) { c.DNSNames = []string{originName} }
	f := originFiles{origin: testpki.Leaf(originName, named), ca: testpki.CA("our CA")}
	f.client = f.ca.Issue("client", nil)
	f.originCA = pemFile(t, "origin-ca.pem", f.origin.CertPEM())
	f.cert, f.keyFile = pemFile(t, "client.pem", f.client.CertPEM()), pemFile(t, "client.key", f.client.KeyPEM())
	return f
}

// check runs origin check with the files, without plain HTTP unless args ask for it.
func (f originFiles) check(t *testing.T, args ...string) ran {
	t.Helper()
	all := []string{"origin", "check", "--server-name", originName, "--cert", f.cert, "--key", f.keyFile, "--origin-ca", f.originCA, "--timeout", "1m", "--http-port", "0"}
	return command(t.Context(), strings.NewReader(""), append(all, args...)...)
}

// checkJSON returns the rows that origin check prints as JSON, and its exit status.
func (f originFiles) checkJSON(t *testing.T, args ...string) ([]originRow, int) {
	t.Helper()
	got := f.check(t, append(args, "-o", "json")...)
	var rows []originRow
	if err := json.Unmarshal([]byte(got.stdout), &rows); err != nil {
		t.Fatalf("origin check %q prints %q and %q: %v", args, got.stdout, got.stderr, err)
	}
	return rows, got.code
}

// serve serves HTTPS with a config, plain HTTP if it is nil, and returns the address.
func (f originFiles) serve(t *testing.T, config *tls.Config, handler http.Handler) string {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	if server.TLS = config; config == nil {
		server.Start()
	} else {
		config.Certificates = []tls.Certificate{f.origin.TLS()}
		server.StartTLS()
	}
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// enforcing returns the config of an origin that enforces.
func (f originFiles) enforcing() *tls.Config {
	return &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: f.ca.Pool()}
}

// wantStatus returns the exit status that is right for verdicts.
func wantStatus(verdicts ...probe.Verdict) int {
	status := cli.Done
	for _, v := range verdicts {
		switch v {
		case probe.Enforced, probe.NotOffered:
		case probe.Unknown:
			if status == cli.Done {
				status = cli.Unknown
			}
		default:
			status = cli.Failed
		}
	}
	return status
}

// TestOriginCheckServers: the verdict and the exit status on the servers of Debian, in all
// modes: what an operator takes for the truth about an origin.
func TestOriginCheckServers(t *testing.T) {
	t.Parallel()
	for _, server := range testorigin.Servers() {
		t.Run(server.Name, func(t *testing.T) {
			t.Parallel()
			f := newOriginFiles(t)
			addresses := server.StartModes(t, append(f.origin.CertPEM(), f.origin.KeyPEM()...), f.ca.CertPEM(), testpki.CA("another CA").CertPEM())
			for i, mode := range server.Modes {
				rows, code := f.checkJSON(t, addresses[i])
				if len(rows) != 2 {
					t.Fatalf("%s %s: %d rows, want one of TLS 1.2 and one of 1.3", server.Name, mode.Name, len(rows))
				}
				for j, r := range rows {
					if r.Verdict != mode.Verdict(j) || r.TLS != []string{"1.2", "1.3"}[j] {
						t.Errorf("%s %s is reported as %v, want %q", server.Name, mode.Name, r.Result, mode.Verdict(j))
					}
					if good := r.Verdict == probe.Enforced || r.Verdict == probe.NotOffered; (r.Remedy == "") != good {
						t.Errorf("%s %s: %s, and the remedy is %q", server.Name, mode.Name, r.Verdict, r.Remedy)
					}
				}
				if want := wantStatus(mode.Verdict(0), mode.Verdict(1)); code != want {
					t.Errorf("%s %s: exit status %d, want %d: %v", server.Name, mode.Name, code, want, rows)
				}
			}
		})
	}
}

// TestOriginCheckStatus: one bad row is enough, what is known outweighs what is not, and
// what is not offered counts for nothing.
func TestOriginCheckStatus(t *testing.T) {
	t.Parallel()
	for verdicts, want := range map[string]int{
		"enforced": 0, "enforced,not offered": 0, "enforced,optional": 1, "off": 1, "any": 1, "refused": 1,
		"unknown": 3, "enforced,unknown": 3, "unknown,off": 1, "off,unknown": 1, "not offered,unknown": 3,
	} {
		var rows []originRow
		for v := range strings.SplitSeq(verdicts, ",") {
			rows = append(rows, originRow{Result: probe.Result{Verdict: probe.Verdict(v)}})
		}
		got := cli.Done
		if status, ok := originStatus(rows).(*cli.Status); ok {
			got = status.Code
		}
		if got != want {
			t.Errorf("%s: exit status %d, want %d", verdicts, got, want)
		}
		if said := conclusion(rows); strings.Contains(said, "NOT enforce") != (want == 1) || strings.Contains(said, "NOT KNOWN") != (want == 3) {
			t.Errorf("%s: the last line is %q", verdicts, said)
		}
	}
}

// TestOriginCheckHTTP: an origin that enforces is open all the same if it serves plain HTTP.
func TestOriginCheckHTTP(t *testing.T) {
	t.Parallel()
	f := newOriginFiles(t)
	secure := f.serve(t, f.enforcing(), http.NotFoundHandler())
	tests := map[string]struct {
		plain   http.Handler // nil for a closed port
		want    probe.Verdict
		code    int
		printed string
	}{
		"content":  {http.NotFoundHandler(), probe.Off, cli.Failed, "The origin does NOT enforce your certificate: 1 row of 3"},
		"redirect": {http.RedirectHandler("https://"+originName, http.StatusFound), probe.NotOffered, cli.Done, "The origin enforces your certificate."},
		"closed":   {nil, probe.NotOffered, cli.Done, "The origin enforces your certificate."},
		"403":      {http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }), probe.Unknown, cli.Unknown, "It is NOT KNOWN"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := testorigin.FreeAddresses(t, 1)[0]
			if test.plain != nil {
				address = f.serve(t, nil, test.plain)
			}
			_, port, _ := strings.Cut(address, ":")
			rows, code := f.checkJSON(t, secure, "--http-port", port)
			if code != test.code || len(rows) != 3 || rows[2].Verdict != test.want || rows[2].TLS != probe.PlainHTTP || rows[2].Address != address {
				t.Errorf("exit status %d, rows %v; want %d, and plain HTTP as the third row: %s", code, rows, test.code, test.want)
			}
			if got := f.check(t, secure, "--http-port", port); !strings.Contains(got.stderr, test.printed) {
				t.Errorf("standard error says %q, want %q", got.stderr, test.printed)
			}
		})
	}
}

// TestOriginCheckWords: the table and the words below it say what is wrong, what was seen,
// and what to change.
func TestOriginCheckWords(t *testing.T) {
	t.Parallel()
	f := newOriginFiles(t)
	shared := testpki.CA("origin-pull.cloudflare.net").Pool()
	shared.AddCert(f.ca.Certificate)
	nginx := func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Server", "nginx/1.22.1") }
	optional := f.serve(t, &tls.Config{ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: shared}, http.HandlerFunc(nginx))
	tests := map[string]struct {
		args           []string
		stdout, stderr []string
		not            string
	}{
		"table": {
			args:   []string{optional},
			stdout: []string{"ADDRESS", "VERDICT", "1.2  optional", "1.3  optional", "accepts requests without one"},
			stderr: []string{
				"warning: everyone can send requests", "the pulls of every Cloudflare customer", "(" + optional + " " + originName + " TLS 1.2 and 1.3)",
				"hint: CAs that the origin names as acceptable, which proves nothing: yours, Cloudflare's shared",
				"to do: Require a client certificate of your CA:", "\n    ssl_verify_client on;\n", "does NOT enforce",
			},
			not: "SSLVerifyClient",
		},
		"wide": {
			args:   []string{optional, "-o", "wide"},
			stdout: []string{"STRANGER", "HTTP 200", `TLS alert "unknown certificate authority"`, "yours, Cloudflare's shared", "true", "nginx/1.22.1"},
		},
		"lines": {
			args:   []string{optional, "-o", "jsonl"},
			stdout: []string{"}\n{", `"verdict":"optional"`, `"remedy":"Require`, `"shared":true`, `"certificate":"stranger"`},
			not:    "warning:",
		},
		"columns": {args: []string{optional, "-o", "noheader", "-o", "columns=tls,verdict"}, stdout: []string{"1.2  optional\n1.3  optional\n"}},
		"refused": {
			args:   []string{f.serve(t, &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: testpki.CA("another CA").Pool()}, http.NotFoundHandler())},
			stdout: []string{"refuses yours"},
			stderr: []string{"proves nothing: CN=another CA", "to do: Let the origin trust the CA of your certificate", "SSLVerifyClient require"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := f.check(t, test.args...)
			for _, want := range test.stdout {
				if !strings.Contains(got.stdout, want) {
					t.Errorf("standard output lacks %q:\n%s", want, got.stdout)
				}
			}
			for _, want := range test.stderr {
				if !strings.Contains(got.stderr, want) {
					t.Errorf("standard error lacks %q:\n%s", want, got.stderr)
				}
			}
			if test.not != "" && strings.Contains(got.stdout+got.stderr, test.not) {
				t.Errorf("%q is printed:\n%s%s", test.not, got.stdout, got.stderr)
			}
		})
	}
}

// TestOriginCheckNoPair: without a certificate nothing is enforced, and the user reads why.
func TestOriginCheckNoPair(t *testing.T) {
	t.Parallel()
	f := newOriginFiles(t)
	address := f.serve(t, f.enforcing(), http.NotFoundHandler())
	got := command(t.Context(), strings.NewReader(""), "origin", "check", address, "--http-port", "0")
	if got.code != cli.Unknown || !strings.Contains(got.stderr, "give --cert and --key") || !strings.Contains(got.stdout, "unknown") {
		t.Errorf("exit status %d: %s%s", got.code, got.stdout, got.stderr)
	}
}

// TestOriginCheckConnect: --connect says where, HOST and --server-name what is asked for.
func TestOriginCheckConnect(t *testing.T) {
	t.Parallel()
	f := newOriginFiles(t)
	var hosts atomic.Value
	handler := func(_ http.ResponseWriter, r *http.Request) {
		hosts.Store(r.Host + " " + r.TLS.ServerName + " " + r.URL.Path)
	}
	address := f.serve(t, f.enforcing(), http.HandlerFunc(handler))
	host, port, _ := strings.Cut(address, ":")
	for _, connect := range []string{address, host} { // the latter has the port of HOST
		got := command(t.Context(), strings.NewReader(""), "origin", "check", "origin.invalid:"+port, "--connect", connect, "--cert", f.cert, "--key", f.keyFile,
			"--path", "/status", "--http-port", "0", "-o", "noheader", "-o", "columns=address,name,verdict")
		if row := address + "  origin.invalid  enforced\n"; got.code != cli.Done || got.stdout != row+row || hosts.Load() != "origin.invalid origin.invalid /status" {
			t.Errorf("--connect %s: exit status %d, %s%s; the origin was asked for %v", connect, got.code, got.stdout, got.stderr, hosts.Load())
		}
	}
}

// TestOriginCheckInput: bad input ends with status 2 before anything is sent.
func TestOriginCheckInput(t *testing.T) {
	t.Parallel()
	f := newOriginFiles(t)
	var connections atomic.Int32
	config := f.enforcing()
	config.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { connections.Add(1); return nil, nil }
	address := f.serve(t, config, http.NotFoundHandler())
	serverOnly := f.ca.Issue("server only", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })
	serverFile := pemFile(t, "server.pem", append(serverOnly.CertPEM(), serverOnly.KeyPEM()...))
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"no host":               {nil, "HOST[:PORT] is missing"},
		"two hosts":             {[]string{address, "192.0.2.2"}, `unexpected argument "192.0.2.2"`},
		"a URL":                 {[]string{"https://" + address + "/"}, "not a URL"},
		"an empty host":         {[]string{""}, "want a host"},
		"a port that is none":   {[]string{"192.0.2.1:https"}, "want a host or host:port"},
		"a host of two words":   {[]string{"origin example"}, "host name in ASCII"},
		"a bad --connect":       {[]string{address, "--connect", address + "/x"}, "not a URL"},
		"a bad --server-name":   {[]string{address, "--server-name", "a b"}, "server name"},
		"a bad --path":          {[]string{address, "--path", "status"}, "path"},
		"no time":               {[]string{address, "--timeout", "0"}, "--timeout"},
		"a bad --timeout":       {[]string{address, "--timeout", "soon"}, `--timeout "soon": want a duration`},
		"a bad --http-port":     {[]string{address, "--http-port", "65536"}, "--http-port"},
		"no interval":           {[]string{address, "--watch", "--interval", "0s"}, "--interval"},
		"an interval alone":     {[]string{address, "--interval", "1s"}, "--interval needs --watch"},
		"an endless array":      {[]string{address, "--watch", "-o", "json"}, "jsonl"},
		"a certificate alone":   {[]string{address, "--key", ""}, "belong together"},
		"no such certificate":   {[]string{address, "--cert", "none.pem"}, "none.pem"},
		"another key":           {[]string{address, "--key", serverFile}, "next: "},
		"serverAuth alone":      {[]string{address, "--cert", serverFile, "--key", serverFile}, "lacks clientAuth"},
		"no such CA":            {[]string{address, "--origin-ca", "none.pem"}, "none.pem"},
		"an empty CA":           {[]string{address, "--origin-ca", ""}, "--origin-ca"},
		"a CA that is none":     {[]string{address, "--origin-ca", f.keyFile}, "want certificates and nothing else"},
		"a format that is none": {[]string{address, "-o", "xml"}, "want table, wide, json"},
	} {
		t.Run(name, func(t *testing.T) {
			got := f.check(t, test.args...)
			if got.code != cli.Error || !strings.Contains(got.stderr, test.want) || got.stdout != "" {
				t.Errorf("exit status %d, printed %q and %q; want 2 and %q", got.code, got.stdout, got.stderr, test.want)
			}
		})
	}
	if connections.Load() != 0 {
		t.Errorf("%d connections were made with bad input", connections.Load())
	}
}

// TestOriginCheckDebug: what was observed is logged, and no key.
func TestOriginCheckDebug(t *testing.T) {
	t.Parallel()
	f := newOriginFiles(t)
	got := f.check(t, f.serve(t, f.enforcing(), http.NotFoundHandler()), "--debug")
	if want := `observation="with your certificate: HTTP 404"`; strings.Count(got.stderr, want) != 2 {
		t.Errorf("the log has not two lines with %s:\n%s", want, got.stderr)
	}
}
