package probe_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/probe"
)

const serverName = "www.example.com"

func named(c *x509.Certificate) { c.DNSNames = []string{serverName} }

// identity is what a test needs: the origin's own certificate, a CA, and two leaves of it.
type identity struct {
	origin, ca, ours, old testpki.Pair
}

func newIdentity() identity {
	ca := testpki.CA("our CA")
	return identity{testpki.Leaf(serverName, named), ca, ca.Issue("ours", named), ca.Issue("the old one", nil)}
}

func (id identity) certificates() probe.Certificates {
	return probe.Certificates{New: id.ours.TLS(), Old: id.old.TLS()}
}

// listen serves HTTPS, or HTTP without a config, until the test ends.
func listen(t *testing.T, listener net.Listener, config *tls.Config, handler http.Handler) {
	t.Helper()
	server := &http.Server{Handler: handler, TLSConfig: config.Clone(), ErrorLog: log.New(io.Discard, "", 0)}
	server.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){} // no HTTP/2, which restricts the ciphers
	done := make(chan struct{})
	go func() {
		defer close(done)
		if config == nil {
			server.Serve(listener)
		} else {
			server.ServeTLS(listener, "", "")
		}
	}()
	t.Cleanup(func() { server.Close(); <-done })
}

// serve listens on a loopback port and returns its address.
func serve(t *testing.T, config *tls.Config, handler http.Handler) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen(t, listener, config, handler)
	return listener.Addr().String()
}

// check probes an address; the first result is that of TLS 1.2, the second that of 1.3.
func check(t *testing.T, address string, certificates probe.Certificates, adjust ...func(*probe.Target)) []probe.Result {
	t.Helper()
	// A busy machine is no reason for a timeout; tests of timeouts set their own.
	target := probe.Target{Addresses: []string{address}, ServerNames: []string{serverName}, Timeout: time.Minute}
	for _, a := range adjust {
		a(&target)
	}
	results, err := probe.Check(t.Context(), target, certificates)
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != 2 || results[0].TLS != "1.2" || results[1].TLS != "1.3" {
		t.Fatalf("results: %v, want one of TLS 1.2 and one of 1.3", results)
	}
	return results
}

// table collects rows and logs them when the test ends.
type table struct{ rows []string }

func newTable(t *testing.T) *table {
	table := &table{}
	t.Cleanup(func() {
		var b strings.Builder
		w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "server, mode\tTLS\tverdict\twithout a certificate\tstranger's\tours\told")
		for _, row := range table.rows {
			fmt.Fprintln(w, row)
		}
		w.Flush()
		t.Log("\n" + b.String())
	})
	return table
}

// add reports what was found out about a mode, and compares it with what is right.
func (table *table) add(t *testing.T, mode string, results []probe.Result, want ...probe.Verdict) {
	t.Helper()
	for i, r := range results {
		row := []string{mode, r.TLS, string(r.Verdict)}
		for _, o := range r.Observations {
			_, ending, _ := strings.Cut(o.String(), ": ")
			row = append(row, ending)
		}
		table.rows = append(table.rows, strings.Join(row, "\t"))
		if right := want[i%len(want)]; r.Verdict != right {
			t.Errorf("%s is reported as %q, and is %q: %v\n%s", mode, r.Verdict, right, r, lines(r.Observations))
		}
		if accepts := right(r.Verdict); r.Accepts() != accepts {
			t.Errorf("%s: Accepts of %q is %t, want %t", mode, r.Verdict, r.Accepts(), accepts)
		}
	}
}

// right reports whether pulls work with our certificate.
func right(v probe.Verdict) bool {
	return v == probe.Enforced || v == probe.Optional || v == probe.Any || v == probe.Off
}

func lines(observed []probe.Observation) string {
	var b strings.Builder
	for _, o := range observed {
		fmt.Fprintf(&b, "  %v\n", o)
	}
	return b.String()
}

// mutual is the configuration of an origin that enforces.
func mutual(id identity) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{id.origin.TLS()}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: id.ca.Pool()}
}
