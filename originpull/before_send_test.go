package originpull_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
)

// TestBeforeSend asks a hook before each attempt, after its turn and before it is sent; an
// error of the hook ends the call, and nothing more is sent.
func TestBeforeSend(t *testing.T) {
	t.Parallel()
	errOld := errors.New("what was known is too old")
	for name, tt := range map[string]struct {
		refuseAt int // call of the hook that returns the error, 0 for none
		status   int // of each response
		requests int
		attempts int
		status0  bool
	}{
		"it agrees":                       {0, 200, 1, 1, false},
		"it refuses the first attempt":    {1, 200, 0, 0, true},
		"it refuses a repetition":         {3, 503, 2, 2, false},
		"it agrees to all that is needed": {6, 503, 5, 5, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sent, asked := 0, 0
				body := example(t, "Enabled")
				body.status = tt.status
				zone := retryingZone(t, roundTrip(func(r *http.Request) (*http.Response, error) {
					sent++
					if asked != sent {
						t.Errorf("request %d is sent after the hook was asked %d times", sent, asked)
					}
					return body.respond(r)
				}))
				_, err := zone.Settings.Get(t.Context(), originpull.WithBeforeSend(func(context.Context) error {
					if asked++; asked == tt.refuseAt {
						return errOld
					}
					return nil
				}))
				if sent != tt.requests {
					t.Errorf("%d requests are sent, want %d", sent, tt.requests)
				}
				refused := tt.refuseAt > 0 && asked == tt.refuseAt
				if errors.Is(err, errOld) != refused {
					t.Errorf("the caller gets %v; the hook refused: %t", err, refused)
				}
				if err == nil {
					return
				}
				if e := apiError(t, err); e.Attempts != tt.attempts || e.Status == 0 != tt.status0 {
					t.Errorf("the error says %d attempts and HTTP %d, want %d attempts: %v", e.Attempts, e.Status, tt.attempts, err)
				}
			})
		})
	}
}

// TestBeforeSendComesLast lets a call wait for the rate limit and behind another change: the
// hook is asked once the wait is over, and what it refuses is given back.
func TestBeforeSendComesLast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin, left := time.Now(), "0"
		zone := retryingZone(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			return example(t, "Enabled").with("Ratelimit", `"d";r=`+left+`;t=60`).with("Ratelimit-Policy", `"d";q=10;w=60`).respond(r)
		}))
		must(zone.Settings.Get(t.Context()))
		var at time.Duration
		errNo := errors.New("no")
		for range 30 { // more than a window has
			_, err := zone.Settings.Get(t.Context(), originpull.WithBeforeSend(func(context.Context) error {
				at = time.Since(begin)
				return errNo
			}))
			if !errors.Is(err, errNo) || errors.Is(err, originpull.ErrRateLimited) || at < time.Minute || at > 2*time.Minute {
				t.Fatalf("the hook is asked after %s, and the caller gets %v", at, err)
			}
		}
	})
}

// TestBeforeSendEndsWait: what the hook refuses is not tried again, and not taken for an
// outage that passes.
func TestBeforeSendEndsWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin, asked, errNo := time.Now(), 0, errors.New("no")
		certificate, err := retryingZone(t, always(example(t, "PendingCertificate"))).Certificates.Wait(t.Context(), certificateID, originpull.StatusActive,
			originpull.WithBeforeSend(func(context.Context) error {
				if asked++; asked == 3 {
					return errNo
				}
				return nil
			}))
		if !errors.Is(err, errNo) || certificate.ID != certificateID || time.Since(begin) > 10*time.Second {
			t.Errorf("after %s Wait returns %q and %v, want the certificate as last seen and the hook's error", time.Since(begin), certificate.ID, err)
		}
	})
}

// TestBeforeSendPanics survives a hook that panics: the next change of the zone goes on.
func TestBeforeSendPanics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		zone := retryingZone(t, always(example(t, "NothingToShow")))
		func() {
			defer func() { recover() }()
			zone.Certificates.Delete(t.Context(), certificateID, originpull.WithBeforeSend(func(context.Context) error { panic("of the user's") }))
		}()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := zone.Certificates.Delete(ctx, certificateID); err != nil {
			t.Errorf("after a hook has panicked: %v", err)
		}
		if _, err := zone.Settings.Get(ctx, originpull.WithBeforeSend(nil)); !errors.Is(err, originpull.ErrInvalidInput) {
			t.Errorf("no hook is taken for one: %v", err)
		}
	})
}

// TestBeforeSendOfFollowUps finds the hook's error where it refuses a further request of a
// call: the search after a lost upload, and the look after a refused deletion.
func TestBeforeSendOfFollowUps(t *testing.T) {
	t.Parallel()
	errNo := fmt.Errorf("a call of the hook's own: %w", originpull.ErrConflict)
	for name, tt := range map[string]struct {
		refuseFrom int
		call       func(context.Context, *originpull.Zone, originpull.CallOption) error
	}{
		"the search": {2, func(ctx context.Context, z *originpull.Zone, hook originpull.CallOption) error {
			_, err := z.Certificates.Upload(ctx, newPair(t), hook)
			return err
		}},
		"the repeated upload": {3, func(ctx context.Context, z *originpull.Zone, hook originpull.CallOption) error {
			_, err := z.Certificates.Upload(ctx, newPair(t), hook)
			return err
		}},
		"the look after a deletion": {2, func(ctx context.Context, z *originpull.Zone, hook originpull.CallOption) error {
			_, err := z.Certificates.Delete(ctx, certificateID, hook)
			return err
		}},
	} {
		synctest.Test(t, func(t *testing.T) {
			asked := 0
			hook := originpull.WithBeforeSend(func(context.Context) error {
				if asked++; asked >= tt.refuseFrom {
					return errNo
				}
				return nil
			})
			zone := retryingZone(t, roundTrip(func(r *http.Request) (*http.Response, error) {
				switch r.Method {
				case http.MethodPost:
					return nil, io.ErrUnexpectedEOF
				case http.MethodDelete:
					return failureWith(400, 1999).respond(r)
				}
				return example(t, "NoCertificates").respond(r)
			}))
			if err := tt.call(t.Context(), zone, hook); !errors.Is(err, errNo) || asked != tt.refuseFrom {
				t.Errorf("%s: the hook is asked %d times, want %d, and the caller gets %v", name, asked, tt.refuseFrom, err)
			}
		})
	}
}

// TestBeforeSendShowsNoSecret: the error of a hook is redacted as all others are.
func TestBeforeSendShowsNoSecret(t *testing.T) {
	t.Parallel()
	token := testpki.Token()
	zone := newZone(t, always(example(t, "Enabled")), originpull.WithToken(token))
	_, err := zone.Settings.Get(t.Context(), originpull.WithBeforeSend(func(context.Context) error { return errors.New("refused for " + token) }))
	if err == nil || strings.Contains(err.Error(), token) {
		t.Error("the error of a hook shows the token that it contains, or is lost")
	}
}
