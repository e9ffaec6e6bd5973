package originpull_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// limited asks once, gets a response with these headers, and returns what the client then
// knows.
func limited(t testing.TB, ratelimit, policy []string) (originpull.RateLimit, bool) {
	t.Helper()
	a := example(t, "Enabled")
	a.header = http.Header{"Ratelimit": ratelimit, "Ratelimit-Policy": policy}
	client := newClient(t, always(a))
	if _, known := client.RateLimit(); known {
		t.Fatal("a client knows the limit before any response")
	}
	zone := must(client.Zone(zoneID))
	if _, err := zone.Settings.Get(t.Context()); err != nil {
		t.Fatalf("headers of a rate limit make a good response fail: %v", err)
	}
	return client.RateLimit()
}

// TestRateLimitHeaders reads the headers as the API writes them, as others do, and
// leaves what cannot be read.
func TestRateLimitHeaders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, tt := range map[string]struct {
			ratelimit, policy []string
			left, quota       int
			reset, window     time.Duration
		}{
			"the API's":                  {[]string{`"default";r=50;t=30`}, []string{`"default";q=1200;w=300`}, 50, 1200, 30 * time.Second, 5 * time.Minute},
			"blanks":                     {[]string{` "default" ; r=50 ; t=30 `}, []string{`"default" ;  q=1200;w=300`}, 50, 1200, 30 * time.Second, 5 * time.Minute},
			"other order":                {[]string{`"default";t=30;r=50`}, []string{`"default";w=300;q=1200`}, 50, 1200, 30 * time.Second, 5 * time.Minute},
			"more parameters":            {[]string{`"default";r=50;pk=:abc=:;t=30`}, []string{`"default";q=1200;qu="requests";w=300`}, 50, 1200, 30 * time.Second, 5 * time.Minute},
			"two items, the fewest":      {[]string{`"a";r=50;t=30, "b";r=7;t=9`}, nil, 7, 0, 9 * time.Second, 0},
			"two lines, the fewest":      {[]string{`"a";r=50;t=30`, `"b";r=7;t=9`}, nil, 7, 0, 9 * time.Second, 0},
			"two policies, the longest":  {[]string{`"a";r=50;t=30`}, []string{`"burst";q=100;w=60, "default";q=1200;w=300`}, 50, 1200, 30 * time.Second, 5 * time.Minute},
			"nothing left":               {[]string{`"a";r=0;t=30`}, nil, 0, 0, 30 * time.Second, 0},
			"without a policy":           {[]string{`"a";r=5;t=30`}, nil, 5, 0, 30 * time.Second, 0},
			"a policy that is none":      {[]string{`"a";r=5;t=30`}, []string{"q;w", `"a";q=x;w=300`, `"a";q=1;w=0`}, 5, 0, 30 * time.Second, 0},
			"one item that can be read":  {[]string{`"a";r=x;t=30, "b";r=5;t=30`}, nil, 5, 0, 30 * time.Second, 0},
			"the largest number":         {[]string{`"a";r=2147483647;t=30`}, nil, 2147483647, 0, 30 * time.Second, 0},
			"nothing":                    {nil, nil, 0, 0, 0, 0},
			"empty":                      {[]string{""}, []string{""}, 0, 0, 0, 0},
			"a policy alone":             {nil, []string{`"default";q=1200;w=300`}, 0, 0, 0, 0},
			"the drafts' older form":     {[]string{"limit=100, remaining=50, reset=5"}, nil, 0, 0, 0, 0},
			"negative":                   {[]string{`"a";r=-5;t=30`}, nil, 0, 0, 0, 0},
			"fractions":                  {[]string{`"a";r=5;t=1.5`}, nil, 0, 0, 0, 0},
			"too large":                  {[]string{`"a";r=5;t=99999999999999`}, nil, 0, 0, 0, 0},
			"no reset":                   {[]string{`"a";r=5`}, nil, 0, 0, 0, 0},
			"names that begin otherwise": {[]string{`"a";xr=5;xt=30`}, nil, 0, 0, 0, 0},
		} {
			got, known := limited(t, tt.ratelimit, tt.policy)
			if known != (tt.reset != 0) {
				t.Errorf("%s: the budget is known: %t", name, known)
			}
			if known && (got.Remaining != tt.left || got.Quota != tt.quota || got.Window != tt.window || time.Until(got.Reset) != tt.reset+time.Second) { // it may have been rounded down
				t.Errorf("%s reads as %d of %d in %s, reset in %s", name, got.Remaining, got.Quota, got.Window, time.Until(got.Reset))
			}
		}
	})
}

