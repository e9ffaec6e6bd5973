package originpull_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// nearTheLimit returns a client with left requests until the rate limit.
func nearTheLimit(t *testing.T, left int) (*originpull.Client, *originpull.Zone) {
	t.Helper()
	sim := originpulltest.NewServer(t, originpulltest.Options{})
	client := must(originpull.New(originpull.WithToken(sim.Token()), originpull.WithTransport(sim.Transport())))
	zone := must(client.Zone(sim.ZoneID()))
	for range 1200 - left {
		must(zone.Settings.Get(t.Context()))
	}
	return client, zone
}

// patience is how callers give up.
var patience = map[string]func(context.Context, time.Duration) (context.Context, context.CancelFunc){
	"by a deadline": context.WithTimeout,
	"by cancelling": func(ctx context.Context, after time.Duration) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(ctx)
		stop := time.AfterFunc(after, cancel).Stop
		return ctx, func() { stop(); cancel() }
	},
}

// TestImpatientCallers gives up on calls again and again: their turns go to the
// others, who get what is left of the window, and the next window is free.
func TestImpatientCallers(t *testing.T) {
	t.Parallel()
	for name, give := range patience {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, zone := nearTheLimit(t, 230)
				var sent atomic.Int64
				for range 40 {
					var round sync.WaitGroup
					for range 10 {
						round.Go(func() {
							ctx, cancel := give(t.Context(), 3*time.Second)
							defer cancel()
							if _, err := zone.Settings.Get(ctx); err == nil {
								sent.Add(1)
							}
						})
					}
					round.Wait()
					<-time.After(5 * time.Second)
				}
				if sent.Load() < 100 {
					t.Errorf("of 400 calls that wait 3 seconds %d are sent, though 230 requests were left for 5 minutes", sent.Load())
				}
				budget, _ := client.RateLimit()
				<-time.After(time.Until(budget.Reset) + time.Second)
				begin := time.Now()
				if must(zone.Settings.Get(t.Context())); time.Since(begin) > time.Second {
					t.Errorf("in a new window a call is held up for %s", time.Since(begin))
				}
			})
		})
	}
}

// TestGivingUpLetsNoBurstThrough has 150 to 600 calls a second come and give up after
// two: whoever is in their place must not go beside the others.
func TestGivingUpLetsNoBurstThrough(t *testing.T) {
	t.Parallel()
	for name, give := range patience {
		for _, perTenth := range []int{15, 60} {
			t.Run(fmt.Sprint(name, " ", perTenth*10), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var mu sync.Mutex
					var at []time.Time
					a := example(t, "Enabled").with("Ratelimit", `"d";r=100000;t=300`).with("Ratelimit-Policy", `"d";q=100000;w=300`)
					zone := newZone(t, roundTrip(func(r *http.Request) (*http.Response, error) {
						mu.Lock()
						defer mu.Unlock()
						at = append(at, time.Now())
						return a.respond(r)
					}))
					must(zone.Settings.Get(t.Context()))
					var all sync.WaitGroup
					for range 100 {
						for range perTenth {
							all.Go(func() {
								ctx, cancel := give(t.Context(), 2*time.Second)
								defer cancel()
								zone.Settings.Get(ctx)
							})
						}
						<-time.After(100 * time.Millisecond)
					}
					all.Wait()
					if n := mostInASecond(at); n > 150 || len(at) < 1000 {
						t.Errorf("%d requests were sent, %d of them in one second, want 150 at most: the API lets 200", len(at), n)
					}
				})
			})
		}
	}
}

func mostInASecond(at []time.Time) (most int) {
	first := 0
	for i := range at {
		for at[i].Sub(at[first]) >= time.Second {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

// TestLineMovesUp takes those away who wait before one, and asks how long that one
// waits: for its own turn, not for theirs.
func TestLineMovesUp(t *testing.T) {
	t.Parallel()
	for _, ahead := range []int{19, 100} {
		synctest.Test(t, func(t *testing.T) {
			left := max(20, 2*ahead)
			a := example(t, "Enabled").with("Ratelimit", fmt.Sprintf(`"d";r=%d;t=300`, left)).with("Ratelimit-Policy", `"d";q=1200;w=300`)
			zone := newZone(t, always(a), originpull.WithRateShare(1))
			must(zone.Settings.Get(t.Context()))
			ctx, cancel := context.WithCancel(t.Context())
			var all sync.WaitGroup
			for range ahead {
				all.Go(func() { zone.Settings.Get(ctx) })
			}
			synctest.Wait()
			begin := time.Now()
			all.Go(func() {
				must(zone.Settings.Get(t.Context()))
				if step := 301 * time.Second / time.Duration(left); time.Since(begin) > 3*step {
					t.Errorf("behind %d who gave up one waits %s, want about %s", ahead, time.Since(begin), step)
				}
			})
			synctest.Wait()
			cancel()
			all.Wait()
		})
	}
}

// TestManyAtOnce starts a client with more calls than the limit has.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.NewServer(t, originpulltest.Options{})
		client := must(originpull.New(originpull.WithToken(sim.Token()), originpull.WithTransport(sim.Transport())))
		zone := must(client.Zone(sim.ZoneID()))
		var all sync.WaitGroup
		for range 1500 {
			all.Go(func() { must(zone.Settings.Get(t.Context())) })
		}
		all.Wait()
		wantNoRefusal(t, sim)
	})
}
