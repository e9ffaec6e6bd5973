package originpull_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/originpull/originpull-go/originpull"
)

// bodyCounter counts the responses' bodies that come, and those that are closed.
type bodyCounter struct {
	http.RoundTripper
	came, closed atomic.Int64
}

func (c *bodyCounter) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.RoundTripper.RoundTrip(r)
	if err == nil {
		c.came.Add(1)
		resp.Body = &countedBody{ReadCloser: resp.Body, counter: c}
	}
	return resp, err
}

type countedBody struct {
	io.ReadCloser
	counter *bodyCounter
	closed  bool
}

func (b *countedBody) Close() error {
	if !b.closed {
		b.closed = true
		b.counter.closed.Add(1)
	}
	return b.ReadCloser.Close()
}

// write says a over a real connection. The server itself cuts what announces more
// than there is.
func (a response) write(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.Header().Set("Cf-Ray", ray)
	switch {
	case a.length > 0:
		w.Header().Set("Content-Length", strconv.FormatInt(a.length, 10))
	case a.length == 0 && a.status != http.StatusNoContent:
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	io.WriteString(w, a.body)
}

// TestNothingIsLeftBehind goes through every response over TCP and TLS, and then
// counts goroutines and bodies. It is not parallel: other tests have goroutines of
// their own.
func TestNothingIsLeftBehind(t *testing.T) {
	before := runtime.NumGoroutine()
	for net, start := range map[string]func(http.Handler) *httptest.Server{
		"TCP": httptest.NewServer, "TLS": httptest.NewTLSServer,
	} {
		var handle http.HandlerFunc
		server := start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handle(w, r) }))

		transport := server.Client().Transport.(*http.Transport)
		counter := &bodyCounter{RoundTripper: transport}
		zone := newZone(t, counter, originpull.WithBaseURL(server.URL), originpull.WithBodyLimit(testLimit))
		for _, op := range operations(t) {
			for name, want := range op.responses {
				served := example(t, name)
				handle = func(w http.ResponseWriter, r *http.Request) { served.about(withBody(r)).write(w) }
				if got, err := op.call(t.Context(), zone); err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("%s over %s: the caller gets %+v: %v", op.id, net, got, err)
				}
			}
			for _, f := range slices.Concat(ofTheService(t), ofTheGateway(t), ofOthers(t)) {
				handle = func(w http.ResponseWriter, _ *http.Request) { f.write(w) }
				// A client of its own: one that has to wait does wait.
				zone := newZone(t, counter, originpull.WithBaseURL(server.URL), originpull.WithBodyLimit(testLimit))
				_, err := op.call(t.Context(), zone)
				wantErrors(t, err, f.is...)
			}
			ctx, cancel := context.WithCancel(t.Context())
			handle = func(_ http.ResponseWriter, r *http.Request) {
				io.Copy(io.Discard, r.Body) // only then does the server see that the client is gone
				cancel()
				<-r.Context().Done()
				panic(http.ErrAbortHandler) // or else an empty response would race with the end of the call
			}
			if _, err := op.call(ctx, zone); !errors.Is(err, context.Canceled) {
				t.Errorf("%s over %s: a call that is given up returns %v", op.id, net, err)
			}
		}
		transport.CloseIdleConnections()
		server.Close()
		if came, closed := counter.came.Load(), counter.closed.Load(); came == 0 || came != closed {
			t.Errorf("over %s %d responses came and %d bodies were closed", net, came, closed)
		}
	}
	wantGoroutines(t, before)
}

// withBody returns a request that a server got, with a body that can be read again.
func withBody(r *http.Request) *http.Request {
	body := must(io.ReadAll(r.Body))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	return r
}

// wantGoroutines requires that no more than n goroutines run, as soon as those
// that are ending have ended.
func wantGoroutines(t *testing.T, n int) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 500 {
		if runtime.NumGoroutine() <= n {
			return
		}
		<-tick.C
	}
	stacks := make([]byte, 1<<16)
	t.Errorf("%d goroutines run, before it were %d:\n%s", runtime.NumGoroutine(), n, stacks[:runtime.Stack(stacks, true)])
}
