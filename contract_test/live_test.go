package contract

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// slow are a live zone's delays.
var slow = originpulltest.Options{DeployDelay: 20 * time.Second, DeleteDelay: 10 * time.Second, ListLag: 25 * time.Second}

func liveOn(sim *originpulltest.Simulator) Live {
	return Live{Token: sim.Token(), ZoneID: sim.ZoneID(), Transport: sim.Transport()}
}

func TestLive(t *testing.T) {
	t.Parallel()
	var r Report
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.NewServer(t, slow)
		r = RunLive(t.Context(), liveOn(sim))
		requireAsFound(t, sim, 0, false)
		if sent := requests(sim); sent > liveBudget {
			t.Errorf("%d requests were sent, want at most %d", sent, liveBudget)
		}
	})
	reportSubtests(t, r)
	logReport(t, r)
}

func requests(sim *originpulltest.Simulator) (n int) {
	for _, e := range sim.Record() {
		if e.Kind == originpulltest.RequestEvent {
			n++
		}
	}
	return n
}

// requireAsFound wants no certificate but those of others, and the enablement as
// it was.
func requireAsFound(t *testing.T, sim *originpulltest.Simulator, foreign int, enabled bool) {
	t.Helper()
	time.Sleep(time.Minute) // in the bubble: until what is being deleted is gone
	left := 0
	for _, certificate := range sim.Certificates(sim.ZoneID()) {
		if certificate.Status != originpulltest.Status(originpull.StatusDeleted) {
			left++
		}
	}
	if left != foreign {
		t.Errorf("the zone has %d certificates, want %d", left, foreign)
	}
	if sim.Enabled(sim.ZoneID()) != enabled {
		t.Errorf("the zone is enabled: %t, want %t", !enabled, enabled)
	}
}

// killed ends a run at its n-th request as a crash does: nothing gets through any
// more. Late, the request still takes effect and its response is lost.
func killed(next http.RoundTripper, n int, late bool, kill func()) http.RoundTripper {
	var count atomic.Int64
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		i := int(count.Add(1))
		if i < n {
			return next.RoundTrip(r)
		}
		if i == n && late {
			resp, err := next.RoundTrip(r.WithContext(context.WithoutCancel(r.Context())))
			if err == nil {
				resp.Body.Close()
			}
		}
		kill()
		return nil, errors.New("killed")
	})
}

// TestKilledAnywhere kills a run at each of its requests. The next run must leave
// the zone as it was found.
func TestKilledAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("kills a run after each of its requests")
	}
	t.Parallel()
	all := 0
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.NewServer(t, slow)
		RunLive(t.Context(), liveOn(sim))
		all = requests(sim)
	})
	if all < 20 {
		t.Fatalf("a run has %d requests: is it still one?", all)
	}
	for n := 1; n <= all+1; n++ { // polls are jittered: one more or less
		for _, late := range []bool{false, true} {
			t.Run(fmt.Sprintf("request %d, late %t", n, late), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					sim := originpulltest.NewServer(t, slow)
					l := liveOn(sim)
					ctx, kill := context.WithCancel(t.Context())
					l.Transport = killed(l.Transport, n, late, kill)
					RunLive(ctx, l)
					kill()
					time.Sleep(2 * time.Minute) // lists lag
					if r := RunLive(t.Context(), liveOn(sim)); r.Err() != nil {
						t.Errorf("the next run: %v", r.Err())
					}
					requireAsFound(t, sim, 0, false)
				})
			})
		}
	}
}

func TestZoneInUse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		foreign int
		enabled bool
		says    string
	}{
		"enabled":                {0, true, "enabled"},
		"certificates of others": {1, false, "1 certificate of others"},
		"both":                   {2, true, "2 certificates of others"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sim := inUse(t, test.foreign, test.enabled)
				r := RunLive(t.Context(), liveOn(sim))
				if !errors.Is(r.Err(), ErrInUse) || !strings.Contains(r.Error, test.says) {
					t.Errorf("want it to be refused as in use (%s), have %v", test.says, r.Err())
				}
				if changes(sim) > 0 {
					t.Error("something was changed in a zone that is in use")
				}
				l := liveOn(sim)
				l.Force = true
				if r := RunLive(t.Context(), l); r.Err() != nil {
					t.Errorf("with Force: %v", r.Err())
				}
				requireAsFound(t, sim, test.foreign, test.enabled)
				if slices.ContainsFunc(sim.Record(), func(e originpulltest.Event) bool { return e.Operation == "SetSettings" }) {
					t.Error("the enablement was touched")
				}
			})
		})
	}
}

