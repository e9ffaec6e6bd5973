package originpull_test

import (
	"context"
	"errors"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
)

var errShutdown = errors.New("the service shuts down")

// contextEnds are the ways in which a context ends after five seconds.
func contextEnds() map[string]func(context.Context) (context.Context, context.CancelFunc) {
	const after = 5 * time.Second
	return map[string]func(context.Context) (context.Context, context.CancelFunc){
		"cancelled": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return patience["by cancelling"](ctx, after)
		},
		"cancelled with a cause": func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			time.AfterFunc(after, func() { cancel(errShutdown) })
			return ctx, func() { cancel(nil) }
		},
		"deadline": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, after)
		},
		"deadline with a cause": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeoutCause(ctx, after, errShutdown)
		},
	}
}

// untilContextEnds waits for the end of the context, and fails as net/http does.
func untilContextEnds(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, context.Cause(r.Context())
}

// inTurn responds to the first request in the first way, and so on; to those that come
// after the last way in the last way.
func inTurn(ways ...func(*http.Request) (*http.Response, error)) roundTrip {
	n := 0
	return func(r *http.Request) (*http.Response, error) {
		n++
		return ways[min(n, len(ways))-1](r)
	}
}

func reset(*http.Request) (*http.Response, error) { return nil, syscall.ECONNRESET }

// cutPlace is a place where a context can end a call. A deadline does not end a pause
// that is as long as the call can know: the call fails before it.
type cutPlace struct {
	transport  roundTrip
	call       func(context.Context, *originpull.Zone) error
	byDeadline bool
	is         func(error) bool // the failure before
}

func getSettings(ctx context.Context, zone *originpull.Zone) error {
	_, err := zone.Settings.Get(ctx)
	return err
}

func cutPlaces(t *testing.T) map[string]cutPlace {
	hasStatus := func(status int) func(error) bool {
		return func(err error) bool {
			e, ok := errors.AsType[*originpull.Error](err)
			return ok && e.Status == status
		}
	}
	busy := response{status: 503, body: failureWith(503, 1000).body}.with("Retry-After", "60")
	conflict := example(t, "Conflict").with("Retry-After", "60")
	usedUp := response{status: 503, body: failureWith(503, 1000).body}.with("Ratelimit", `"d";r=0;t=60`)
	pair := newPair(t)
	upload := func(ctx context.Context, zone *originpull.Zone) error {
		_, err := zone.Certificates.Upload(ctx, pair)
		if !errors.Is(err, originpull.ErrOutcomeUnknown) {
			t.Errorf("of an upload whose response is lost the caller gets %v", err)
		}
		return err
	}
	wait := func(ctx context.Context, zone *originpull.Zone) error {
		_, err := zone.Certificates.Wait(ctx, certificateID, originpull.StatusActive)
		return err
	}
	return map[string]cutPlace{
		"during a request":                 {untilContextEnds, getSettings, true, hasStatus(0)},
		"pause after a response":           {busy.respond, getSettings, false, hasStatus(503)},
		"pause after a conflict":           {conflict.respond, getSettings, false, func(err error) bool { return errors.Is(err, originpull.ErrConflict) }},
		"request after a network error":    {inTurn(reset, untilContextEnds), getSettings, true, hasStatus(0)},
		"rate limit after a response":      {usedUp.respond, getSettings, false, hasStatus(503)},
		"search for an upload, the list":   {inTurn(reset, untilContextEnds), upload, true, func(err error) bool { return errors.Is(err, syscall.ECONNRESET) }},
		"search for an upload, its pauses": {inTurn(reset, example(t, "NoCertificates").respond, reset, example(t, "NoCertificates").respond, untilContextEnds), upload, true, func(err error) bool { return errors.Is(err, syscall.ECONNRESET) }},
		"deletion, the get that confirms": {inTurn(failureWith(400, 4711).respond, untilContextEnds), func(ctx context.Context, zone *originpull.Zone) error {
			_, err := zone.Certificates.Delete(ctx, certificateID)
			return err
		}, true, hasStatus(400)},
		"wait, during a request":      {inTurn(in(t, "pending_deployment").respond, untilContextEnds), wait, true, hasStatus(0)},
		"wait, pause after a success": {in(t, "pending_deployment").respond, wait, true, func(error) bool { return true }},
		"wait, pause after a failure": {inTurn(in(t, "pending_deployment").respond, example(t, "RateLimited").with("Retry-After", "60").respond), wait, false, hasStatus(429)},
		"wait, first poll fails":      {example(t, "Internal").respond, wait, true, hasStatus(500)},
	}
}

