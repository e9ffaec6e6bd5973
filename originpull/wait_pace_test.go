package originpull_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/originpull"
)

// TestWaitPace requires when Wait sends its requests, within a fifth of each pause.
func TestWaitPace(t *testing.T) {
	t.Parallel()
	const ms, s = time.Millisecond, time.Second
	usual := []time.Duration{s, 1500 * ms, 2250 * ms, 3375 * ms, 5062 * ms, 7593 * ms, 10 * s, 10 * s, 10 * s}
	for name, tt := range map[string]struct {
		options []originpull.CallOption
		first   time.Duration
		pauses  []time.Duration
	}{
		"by default":          {nil, 0, usual},
		"zero is the default": {[]originpull.CallOption{originpull.WithFirstPoll(0), originpull.WithPollInterval(0)}, 0, usual},
		"first poll":          {[]originpull.CallOption{originpull.WithFirstPoll(12 * s)}, 12 * s, usual},
		"first poll, longest": {[]originpull.CallOption{originpull.WithFirstPoll(time.Hour)}, time.Hour, usual},
		"interval":            {[]originpull.CallOption{originpull.WithPollInterval(4 * s)}, 0, slices.Repeat([]time.Duration{4 * s}, 9)},
		"interval, shortest":  {[]originpull.CallOption{originpull.WithPollInterval(100 * ms)}, 0, slices.Repeat([]time.Duration{100 * ms}, 9)},
		"interval, longest":   {[]originpull.CallOption{originpull.WithPollInterval(time.Hour)}, 0, slices.Repeat([]time.Duration{time.Hour}, 9)},
		"both":                {[]originpull.CallOption{originpull.WithFirstPoll(s), originpull.WithPollInterval(30 * s)}, s, slices.Repeat([]time.Duration{30 * s}, 9)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				pending := in(t, "pending_deployment").respond
				transport := newRecorder(inTurn(append(slices.Repeat([]way{pending}, len(tt.pauses)), in(t, "active").respond)...))
				ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
				defer cancel()
				if _, err := retryingZone(t, transport).Certificates.Wait(ctx, certificateID, originpull.StatusActive, tt.options...); err != nil {
					t.Fatal(err)
				}
				if transport.at[0] != tt.first {
					t.Errorf("the first request comes after %s, want %s", transport.at[0], tt.first)
				}
				for i, want := range tt.pauses {
					if got := transport.at[i+1] - transport.at[i]; got < want-want/5-ms || got > want+want/5+ms {
						t.Errorf("pause %d is %s, want %s and a fifth more or less", i+1, got, want)
					}
				}
			})
		})
	}
}

// TestWaitRefuses sends nothing if it is called in a way that cannot be meant.
func TestWaitRefuses(t *testing.T) {
	t.Parallel()
	var noContext context.Context
	later := originpull.WithFirstPoll(time.Hour)
	wait := func(option originpull.CallOption) func(context.Context, *originpull.Zone) error {
		return func(ctx context.Context, zone *originpull.Zone) error {
			_, err := zone.Certificates.Wait(ctx, certificateID, originpull.StatusActive, option)
			return err
		}
	}
	for name, call := range map[string]func(context.Context, *originpull.Zone) error{
		"negative first poll":     wait(originpull.WithFirstPoll(-1)),
		"first poll over an hour": wait(originpull.WithFirstPoll(time.Hour + 1)),
		"first poll in years":     wait(originpull.WithFirstPoll(math.MaxInt64)),
		"negative interval":       wait(originpull.WithPollInterval(-time.Second)),
		"interval of 5 ns":        wait(originpull.WithPollInterval(5)),
		"interval below 100 ms":   wait(originpull.WithPollInterval(100*time.Millisecond - 1)),
		"interval over an hour":   wait(originpull.WithPollInterval(time.Hour + 1)),
		"no context":              func(_ context.Context, zone *originpull.Zone) error { return wait(later)(noContext, zone) },
		"an empty zone":           func(ctx context.Context, _ *originpull.Zone) error { return wait(later)(ctx, new(originpull.Zone)) },
		"no status": func(ctx context.Context, zone *originpull.Zone) error {
			_, err := zone.Certificates.Wait(ctx, certificateID, "")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				transport := newRecorder(in(t, "active").respond)
				begin := time.Now()
				err := call(anHour(t), retryingZone(t, transport))
				if !errors.Is(err, originpull.ErrInvalidInput) || len(transport.at) > 0 || time.Since(begin) > 0 {
					t.Errorf("after %s and %d requests the caller gets %v", time.Since(begin), len(transport.at), err)
				}
			})
		})
	}
}
