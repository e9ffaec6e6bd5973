package rotate_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/internal/explore"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
	"github.com/originpull/originpull-go/originpull/rotate"
)

// A scenario is what an exploration runs in all orders: a zone, and one or more runs.
type scenario struct {
	start       func(s *stage) // brings the zone to where it begins
	enabled     bool
	runs        []rotate.Desired
	lag         time.Duration
	faults      int // how many requests may fail
	kinds       []failure
	preemptions int // how often one run may be stopped for another, or all of them for what changes by itself
	options     []rotate.Option
	plan        func() plan // of each run, nil for Plan

	refused bool            // the run has to end with ErrSuperseded, and change nothing
	reached map[string]bool // what the zone has been like, by all schedules; nil to keep nothing
	blurred bool            // responses do not say when a certificate that is not trusted was uploaded
}

// failure is one way in which a request fails.
type failure struct {
	name  string
	fault originpulltest.Fault
	only  string // the operations that it is for, empty for all
	lost  bool   // the connection breaks before the request takes effect
	dies  string // "before" or "after": the run dies
	held  time.Duration
}

var pageOfProxy = &originpulltest.Response{Status: 502, Header: http.Header{"Content-Type": {"text/html"}}, Body: "<html>"}

func response(status int, body string, header ...string) *originpulltest.Response {
	r := &originpulltest.Response{Status: status, Body: body, Header: http.Header{}}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

const changes = "UploadCertificate DeleteCertificate SetSettings"

// failures are the kinds of failure; an exploration tries each at each request.
var failures = []failure{
	{name: "is lost on the way", lost: true},
	{name: "takes effect, and the response is lost", fault: originpulltest.Fault{Disconnect: originpulltest.Drop}},
	{name: "gets HTTP 500", fault: originpulltest.Fault{Reject: true}},
	{name: "takes effect, and a proxy responds with 502", fault: originpulltest.Fault{Response: pageOfProxy}, only: changes},
	{name: "gets HTTP 409", fault: originpulltest.Fault{Reject: true, Response: response(409, `{"success":false,"errors":[],"messages":[]}`)}, only: changes},
	{name: "gets HTTP 429", fault: originpulltest.Fault{Reject: true, Response: response(429, `{"success":false,"errors":[{"code":971,"message":""}],"messages":[]}`, "Retry-After", "30")}},
	{name: "does not take effect, and the run dies", dies: "before"},
	{name: "takes effect, and the run dies", dies: "after"},
	{name: "will time out", fault: originpulltest.Fault{TimeOut: true}, only: "UploadCertificate DeleteCertificate"},
	{name: "is deployed late", fault: originpulltest.Fault{DeployDelay: 40 * time.Second}, only: "UploadCertificate"},
	{name: "is held up for 45 seconds", held: 45 * time.Second, only: "UploadCertificate DeleteCertificate"},
	{name: "omits the newest", fault: originpulltest.Fault{Hide: originpulltest.HideLast}, only: "ListCertificates"},
}

// stage is a zone of a simulator, with the runs on it, in one bubble.
type stage struct {
	scenario
	path    *explore.Path
	sim     *originpulltest.Simulator
	zoneID  string
	actors  []*actor
	next    originpulltest.Fault // of the next request
	last    *actor               // that has sent the last request
	trusted map[string]string    // fingerprint to name
	armed   bool                 // see check
	budget  struct{ faults, preemptions int }
	harmed  bool // a run has died or its request has failed

	runsBegan time.Time

	mu sync.Mutex // guards what the goroutines of the runs write: actor.pending and so on
}

// actor is one run.
type actor struct {
	*stage
	name    string
	desired rotate.Desired
	zone    *originpull.Zone
	memory  func() string
	pending *gated
	heard   string    // the responses since the last list was asked for, without what is random or a time
	wake    time.Time // of the pause it is in, zero if in none
	uploads int       // that have taken effect
	proven  bool      // Desired.Prove was called
	ended   bool
	died    bool
	result  rotate.Result
	err     error
}

// gated is a request that waits at the gate.
type gated struct {
	request *http.Request
	body    string
	done    chan verdict
	until   time.Time // it is held up
}

type verdict struct {
	response *http.Response
	err      error
	die      bool
}

var errConnection error = &net.OpError{Op: "read", Net: "tcp", Err: io.ErrUnexpectedEOF}

// explored runs a scenario once.
func (c scenario) explored(t *testing.T, path *explore.Path) (err error) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{scenario: c, path: path, trusted: map[string]string{}}
		s.budget.faults, s.budget.preemptions = c.faults, c.preemptions
		s.sim = originpulltest.New(originpulltest.Options{
			DeployDelay: 10 * time.Second, DeleteDelay: 10 * time.Second, ListLag: c.lag,
			RateLimit: -1, NoRecord: true, Token: explorerToken,
			Faults: func(originpulltest.Request) originpulltest.Fault { return s.next },
		})
		s.zoneID = s.sim.ZoneID()
		defer s.sim.Close()
		pairs := exploredPairs()
		s.trusted[pairs[0].Fingerprint()] = "the old certificate"
		c.start(s)
		s.sim.SetEnabled(s.zoneID, c.enabled)
		time.Sleep(time.Millisecond)
		s.runsBegan = time.Now()
		for i, desired := range c.runs {
			s.trusted[desired.Pair.Fingerprint()] = fmt.Sprintf("the certificate of run %d", i+1)
			s.begin(fmt.Sprintf("run %d", i+1), desired)
		}
		err = s.play()
		s.abandon()
	})
	return err
}

