package originpull_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// simulatedZone is a zone of a simulator, on a client with everything on.
func simulatedZone(t testing.TB, sim *originpulltest.Simulator, options ...originpull.Option) *originpull.Zone {
	t.Helper()
	client, err := originpull.New(append([]originpull.Option{originpull.WithToken(sim.Token()), originpull.WithTransport(sim.Transport())}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := client.Zone(sim.ZoneID())
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// tookEffect counts the uploads that took effect: those whose own response, replaced
// or lost on its way or not, held a certificate.
func tookEffect(sim *originpulltest.Simulator) (n int) {
	replaced := map[int]bool{}
	for _, event := range sim.Record() {
		switch {
		case event.Kind == originpulltest.FaultEvent && event.Operation == "UploadCertificate":
			replaced[event.Request] = event.Fault.Response != nil || event.Fault.Reject
		case event.Kind == originpulltest.ResponseEvent && event.Operation == "UploadCertificate" && event.Status == 200 && !replaced[event.Request]:
			n++
		}
	}
	return n
}

// sentBlindly counts the uploads that were sent though the response to the one before
// was lost, without a look at the list between them. What the API itself refuses,
// 409 and 429, took no effect.
func sentBlindly(sim *originpulltest.Simulator) (n int) {
	lost := false
	status := map[int]int{}
	for _, event := range sim.Record() {
		switch event.Kind {
		case originpulltest.ResponseEvent:
			status[event.Request] = event.Status
		case originpulltest.FaultEvent:
			if event.Fault.Response != nil {
				status[event.Request] = event.Fault.Response.Status
			}
		}
	}
	for _, event := range sim.Record() {
		switch {
		case event.Kind != originpulltest.RequestEvent:
		case event.Operation == "ListCertificates":
			lost = false
		case event.Operation == "UploadCertificate":
			if lost {
				n++
			}
			lost = status[event.Request] != http.StatusConflict && status[event.Request] != http.StatusTooManyRequests
		}
	}
	return n
}

// uploadFaults are what can happen to a request of an upload.
func uploadFaults() map[string]originpulltest.Fault {
	page := &originpulltest.Response{Status: 502, Header: http.Header{"Content-Type": {"text/html"}}, Body: "<html>bad gateway</html>"}
	return map[string]originpulltest.Fault{
		"lost":                       {Disconnect: originpulltest.Drop},
		"lost without effect":        {Reject: true, Disconnect: originpulltest.Drop},
		"cut":                        {Disconnect: originpulltest.Truncate, TruncateAt: 20},
		"cut at once":                {Disconnect: originpulltest.Truncate},
		"reset":                      {Disconnect: originpulltest.Reset},
		"500 without effect":         {Reject: true},
		"502 after effect":           {Response: page},
		"200 page after effect":      {Response: &originpulltest.Response{Status: 200, Header: page.Header, Body: page.Body}},
		"empty success after effect": {Response: &originpulltest.Response{Status: 200, Body: `{"success":true,"result":null}`}},
		"409 without effect":         {Reject: true, Response: &originpulltest.Response{Status: 409, Body: `{"success":false,"errors":[{"message":"in flight"}]}`}},
		"429 without effect":         {Reject: true, Response: &originpulltest.Response{Status: 429, Header: http.Header{"Retry-After": {"2"}}, Body: `{"success":false,"errors":[{"code":971,"message":"wait"}]}`}},
		"beyond the deadline":        {Delay: 10 * time.Minute},
		"beyond the transport's":     {Delay: 40 * time.Second}, // the transport of the test waits for 30 seconds
	}
}

// lastPoint is how many requests of an upload meet a fault, each kind in turn. Those
// that come after, where lists lag, repeat the same two questions.
var lastPoint = flag.Int("points", 8, "how many requests of an upload meet a fault in TestUploadOnce")

// TestUploadOnce lets every kind of fault happen to each request of an upload and
// of the search for what became of it: the first has to go wrong for there to be a
// second. Whatever happens, no upload takes effect twice, and what the caller is
// reported is so.
func TestUploadOnce(t *testing.T) {
	t.Parallel()
	runs := map[error]int{}
	points := *lastPoint
	if testing.Short() { // as where the race detector slows each
		points = min(points, 4)
	}
	for _, lag := range []time.Duration{0, 30 * time.Second} {
		for name, fault := range uploadFaults() {
			seconds := []string{name, "lost", "500 without effect", "502 after effect", "beyond the transport's"}
			slices.Sort(seconds)
			for _, second := range slices.Compact(seconds) {
				next := uploadFaults()[second]
				for point := 1; point <= points; point++ {
					rule := func(r originpulltest.Request) originpulltest.Fault {
						switch {
						case r.Number == 1:
							return fault
						case r.Number == point:
							return next
						}
						return originpulltest.Fault{}
					}
					if point == 1 && second == name {
						rule = originpulltest.Always(fault) // it never gets better
					}
					story := fmt.Sprintf("%s, then %s at request %d, lists lag %s", name, second, point, lag)
					asked, outcome := uploadOnce(t, story, lag, rule)
					runs[outcome]++
					if asked < point {
						break // later requests do not come
					}
				}
			}
		}
	}
	t.Logf("%d uploads returned the certificate, %d said that its fate is unknown, %d other failures",
		runs[nil], runs[originpull.ErrOutcomeUnknown], runs[errOther])
	if runs[nil] == 0 || runs[originpull.ErrOutcomeUnknown] == 0 {
		t.Error("the faults do not lead to both outcomes: what does this test prove?")
	}
}

var errOther = errors.New("other")

// pairOfUploads is what uploadOnce uploads. Call it in a bubble, in whose time the
// certificate is valid: all begin at the same one.
var pairOfUploads = sync.OnceValue(func() originpull.KeyPair {
	return must(originpull.KeyPairFromTLS(testpki.Leaf("client.example", nil).TLS()))
})

// uploadOnce uploads under a rule, and returns how many requests were made,
// and nil, ErrOutcomeUnknown or errOther.
func uploadOnce(t *testing.T, story string, lag time.Duration, rule originpulltest.Rule) (asked int, outcome error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.New(originpulltest.Options{ListLag: lag, Faults: rule})
		defer sim.Close()
		transport := sim.Transport().Clone()
		defer transport.CloseIdleConnections()
		transport.ResponseHeaderTimeout = 30 * time.Second
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		certificate, err := simulatedZone(t, sim, originpull.WithTransport(transport)).Certificates.Upload(ctx, pairOfUploads())
		for _, e := range sim.Record() {
			if e.Kind == originpulltest.RequestEvent {
				asked++
			}
		}
		sim.SetFaults(nil)
		time.Sleep(15 * time.Minute) // virtual: what is in flight takes effect now
		held := sim.Certificates(sim.ZoneID())
		if n := tookEffect(sim); n > 1 || len(held) > 1 {
			t.Errorf("%s: %d uploads took effect, and the zone holds %d certificates", story, n, len(held))
		}
		if n := sentBlindly(sim); n > 0 {
			t.Errorf("%s: %d uploads were sent again without a look for the one before", story, n)
		}
		switch outcome = err; {
		case err == nil && (len(held) != 1 || held[0].ID != certificate.ID):
			t.Errorf("%s: the caller gets certificate %q, the zone holds %d", story, certificate.ID, len(held))
		case errors.Is(err, originpull.ErrOutcomeUnknown):
			outcome = originpull.ErrOutcomeUnknown
		case err != nil:
			outcome = errOther
			if len(held) > 0 {
				t.Errorf("%s: the caller gets a plain failure, and the zone holds the certificate: %v", story, err)
			}
		}
	})
	return asked, outcome
}

// TestUploadOneFault meets each fault once, at the first request. One fault alone
// never leaves the caller in doubt, unless the context ends with it.
func TestUploadOneFault(t *testing.T) {
	t.Parallel()
	for name, fault := range uploadFaults() {
		for _, lag := range []time.Duration{0, 30 * time.Second} {
			_, outcome := uploadOnce(t, name, lag, originpulltest.Script(fault))
			if name == "beyond the deadline" {
				continue // TestUploadOnce has it
			}
			if outcome != nil {
				t.Errorf("%s, lists lag %s: the caller gets %v, want the certificate", name, lag, outcome)
			}
		}
	}
}

// TestUploadWithoutDoubt lists failures of uploads that say for sure that nothing
// took effect, so nothing is looked for.
func TestUploadWithoutDoubt(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	for name, tt := range map[string]struct {
		respond  httpmock.Responder
		attempts int
		is       []error
	}{
		"no connection":       {httpmock.NewErrorResponder(refused), 5, nil},
		"refused credentials": {example(t, "Denied").respond, 1, []error{originpull.ErrDenied}},
		"malformed":           {example(t, "Unparsable").respond, 1, nil},
		"exists":              {example(t, "AlreadyExists").respond, 1, []error{originpull.ErrAlreadyExists}},
		"in flight":           {example(t, "Conflict").respond, 6, []error{originpull.ErrConflict}},
		"rate limited":        {example(t, "RateLimited").respond, 5, []error{originpull.ErrRateLimited}},
		"a page under 404":    {response{status: 404, body: "<html>"}.respond, 1, []error{originpull.ErrMalformedResponse}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				mock := httpmock.NewMockTransport()
				mock.RegisterResponder("POST", collectionURL, tt.respond)
				_, err := retryingZone(t, mock).Certificates.Upload(t.Context(), newPair(t))
				wantErrors(t, err, tt.is...)
				if errors.Is(err, originpull.ErrOutcomeUnknown) {
					t.Errorf("the caller is left in doubt: %v", err)
				}
				if n := mock.GetTotalCallCount(); n != tt.attempts || apiError(t, err).Attempts != tt.attempts {
					t.Errorf("%d requests were made and the error says %d, want %d", n, apiError(t, err).Attempts, tt.attempts)
				}
			})
		})
	}
}

