package probe_test

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/probe"
)

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// byCertificate responds with one handler to requests with a certificate of our CA, and
// with the other to the rest.
func byCertificate(id identity, ours, others http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, c := range r.TLS.PeerCertificates {
			if c.CheckSignatureFrom(id.ca.Certificate) == nil {
				ours(w, r)
				return
			}
		}
		others(w, r)
	}
}

func hangUp(w http.ResponseWriter, _ *http.Request) {
	connection, _, _ := w.(http.Hijacker).Hijack()
	connection.(*tls.Conn).NetConn().Close() // without an alert
}

func endless(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusBadRequest)
	for {
		if _, err := w.Write(make([]byte, 1<<16)); err != nil {
			return
		}
	}
}

// TestGo probes Go servers of all modes.
func TestGo(t *testing.T) {
	t.Parallel()
	id, another := newIdentity(), testpki.CA("another CA")
	found := status(http.StatusNotFound)
	tests := []struct {
		mode    string
		auth    tls.ClientAuthType
		ca      testpki.Pair
		handler http.HandlerFunc
		want    probe.Verdict
		reason  string // a part of it, if any
	}{
		{"RequireAndVerifyClientCert", tls.RequireAndVerifyClientCert, id.ca, found, probe.Enforced, ""},
		{"RequireAndVerifyClientCert, 503 from the program", tls.RequireAndVerifyClientCert, id.ca, status(http.StatusServiceUnavailable), probe.Unknown, "503"},
		{"RequireAndVerifyClientCert, 502 from the program", tls.RequireAndVerifyClientCert, id.ca, status(http.StatusBadGateway), probe.Enforced, ""},
		{"RequireAndVerifyClientCert, wrong CA", tls.RequireAndVerifyClientCert, another, found, probe.Refused, ""},
		{"RequireAndVerifyClientCert, 403 to all", tls.RequireAndVerifyClientCert, id.ca, status(http.StatusForbidden), probe.Unknown, "address of this machine"},
		{"VerifyClientCertIfGiven", tls.VerifyClientCertIfGiven, id.ca, found, probe.Optional, "refuses a stranger's"},
		{"VerifyClientCertIfGiven, wrong CA", tls.VerifyClientCertIfGiven, another, found, probe.Refused, ""},
		{"VerifyClientCertIfGiven, 403 without one", tls.VerifyClientCertIfGiven, id.ca, byCertificate(id, found, status(http.StatusForbidden)), probe.Enforced, ""},
		{"RequestClientCert", tls.RequestClientCert, id.ca, found, probe.Optional, "accepts a stranger's too"},
		{"RequestClientCert, 403 unless ours", tls.RequestClientCert, id.ca, byCertificate(id, found, status(http.StatusForbidden)), probe.Enforced, ""},
		{"RequestClientCert, 403 to ours", tls.RequestClientCert, id.ca, byCertificate(id, status(http.StatusForbidden), found), probe.Refused, ""},
		{"RequestClientCert, 403 to all", tls.RequestClientCert, id.ca, status(http.StatusForbidden), probe.Unknown, "Cloudflare's addresses"},
		{"RequestClientCert, 302 unless ours", tls.RequestClientCert, id.ca, byCertificate(id, found, status(http.StatusFound)), probe.Unknown, "error page"},
		{"RequestClientCert, 503 unless ours", tls.RequestClientCert, id.ca, byCertificate(id, found, status(http.StatusServiceUnavailable)), probe.Unknown, "503"},
		{"RequestClientCert, closes unless ours", tls.RequestClientCert, id.ca, byCertificate(id, found, hangUp), probe.Enforced, ""},
		{"RequestClientCert, closes on all", tls.RequestClientCert, id.ca, hangUp, probe.Unknown, "neither a refusal nor an acceptance"},
		{"RequireAnyClientCert", tls.RequireAnyClientCert, id.ca, found, probe.Any, ""},
		{"RequireAnyClientCert, 302 unless ours", tls.RequireAnyClientCert, id.ca, byCertificate(id, found, status(http.StatusFound)), probe.Unknown, "error page"},
		{"NoClientCert", tls.NoClientCert, id.ca, found, probe.Off, ""},
		{"NoClientCert, 403 to all", tls.NoClientCert, id.ca, status(http.StatusForbidden), probe.Unknown, "<Location>"},
		{"NoClientCert, closes on all", tls.NoClientCert, id.ca, hangUp, probe.Unknown, ""},
		{"NoClientCert, endless 400", tls.NoClientCert, id.ca, endless, probe.Unknown, ""},
	}
	rows := newTable(t)
	for _, test := range tests {
		config := &tls.Config{Certificates: []tls.Certificate{id.origin.TLS()}, ClientAuth: test.auth, ClientCAs: test.ca.Pool()}
		results := check(t, serve(t, config, test.handler), id.certificates())
		rows.add(t, "Go "+test.mode, results, test.want)
		for _, r := range results {
			if !strings.Contains(r.Reason, test.reason) {
				t.Errorf("%s: the reason is %q, want %q in it", test.mode, r.Reason, test.reason)
			}
		}
	}
}

