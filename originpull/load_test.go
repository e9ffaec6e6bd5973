package originpull_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

const (
	loadGoroutines = 50
	loadFaults     = 30 // per cent of all requests
)

// misfortune is a rule by which a part of all requests go wrong, none by the rate
// limit: a 429 is then always the client's own doing.
func misfortune(r originpulltest.Request) originpulltest.Fault {
	dice := rand.New(rand.NewPCG(7, uint64(r.Number)))
	if dice.IntN(100) >= loadFaults {
		return originpulltest.Fault{}
	}
	return []originpulltest.Fault{
		{Delay: 2 * time.Second},
		{Reject: true},
		{Reject: true, Response: &originpulltest.Response{Status: 503, Header: http.Header{"Retry-After": {"1"}}}},
		{Reject: true, Response: &originpulltest.Response{Status: 522}},
		{Response: &originpulltest.Response{Status: 502, Header: http.Header{"Content-Type": {"text/html"}}, Body: "<html>"}},
		{Disconnect: originpulltest.Drop},
		{Disconnect: originpulltest.Reset},
		{Disconnect: originpulltest.Truncate, TruncateAt: 20},
		{ByteDelay: 10 * time.Millisecond},
	}[dice.IntN(9)]
}

// tally is what became of the calls of a load.
type tally struct {
	good, failed, attempts atomic.Int64
}

// TestLoad has fifty goroutines make 5,000 calls by one client, or 2,000 with -short,
// while 30 per cent of all requests go wrong and the limit is the real one. In the bubble
// of synctest a goroutine that is left behind fails the test.
func TestLoad(t *testing.T) {
	t.Parallel()
	loadCalls := int64(5000)
	if testing.Short() { // as where the race detector slows each
		loadCalls = 2000
	}
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.New(originpulltest.Options{Faults: misfortune})
		defer sim.Close()
		var requests, refused atomic.Int64
		counted := roundTrip(func(r *http.Request) (*http.Response, error) {
			requests.Add(1)
			resp, err := sim.Transport().RoundTrip(r)
			if err == nil && resp.StatusCode == http.StatusTooManyRequests {
				refused.Add(1)
			}
			return resp, err
		})
		var sum tally
		bodies := &bodyCounter{RoundTripper: counted}
		client := must(originpull.New(originpull.WithToken(sim.Token()), originpull.WithTransport(bodies),
			originpull.WithAttemptHook(func(context.Context, originpull.Attempt) { sum.attempts.Add(1) })))
		begin := time.Now()
		var all sync.WaitGroup
		for i := range loadGoroutines {
			zone := must(client.Zone(fmt.Sprintf("%032x", i)))
			if err := sim.AddZone(zone.ID()); err != nil {
				t.Fatal(err)
			}
			known := must(sim.AddCertificate(zone.ID(), testpki.Leaf(fmt.Sprint(i), nil).TLS()))
			all.Go(func() { load(t, zone, known, int(loadCalls)/loadGoroutines, &sum) })
		}
		all.Wait()
		t.Logf("%d calls in %s: %d good, %d failed, %d requests, %d refused by the limit",
			loadCalls, time.Since(begin), sum.good.Load(), sum.failed.Load(), requests.Load(), refused.Load())
		if n := refused.Load(); n > 0 {
			t.Errorf("the client ran into the limit: %d responses of 429", n)
		}
		if extra := requests.Load() - loadCalls; extra > loadCalls/5+10 {
			t.Errorf("repeating cost %d requests more, want a fifth and 10 at most", extra)
		}
		if requests.Load() != sum.attempts.Load() || bodies.came.Load() != bodies.closed.Load() {
			t.Errorf("%d requests, %d attempts reported, %d bodies came, %d were closed", requests.Load(), sum.attempts.Load(), bodies.came.Load(), bodies.closed.Load())
		}
		if sum.good.Load()+sum.failed.Load() != loadCalls || sum.good.Load() < loadCalls*3/4 {
			t.Errorf("of %d calls %d were good and %d failed", loadCalls, sum.good.Load(), sum.failed.Load())
		}
	})
}

// load makes the calls of one goroutine, on a zone of its own whose state it alone
// changes: each result must be what the zone is like.
func load(t *testing.T, zone *originpull.Zone, known originpull.Certificate, calls int, sum *tally) {
	enabled, sure := false, true
	for i := range calls {
		var err error
		switch i % 4 {
		case 0:
			var got originpull.Certificate
			if got, err = zone.Certificates.Get(t.Context(), known.ID); err == nil && got.SerialNumber != known.SerialNumber {
				t.Errorf("zone %s gets the certificate of another", zone.ID())
			}
		case 1:
			var got []originpull.Certificate
			if got, err = zone.Certificates.List(t.Context()); err == nil && (len(got) != 1 || got[0].ID != known.ID) {
				t.Errorf("zone %s gets %d certificates", zone.ID(), len(got))
			}
		case 2:
			wanted := i%8 == 2
			change := zone.Settings.Disable
			if wanted {
				change = zone.Settings.Enable
			}
			err = change(t.Context())
			enabled, sure = wanted, err == nil
		case 3:
			var got originpull.Settings
			if got, err = zone.Settings.Get(t.Context()); err == nil && sure && got.Enabled != enabled {
				t.Errorf("zone %s reads enabled %t after it was set to %t", zone.ID(), got.Enabled, enabled)
			}
		}
		var e *originpull.Error
		switch {
		case err == nil:
			sum.good.Add(1)
		case errors.As(err, &e) && e.Attempts >= 1:
			sum.failed.Add(1)
		default:
			t.Errorf("a call fails with %v", err)
		}
	}
}