// TestUploadNotSent ends the context before anything is sent.
func TestUploadNotSent(t *testing.T) {
	t.Parallel()
	mock := httpmock.NewMockTransport()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := retryingZone(t, mock).Certificates.Upload(ctx, newPair(t))
	if !errors.Is(err, context.Canceled) || errors.Is(err, originpull.ErrOutcomeUnknown) {
		t.Errorf("of an upload that was never sent the caller gets %v", err)
	}
	if e := apiError(t, err); e.Attempts != 0 || mock.GetTotalCallCount() != 0 {
		t.Errorf("%d requests were made, and the error says %d attempts", mock.GetTotalCallCount(), e.Attempts)
	}
}

// TestUploadSearchEnds never finds out what became of an upload: another one stays in
// flight for ever. Upload returns after two minutes all the same.
func TestUploadSearchEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin, lost := time.Now(), false
		zone := retryingZone(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			switch {
			case r.Method == http.MethodGet:
				return example(t, "NoCertificates").respond(r)
			case !lost:
				lost = true
				return nil, io.ErrUnexpectedEOF
			}
			return example(t, "Conflict").respond(r)
		}))
		_, err := zone.Certificates.Upload(anHour(t), newPair(t))
		if !errors.Is(err, originpull.ErrOutcomeUnknown) || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("the caller gets %v, want that the outcome is unknown and why", err)
		}
		if took := time.Since(begin); took != 2*time.Minute {
			t.Errorf("the search takes %s, want the two minutes that Upload promises", took)
		}
	})
}