// TestVersions: a version that is not offered says nothing, and does not hide the other.
func TestVersions(t *testing.T) {
	t.Parallel()
	id := newIdentity()
	rows := newTable(t)
	for _, test := range []struct {
		mode     string
		min, max uint16
		want     []probe.Verdict
	}{
		{"TLS 1.2 only", tls.VersionTLS12, tls.VersionTLS12, []probe.Verdict{probe.Enforced, probe.NotOffered}},
		{"TLS 1.3 only", tls.VersionTLS13, tls.VersionTLS13, []probe.Verdict{probe.NotOffered, probe.Enforced}},
		{"TLS 1.1 only", tls.VersionTLS11, tls.VersionTLS11, []probe.Verdict{probe.Unknown}},
	} {
		config := &tls.Config{Certificates: []tls.Certificate{id.origin.TLS()}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: id.ca.Pool(), MinVersion: test.min, MaxVersion: test.max}
		rows.add(t, test.mode, check(t, serve(t, config, status(http.StatusOK)), id.certificates()), test.want...)
	}
	// Its alert is "handshake failure" too, and about something else.
	config := &tls.Config{Certificates: []tls.Certificate{id.origin.TLS()}, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_RC4_128_SHA}}
	rows.add(t, "no common cipher", check(t, serve(t, config, status(http.StatusOK)), id.certificates()), probe.Unknown, probe.NotOffered)
	// A server of before TLS 1.3 picks TLS 1.2 instead of sending an alert.
	address := raw(t, func(connection net.Conn) {
		connection.Read(make([]byte, 1<<12))
		hello := append([]byte{22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3}, make([]byte, 32)...)
		connection.Write(append(hello, 0, 0xc0, 0x2b, 0))
		connection.(*net.TCPConn).CloseWrite()
		io.Copy(io.Discard, connection)
	})
	if r := check(t, address, id.certificates())[1]; len(r.Observations) != 1 || r.Observations[0].Outcome != probe.VersionRejected {
		t.Errorf("a server that picks TLS 1.2 for a client of 1.3: %v, want that the version is not offered", r.Observations)
	}
}

// raw serves connections that are not of a Go server.
func raw(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			handle(connection)
			connection.Close()
		}
	}()
	t.Cleanup(func() { listener.Close(); <-done })
	return listener.Addr().String()
}

// TestNotAnOrigin: what does not speak TLS or HTTP is unknown, with the reason.
func TestNotAnOrigin(t *testing.T) {
	t.Parallel()
	id := newIdentity()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free.Close()
	config := &tls.Config{Certificates: []tls.Certificate{id.origin.TLS()}}
	edge := func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Server", "cloudflare") }
	tests := map[string]struct {
		address string
		adjust  func(*probe.Target)
		reason  string
	}{
		"plain HTTP":         {address: serve(t, nil, status(http.StatusOK)), reason: "plain HTTP"},
		"noise":              {address: raw(t, func(c net.Conn) { c.Read(make([]byte, 1<<12)); c.Write([]byte("220 mail ready\r\n")) }), reason: "does not speak TLS"},
		"closes at once":     {address: raw(t, func(net.Conn) {}), reason: "neither a refusal nor an acceptance"},
		"nothing listens":    {address: free.Addr().String(), reason: "could not be reached"},
		"Cloudflare's edge":  {address: serve(t, config, http.HandlerFunc(edge)), reason: "Cloudflare's edge and not your origin"},
		"not verified":       {address: serve(t, config, status(http.StatusOK)), adjust: func(p *probe.Target) { p.RootCAs = id.ca.Pool() }, reason: "own certificate does not pass"},
		"another name":       {address: serve(t, config, status(http.StatusOK)), adjust: func(p *probe.Target) { p.RootCAs, p.ServerNames = id.origin.Pool(), []string{"other.example.com"} }, reason: "own certificate does not pass"},
		"endless header":     {address: serve(t, config, headers(1<<20)), reason: "no HTTP response"},
		"only interim ones":  {address: tlsRaw(t, config, strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 1<<14)), reason: "no HTTP response"},
		"no HTTP in TLS":     {address: tlsRaw(t, config, "\x1b[31m hello\r\n"), reason: "no HTTP response"},
		"another protocol":   {address: serve(t, &tls.Config{Certificates: config.Certificates, GetConfigForClient: onlyAnother(config)}, status(http.StatusOK)), reason: "no application protocol"},
		"a name that is not": {address: "origin.invalid", adjust: func(p *probe.Target) { p.Resolver = noResolver() }, reason: "could not be resolved"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			adjust := func(p *probe.Target) {
				if test.adjust != nil {
					test.adjust(p)
				}
			}
			for _, r := range check(t, test.address, id.certificates(), adjust) {
				if r.Verdict != probe.Unknown || !strings.Contains(r.Reason, test.reason) || r.Accepts() {
					t.Errorf("%v: want unknown, because %q", r, test.reason)
				}
				if strings.ContainsRune(r.String(), '\x1b') {
					t.Errorf("a text of the origin is not escaped: %q", r.String())
				}
			}
		})
	}
}

