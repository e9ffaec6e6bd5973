package originpull_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// otherZone is a second zone of the simulator.
const otherZone = "0123456789abcdef0123456789abcdef"

// twoZones returns a client of the simulator, and its two zones.
func twoZones(t *testing.T, sim *originpulltest.Simulator) (client *originpull.Client, zone, other *originpull.Zone) {
	t.Helper()
	if err := sim.AddZone(otherZone); err != nil {
		t.Fatal(err)
	}
	client = must(originpull.New(originpull.WithToken(sim.Token()), originpull.WithTransport(sim.Transport())))
	return client, must(client.Zone(sim.ZoneID())), must(client.Zone(otherZone))
}

// changesTake is a rule by which an upload or a deletion is in flight for d.
func changesTake(d time.Duration) originpulltest.Rule {
	return func(r originpulltest.Request) originpulltest.Fault {
		if r.Operation == "UploadCertificate" || r.Operation == "DeleteCertificate" {
			return originpulltest.Fault{Delay: d}
		}
		return originpulltest.Fault{}
	}
}

// TestChangesOfAZone has goroutines of one client upload to one zone at once, each upload
// 300 ms in flight, and delete what they uploaded: none is refused, and nothing is spent
// that other calls need.
func TestChangesOfAZone(t *testing.T) {
	t.Parallel()
	for _, goroutines := range []int{20, 100} {
		synctest.Test(t, func(t *testing.T) {
			sim := originpulltest.NewServer(t, originpulltest.Options{DeployDelay: time.Second})
			_, zone, other := twoZones(t, sim)
			sim.SetFaults(changesTake(300 * time.Millisecond))
			begin := time.Now()
			var all sync.WaitGroup
			for i := range goroutines {
				all.Go(func() {
					certificate, err := zone.Certificates.Upload(t.Context(), newPair(t))
					if err != nil {
						t.Errorf("upload %d of %d: %v", i, goroutines, err)
						return
					}
					must(zone.Certificates.Wait(t.Context(), certificate.ID, originpull.StatusActive))
					if _, err := zone.Certificates.Delete(t.Context(), certificate.ID); err != nil {
						t.Errorf("deletion %d of %d: %v", i, goroutines, err)
					}
				})
			}
			all.Wait()
			if took, least := time.Since(begin), time.Duration(2*goroutines)*300*time.Millisecond; took < least {
				t.Errorf("%d changes took %s, want %s at least: they were not one after the other", 2*goroutines, took, least)
			}
			for _, event := range sim.Record() {
				if event.Status == http.StatusConflict {
					t.Fatal("the API refused a change because another of the same client was in flight")
				}
			}
			sim.SetFaults(originpulltest.Script(originpulltest.Fault{Reject: true, Response: &originpulltest.Response{Status: 503, Body: "{}"}}))
			if _, err := other.Settings.Get(t.Context()); err != nil {
				t.Errorf("a single 503 in another zone is not repeated: %v", err)
			}
		})
	}
}

// TestChangesWaitForNoMore requires that only changes of the same zone wait for each
// other: not those of another, not the enablement, nothing that reads.
func TestChangesWaitForNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.NewServer(t, originpulltest.Options{})
		client, zone, other := twoZones(t, sim)
		sim.SetFaults(changesTake(10 * time.Second))
		begin := time.Now()
		var all sync.WaitGroup
		for name, call := range map[string]struct {
			take time.Duration
			do   func() error
		}{
			"the enablement":             {0, func() error { return zone.Settings.Enable(t.Context()) }},
			"a list":                     {0, func() error { _, err := zone.Certificates.List(t.Context()); return err }},
			"an upload to another zone":  {10 * time.Second, func() error { _, err := other.Certificates.Upload(t.Context(), newPair(t)); return err }},
			"another upload to the zone": {20 * time.Second, func() error { _, err := zone.Certificates.Upload(t.Context(), newPair(t)); return err }},
			"certificates of the hostnames": {0, func() error {
				err := client.Do(t.Context(), "POST", "/zones/"+sim.ZoneID()+"/origin_tls_client_auth/hostnames/certificates", nil, nil)
				if apiError(t, err).Status == 400 { // the simulator does not know it
					return nil
				}
				return err
			}},
		} {
			all.Go(func() {
				<-time.After(time.Second)
				err := call.do()
				if took := time.Since(begin); err != nil || took > call.take+2*time.Second || took < call.take {
					t.Errorf("%s during an upload of 10 s ends after %s, want about %s: %v", name, took, call.take, err)
				}
			})
		}
		must(zone.Certificates.Upload(t.Context(), newPair(t)))
		all.Wait()
	})
}