// FuzzRateLimit lets headers of any kind neither fail a response nor hold up the
// next call beyond what they say.
func FuzzRateLimit(f *testing.F) {
	f.Add(`"default";r=50;t=30`, `"default";q=100;w=60`)
	f.Add(`"a";r=0;t=30, "b";r=1;t=0`, `"a";q=0;w=1,,`)
	f.Add(`;r=;t=`, `;q=2147483648;w=-1`)
	f.Fuzz(func(t *testing.T, ratelimit, policy string) {
		got, known := limited(t, []string{ratelimit}, []string{policy})
		switch {
		case !known:
		case got.Quota < 0 || got.Window < 0 || got.Remaining < 0 || time.Until(got.Reset) > 1<<31*time.Second:
			t.Errorf("%q and %q read as %+v", ratelimit, policy, got)
		case !strings.Contains(ratelimit, fmt.Sprint("r=", got.Remaining)) && !strings.Contains(ratelimit, fmt.Sprint("r=0", got.Remaining)) && !strings.Contains(ratelimit, "r=0"):
			t.Errorf("%d requests are not what %q says", got.Remaining, ratelimit)
		}
	})
}

// TestSlowDown asks twice as often as the limit lets: the client slows down before
// the limit, logs it once a window, waits for the next window, and is never
// refused.
func TestSlowDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.NewServer(t, originpulltest.Options{RateLimit: 100})
		defer sim.Close()
		var log strings.Builder
		client := must(originpull.New(originpull.WithToken(sim.Token()), originpull.WithTransport(sim.Transport()), originpull.WithLogger(slogTo(&log)), originpull.WithRateShare(1)))
		zone := must(client.Zone(sim.ZoneID()))
		begin, slowest := time.Now(), time.Duration(0)
		for i := range 300 {
			before := time.Now()
			must(zone.Settings.Get(t.Context()))
			slowest = max(slowest, time.Since(before))
			if budget, ok := client.RateLimit(); !ok || budget.Quota != 100 || budget.Window != 5*time.Minute || budget.Remaining != 99-i%100 || budget.Reset.Before(time.Now()) {
				t.Errorf("after %d calls the budget reads %+v", i+1, budget)
			}
		}
		if took := time.Since(begin); took < 10*time.Minute || took > 15*time.Minute {
			t.Errorf("300 calls took %s; the limit of 100 in 5 minutes lets them in 10 to 15", took)
		}
		if slowest > time.Minute {
			t.Errorf("one call was held up %s: it waits at the limit instead of slowing down before it", slowest)
		}
		if n := strings.Count(log.String(), "near the rate limit, slowing down"); n != 3 {
			t.Errorf("it is logged %d times in 3 windows", n)
		}
		wantNoRefusal(t, sim)
	})
}

// wantNoRefusal requires that no request got 429 by the limit.
func wantNoRefusal(t *testing.T, sim *originpulltest.Simulator) {
	t.Helper()
	injected, refused := map[int]bool{}, 0
	for _, event := range sim.Record() {
		switch {
		case event.Kind == originpulltest.FaultEvent:
			injected[event.Request] = true
		case event.Kind == originpulltest.ResponseEvent && event.Status == 429 && !injected[event.Request]:
			refused++
		}
	}
	if refused > 0 {
		t.Errorf("the client ran into the limit: %d responses of 429", refused)
	}
}

