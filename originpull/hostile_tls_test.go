package originpull_test

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/originpull/originpull-go/originpull"
)

// tlsServer is a server that counts the requests which reach it.
func tlsServer(t *testing.T, adjust func(*httptest.Server)) (server *httptest.Server, reached *atomic.Int64) {
	t.Helper()
	reached = new(atomic.Int64)
	server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached.Add(1)
		example(t, "Enabled").with("X-Proto", r.Proto).write(w)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	adjust(server)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server, reached
}

// TestOldTLS sends nothing to a server that knows no TLS 1.2.
func TestOldTLS(t *testing.T) {
	t.Parallel()
	server, reached := tlsServer(t, func(s *httptest.Server) {
		s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	})
	_, err := newZone(t, server.Client().Transport, originpull.WithBaseURL(server.URL)).Settings.Get(t.Context())
	if e := apiError(t, err); e.Status != 0 || reached.Load() != 0 {
		t.Errorf("a server of TLS 1.1 got %d requests: %v", reached.Load(), err)
	}
}

// TestUntrustedServer tries a server with a certificate that is not trusted once,
// and is in no doubt that nothing was uploaded.
func TestUntrustedServer(t *testing.T) {
	t.Parallel()
	server, reached := tlsServer(t, func(*httptest.Server) {})
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	for _, op := range operations(t) {
		_, err := op.call(t.Context(), retryingZone(t, transport, originpull.WithBaseURL(server.URL)))
		var untrusted *tls.CertificateVerificationError
		if e := apiError(t, err); !errors.As(err, &untrusted) || e.Attempts != 1 || reached.Load() != 0 || errors.Is(err, originpull.ErrOutcomeUnknown) {
			t.Errorf("%s: after %d attempts and %d requests the caller gets %v", op.id, e.Attempts, reached.Load(), err)
		}
	}
}

// TestHTTP2 speaks HTTP/2 with a server that knows it, also where the server
// breaks off.
func TestHTTP2(t *testing.T) {
	t.Parallel()
	server, _ := tlsServer(t, func(s *httptest.Server) { s.EnableHTTP2 = true })
	good := server.Config.Handler
	zone := newZone(t, server.Client().Transport, originpull.WithBaseURL(server.URL))
	var response originpull.Response
	settings, err := zone.Settings.Get(t.Context(), originpull.WithResponse(&response))
	if err != nil || !settings.Enabled || response.Header.Get("X-Proto") != "HTTP/2.0" {
		t.Errorf("over %s the caller gets %v: %v", response.Header.Get("X-Proto"), settings.Enabled, err)
	}
	broken := 0
	breaking := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if broken++; broken < 3 {
			io.WriteString(w, `{"success":`)
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler) // RST_STREAM
		}
		good.ServeHTTP(w, r)
	}))
	breaking.EnableHTTP2 = true
	breaking.StartTLS()
	t.Cleanup(breaking.Close)
	settings, err = retryingZone(t, breaking.Client().Transport, originpull.WithBaseURL(breaking.URL)).Settings.Get(t.Context())
	if err != nil || !settings.Enabled || broken != 3 {
		t.Errorf("after two streams that were reset the caller gets %v with %d requests: %v", settings.Enabled, broken, err)
	}
}
