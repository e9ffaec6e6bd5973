package probe_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/originpull/originpull-go/originpull/probe"
)

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusMovedPermanently)
	}
}

// TestCheckHTTP: an origin that serves plain HTTP is open, and only a closed port or a
// redirect to https is reported as good.
func TestCheckHTTP(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	edge := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Server", "cloudflare")
		redirect("https://www.example.com/")(w, r)
	}
	created := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "https://www.example.com/new")
		w.WriteHeader(http.StatusCreated)
	}
	id := newIdentity()
	tests := map[string]struct {
		address string
		want    probe.Verdict
		reason  string
	}{
		"content":                    {serve(t, nil, status(200)), probe.Off, "HTTP 200"},
		"not found":                  {serve(t, nil, status(404)), probe.Off, "HTTP 404"},
		"redirect to https":          {serve(t, nil, redirect("https://www.example.com/")), probe.NotOffered, "redirects"},
		"redirect to http":           {serve(t, nil, redirect("http://www.example.com/")), probe.Off, "HTTP 301"},
		"redirect to a path":         {serve(t, nil, redirect("/login")), probe.Off, "HTTP 301"},
		"content with a location":    {serve(t, nil, http.HandlerFunc(created)), probe.Off, "HTTP 201"},
		"forbidden":                  {serve(t, nil, status(403)), probe.Unknown, "Cloudflare's addresses"},
		"unavailable":                {serve(t, nil, status(503)), probe.Unknown, "HTTP 503"},
		"closed port":                {closed.Addr().String(), probe.NotOffered, "closed"},
		"closes the connection":      {raw(t, func(net.Conn) {}), probe.Unknown, "closed"},
		"not HTTP":                   {raw(t, func(c net.Conn) { c.Write([]byte("SSH-2.0-server\r\n")) }), probe.Unknown, "does not say"},
		"HTTPS":                      {serve(t, mutual(id), status(200)), probe.Unknown, "HTTP 400"},
		"the edge":                   {serve(t, nil, http.HandlerFunc(edge)), probe.Unknown, "edge"},
		"a name that does not exist": {"origin.invalid", probe.Unknown, "could not be resolved"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := probe.Target{Addresses: []string{test.address}, ServerNames: []string{serverName}, Resolver: noResolver()}
			results, err := probe.CheckHTTP(t.Context(), target)
			if err != nil || len(results) != 1 {
				t.Fatalf("%v, %v; want one result", results, err)
			}
			r := results[0]
			if r.Verdict != test.want || !strings.Contains(r.Reason, test.reason) || r.TLS != probe.PlainHTTP {
				t.Errorf("%v; want %q because of %q", r, test.want, test.reason)
			}
			if !strings.Contains(r.String(), "plain HTTP: "+string(test.want)) || strings.Contains(r.String(), "not verified") {
				t.Errorf("the result prints as %q, want that it is of plain HTTP, and nothing of certificates", r)
			}
			if r.Accepts() {
				t.Errorf("%v: Accepts is true, and no certificate was presented", r)
			}
			if remedy := r.Remedy(); (remedy == "") != (test.want == probe.NotOffered) || strings.Contains(remedy, "ssl_verify_client") {
				t.Errorf("the remedy for plain HTTP is %q", remedy)
			}
		})
	}
}

// TestCheckHTTPInput: bad input is an error before anything is sent, and the port is 80.
func TestCheckHTTPInput(t *testing.T) {
	t.Parallel()
	dialed := ""
	target := probe.Target{Addresses: []string{"192.0.2.1"}, Dial: func(_ context.Context, _, address string) (net.Conn, error) {
		dialed = address
		return nil, errors.New("no route")
	}}
	bad := target
	bad.Path = "status"
	if results, err := probe.CheckHTTP(t.Context(), bad); err == nil || results != nil || dialed != "" {
		t.Errorf("a bad path: %v, %v, connected to %q; want an error, and no connection", results, err, dialed)
	}
	results, err := probe.CheckHTTP(t.Context(), target)
	if err != nil || results[0].Verdict != probe.Unknown || dialed != "192.0.2.1:80" {
		t.Errorf("%v, %v, connected to %q; want unknown, and port 80", results, err, dialed)
	}
}

// TestCheckHTTPAgain: a port that is closed at first, as in a restart, is not reported as
// closed if it then is not.
func TestCheckHTTPAgain(t *testing.T) {
	t.Parallel()
	open, attempts := serve(t, nil, status(403)), atomic.Int32{}
	target := probe.Target{Addresses: []string{open}, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		if attempts.Add(1) == 1 {
			return nil, syscall.ECONNREFUSED
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
	results, err := probe.CheckHTTP(t.Context(), target)
	if err != nil || results[0].Verdict != probe.Unknown || results[0].Observations[0].Attempts != 2 {
		t.Errorf("%v, %v; want unknown after two attempts", results, err)
	}
}