// TestGivingUpOnAChange ends the context of an upload that waits behind another: nothing
// is sent, no outcome is in doubt, and the next one in the queue is sent.
func TestGivingUpOnAChange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.NewServer(t, originpulltest.Options{})
		zone := simulatedZone(t, sim)
		sim.SetFaults(changesTake(10 * time.Second))
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() { must(zone.Certificates.Upload(t.Context(), newPair(t))) })
		synctest.Wait()
		all.Go(func() {
			_, err := zone.Certificates.Upload(ctx, newPair(t))
			if e := apiError(t, err); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, originpull.ErrOutcomeUnknown) || e.Attempts != 0 || !strings.Contains(err.Error(), "another change of the zone") {
				t.Errorf("who gives up in the queue gets %v after %d attempts", err, e.Attempts)
			}
		})
		synctest.Wait()
		all.Go(func() { must(zone.Certificates.Upload(t.Context(), newPair(t))) })
		all.Wait()
		if n := len(sim.Certificates(sim.ZoneID())); n != 2 {
			t.Errorf("the zone has %d certificates, want 2", n)
		}
	})
}

// TestLostUploadsInAQueue loses the responses of uploads while others wait: the search
// for a lost one makes changes of its own, and must not wait for itself.
func TestLostUploadsInAQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.NewServer(t, originpulltest.Options{ListLag: 20 * time.Second})
		zone := simulatedZone(t, sim)
		var mu sync.Mutex
		uploads := 0
		sim.SetFaults(func(r originpulltest.Request) originpulltest.Fault {
			mu.Lock()
			defer mu.Unlock()
			if r.Operation != "UploadCertificate" {
				return originpulltest.Fault{}
			}
			if uploads++; uploads%3 == 0 {
				return originpulltest.Fault{Delay: 300 * time.Millisecond, Disconnect: originpulltest.Drop}
			}
			return originpulltest.Fault{Delay: 300 * time.Millisecond}
		})
		var all sync.WaitGroup
		for range 12 {
			all.Go(func() {
				if _, err := zone.Certificates.Upload(t.Context(), newPair(t)); err != nil {
					t.Errorf("an upload in a queue fails: %v", err)
				}
			})
		}
		all.Wait()
		if n := len(sim.Certificates(sim.ZoneID())); n != 12 {
			t.Errorf("the zone has %d certificates, want 12", n)
		}
	})
}

// TestChangeOfAnotherClient meets changes of another client: a short one is waited for, and
// one that does not end is ErrConflict after five repetitions, which cost nothing that
// other calls need.
func TestChangeOfAnotherClient(t *testing.T) {
	t.Parallel()
	for in, want := range map[int]error{1: nil, 5: nil, 6: originpull.ErrConflict} {
		synctest.Test(t, func(t *testing.T) {
			conflicts, sent := in, 0
			zone := retryingZone(t, roundTrip(func(r *http.Request) (*http.Response, error) {
				if sent++; sent <= conflicts {
					return example(t, "Conflict").respond(r)
				}
				return example(t, "NothingToShow").respond(r)
			}))
			_, err := zone.Certificates.Delete(t.Context(), certificateID)
			if !errors.Is(err, want) || (err == nil) != (want == nil) || sent != min(in+1, 6) {
				t.Errorf("after %d times 409 the caller gets %v after %d requests, want %v", in, err, sent, want)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		zone := retryingZone(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodDelete {
				return example(t, "Conflict").respond(r)
			}
			return response{status: 503}.respond(r)
		}))
		for range 20 {
			_, err := zone.Certificates.Delete(t.Context(), certificateID)
			wantErrors(t, err, originpull.ErrConflict)
		}
		if _, err := zone.Settings.Get(t.Context()); apiError(t, err).Attempts != 5 {
			t.Errorf("after 100 conflicts a failing call is attempted %d times, want 5", apiError(t, err).Attempts)
		}
		_, err := zone.Certificates.Delete(t.Context(), certificateID, originpull.WithoutRetry())
		if apiError(t, err).Attempts != 1 {
			t.Errorf("WithoutRetry makes %d attempts", apiError(t, err).Attempts)
		}
	})
}

// TestPanicLeavesTheQueue survives a hook that panics while its change is in flight.
func TestPanicLeavesTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		panics := true
		zone := retryingZone(t, always(example(t, "NothingToShow")), originpull.WithAttemptHook(func(context.Context, originpull.Attempt) {
			if panics {
				panic("a hook of the user's")
			}
		}))
		func() {
			defer func() { recover() }()
			zone.Certificates.Delete(t.Context(), certificateID)
		}()
		panics = false
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := zone.Certificates.Delete(ctx, certificateID); err != nil {
			t.Errorf("after a hook has panicked, the zone cannot be changed any more: %v", err)
		}
	})
}

// TestQueueOfOneZone: an id in capitals is the same zone.
func TestQueueOfOneZone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		inFlight, most := 0, 0
		client := newClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			inFlight++
			most = max(most, inFlight)
			<-time.After(time.Second)
			inFlight--
			return example(t, "NothingToShow").respond(r)
		}))
		done := make(chan error)
		for _, id := range []string{zoneID, strings.ToUpper(zoneID)} {
			go func() {
				_, err := must(client.Zone(id)).Certificates.Delete(t.Context(), certificateID)
				done <- err
			}()
		}
		if err := errors.Join(<-done, <-done); err != nil || most != 1 {
			t.Errorf("%d changes of a zone are in flight at once: %v", most, err)
		}
	})
}
