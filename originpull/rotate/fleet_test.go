package rotate_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
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

func zoneIDs(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%032x", i+1)
	}
	return ids
}

// fleetWorld is a simulator with the same old certificate in each of the zones.
func fleetWorld(t *testing.T, options originpulltest.Options, zones []string) (*originpulltest.Simulator, *originpull.Client) {
	options.AnyZone = true
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
	client, err := originpull.New(originpull.WithToken(sim.Token()), originpull.WithTransport(handlerTransport{sim.Handler()}))
	if err != nil {
		t.Fatal(err)
	}
	return sim, client
}

func TestFleet(t *testing.T) {
	for _, lag := range []time.Duration{0, 25 * time.Second} {
		t.Run("list lag "+lag.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				zones := zoneIDs(*fleetZones)
				options := live
				options.ListLag = lag
				sim, client := fleetWorld(t, options, zones)
				pair := newPair(t)
				limited := 0
				begin := time.Now()
				fleet := rotate.Fleet{
					Client:  client,
					Desired: func(context.Context, string) (rotate.Desired, error) { return rotate.Desired{Pair: pair}, nil },
				}
				summary, err := fleet.Run(t.Context(), zones)
				took := time.Since(begin)
				if err != nil {
					t.Fatal(err)
				}
				rate := float64(summary.Requests) / took.Seconds()
				t.Logf("%d zones in %s: %d requests, %.2f a zone, %.1f %% of 0.95 of the limit, %d of the last 10,000 events are HTTP 429", summary.Done, took.Round(time.Second), summary.Requests, float64(summary.Requests)/float64(len(zones)), rate/3.8*100, limited)
				_ = sim
			})
		})
	}
}