// TestContextCutsCall has the context end in every place where a call can be: the caller
// finds the context's error, its cause and the failure before.
func TestContextCutsCall(t *testing.T) {
	t.Parallel()
	for end, ending := range contextEnds() {
		for place := range cutPlaces(t) {
			t.Run(place+"/"+end, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p, begin := cutPlaces(t)[place], time.Now()
					ctx, cancel := ending(t.Context())
					defer cancel()
					if _, bounded := ctx.Deadline(); bounded && !p.byDeadline {
						return
					}
					err := p.call(ctx, retryingZone(t, p.transport))
					if !errors.Is(err, ctx.Err()) || !errors.Is(err, context.Cause(ctx)) {
						t.Errorf("the caller does not find %v and its cause %v in: %v", ctx.Err(), context.Cause(ctx), err)
					}
					if !p.is(err) {
						t.Errorf("the caller does not find the failure before in: %v", err)
					}
					if took := time.Since(begin); took != 5*time.Second {
						t.Errorf("the call ends after %s, its context after 5 s", took)
					}
				})
			})
		}
	}
}

// TestContextCutsQueue ends calls that wait for the rate limit, the first in the queue
// and one behind it.
func TestContextCutsQueue(t *testing.T) {
	t.Parallel()
	for end, ending := range contextEnds() {
		synctest.Test(t, func(t *testing.T) {
			zone := retryingZone(t, always(example(t, "Enabled").with("Ratelimit", `"d";r=0;t=60`)))
			must(zone.Settings.Get(t.Context()))
			ctx, cancel := ending(t.Context())
			defer cancel()
			if _, bounded := ctx.Deadline(); bounded {
				return // TestRefusedBeforeDeadline
			}
			failed := make(chan error, 2)
			for range 2 {
				go func() { failed <- getSettings(ctx, zone) }()
			}
			for range 2 {
				if err := <-failed; !errors.Is(err, ctx.Err()) || !errors.Is(err, context.Cause(ctx)) {
					t.Errorf("%s: the caller does not find %v and its cause %v in: %v", end, ctx.Err(), context.Cause(ctx), err)
				}
			}
		})
	}
}

// TestRefusedBeforeDeadline fails at once, and not after its deadline, if the deadline
// leaves no time: for the pause before another attempt, for the rate limit, and for the
// queue behind another call that waits for it.
func TestRefusedBeforeDeadline(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*testing.T) *originpull.Zone{
		"pause": func(t *testing.T) *originpull.Zone {
			return retryingZone(t, roundTrip(response{status: 503}.with("Retry-After", "60").respond))
		},
		"rate limit": func(t *testing.T) *originpull.Zone {
			zone := retryingZone(t, always(example(t, "Enabled").with("Ratelimit", `"d";r=0;t=60`)))
			must(zone.Settings.Get(t.Context()))
			return zone
		},
		"rate limit that is almost used up": func(t *testing.T) *originpull.Zone {
			zone := retryingZone(t, always(example(t, "Enabled").with("Ratelimit", `"d";r=3;t=300`).with("Ratelimit-Policy", `"d";q=100;w=300`)))
			must(zone.Settings.Get(t.Context()))
			must(zone.Settings.Get(t.Context()))
			return zone
		},
		"queue": func(t *testing.T) *originpull.Zone {
			zone := retryingZone(t, always(example(t, "Enabled").with("Ratelimit", `"d";r=0;t=60`)))
			must(zone.Settings.Get(t.Context()))
			go zone.Settings.Get(t.Context())
			synctest.Wait()
			return zone
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				zone := prepare(t)
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				defer cancel()
				begin := time.Now()
				_, err := zone.Settings.Get(ctx)
				if apiError(t, err).RetryAfter < time.Minute || errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 0 {
					t.Errorf("after %s the caller gets %v, want at once when the next request may be sent", time.Since(begin), err)
				}
			})
		})
	}
}

// TestCauseIsRedacted has a context whose cause repeats the token.
func TestCauseIsRedacted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("no longer valid: " + testpki.Token()))
	zone := retryingZone(t, roundTrip(untilContextEnds))
	for name, call := range map[string]func() error{
		"Get":  func() error { return getSettings(ctx, zone) },
		"Wait": func() error { _, err := zone.Certificates.Wait(ctx, certificateID, "active"); return err },
		"Wait before its first poll": func() error {
			_, err := zone.Certificates.Wait(ctx, certificateID, "active", originpull.WithFirstPoll(time.Second))
			return err
		},
	} {
		err := call()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: the caller does not find the context's error in %v", name, err)
		}
		wantNoMarks(t, name, err.Error())
	}
}