func headers(size int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Long", strings.Repeat("x", size)) }
}

// tlsRaw sends text in place of an HTTP response.
func tlsRaw(t *testing.T, config *tls.Config, text string) string {
	return raw(t, func(connection net.Conn) {
		secure := tls.Server(connection, config)
		secure.Read(make([]byte, 1<<12))
		secure.Write([]byte(text))
		secure.Close()
	})
}

func onlyAnother(config *tls.Config) func(*tls.ClientHelloInfo) (*tls.Config, error) {
	return func(*tls.ClientHelloInfo) (*tls.Config, error) {
		return &tls.Config{Certificates: config.Certificates, NextProtos: []string{"another"}}, nil
	}
}

// TestRequest: what is sent is one GET on each connection, and redirects are not followed.
func TestRequest(t *testing.T) {
	t.Parallel()
	id := newIdentity()
	var requests, others atomic.Int32
	handler := func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		if r.Method != http.MethodGet || r.RequestURI != probe.DefaultPath || r.Host != serverName || r.TLS.ServerName != serverName || r.Proto != "HTTP/1.1" || r.TLS.DidResume || !r.Close {
			others.Add(1)
		}
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	}
	config := &tls.Config{Certificates: []tls.Certificate{id.origin.TLS()}}
	address := serve(t, config, http.HandlerFunc(handler))
	results := check(t, address, id.certificates(), func(p *probe.Target) { p.RootCAs = id.origin.Pool() })
	for _, r := range results {
		if r.Verdict != probe.Off || !r.Verified {
			t.Errorf("an origin that redirects: %v, verified %t; want off and verified", r, r.Verified)
		}
	}
	if requests.Load() != 8 || others.Load() != 0 {
		t.Errorf("the origin got %d requests, %d of them not as promised; want 4 for each TLS version", requests.Load(), others.Load())
	}
}

// TestClosingByChance: connections that the network closes must not pass for refusals.
func TestClosingByChance(t *testing.T) {
	t.Parallel()
	id := newIdentity()
	for closed := range int32(12) {
		var left atomic.Int32
		left.Store(closed)
		config := &tls.Config{Certificates: []tls.Certificate{id.origin.TLS()}, ClientAuth: tls.RequestClientCert, MinVersion: tls.VersionTLS13}
		others := func(w http.ResponseWriter, r *http.Request) {
			if left.Add(-1) >= 0 {
				hangUp(w, r)
				return
			}
			w.WriteHeader(http.StatusOK)
		}
		r := check(t, serve(t, config, byCertificate(id, status(http.StatusOK), others)), id.certificates())[1]
		// Each of the two is tried twice, and all once more.
		if enforced := r.Verdict == probe.Enforced; enforced != (closed >= 8) {
			t.Errorf("after %d connections without an accepted certificate were closed, the origin responds: %v", closed, r)
		}
	}
}

// TestSeveralServers: servers behind one address that differ must not pass for one that
// tells certificates apart.
func TestSeveralServers(t *testing.T) {
	t.Parallel()
	id := newIdentity()
	found, forbidden := status(http.StatusNotFound), status(http.StatusForbidden)
	tests := map[string]struct {
		auth     tls.ClientAuthType
		handlers []http.HandlerFunc // of the requests, the last of all after it
		closed   int32              // connections, before a certificate is requested
	}{
		"403 to the first, none requested":     {tls.NoClientCert, []http.HandlerFunc{forbidden, found}, 0},
		"403 to the first two, none requested": {tls.NoClientCert, []http.HandlerFunc{forbidden, forbidden, found}, 0},
		"closed to none and the stranger's": {tls.NoClientCert, []http.HandlerFunc{
			hangUp, hangUp, hangUp, hangUp, found, found, hangUp, hangUp, hangUp, hangUp, found,
		}, 0},
		"closed before one was requested": {tls.RequestClientCert, []http.HandlerFunc{found}, 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests, connections atomic.Int32
			config := &tls.Config{Certificates: []tls.Certificate{id.origin.TLS()}, ClientAuth: test.auth, MinVersion: tls.VersionTLS13}
			config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
				if slices.Contains(hello.SupportedVersions, tls.VersionTLS13) && connections.Add(1) <= test.closed {
					hello.Conn.Close()
				}
				return nil, nil
			}
			handler := func(w http.ResponseWriter, r *http.Request) {
				n := int(requests.Add(1)) - 1
				test.handlers[min(n, len(test.handlers)-1)](w, r)
			}
			if r := check(t, serve(t, config, http.HandlerFunc(handler)), id.certificates())[1]; r.Verdict != probe.Unknown {
				t.Errorf("%v\n%swant unknown", r, lines(r.Observations))
			}
		})
	}
}