// explorerToken is the only token of the simulators.
const explorerToken = "a-token-of-the-exploration-which-is-not-a-secret"

// begin starts a run.
func (s *stage) begin(name string, desired rotate.Desired) *actor {
	a := &actor{stage: s, name: name, desired: desired}
	if desired.Prove != nil {
		desired.Prove = func(context.Context) error { a.proven = true; return nil }
	}
	client, err := originpull.New(originpull.WithToken(explorerToken), originpull.WithTransport(a))
	if err == nil {
		a.zone, err = client.Zone(s.zoneID)
	}
	if err != nil {
		panic(err)
	}
	s.actors = append(s.actors, a)
	options := append([]rotate.Option{
		rotate.WithPause(a.pause),
		rotate.Exact(func(memory func() string) { a.memory = memory }),
	}, s.options...)
	if s.plan != nil {
		options = append(options, rotate.WithPlan(s.plan()))
	}
	go func() {
		died := true
		defer func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			a.ended, a.died = true, died
		}()
		a.result, a.err = rotate.Reconcile(context.Background(), a.zone, desired, options...)
		died = false
	}()
	synctest.Wait()
	return a
}

// pause notes when the run goes on.
func (a *actor) pause(_ context.Context, d time.Duration) error {
	if d > 0 {
		a.set(func() { a.wake = time.Now().Add(d) })
		time.Sleep(d)
		a.set(func() { a.wake = time.Time{} })
	}
	return nil
}

func (a *actor) set(change func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change()
}

// RoundTrip waits at the gate until the request is let through, or its context ends: then
// it has not been sent.
func (a *actor) RoundTrip(r *http.Request) (*http.Response, error) {
	g := &gated{request: r, done: make(chan verdict, 1)}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		g.body = string(body)
	}
	a.set(func() { a.pending = g })
	select {
	case v := <-g.done:
		if v.die {
			runtime.Goexit()
		}
		return v.response, v.err
	case <-r.Context().Done():
		a.set(func() { a.pending = nil })
		return nil, r.Context().Err()
	}
}

// operation returns the name of the request's operation.
func (g *gated) operation() string {
	settings, item := strings.HasSuffix(g.request.URL.Path, "/settings"), !strings.HasSuffix(g.request.URL.Path, "/origin_tls_client_auth")
	switch m := g.request.Method; {
	case settings && m == http.MethodGet:
		return "GetSettings"
	case settings:
		return "SetSettings"
	case m == http.MethodPost:
		return "UploadCertificate"
	case m == http.MethodDelete:
		return "DeleteCertificate"
	case item:
		return "GetCertificate"
	}
	return "ListCertificates"
}

// release lets a request of a run through, with a failure or none.
func (s *stage) release(a *actor, f failure) error {
	g := a.pending
	a.set(func() { a.pending = nil })
	s.last = a
	var wrong error
	switch {
	case f.lost:
		g.done <- verdict{err: errConnection}
	case f.dies == "before":
		g.done <- verdict{die: true}
	default:
		s.next = f.fault
		if s.next.Hide != "" {
			s.next.Hide = s.newestOfRuns().ID
		}
		before, enabled := s.sim.Certificates(s.zoneID), s.sim.Enabled(s.zoneID)
		response, err := s.serve(g)
		s.next = originpulltest.Fault{}
		wrong = cmp.Or(g.check(), s.checkRequest(a, before, enabled))
		if g.operation() == "ListCertificates" {
			a.heard = ""
		}
		a.heard += heard(g, response, err)
		g.done <- verdict{response: response, err: err, die: f.dies == "after"}
	}
	if f.name != "" {
		s.harmed = true
	}
	synctest.Wait()
	return cmp.Or(wrong, s.check())
}

// serve sends a request to the simulator.
func (s *stage) serve(g *gated) (response *http.Response, err error) {
	defer func() {
		if recover() != nil {
			response, err = nil, errConnection
		}
	}()
	r := g.request.Clone(context.Background())
	r.Body = io.NopCloser(strings.NewReader(g.body))
	w := httptest.NewRecorder()
	s.sim.Handler().ServeHTTP(w, r)
	if s.blurred {
		body := s.blur(w.Body.String())
		w.Body.Reset()
		w.Body.WriteString(body)
		w.Header().Del("Content-Length")
	}
	response = w.Result()
	response.Request = g.request
	return response, nil
}

// blur makes the times of upload of certificates that are not trusted unreadable.
func (s *stage) blur(body string) string {
	for _, c := range s.sim.Certificates(s.zoneID) {
		if _, trusted := s.trusted[fingerprint(c)]; !trusted {
			body = strings.ReplaceAll(body, c.UploadedOn.Format(time.RFC3339Nano), "some time ago")
		}
	}
	return body
}

// abandon ends the runs.
func (s *stage) abandon() {
	for synctest.Wait(); ; synctest.Wait() {
		for _, a := range s.actors {
			if g := a.pending; g != nil {
				a.set(func() { a.pending = nil })
				g.done <- verdict{die: true}
			}
		}
		synctest.Wait()
		if !slices.ContainsFunc(s.actors, func(a *actor) bool { return !a.ended }) {
			return
		}
		s.nextChange()
		time.Sleep(time.Minute) // a run pauses
	}
}
