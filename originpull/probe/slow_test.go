package probe_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/originpull/originpulltest"
	"github.com/originpull/originpull-go/originpull/probe"
)

// noResolver is a resolver without a network.
func noResolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no network")
	}}
}

// after responds when a time has passed, or never.
func after(d time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(d):
			w.WriteHeader(http.StatusOK)
		case <-r.Context().Done():
		}
	}
}

// hangingPage responds with a page that does not end.
func hangingPage(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(http.StatusBadRequest)
	w.(http.Flusher).Flush()
	<-r.Context().Done()
}

// slowOrigin listens in memory, inside a bubble.
func slowOrigin(t *testing.T, id identity, auth tls.ClientAuthType, handler http.Handler) func(*probe.Target) {
	listener := originpulltest.NewListener()
	config := &tls.Config{Certificates: []tls.Certificate{id.origin.TLS()}, ClientAuth: auth, ClientCAs: id.ca.Pool()}
	listen(t, listener, config, handler)
	return func(p *probe.Target) { p.Dial = listener.Dial }
}

const address = "192.0.2.1"

// TestSlow: a response may take its time, and a timeout is not a refusal.
func TestSlow(t *testing.T) {
	t.Parallel()
	never := 24 * time.Hour
	tests := map[string]struct {
		auth    tls.ClientAuthType
		handler func(identity) http.HandlerFunc
		timeout time.Duration
		want    probe.Verdict
		reason  string
		most    time.Duration // for the whole of Check
	}{
		"slow":                     {tls.RequireAndVerifyClientCert, func(identity) http.HandlerFunc { return after(9 * time.Second) }, 0, probe.Enforced, "", time.Minute},
		"too slow":                 {tls.NoClientCert, func(identity) http.HandlerFunc { return after(11 * time.Second) }, 0, probe.Unknown, "not a refusal", 20 * time.Second},
		"slow, with time":          {tls.NoClientCert, func(identity) http.HandlerFunc { return after(11 * time.Second) }, time.Minute, probe.Off, "", time.Minute},
		"hangs":                    {tls.NoClientCert, func(identity) http.HandlerFunc { return after(never) }, time.Second, probe.Unknown, "not a refusal", 2 * time.Second},
		"hangs unless it is ours":  {tls.RequestClientCert, func(id identity) http.HandlerFunc { return byCertificate(id, status(200), after(never)) }, 0, probe.Unknown, "not a refusal", 20 * time.Second},
		"hangs with ours":          {tls.RequireAndVerifyClientCert, func(identity) http.HandlerFunc { return after(never) }, 0, probe.Unknown, "with your certificate: timed out", 40 * time.Second},
		"400, and the page hangs":  {tls.RequestClientCert, func(identity) http.HandlerFunc { return hangingPage }, 0, probe.Unknown, "HTTP 400 to all", time.Second},
		"optional, hangs for ours": {tls.RequestClientCert, func(id identity) http.HandlerFunc { return byCertificate(id, after(never), status(200)) }, 0, probe.Optional, "", 40 * time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				id, start := newIdentity(), time.Now()
				results := check(t, address, id.certificates(), slowOrigin(t, id, test.auth, test.handler(id)), func(p *probe.Target) { p.Timeout = test.timeout })
				for _, r := range results {
					if r.Verdict != test.want || !strings.Contains(r.Reason, test.reason) {
						t.Errorf("%v\n%swant %q because %q", r, lines(r.Observations), test.want, test.reason)
					}
					if name == "optional, hangs for ours" && r.Accepts() {
						t.Errorf("%v: it never responded to our certificate, which is reported as accepted", r)
					}
				}
				if took := time.Since(start); took > test.most {
					t.Errorf("Check took %v, want at most %v", took, test.most)
				}
			})
		})
	}
}

// TestContext: the context bounds everything, and what was not probed is unknown.
func TestContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		id := newIdentity()
		target := probe.Target{Addresses: []string{address}, ServerNames: []string{serverName, "b.example.com", "c.example.com", "d.example.com", "e.example.com"}}
		slowOrigin(t, id, tls.NoClientCert, after(8*time.Second))(&target)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		results, err := probe.Check(ctx, target, id.certificates())
		if err != nil || len(results) != 10 || time.Since(start) > 5*time.Second {
			t.Errorf("%d results after %v, %v; want 10 after five seconds", len(results), time.Since(start), err)
		}
		for _, r := range results {
			if r.Verdict != probe.Unknown {
				t.Errorf("%v: the context ended before the origin responded", r)
			}
		}
	})
}

// TestParallel: eight rows at most are probed at the same time.
func TestParallel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		target := probe.Target{ServerNames: []string{serverName}}
		for _, last := range "123456789" {
			target.Addresses = append(target.Addresses, "192.0.2."+string(last))
		}
		var mu sync.Mutex
		open, most := 0, 0
		count := func(change int) {
			mu.Lock()
			defer mu.Unlock()
			open += change
			most = max(most, open)
		}
		target.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
			count(1)
			defer count(-1)
			time.Sleep(time.Second)
			return nil, errors.New("no route")
		}
		results, err := probe.Check(t.Context(), target, probe.Certificates{})
		if err != nil || len(results) != 18 || most != 8 {
			t.Errorf("%d results, %d connections at the same time, %v; want 18 and 8", len(results), most, err)
		}
	})
}
