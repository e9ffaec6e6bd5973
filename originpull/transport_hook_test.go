package originpull_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httputil"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

type contextKey struct{}

// TestAttemptHook reports every attempt of a call to each hook in turn.
func TestAttemptHook(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.New(originpulltest.Options{Faults: originpulltest.Script(
			originpulltest.Fault{Disconnect: originpulltest.Reset}, // the first: net/http itself repeats a GET that meets it on a connection used before
			originpulltest.Fault{Response: &originpulltest.Response{Status: 503}, Delay: 3 * time.Second},
		)})
		defer sim.Close()
		var order []string
		var attempts []originpull.Attempt
		zone := simulatedZone(t, sim,
			originpull.WithAttemptHook(func(ctx context.Context, a originpull.Attempt) {
				order, attempts = append(order, "first "+ctx.Value(contextKey{}).(string)), append(attempts, a)
			}),
			originpull.WithAttemptHook(func(context.Context, originpull.Attempt) { order = append(order, "second") }))
		if _, err := zone.Settings.Get(context.WithValue(t.Context(), contextKey{}, "of the call")); err != nil {
			t.Fatal(err)
		}
		if want := []string{"first of the call", "second", "first of the call", "second", "first of the call", "second"}; !reflect.DeepEqual(order, want) {
			t.Errorf("the hooks are called as %v, want %v", order, want)
		}
		for i, want := range []originpull.Attempt{{}, {Status: 503, Duration: 3 * time.Second}, {Status: 200}} {
			got := attempts[i]
			if got.Operation != "GetSettings" || got.Number != i+1 || got.Status != want.Status || got.Duration != want.Duration ||
				(got.RayID == "") != (want.Status == 0) || (got.Err != nil) != (want.Status == 0) {
				t.Errorf("attempt %d is reported as %+v, want %+v", i+1, got, want)
			}
		}
	})
}

// TestHookRefused takes no hook that is nil.
func TestHookRefused(t *testing.T) {
	t.Parallel()
	if _, err := originpull.New(originpull.WithAttemptHook(nil)); !errors.Is(err, originpull.ErrInvalidInput) {
		t.Errorf("a hook that is nil is taken: %v", err)
	}
}

// cassette is a transport that records exchanges and plays them again, as go-vcr
// does: it reads both bodies whole and puts others in their place.
type cassette struct {
	under http.RoundTripper // nil to play
	tape  [][2]string
}

func (c *cassette) RoundTrip(r *http.Request) (*http.Response, error) {
	var sent []byte
	if r.Body != nil {
		sent, _ = io.ReadAll(r.Body)
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(sent))
	}
	asked := r.Method + " " + r.URL.Path + " " + string(sent)
	if c.under == nil {
		if len(c.tape) == 0 || c.tape[0][0] != asked {
			return nil, errors.New("the tape does not know the request")
		}
		said := c.tape[0][1]
		c.tape = c.tape[1:]
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader([]byte(said))), Request: r}, nil
	}
	resp, err := c.under.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	said, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(said))
	c.tape = append(c.tape, [2]string{asked, string(said)})
	return resp, err
}

// TestRecordAndPlay goes through an upload with a recording transport, and again
// with what it recorded.
func TestRecordAndPlay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.New(originpulltest.Options{})
		defer sim.Close()
		pair, recorded := newPair(t), &cassette{under: sim.Transport()}
		story := func(transport http.RoundTripper) []string {
			zone := simulatedZone(t, sim, originpull.WithTransport(transport))
			cert := must(zone.Certificates.Upload(t.Context(), pair))
			if err := zone.Settings.Enable(t.Context()); err != nil {
				t.Fatal(err)
			}
			return []string{cert.ID, must(zone.Certificates.Find(t.Context(), pair.Leaf())).ID}
		}
		first := story(recorded)
		if again := story(&cassette{tape: recorded.tape}); !reflect.DeepEqual(first, again) || len(recorded.tape) != 3 {
			t.Errorf("played again the story is %v, recorded %v in %d exchanges", again, first, len(recorded.tape))
		}
	})
}

// TestDumpOfResponse dumps what a transport returns and what the SDK hands out:
// it holds no credential and no request.
func TestDumpOfResponse(t *testing.T) {
	t.Parallel()
	for kind, option := range clientsWithSecrets() {
		var dump []byte
		zone := newZone(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := example(t, "Enabled").respond(r)
			dump = must(httputil.DumpResponse(resp, true))
			return resp, err
		}), option)
		var response originpull.Response
		must(zone.Settings.Get(t.Context(), originpull.WithResponse(&response)))
		wantNoMarks(t, "the dump with "+kind, string(dump))
		for verb, shown := range shownAs(response) {
			wantNoMarks(t, "the response under "+verb, shown)
		}
	}
}
