package originpulltest_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// Over HTTPS the API and its faults are the same, and a reset is a reset.
func TestListenTLS(t *testing.T) {
	t.Parallel()
	sim := originpulltest.NewServer(t, originpulltest.Options{DeployDelay: -1})
	if err := sim.ListenTLS("127.0.0.1:0", testpki.Leaf("localhost", nil).TLS()); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(sim.URL(), "https://127.0.0.1:") {
		t.Errorf("the base URL is %s, want https", sim.URL())
	}
	for protocol, h2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2.0": true} {
		transport := &http.Transport{ForceAttemptHTTP2: h2, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
		t.Cleanup(transport.CloseIdleConnections)
		c := newClient(t, &http.Client{Transport: transport}, sim.URL(), sim.ZoneID(), sim.Token())
		cert := c.upload(testpki.Leaf("tls", nil)).cert(t)
		if got := c.get(cert.ID).cert(t); got.Status != "active" {
			t.Errorf("%s: %s is %s, want active", protocol, got.ID, got.Status)
		}
		for _, fault := range []originpulltest.Disconnect{originpulltest.Drop, originpulltest.Reset, originpulltest.Truncate} {
			sim.SetFaults(originpulltest.Script(originpulltest.Fault{Disconnect: fault}))
			_, err := c.try("PUT", c.zone+"/settings", `{"enabled":true}`)
			if err == nil || !h2 && fault == originpulltest.Reset && !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("%s: with %s the client sees %v", protocol, fault, err)
			}
		}
	}
}

// The grant of the options holds for all credentials that they make valid.
func TestGrantOfOptions(t *testing.T) {
	t.Parallel()
	other := strings.Repeat("a", 32)
	reader := originpulltest.Grant{Permissions: []string{originpulltest.PermissionRead}, Zones: []string{other}}
	for name, test := range map[string]struct {
		options     originpulltest.Options
		credentials []string
	}{
		"a token":       {originpulltest.Options{Token: "one"}, []string{"Authorization", "Bearer one"}},
		"any token":     {originpulltest.Options{AnyToken: true}, []string{"Authorization", "Bearer any"}},
		"email and key": {originpulltest.Options{Email: "me@example.com", Key: "k"}, []string{"X-Auth-Email", "me@example.com", "X-Auth-Key", "k"}},
		"any key":       {originpulltest.Options{AnyToken: true}, []string{"X-Auth-Email", "me@example.com", "X-Auth-Key", "k"}},
	} {
		for granted, want := range map[bool][3]int{false: {200, 200, 200}, true: {200, 403, 403}} {
			options := test.options
			if granted {
				options.Grant = reader
			}
			sim := originpulltest.NewServer(t, options)
			if err := sim.AddZone(other); err != nil {
				t.Fatal(err)
			}
			c := newClient(t, sim.Client(), "https://api.cloudflare.com/client/v4", other, "").with(test.credentials...)
			first := newClient(t, sim.Client(), "https://api.cloudflare.com/client/v4", sim.ZoneID(), "").with(test.credentials...)
			if got := [3]int{c.list().status, c.enable("true").status, first.list().status}; got != want {
				t.Errorf("%s, granted %t: reading, writing and another zone get %v, want %v", name, granted, got, want)
			}
			all := newClient(t, sim.Client(), "https://api.cloudflare.com/client/v4", sim.ZoneID(), sim.NewToken(originpulltest.Grant{}))
			if got := all.enable("true").status; got != 200 {
				t.Errorf("%s, granted %t: a token made with another grant gets %d", name, granted, got)
			}
		}
	}
}

// The log says how a request arrived, at debug level alone and without credentials, and
// which client did not trust the certificate.
func TestLogger(t *testing.T) {
	t.Parallel()
	for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo} {
		var logged syncedBuffer
		sim := originpulltest.NewServer(t, originpulltest.Options{Logger: slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: level}))})
		c := memoryClient(t, sim)
		c.header.Set("X-Auth-Key", sim.Token())
		c.header.Set("User-Agent", "a client of mine")
		c.upload(testpki.Leaf("log", nil))
		if got := strings.Count(logged.String(), "msg=responded"); got != 1 {
			t.Errorf("at level %s %d responses are logged, want 1", level, got)
		}
		for _, detail := range []string{"Authorization", "X-Auth-Key", "User-Agent: a client of mine", "msg=received"} {
			if got, want := strings.Contains(logged.String(), detail), level == slog.LevelDebug; got != want {
				t.Errorf("at level %s the log has %s: %t, want %t\n%s", level, detail, got, want, logged.String())
			}
		}
		if err := sim.ListenTLS("127.0.0.1:0", testpki.Leaf("localhost", nil).TLS()); err != nil {
			t.Fatal(err)
		}
		if _, err := tcpClient(t, sim).try("GET", "/", ""); err == nil {
			t.Error("the client trusts a certificate that it does not know")
		}
		poll(func() bool { return strings.Contains(logged.String(), "TLS handshake error") })
		if strings.Contains(logged.String(), sim.Token()) || strings.Contains(logged.String(), "PRIVATE") {
			t.Errorf("at level %s the log shows a secret", level)
		}
	}
}

// syncedBuffer can be read while others write.
type syncedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *syncedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *syncedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