// TestLoadOverServe does the same in short with the program, over TCP, while a part
// of all requests go wrong: uploads, and calls of eight goroutines.
func TestLoadOverServe(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds and runs the program")
	}
	url := serveProgram(t, "--rate-limit", "400", "--chaos", "7")
	wire := &http.Transport{}
	t.Cleanup(wire.CloseIdleConnections)
	var sum tally
	var spent atomic.Int64
	bodies := &bodyCounter{RoundTripper: roundTrip(func(r *http.Request) (*http.Response, error) {
		resp, err := wire.RoundTrip(r)
		if err == nil && resp.StatusCode == http.StatusTooManyRequests && strings.Contains(resp.Header.Get("Ratelimit"), "r=0;") {
			spent.Add(1) // chaos refuses too, but not for a spent budget
		}
		return resp, err
	})}
	client := must(originpull.New(originpull.WithToken(testpki.Token()), originpull.WithBaseURL(url), originpull.WithTransport(bodies),
		originpull.WithAttemptHook(func(context.Context, originpull.Attempt) { sum.attempts.Add(1) })))
	const goroutines, calls = 8, 24
	var all sync.WaitGroup
	for i := range goroutines {
		zone := must(client.Zone(fmt.Sprintf("%032x", i+1)))
		known, err := zone.Certificates.Upload(t.Context(), newPair(t))
		if err != nil {
			t.Fatalf("zone %s: %v", zone.ID(), err)
		}
		if known.SerialNumber == "" { // of a lost response that was resolved
			known = must(zone.Certificates.Get(t.Context(), known.ID))
		}
		all.Go(func() { load(t, zone, known, calls, &sum) })
	}
	all.Wait()
	t.Logf("%d good, %d failed, %d attempts, %d refused by the limit", sum.good.Load(), sum.failed.Load(), sum.attempts.Load(), spent.Load())
	if sum.good.Load()+sum.failed.Load() != goroutines*calls || sum.good.Load() < goroutines*calls*9/10 || spent.Load() > 0 {
		t.Errorf("of %d calls %d were good and %d failed; the limit refused %d", goroutines*calls, sum.good.Load(), sum.failed.Load(), spent.Load())
	}
	if sum.attempts.Load() <= goroutines*(calls+1) || bodies.came.Load() != bodies.closed.Load() {
		t.Errorf("%d attempts, so nothing went wrong; %d bodies came, %d were closed", sum.attempts.Load(), bodies.came.Load(), bodies.closed.Load())
	}
}

// TestLimitOfServe meets the limit of the program: 40 requests, and 60 calls whose
// context does not last for a second window.
func TestLimitOfServe(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds and runs the program")
	}
	const limit = 40
	url := serveProgram(t, "--rate-limit", strconv.Itoa(limit))
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	var refused, responded atomic.Int64
	client := must(originpull.New(originpull.WithToken(testpki.Token()), originpull.WithBaseURL(url), originpull.WithTransport(transport), originpull.WithRateShare(1),
		originpull.WithAttemptHook(func(_ context.Context, a originpull.Attempt) {
			if responded.Add(1); a.Status == http.StatusTooManyRequests {
				refused.Add(1)
			}
		})))
	zone := must(client.Zone(zoneID))
	must(zone.Settings.Get(t.Context()))
	for range limit*4/5 - 1 {
		must(zone.Settings.Get(t.Context())) // as fast as they go, down to the last fifth
	}
	// What is left is spread over the rest of five minutes: a context of a moment
	// gets one more, and the others fail without a request.
	var all sync.WaitGroup
	var held atomic.Int64
	for range 20 {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			if _, err := zone.Settings.Get(ctx); errors.Is(err, originpull.ErrRateLimited) && apiError(t, err).Attempts == 0 {
				held.Add(1)
			} else if err != nil {
				t.Errorf("a call within the limit fails: %v", err)
			}
		})
	}
	all.Wait()
	if budget, ok := client.RateLimit(); !ok || budget.Quota != limit || budget.Remaining < 1 || refused.Load() > 0 || held.Load() == 0 {
		t.Errorf("%d requests, %d were refused, %d held back; the budget is %+v", responded.Load(), refused.Load(), held.Load(), budget)
	}
}

// serveProgram builds the program, runs its simulator until the test ends, and
// returns the base URL that it prints.
func serveProgram(t *testing.T, flags ...string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "originpull")
	// What go run links is kept in the build cache, what go build links is not.
	if out, err := exec.Command("go", "run", "-exec=cp", "../cmd/originpull", program).CombinedOutput(); err != nil {
		t.Fatalf("the program does not build: %v\n%s", err, out)
	}
	cmd := exec.Command(program, append([]string{"serve", "--addr", "127.0.0.1:0"}, flags...)...)
	cmd.Stderr = io.Discard
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the program ends with %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the program prints no URL: %v", err)
	}
	return strings.TrimSpace(line)
}
