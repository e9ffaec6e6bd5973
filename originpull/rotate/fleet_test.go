package rotate_test

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
	"github.com/originpull/originpull-go/originpull/rotate"
)

var fleetZones = flag.Int("fleet.zones", 1000, "how many zones TestFleet rotates")

// handlerTransport sends requests to a handler, without a connection.
type handlerTransport struct{ http.Handler }

func (t handlerTransport) RoundTrip(r *http.Request) (response *http.Response, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			response, err = nil, errors.New("the connection was closed")
		}
	}()
	recorder := httptest.NewRecorder()
	t.ServeHTTP(recorder, r)
	response = recorder.Result()
	response.Request = r
	return response, nil
}

// counter counts responses by status, and accepted uploads by zone.
type counter struct {
	next http.RoundTripper

	mu       sync.Mutex
	statuses map[int]int
	uploads  map[string]int
}

func (c *counter) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.statuses[response.StatusCode]++
	if r.Method == http.MethodPost && response.StatusCode == http.StatusOK {
		c.uploads[r.URL.Path]++
	}
	return response, nil
}

func zoneIDs(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%032x", i+1)
	}
	return ids
}

// fleetWorld is a simulator whose zones are enabled and have the same old certificate.
func fleetWorld(t *testing.T, options originpulltest.Options, zones []string) (*originpulltest.Simulator, *originpull.Client, *counter) {
	options.AnyZone, options.NoRecord = true, true
	sim := originpulltest.New(options)
	t.Cleanup(func() { sim.Close() })
	old := newPair(t).TLSCertificate()
	for _, id := range zones {
		if _, err := sim.AddCertificate(id, old); err != nil {
			t.Fatal(err)
		}
		sim.SetEnabled(id, true)
	}
	time.Sleep(time.Minute)
	count := &counter{next: handlerTransport{sim.Handler()}, statuses: map[int]int{}, uploads: map[string]int{}}
	client, err := originpull.New(originpull.WithToken(sim.Token()), originpull.WithTransport(count))
	if err != nil {
		t.Fatal(err)
	}
	return sim, client, count
}

// sameFor desires the same for each zone.
func sameFor(pair originpull.KeyPair) func(context.Context, string) (rotate.Desired, error) {
	return func(context.Context, string) (rotate.Desired, error) { return rotate.Desired{Pair: pair}, nil }
}

// TestFleet rotates the certificates of many zones, and uses up the share of the rate limit.
func TestFleet(t *testing.T) {
	for _, test := range []struct {
		lag      time.Duration
		requests float64 // at most, for each zone
	}{{0, 6.1}, {25 * time.Second, 8.6}} {
		t.Run("list lag "+test.lag.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				zones := zoneIDs(*fleetZones)
				options := live
				options.ListLag = test.lag
				sim, client, count := fleetWorld(t, options, zones)
				pair := newPair(t)
				begin := time.Now()
				summary, err := rotate.Fleet{Client: client, Desired: sameFor(pair)}.Run(t.Context(), zones)
				took := time.Since(begin)
				if err != nil || summary.Done != len(zones) {
					t.Fatalf("%+v, error %v; want all zones done", summary, err)
				}
				each := float64(summary.Requests) / float64(len(zones))
				share := float64(summary.Requests) / took.Seconds() / (0.95 * 4) * 100
				t.Logf("%d zones in %s: %d requests, %.2f a zone, %.1f %% of 0.95 of the limit, HTTP statuses %v", summary.Done, took.Round(time.Second), summary.Requests, each, share, count.statuses)
				if each > test.requests || share < 99 || count.statuses[429] > 0 {
					t.Errorf("want at most %.1f requests a zone, at least 99 %% of the share, and no HTTP 429", test.requests)
				}
				for _, id := range zones {
					checkOnly(t, sim, id, pair)
				}
			})
		})
	}
}

