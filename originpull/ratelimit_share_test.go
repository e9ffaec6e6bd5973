package originpull_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// TestProgramsShareTheLimit has programs with one token send as much as they can, each
// with a limiter of its own: none is refused, and together they use nearly all that they
// may.
func TestProgramsShareTheLimit(t *testing.T) {
	t.Parallel()
	const quota, window = 1200, 5 * time.Minute
	steady := func() time.Duration { return 50 * time.Millisecond }
	for name, tt := range map[string]struct {
		programs int
		calls    int // at once in each
		latency  func() time.Duration
		options  []originpull.Option
		share    float64
	}{
		"one":                           {1, 10, steady, nil, .95},
		"two":                           {2, 10, steady, nil, .95},
		"four":                          {4, 10, steady, nil, .95},
		"four, slow and fast responses": {4, 10, func() time.Duration { return rand.N(400 * time.Millisecond) }, nil, .95},
		"four, many calls at once, slow responses": {4, 300, func() time.Duration { return 5 * time.Second }, nil, .95},
		"two that leave half":                      {2, 10, steady, []originpull.Option{originpull.WithRateShare(.5)}, .5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sim := originpulltest.NewServer(t, originpulltest.Options{})
				sim.SetFaults(func(originpulltest.Request) originpulltest.Fault { return originpulltest.Fault{Delay: tt.latency()} })
				var good, refused atomic.Int64
				count := originpull.WithAttemptHook(func(_ context.Context, a originpull.Attempt) {
					if a.Status == http.StatusTooManyRequests {
						refused.Add(1)
					} else if a.Status == http.StatusOK {
						good.Add(1)
					}
				})
				ctx, cancel := context.WithTimeout(t.Context(), window-time.Second)
				defer cancel()
				var all sync.WaitGroup
				for range tt.programs {
					zone := simulatedZone(t, sim, append(tt.options, count)...)
					for range tt.calls {
						all.Go(func() {
							for {
								if _, err := zone.Settings.Get(ctx); err != nil {
									return // the window is over
								}
							}
						})
					}
				}
				all.Wait()
				most := int64(quota * tt.share)
				if refused.Load() > 0 || good.Load() > most+int64(tt.programs) || float64(good.Load()) < .95*float64(most) {
					t.Errorf("in one window %d requests are good and %d refused; want none refused, %d at most, and 95 %% of that", good.Load(), refused.Load(), most)
				}
			})
		})
	}
}

// TestIdlePrograms has a program come back after a pause in which another one has used most
// of the limit: what it knows is old, and it asks before it sends much.
func TestIdlePrograms(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.NewServer(t, originpulltest.Options{})
		sim.SetFaults(originpulltest.Always(originpulltest.Fault{Delay: 50 * time.Millisecond}))
		idle, busy := simulatedZone(t, sim), simulatedZone(t, sim, originpull.WithRateShare(1))
		must(idle.Settings.Get(t.Context()))
		for range 1130 { // 69 are left, 9 for who leaves a twentieth
			must(busy.Settings.Get(t.Context()))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		var all sync.WaitGroup
		var good atomic.Int64
		for range 100 {
			all.Go(func() {
				if _, err := idle.Settings.Get(ctx); err == nil {
					good.Add(1)
				}
			})
		}
		all.Wait()
		if n := good.Load(); n == 0 || n > 15 {
			t.Errorf("with 9 requests left a program that was idle sends %d, want about as many", n)
		}
		wantNoRefusal(t, sim)
	})
}

// TestRateShareIsChecked refuses shares that cannot be one.
func TestRateShareIsChecked(t *testing.T) {
	t.Parallel()
	for _, share := range []float64{0, -1, 1.01, math.NaN(), math.Inf(1)} {
		if _, err := originpull.New(originpull.WithToken("not-a-real-token"), originpull.WithRateShare(share)); !errors.Is(err, originpull.ErrInvalidInput) {
			t.Errorf("a share of %g is taken: %v", share, err)
		}
	}
}

// TestPollBesideABusyProgram asks once a minute while another program sends four requests
// a second: what that one sends between two responses must not slow this one down.
func TestPollBesideABusyProgram(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.NewServer(t, originpulltest.Options{})
		busy, poller := simulatedZone(t, sim), simulatedZone(t, sim)
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() {
			for ctx.Err() == nil {
				busy.Settings.Get(ctx)
				<-time.After(280 * time.Millisecond)
			}
		})
		for i := range 10 {
			<-time.After(time.Minute)
			begin := time.Now()
			if _, err := poller.Settings.Get(t.Context()); err != nil || time.Since(begin) > 10*time.Second {
				t.Errorf("call %d takes %s: %v", i+1, time.Since(begin), err)
			}
		}
		cancel()
		all.Wait()
	})
}