func inUse(t *testing.T, foreign int, enabled bool) *originpulltest.Simulator {
	sim := originpulltest.NewServer(t, slow)
	for range foreign {
		if _, err := sim.AddCertificate(sim.ZoneID(), testpki.Leaf("another owner", nil).TLS()); err != nil {
			t.Fatal(err)
		}
	}
	if err := sim.SetEnabled(sim.ZoneID(), enabled); err != nil {
		t.Fatal(err)
	}
	return sim
}

func changes(sim *originpulltest.Simulator) (n int) {
	for _, e := range sim.Record() {
		if e.Kind == originpulltest.RequestEvent && e.Method != "GET" {
			n++
		}
	}
	return n
}

// TestKilledWhereEnabled kills runs that know that the zone is enabled: neither
// they nor what cleans up after them may disable it.
func TestKilledWhereEnabled(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 40; n += 3 {
		t.Run(fmt.Sprintf("request %d", n), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sim := inUse(t, 0, true)
				ctx, kill := context.WithCancel(t.Context())
				l := liveOn(sim)
				l.Force, l.Transport = true, killed(l.Transport, n, true, kill)
				RunLive(ctx, l)
				kill()
				time.Sleep(2 * time.Minute)
				if _, err := Clean(t.Context(), liveOn(sim)); err != nil {
					t.Error(err)
				}
				requireAsFound(t, sim, 0, true)
			})
		})
	}
}

// enablers are the certificates that say that a run has enabled the zone.
func enablers(t *testing.T, sim *originpulltest.Simulator) (n int) {
	t.Helper()
	for _, certificate := range sim.Certificates(sim.ZoneID()) {
		leaf, err := originpull.ParseCertificate([]byte(certificate.Certificate))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(leaf.Subject.CommonName, enabling) && certificate.Status != "pending_deletion" && certificate.Status != "deleted" {
			n++
		}
	}
	return n
}

// TestOwnerEnablesAfterCrash kills a run and has the owner enable the zone, where
// the run has not. The next run must leave the owner's zone enabled, but in two
// windows: before the run enables the zone, and before it deletes the marker.
func TestOwnerEnablesAfterCrash(t *testing.T) {
	t.Parallel()
	for n := 5; n <= 50; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sim := originpulltest.NewServer(t, slow)
				ctx, kill := context.WithCancel(t.Context())
				l := liveOn(sim)
				count, at := 0, ""
				l.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
					if count++; count < n {
						return sim.Transport().RoundTrip(r)
					}
					at = cmp.Or(at, r.Method) // of the first that did not get through
					kill()
					return nil, errors.New("killed")
				})
				RunLive(ctx, l)
				kill()
				if sim.Enabled(sim.ZoneID()) {
					return // by the run
				}
				if enablers(t, sim) > 0 {
					if at != http.MethodPut && at != http.MethodDelete {
						t.Errorf("killed at a %s, no one can know who enables the zone", at)
					}
					return
				}
				if err := sim.SetEnabled(sim.ZoneID(), true); err != nil {
					t.Fatal(err)
				}
				time.Sleep(2 * time.Minute)
				if r := RunLive(t.Context(), liveOn(sim)); !errors.Is(r.Err(), ErrInUse) {
					t.Errorf("the next run: %v, want it to refuse the zone as in use", r.Err())
				}
				requireAsFound(t, sim, 0, true)
			})
		})
	}
}

// TestRunsThatLeaveTheEnablementAlone find a zone that a run left enabled: with
// Force they change nothing and say what does; Clean returns what it did.
func TestRunsThatLeaveTheEnablementAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.NewServer(t, slow)
		for n := 20; !sim.Enabled(sim.ZoneID()); n++ {
			ctx, kill := context.WithCancel(t.Context())
			l := liveOn(sim)
			l.Transport = killed(l.Transport, n, false, kill)
			RunLive(ctx, l)
			kill()
			time.Sleep(2 * time.Minute)
		}
		before := changes(sim)
		l := liveOn(sim)
		l.Force = true
		if r := RunLive(t.Context(), l); !errors.Is(r.Err(), ErrInUse) || !strings.Contains(r.Error, "contract clean") {
			t.Errorf("with Force: %v, want it to name contract clean", r.Err())
		}
		if changes(sim) != before {
			t.Error("with Force something was changed in a zone that a run left enabled")
		}
		if done, err := Clean(t.Context(), liveOn(sim)); err != nil || done != (Cleaned{Certificates: 2, Disabled: true}) {
			t.Errorf("cleaning: %+v, %v", done, err)
		}
		requireAsFound(t, sim, 0, false)
		if done, err := Clean(t.Context(), liveOn(sim)); err != nil || done != (Cleaned{}) {
			t.Errorf("cleaning again: %+v, %v", done, err)
		}
	})
}