// checkOnly checks that the zone has the certificate of pair, active, and no other.
func checkOnly(t *testing.T, sim *originpulltest.Simulator, zone string, pair originpull.KeyPair) {
	t.Helper()
	active := 0
	for _, c := range sim.Certificates(zone) {
		mine := fingerprint(c) == pair.Fingerprint()
		if mine && c.Status == originpull.StatusActive {
			active++
		}
		if !mine && !going(c) {
			t.Errorf("zone %s: another certificate is %s", zone, c.Status)
		}
	}
	if active != 1 {
		t.Errorf("zone %s: the desired certificate is not active", zone)
	}
}

// TestFleetResumed interrupts a fleet ten times.
func TestFleetResumed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		zones := zoneIDs(300)
		options := live
		options.ListLag = 5 * time.Second
		sim, client, count := fleetWorld(t, options, zones)
		pair := newPair(t)
		var report []rotate.Entry
		fleet := rotate.Fleet{Client: client, Desired: sameFor(pair), Report: func(e rotate.Entry) { report = append(report, e) }}
		for range 10 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(20+rand.N(60))*time.Second)
			fleet.Resume = report
			summary, err := fleet.Run(ctx, zones)
			cancel()
			if err == nil {
				break
			}
			if !errors.Is(err, context.DeadlineExceeded) || summary.Failed > 0 {
				t.Fatalf("%+v, error %v; want that it is interrupted", summary, err)
			}
		}
		fleet.Resume = report
		summary, err := fleet.Run(t.Context(), zones)
		if err != nil || summary.Done+summary.Skipped != len(zones) {
			t.Fatalf("%+v, error %v; want all zones done", summary, err)
		}
		for _, id := range zones {
			checkOnly(t, sim, id, pair)
		}
		for path, n := range count.uploads {
			if n > 1 {
				t.Errorf("%s: %d uploads were accepted", path, n)
			}
		}
		requests := count.statuses[200]
		fleet.Resume = report
		var mu sync.Mutex
		skipped := map[string]bool{}
		fleet.Options = []rotate.Option{rotate.WithProgress(func(e rotate.Event) {
			mu.Lock()
			defer mu.Unlock()
			skipped[e.Zone] = e.Step.Action == rotate.Done
		})}
		if summary, err := fleet.Run(t.Context(), zones); err != nil || summary.Skipped != len(zones) || count.statuses[200] != requests {
			t.Errorf("once more: %+v, error %v, %d requests; want all skipped", summary, err, count.statuses[200]-requests)
		}
		if fleet.Options = nil; len(skipped) != len(zones) || !skipped[zones[0]] {
			t.Errorf("progress is reported for %d of %d skipped zones, want Done for each", len(skipped), len(zones))
		}
		fleet.Desired = sameFor(newPair(t))
		if summary, err := fleet.Run(t.Context(), zones[:2]); err != nil || summary.Done != 2 {
			t.Errorf("with another certificate: %+v, error %v; want none skipped", summary, err)
		}
		time.Sleep(25 * time.Hour)
		fleet.Desired = sameFor(pair)
		if summary, _ := fleet.Run(t.Context(), zones[2:4]); summary.Skipped != 0 {
			t.Errorf("a day later: %+v; want none skipped", summary)
		}
	})
}

// TestFleetStops stops after failures, of a canary or of several zones.
func TestFleetStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		zones := zoneIDs(60)
		bad := errors.New("no key for this zone")
		pair := newPair(t)
		for _, test := range []struct {
			what   string
			fleet  rotate.Fleet
			bad    int // the first zone that fails
			failed int // at least
			done   int // at most
		}{
			{"a canary fails", rotate.Fleet{Canary: 3}, 2, 1, 2},
			{"the canaries are done", rotate.Fleet{Canary: 3, StopAfter: 2}, 10, 2, 40},
			{"five fail", rotate.Fleet{}, 20, 5, 40},
			{"it never stops", rotate.Fleet{StopAfter: -1}, 20, 40, 20},
		} {
			_, client, _ := fleetWorld(t, live, zones)
			fleet := test.fleet
			fleet.Client = client
			fleet.Desired = func(_ context.Context, id string) (rotate.Desired, error) {
				if slices.Index(zones, id) >= test.bad {
					return rotate.Desired{}, bad
				}
				return rotate.Desired{Pair: pair}, nil
			}
			var entries int
			fleet.Report = func(e rotate.Entry) { entries++ }
			summary, err := fleet.Run(t.Context(), zones)
			if !errors.Is(err, bad) || errors.Is(err, rotate.ErrStopped) != (summary.Left > 0) {
				t.Errorf("%s: the error is %v", test.what, err)
			}
			if summary.Failed < test.failed || summary.Done > test.done || entries != summary.Failed+summary.Done || summary.Done+summary.Failed+summary.Left != len(zones) {
				t.Errorf("%s: %+v, %d entries", test.what, summary, entries)
			}
		}
	})
}

