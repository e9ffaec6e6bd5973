package rotate_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/rotate"
)

// TestRenewBefore: a certificate that is valid for long enough is not replaced, and one of
// which that is not known is.
func TestRenewBefore(t *testing.T) {
	t.Parallel()
	const month = 30 * 24 * time.Hour
	pair := newPair(t)
	now := t0.Add(time.Hour)
	expires := func(c rotate.Certificate, in time.Duration) rotate.Certificate {
		c.ExpiresOn = now.Add(in)
		return c
	}
	old, newer := expires(at("a", 1, active), month+time.Second), expires(at("b", 3, active), month+time.Second)
	mine := at("0", 2, active)
	mine.ID, mine.Fingerprint = "mine", pair.Fingerprint()
	for _, test := range []struct {
		what  string
		seen  []rotate.Certificate
		known rotate.Observed
		want  rotate.Desired
		step  string
		err   error
	}{
		{what: "an empty zone", step: "upload"},
		{what: "valid for longer", seen: []rotate.Certificate{old}, step: "done a"},
		{what: "valid for as long", seen: []rotate.Certificate{expires(old, month)}, step: "upload"},
		{what: "the newest counts, and ends soon", seen: []rotate.Certificate{old, expires(at("b", 3, active), month)}, step: "upload"},
		{what: "the newest counts, and is valid for longer", seen: []rotate.Certificate{expires(old, month), newer}, step: "done b"},
		{what: "it is not active", seen: []rotate.Certificate{expires(at("a", 1, pending), 2*month)}, step: "upload"},
		{what: "it is being deleted", seen: []rotate.Certificate{expires(at("a", 1, deleting), 2*month)}, step: "upload"},
		{what: "when it expires is not known", seen: []rotate.Certificate{at("a", 1, active)}, step: "upload"},
		{what: "which one is the newest is not known", seen: []rotate.Certificate{old, expires(at("b", -1, active), time.Hour)}, step: "upload"},
		{what: "the API does not say the time", seen: []rotate.Certificate{old}, known: rotate.Observed{At: now}, step: "done a"},
		{what: "no time is known", seen: []rotate.Certificate{old}, known: rotate.Observed{Uploaded: false, Enabled: true}, step: "upload"},
		{what: "the rotation has begun", seen: []rotate.Certificate{old, mine}, step: "delete a"},
		{what: "the run has uploaded it", seen: []rotate.Certificate{old}, known: rotate.Observed{Now: now, Uploaded: true}, step: "upload"},
		{what: "a newer one than the desired one", seen: []rotate.Certificate{mine, newer}, step: "done b"},
		{what: "a newer one, which may be replaced", seen: []rotate.Certificate{mine, newer}, want: rotate.Desired{Supersede: rotate.All()}, step: "done b"},
		{what: "a newer one that ends soon", seen: []rotate.Certificate{mine, expires(newer, month)}, step: "stop b", err: rotate.ErrSuperseded},
		{what: "disabled, as is not desired", seen: []rotate.Certificate{old}, want: rotate.Desired{Enablement: rotate.Enable}, step: "done a"},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			seen, want := test.known, test.want
			if !seen.Enabled && seen.At.IsZero() && seen.Now.IsZero() {
				seen.Now = now
			}
			seen.Certificates, want.Pair, want.RenewBefore = test.seen, pair, month
			step := rotate.Plan(seen, want)
			if got := strings.TrimSpace(string(step.Action) + " " + step.Certificate.ID); got != test.step || !errors.Is(step.Err, test.err) {
				t.Errorf("the next step is %q with the error %v, want %q and %v (%s)", got, step.Err, test.step, test.err, step)
			}
			preview := rotate.Preview(seen, want)
			if step.Action != rotate.Done {
				return
			}
			if due := step.Certificate.ExpiresOn.Add(-month); !step.NextAt.Equal(due) {
				t.Errorf("the next run is due at %s, want %s", step.NextAt, due)
			}
			if strings.HasPrefix(preview, "+") || strings.Contains(preview, "\n-") || !strings.Contains(preview, "Nothing to do before 2026-05-01T13:00:01Z") {
				t.Errorf("the preview of a run that changes nothing is\n%s", preview)
			}
		})
	}
}

// TestRenewBeforeRun: the run before it is due costs two requests, and says when the next
// one is due; that one rotates.
func TestRenewBeforeRun(t *testing.T) {
	inWorld(t, live, func(w world) {
		old, pair := newPair(w), newPair(w)
		w.add(old)
		want := rotate.Desired{Pair: pair, RenewBefore: time.Until(old.Leaf().NotAfter) - time.Hour}
		result, err := rotate.Reconcile(w.Context(), w.zone, want)
		if err != nil || len(result.Changes) != 0 || len(w.operations(0)) != 2 {
			w.Fatalf("a run before it is due: %+v, error %v, requests %v; want two requests that change nothing", result, err, w.operations(0))
		}
		if due := old.Leaf().NotAfter.Add(-want.RenewBefore); !result.NextAt.Equal(due) || len(result.Kept) != 1 {
			w.Errorf("the result is %+v, want the old one kept and the next run at %s", result, due)
		}
		if len(result.Warnings) != 1 || !strings.Contains(result.Warnings[0], "not enabled") {
			w.Errorf("the zone presents nothing, and the warnings are %q", result.Warnings)
		}
		time.Sleep(time.Until(result.NextAt) + time.Second)
		if result, err = rotate.Reconcile(w.Context(), w.zone, want); err != nil || !result.Enabled || len(result.Superseded) != 1 {
			w.Fatalf("the run that is due: %+v, error %v; want the certificate rotated", result, err)
		}
		w.presents(pair)
		want.RenewBefore = -1
		if _, err := rotate.Reconcile(w.Context(), w.zone, want); !errors.Is(err, originpull.ErrInvalidInput) {
			w.Errorf("a negative RenewBefore: the error is %v, want ErrInvalidInput", err)
		}
	})
}