// TestSpentBudget sends nothing while nothing is left, and says when it may.
func TestSpentBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := newRecorder(example(t, "Enabled").with("Ratelimit", `"default";r=0;t=100`).respond)
		zone := retryingZone(t, transport)
		must(zone.Settings.Get(t.Context()))
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		_, err := zone.Settings.Get(ctx)
		if wantErrors(t, err, originpull.ErrRateLimited); !strings.Contains(err.Error(), "may be sent in 1m41s") || apiError(t, err).Attempts != 0 || apiError(t, err).RetryAfter != 101*time.Second || time.Since(transport.t0) != 0 {
			t.Errorf("after %s the caller gets %v", time.Since(transport.t0), err)
		}
		if _, err := zone.Certificates.Upload(ctx, newPair(t)); !errors.Is(err, originpull.ErrRateLimited) || errors.Is(err, originpull.ErrOutcomeUnknown) {
			t.Errorf("of an upload that was not sent the caller gets %v", err)
		}
		must(zone.Settings.Get(t.Context()))
		if len(transport.at) != 2 || transport.at[1] != 101*time.Second {
			t.Errorf("the requests were sent after %v, want at once and after the reset", transport.at)
		}
	})
}

// TestStaleAnswers believes the smaller number of a window, and nothing of a
// window that is over.
func TestStaleAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		header := ""
		client := newClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			return example(t, "Enabled").with("Ratelimit", header).with("Ratelimit-Policy", `"default";q=100;w=300`).respond(r)
		}))
		zone := must(client.Zone(zoneID))
		for _, step := range []struct {
			after     time.Duration
			header    string
			remaining int
			reset     time.Duration
		}{
			{0, `"default";r=90;t=300`, 90, 301 * time.Second},
			{10 * time.Second, `"default";r=80;t=290`, 80, 291 * time.Second},
			{0, `"default";r=85;t=290`, 79, 291 * time.Second},              // it was overtaken
			{291 * time.Second, `"default";r=3;t=1`, 99, 301 * time.Second}, // of the window before
			{0, `"default";r=98;t=300`, 98, 301 * time.Second},
			{0, `"default";r=40;t=300`, 40, 301 * time.Second}, // others spend of it too
		} {
			<-time.After(step.after)
			header = step.header
			must(zone.Settings.Get(t.Context()))
			if got, _ := client.RateLimit(); got.Remaining != step.remaining || time.Until(got.Reset) != step.reset {
				t.Errorf("after %s the budget is %d until %s from now, want %d until %s", header, got.Remaining, time.Until(got.Reset), step.remaining, step.reset)
			}
		}
	})
}

// TestRefusalShutsOutAll has one goroutine meet a 429, and holds up all.
func TestRefusalShutsOutAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var at []time.Duration
		begin := time.Now()
		zone := retryingZone(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			if at = append(at, time.Since(begin)); len(at) == 1 {
				return example(t, "RateLimited").with("Retry-After", "300").respond(r)
			}
			return example(t, "Enabled").respond(r)
		}))
		var all sync.WaitGroup
		for i := range 50 {
			all.Go(func() {
				<-time.After(time.Duration(i) * time.Second)
				if _, err := zone.Settings.Get(t.Context()); err != nil {
					t.Errorf("goroutine %d: %v", i, err)
				}
			})
		}
		all.Wait()
		for i, when := range at {
			if i > 0 && when < 5*time.Minute {
				t.Errorf("request %d was sent after %s, though the API said 300 seconds", i+1, when)
			}
		}
		if len(at) != 51 {
			t.Errorf("%d requests were made, want 50 and the repeated one", len(at))
		}
	})
}

// TestWindowRoundedDown is limited by a server that sends the seconds that are left
// rounded down: the client must not begin the next window early.
func TestWindowRoundedDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const quota, window = 100, 300 * time.Second
		reset := time.Now().Add(window + 900*time.Millisecond)
		left, refused := quota, 0
		a := example(t, "Enabled").with("Ratelimit-Policy", `"d";q=100;w=300`)
		zone := newZone(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			if now := time.Now(); !now.Before(reset) {
				left, reset = quota, reset.Add(window)
			}
			if left == 0 {
				refused++
				return example(t, "RateLimited").respond(r)
			}
			left--
			return a.with("Ratelimit", fmt.Sprintf(`"d";r=%d;t=%d`, left, int(time.Until(reset).Seconds()))).respond(r)
		}))
		for range 3 * quota {
			zone.Settings.Get(t.Context())
		}
		if refused > 0 {
			t.Errorf("%d requests ran into the limit", refused)
		}
	})
}