// TestFleetInvalid refuses what is wrong before a request is made.
func TestFleetInvalid(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		zones := zoneIDs(2)
		_, client, count := fleetWorld(t, live, zones)
		desired := sameFor(newPair(t))
		for what, test := range map[string]struct {
			fleet rotate.Fleet
			zones []string
		}{
			"no client":     {rotate.Fleet{Desired: desired}, zones},
			"no desire":     {rotate.Fleet{Client: client}, zones},
			"canary":        {rotate.Fleet{Client: client, Desired: desired, Canary: -1}, zones},
			"malformed id":  {rotate.Fleet{Client: client, Desired: desired}, append(zones, "x")},
			"the same zone": {rotate.Fleet{Client: client, Desired: desired}, append(zones, zones[0])},
		} {
			if _, err := test.fleet.Run(t.Context(), test.zones); !errors.Is(err, originpull.ErrInvalidInput) {
				t.Errorf("%s: the error is %v, want ErrInvalidInput", what, err)
			}
		}
		if len(count.statuses) > 0 {
			t.Errorf("requests were made: %v", count.statuses)
		}
	})
}

// TestFleetGoexit ends the goroutine of a zone, as t.Fatal does in a function that is called by a test.
func TestFleetGoexit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		zones := zoneIDs(3)
		_, client, _ := fleetWorld(t, live, zones)
		pair := newPair(t)
		fleet := rotate.Fleet{Client: client, Desired: func(_ context.Context, id string) (rotate.Desired, error) {
			if id == zones[1] {
				runtime.Goexit()
			}
			return rotate.Desired{Pair: pair}, nil
		}}
		summary, err := fleet.Run(t.Context(), zones)
		if err == nil || summary.Done != 2 || summary.Failed != 1 {
			t.Errorf("%+v, error %v; want that the zone whose goroutine has ended has failed", summary, err)
		}
	})
}

// TestFleetHeap checks that what a fleet keeps does not grow with the zones that are done.
func TestFleetHeap(t *testing.T) {
	pair := newPair(t)
	certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Leaf().Raw}))
	list, err := json.Marshal(map[string]any{"success": true, "result": []any{map[string]any{"id": "c1", "status": "active", "certificate": certificate, "uploaded_on": "2026-01-01T00:00:00Z"}}})
	if err != nil {
		t.Fatal(err)
	}
	client, err := originpull.New(originpull.WithToken("a-token-for-this-test"), originpull.WithTransport(handlerTransport{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/settings") {
			w.Write([]byte(`{"success":true,"result":{"enabled":true}}`))
			return
		}
		w.Write(list)
	})}))
	if err != nil {
		t.Fatal(err)
	}
	heap := func() uint64 {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	var done int
	var first, last uint64
	zones := zoneIDs(10_000)
	fleet := rotate.Fleet{Client: client, Desired: sameFor(pair), Report: func(rotate.Entry) {
		switch done++; done {
		case 1000:
			first = heap()
		case len(zones):
			last = heap()
		}
	}}
	synctest.Test(t, func(t *testing.T) {
		if summary, err := fleet.Run(t.Context(), zones); err != nil || summary.Done != len(zones) {
			t.Fatalf("%+v, error %v", summary, err)
		}
	})
	t.Logf("the heap has %d kB after 1,000 zones, and %d kB after %d", first>>10, last>>10, len(zones))
	if last > first+256<<10 {
		t.Errorf("the heap has grown by %d kB after the first 1,000 zones", (last-first)>>10)
	}
}
