package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
	"github.com/originpull/originpull-go/originpull/probe"
	"github.com/originpull/originpull-go/originpull/rotate"
)

// world is the service on the simulator, in virtual time.
type world struct {
	*service
	cloudflare *originpulltest.Simulator
	log        *logged
	dir        string
}

// inWorld runs a test in a bubble. The service starts with start.
func inWorld(t *testing.T, run func(*testing.T, *world)) {
	t.Helper()
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		cloudflare := originpulltest.NewServer(t, originpulltest.Options{DeployDelay: 10 * time.Second, RateLimit: -1})
		log := &logged{}
		client, err := originpull.New(originpull.WithToken(cloudflare.Token()), originpull.WithTransport(cloudflare.Transport()))
		if err != nil {
			t.Fatal(err)
		}
		zone, err := client.Zone(cloudflare.ZoneID())
		if err != nil {
			t.Fatal(err)
		}
		run(t, &world{cloudflare: cloudflare, log: log, dir: dir, service: &service{
			zone: zone, certFile: filepath.Join(dir, "tls.crt"), keyFile: filepath.Join(dir, "tls.key"),
			desired: rotate.Desired{Grace: 24 * time.Hour}, every: 100 * time.Hour, poll: time.Minute,
			log: slog.New(slog.NewTextHandler(log, nil)),
		}})
	})
}

func (w *world) start(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { w.run(ctx); close(done) }()
	t.Cleanup(func() { stop(); <-done })
}

// write puts a new certificate into the files, and returns it.
func (w *world) write(t *testing.T, days int) originpull.KeyPair {
	t.Helper()
	now := time.Now()
	certPEM, keyPEM := originpulltest.KeyPair(t, originpulltest.Valid(now.Add(-time.Hour), now.AddDate(0, 0, days)))
	pair, err := originpull.ParseKeyPair(certPEM, keyPEM)
	if err != nil {
		t.Fatal(err)
	}
	w.put(t, w.keyFile, keyPEM)
	w.put(t, w.certFile, certPEM)
	return pair
}

func (w *world) put(t *testing.T, file string, content []byte) {
	t.Helper()
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// after checks what holds after a while: what Cloudflare presents, how many active certificates
// the zone has, and what /healthz says.
func (w *world) after(t *testing.T, d time.Duration, live originpull.KeyPair, certificates, status int, says string) {
	t.Helper()
	time.Sleep(d)
	synctest.Wait()
	if got := w.cloudflare.Presented(w.cloudflare.ZoneID()); live.Leaf() != nil && (got.Certificate == nil || !got.Certificate.Equal(live.Leaf())) {
		t.Errorf("after %v: Cloudflare presents %v, want %v", d, got, live.Leaf().Subject)
	}
	active := 0
	for _, c := range w.cloudflare.Certificates(w.cloudflare.ZoneID()) {
		if c.Status == originpull.StatusActive {
			active++
		}
	}
	if active != certificates {
		t.Errorf("after %v: the zone has %d active certificates, want %d", d, active, certificates)
	}
	response := httptest.NewRecorder()
	w.handler().ServeHTTP(response, httptest.NewRequest("GET", "/healthz", nil))
	if response.Code != status || !strings.Contains(response.Body.String(), says) {
		t.Errorf("after %v: /healthz says %d %s, want %d %s", d, response.Code, response.Body, status, says)
	}
}

// TestRotation: the certificate of the files is made live, a new one too, and the old one is
// deleted when the grace is over, not earlier and not much later.
func TestRotation(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		first := w.write(t, 90)
		w.start(t)
		w.after(t, 2*time.Minute, first, 1, 200, "live until")
		second := w.write(t, 90)
		w.after(t, 2*time.Minute, second, 2, 200, "live until")
		w.after(t, 23*time.Hour, second, 2, 200, "live until")
		w.after(t, time.Hour+2*time.Minute, second, 1, 200, "live until")
	})
}

// TestFilesHalfWritten: what is live stays live while the files cannot be used.
func TestFilesHalfWritten(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.start(t)
		w.after(t, 2*time.Minute, originpull.KeyPair{}, 0, 503, "cannot be used")
		first := w.write(t, 90)
		w.after(t, 2*time.Minute, first, 1, 200, "live until")
		certPEM, _ := originpulltest.KeyPair(t)
		w.put(t, w.certFile, certPEM) // the key is still the old one
		w.after(t, 2*time.Hour, first, 1, 503, "private key belongs to another certificate")
		if logs := strings.Count(w.log.String(), "private key belongs to another certificate"); logs != 1 {
			t.Errorf("the same failure is logged %d times, want once", logs)
		}
		second := w.write(t, 90)
		w.after(t, 2*time.Minute, second, 2, 200, "live until")
	})
}

// TestOriginRefuses: an origin that is not known to accept the certificate leaves the zone as
// it is, and the service says so until that is settled.
func TestOriginRefuses(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.desired.Origins = probe.Target{Addresses: []string{"192.0.2.1"}, ServerNames: []string{"www.example.com"},
			Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
				return nil, errors.New("no connection")
			}}
		w.write(t, 90)
		w.start(t)
		w.after(t, 10*time.Minute, originpull.KeyPair{}, 0, 503, "not known to be live")
	})
}

// TestExpiring: the service asks for a new certificate a week before the end.
func TestExpiring(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		pair := w.write(t, 8)
		w.start(t)
		w.after(t, 2*time.Minute, pair, 1, 200, "live until")
		w.after(t, 48*time.Hour, pair, 1, 503, "put a new one into the files")
	})
}

// logged is a log that can be read while the service writes it.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
