package originpulltest_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// A hundred clients on one zone: each uploads, enables, reads and deletes, and
// tries again where another change is in flight. Every change takes a
// millisecond, so they do meet.
func TestHundredClients(t *testing.T) {
	const clients = 100
	brief := originpulltest.Always(originpulltest.Fault{Delay: time.Millisecond})
	options := originpulltest.Options{
		DeployDelay: -1, DeleteDelay: -1, RateLimit: -1,
		Faults: originpulltest.FirstOf(originpulltest.On("UploadCertificate", brief), originpulltest.On("DeleteCertificate", brief)),
	}
	story(t, options, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		var mu sync.Mutex
		conflicts, ids := 0, map[string]bool{}
		persist := func(method, path, body string) response {
			for {
				a, err := c.try(method, path, body)
				if err != nil {
					t.Errorf("%s %s: %v", method, path, err)
					return a
				}
				if a.status != 409 {
					return a
				}
				mu.Lock()
				conflicts++
				mu.Unlock()
				time.Sleep(rand.N(100 * time.Millisecond))
			}
		}
		var all sync.WaitGroup
		for i := range clients {
			all.Go(func() {
				a := persist("POST", c.zone, uploadBody(testpki.Leaf(fmt.Sprint("client ", i), nil)))
				cert := a.cert(t)
				c.enable("true")
				c.status(cert.ID, "active")
				mu.Lock()
				ids[cert.ID] = true
				mu.Unlock()
				if i%2 == 0 {
					persist("DELETE", c.zone+"/"+cert.ID, "").cert(t)
				}
			})
		}
		all.Wait()
		if conflicts == 0 {
			t.Error("a hundred clients never met: nothing was serialised")
		}
		active, deleted := 0, 0
		for _, cert := range sim.Certificates(sim.ZoneID()) {
			switch cert.Status {
			case "active":
				active++
			case "deleted":
				deleted++
			}
			delete(ids, cert.ID)
		}
		if active != clients/2 || deleted != clients/2 || len(ids) != 0 {
			t.Errorf("%d active, %d deleted, %d lost; want half and half, none lost", active, deleted, len(ids))
		}
		serialised(t, sim.Record())
	})
}

// serialised checks that no two changes of the zone that succeeded were in
// flight at once.
func serialised(t *testing.T, events []originpulltest.Event) {
	t.Helper()
	began := map[int]time.Time{}
	var last time.Time
	changes := 0
	for _, e := range events {
		if e.Operation != "UploadCertificate" && e.Operation != "DeleteCertificate" {
			continue
		}
		switch e.Kind {
		case originpulltest.RequestEvent:
			began[e.Request] = e.At
		case originpulltest.ResponseEvent:
			if e.Status != 200 {
				continue
			}
			if began[e.Request].Before(last) {
				t.Errorf("request %d began before the change before it had a response", e.Request)
			}
			last = e.At
			changes++
		}
	}
	if changes != 150 {
		t.Errorf("%d changes succeeded, want 150; %d events", changes, len(events))
	}
}

var soak = flag.Int("soak", 8_000, "how many requests TestSoak makes")

// A long life in memory: certificates come and go, and the heap stays as it is.
func TestSoak(t *testing.T) {
	sim := originpulltest.NewServer(t, originpulltest.Options{DeployDelay: -1, DeleteDelay: -1, RateLimit: -1})
	c := memoryClient(t, sim)
	var bodies []string
	for i := range 64 {
		bodies = append(bodies, uploadBody(testpki.Leaf(fmt.Sprint("soak ", i), nil)))
	}
	round := func(i int) {
		cert := c.do("POST", c.zone, bodies[i%len(bodies)]).cert(t)
		c.list()
		c.get(cert.ID)
		c.enable("true")
		c.delete(cert.ID).cert(t)
	}
	const requests = 5 // a round
	var heaps []uint64
	for i := range *soak / requests {
		round(i)
		// The record is full, and every certificate has come and gone several times.
		if i%(max(*soak/requests/10, 1)) == 0 && i*requests >= 5_000 {
			heaps = append(heaps, heap())
		}
	}
	if len(heaps) == 0 {
		t.Fatalf("-soak=%d is too few to measure", *soak)
	}
	first, last, most := heaps[0], heaps[len(heaps)-1], slices.Max(heaps)
	t.Logf("%d requests; heap %d kB at first, %d kB at last, %d kB at most", *soak, first>>10, last>>10, most>>10)
	if most > first+first/4+1<<20 {
		t.Errorf("the heap has grown from %d to %d bytes", first, most)
	}
	if got := len(sim.Certificates(sim.ZoneID())); got != len(bodies) {
		t.Errorf("%d certificates, want %d", got, len(bodies))
	}
}

func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