// TestAnswersAcrossWindows has requests in flight when a window ends: the server
// counts them in the one in which they arrive, and the client in both.
func TestAnswersAcrossWindows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		delay := time.Duration(0)
		a := example(t, "Enabled").with("Ratelimit-Policy", `"d";q=100;w=60`)
		ratelimit := `"d";r=99;t=60`
		client := newClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			pause, header := delay, ratelimit
			mu.Unlock()
			<-time.After(pause)
			return a.with("Ratelimit", header).respond(r)
		}))
		zone := must(client.Zone(zoneID))
		must(zone.Settings.Get(t.Context()))
		<-time.After(50 * time.Second)
		delay = 20 * time.Second
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() { must(zone.Settings.Get(t.Context())) })
		}
		<-time.After(15 * time.Second) // the window has ended
		mu.Lock()
		delay, ratelimit = 0, ""
		mu.Unlock()
		must(zone.Settings.Get(t.Context()))
		if budget, _ := client.RateLimit(); budget.Remaining != 100-10-1 {
			t.Errorf("with 10 requests in flight the new window has %d left, want 89", budget.Remaining)
		}
		ratelimit = `"d";r=95;t=55` // said while ten are in flight
		must(zone.Settings.Get(t.Context()))
		if budget, _ := client.RateLimit(); budget.Remaining != 95-10 {
			t.Errorf("of 95 that are left 10 are in flight; the budget says %d", budget.Remaining)
		}
		all.Wait()
	})
}

// TestSilentServer makes no claim of a limit where no response has ever come.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		zone := newZone(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}))
		var all sync.WaitGroup
		var limited atomic.Int64
		for range 80 {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				_, err := zone.Settings.Get(ctx)
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("the caller gets %v", err)
				}
				if errors.Is(err, originpull.ErrRateLimited) {
					limited.Add(1)
				}
			})
		}
		all.Wait()
		if limited.Load() > 0 {
			t.Errorf("%d of 80 calls blame a rate limit that no response has mentioned", limited.Load())
		}
	})
}

// TestForeignLimits believes no one on the way about the API's limit.
func TestForeignLimits(t *testing.T) {
	t.Parallel()
	page := response{status: 502, header: http.Header{"Content-Type": {"text/html"}}, body: "<html>"}
	for name, a := range map[string]response{
		"Ratelimit of a page":   page.with("Ratelimit", `"x";r=0;t=2147483647`),
		"Retry-After of a page": {status: 429, header: http.Header{"Content-Type": {"text/html"}, "Retry-After": {"2147483647"}}, body: "<html>"},
	} {
		synctest.Test(t, func(t *testing.T) {
			next := a
			client := newClient(t, roundTrip(func(r *http.Request) (*http.Response, error) { return next.respond(r) }))
			zone := must(client.Zone(zoneID))
			zone.Settings.Get(t.Context())
			next = example(t, "Enabled")
			begin := time.Now()
			if must(zone.Settings.Get(t.Context())); time.Since(begin) > 0 {
				t.Errorf("%s: the next call is held up for %s", name, time.Since(begin))
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		if budget, _ := limited(t, []string{`"x";r=0;t=2147483647`}, []string{`"x";q=5;w=2147483647`}); time.Until(budget.Reset) != time.Hour || budget.Window != time.Hour {
			t.Errorf("a response that shuts for 68 years is believed for %s", time.Until(budget.Reset))
		}
	})
}

// TestPanicKeepsBudget survives hooks that panic, as a service that recovers does.
func TestPanicKeepsBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		panics := true
		client := newClient(t, always(example(t, "Enabled").with("Ratelimit", `"d";r=9;t=10`).with("Ratelimit-Policy", `"d";q=10;w=10`)),
			originpull.WithAttemptHook(func(context.Context, originpull.Attempt) {
				if panics {
					panic("a hook of the user's")
				}
			}))
		zone := must(client.Zone(zoneID))
		for range 12 {
			func() {
				defer func() { recover() }()
				zone.Settings.Get(t.Context())
			}()
			<-time.After(10 * time.Second)
		}
		panics = false
		must(zone.Settings.Get(t.Context()))
		if budget, _ := client.RateLimit(); budget.Remaining != 9 {
			t.Errorf("after 12 panics the budget is %+v", budget)
		}
	})
}