// TestUploadOfOnce makes one request only, and looks for nothing.
func TestUploadOfOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.NewServer(t, originpulltest.Options{Faults: originpulltest.Script(originpulltest.Fault{Disconnect: originpulltest.Drop})})
		defer sim.Close()
		_, err := simulatedZone(t, sim).Certificates.Upload(t.Context(), newPair(t), originpull.WithoutRetry())
		if e := apiError(t, err); e.Attempts != 1 || len(sim.Record()) != 3 {
			t.Errorf("an upload without retries made %d attempts; the record has %d events, want a request, a fault and a response", e.Attempts, len(sim.Record()))
		}
	})
}

// TestUploadAgain uploads what the zone deletes, or has deleted, and loses the
// response: a certificate that is re-uploaded after deletion is pending_deletion for a while.
func TestUploadAgain(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]time.Duration{"while it is deleted": 0, "once it is deleted": time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sim := originpulltest.NewServer(t, originpulltest.Options{DeployDelay: 20 * time.Second, DeleteDelay: 10 * time.Second, ListLag: 20 * time.Second})
				defer sim.Close()
				zone, pair := simulatedZone(t, sim), testpki.Leaf("client", nil)
				old := must(sim.AddCertificate(sim.ZoneID(), pair.TLS()))
				must(zone.Certificates.Delete(t.Context(), old.ID))
				time.Sleep(after) // virtual
				sim.SetFaults(originpulltest.Script(originpulltest.Fault{Disconnect: originpulltest.Drop}))
				got, err := zone.Certificates.Upload(t.Context(), must(originpull.KeyPairFromTLS(pair.TLS())))
				if err != nil {
					t.Fatalf("the upload fails: %v", err)
				}
				if got, err = zone.Certificates.Wait(t.Context(), got.ID, originpull.StatusActive); err != nil || got.ID != old.ID {
					t.Errorf("the caller gets certificate %q, the zone has %q: %v", got.ID, old.ID, err)
				}
			})
		})
	}
}

// TestFollowUps asks what became of a lost upload, and of a deletion that is refused,
// with the headers of the call: behind a gate that wants one, every other request
// would be refused. WithResponse keeps the response of the call itself.
func TestFollowUps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked []string
		zone := retryingZone(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			if asked = append(asked, r.Method); r.Header.Get("X-Gate") != "open" {
				return response{status: 403, header: http.Header{"Content-Type": {"text/html"}}, body: "<html>gate"}.respond(r)
			}
			switch {
			case len(asked) == 1:
				return nil, io.ErrUnexpectedEOF
			case r.Method == http.MethodPost:
				return example(t, "PendingCertificate").respond(r)
			case r.Method == http.MethodDelete:
				return example(t, "AlreadyDeleted").respond(r)
			case strings.HasSuffix(r.URL.Path, "origin_tls_client_auth"):
				return example(t, "NoCertificates").respond(r)
			}
			deleted := example(t, "ActiveCertificate")
			deleted.body = strings.Replace(deleted.body, "active", "deleted", 1)
			return deleted.respond(r)
		}))
		gate := originpull.WithHeader("X-Gate", "open")
		if _, err := zone.Certificates.Upload(t.Context(), newPair(t), gate); err != nil || !slices.Equal(asked, []string{"POST", "GET", "POST"}) {
			t.Errorf("the requests are %v, the caller gets %v", asked, err)
		}
		var raw originpull.Response
		if _, err := zone.Certificates.Delete(t.Context(), certificateID, gate, originpull.WithResponse(&raw)); !errors.Is(err, originpull.ErrAlreadyDeleted) || raw.Status != 400 {
			t.Errorf("the response kept has status %d, the caller gets %v", raw.Status, err)
		}
	})
}
