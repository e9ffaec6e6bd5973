package rotate

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/originpull/originpull-go/originpull"
)

// ErrNoProgress says that a run ended because it waited too long for something.
var ErrNoProgress = errors.New("no progress")

const (
	// patience is how long a run pauses while nothing changes in the zone, longest how long in
	// all. What the API makes it wait counts for the latter only. outage is how long a run goes
	// on while no request succeeds.
	patience = 5 * time.Minute
	longest  = time.Hour
	outage   = 2 * time.Minute
	// lag is how long a list may not show what was uploaded.
	lag = time.Minute
)

// Result is what a run did and how it left the zone.
type Result struct {
	// Certificate is the desired certificate as it was last seen.
	Certificate Certificate
	// Enabled is the zone's enablement, as it was last seen or set.
	Enabled bool
	// Changes are the steps that changed the zone, in their order. One whose response was lost
	// is among them, though it may have had no effect; one that was refused is not.
	Changes []Step
	// Superseded are the other certificates that the run has deleted, also while they are still
	// being deleted.
	Superseded []Certificate
	// Leaving are the other certificates that are being deleted. If the deletion times
	// out, the next run deletes them again.
	Leaving []Certificate
	// Kept are the other certificates that stay, because of Desired.Grace or
	// Desired.RenewBefore, or because it is not known whether they are older.
	Kept []Certificate
	// NextAt is when a further run has something to do, by the clock of the API: the end of
	// Desired.Grace, or Desired.RenewBefore before the live certificate expires. It is zero if
	// nothing is left to do.
	NextAt time.Time
	// Warnings say what could not be known, or is not as usual.
	Warnings []string
}

// Ensure makes pair the live certificate of the zone: it uploads it if it is not there,
// waits until it is active, deletes those that were uploaded before, and enables the zone. It
// is [Reconcile] with nothing else desired. A zone for which all that holds costs two
// requests, which change nothing.
func Ensure(ctx context.Context, zone *originpull.Zone, pair originpull.KeyPair, options ...Option) (Result, error) {
	return Reconcile(ctx, zone, Desired{Pair: pair}, options...)
}

// Reconcile makes the desired state hold for the zone, or finds that it holds. It looks at
// the zone, makes one change, and looks again. It keeps no state but in the zone, so after a
// failure, a crash or the end of its context, another run, anywhere, completes the work.
//
// It waits for deployments, up to a minute, and for lists to catch up. If it has paused for five
// minutes and nothing has changed, or for an hour in all, the error is [ErrNoProgress]; if no
// request succeeds for two minutes it is the last failure. A client whose requests wait for the
// rate limit makes it slower, and if each deletion waits for more than five seconds, the end is
// ErrNoProgress too. It does not wait for the end of Desired.Grace: then Result.NextAt is set.
//
// The error is [ErrSuperseded], [ErrDeployment], [ErrNotProven] or [ErrUndecided], one of
// package originpull such as [originpull.ErrDenied], or the context's. The Result says how far
// the run came, also beside an error.
func Reconcile(ctx context.Context, zone *originpull.Zone, desired Desired, options ...Option) (Result, error) {
	r, err := newRun(ctx, zone, desired, options)
	if err != nil {
		return Result{}, err
	}
	return r.run(ctx)
}

func (r *run) run(ctx context.Context) (Result, error) {
	for pause := time.Duration(0); ; {
		r.paused += pause
		if err := r.sleep(ctx, pause); err != nil {
			return r.result, r.interrupted(err)
		}
		seen, err := r.look(ctx)
		if err != nil {
			if pause, err = r.fail(ctx, "look at the zone", err); err != nil {
				return r.result, err
			}
			continue
		}
		step := r.plan(seen, r.want)
		r.begin(seen, step)
		switch step.Action {
		case Done:
			r.done(seen, step)
			return r.result, nil
		case Stop:
			return r.result, fmt.Errorf("rotate: %w", step.Err)
		case Wait:
			if pause, err = r.wait(step); err != nil {
				return r.result, err
			}
			continue
		}
		err = r.take(ctx, seen, step)
		r.end(step, err)
		if pause, err = r.after(ctx, step, err); err != nil {
			return r.result, err
		}
	}
}

// run is one call of Reconcile.
type run struct {
	config
	zone   *originpull.Zone
	want   Desired
	result Result
	tried  []Certificate // others that it has tried to delete

	known    Observed      // what it knows from before, see Observed
	enabled  *bool         // nil until it was read
	waits    int           // pauses in a row
	waited   time.Duration // since something has changed, without what the API made it wait
	paused   time.Duration // in all
	requests int
	state    string    // of the zone when it was last seen
	last     Step      // the last change that succeeded
	failing  time.Time // when the first request failed since one succeeded
	uploaded time.Time // when the desired certificate was uploaded
	reported bool      // the warnings about the zone's other settings
}

func newRun(ctx context.Context, zone *originpull.Zone, desired Desired, options []Option) (*run, error) {
	switch {
	case ctx == nil:
		return nil, invalid("the context is nil")
	case zone == nil:
		return nil, invalid("the zone is nil: get it from Client.Zone")
	}
	if err := desired.check(); err != nil {
		return nil, err
	}
	if err := desired.checkExpiry(time.Now()); err != nil {
		return nil, err
	}
	c, err := configure(options)
	if err != nil {
		return nil, err
	}
	r := &run{config: c, zone: zone, want: desired}
	if r.attach != nil {
		r.attach(r)
	}
	return r, nil
}

// begin notes what was seen.
func (r *run) begin(seen Observed, step Step) {
	s := seen.sort(r.want)
	if s.mine != nil {
		r.result.Certificate = *s.mine
		if !s.mine.leaving() {
			r.known.Last = *s.mine
		}
	}
	r.result.Enabled, r.result.Leaving = seen.Enabled, s.leaving
	r.result.Kept = slices.Concat(s.older, s.newer, s.unknown)
	r.tried = slices.DeleteFunc(r.tried, func(c Certificate) bool {
		there := slices.ContainsFunc(r.result.Kept, func(k Certificate) bool { return k.ID == c.ID })
		if !there {
			r.supersede(c)
		}
		return !there
	})
	if state := fmt.Sprint(seen.Certificates, seen.Enabled); state != r.state {
		r.state, r.waited = state, 0
	}
	if r.progress != nil {
		r.progress(Event{Zone: r.zone.ID(), Step: step})
	}
}

// end notes how a step ended.
func (r *run) end(step Step, err error) {
	if r.progress != nil {
		r.progress(Event{Zone: r.zone.ID(), Step: step, Ended: true, Err: err})
	}
}

// take makes one change, with one request, or asks one question.
func (r *run) take(ctx context.Context, seen Observed, step Step) error {
	switch step.Action {
	case Ask:
		warnings, err := askOrigins(ctx, r.want)
		r.result.Warnings = append(r.result.Warnings, warnings...)
		r.known.Asked = err == nil
		return err
	case Prove:
		if err := r.want.Prove(ctx); err != nil {
			return fmt.Errorf("%w: %w", ErrNotProven, err)
		}
		r.known.Proven = true
		return nil
	}
	before := r.requests
	r.result.Changes = append(r.result.Changes, step)
	err := r.change(ctx, seen, step)
	if r.requests == before || refused(err) {
		r.result.Changes = r.result.Changes[:len(r.result.Changes)-1]
	}
	return err
}

// refused reports whether the error is a response by which a request had no effect.
func refused(err error) bool {
	e, ok := errors.AsType[*originpull.Error](err)
	return ok && e.Status/100 == 4
}

// change makes one change, with one request.
func (r *run) change(ctx context.Context, seen Observed, step Step) error {
	switch step.Action {
	case Upload:
		certificate, err := r.zone.Certificates.Upload(ctx, r.want.Pair, r.once()...)
		if err == nil {
			r.known.Uploaded, r.known.Last, r.uploaded, r.known.Proven = true, view(certificate), time.Now(), false
			r.result.Certificate = r.known.Last
		}
		return err
	case Delete:
		return r.delete(ctx, seen, step.Certificate)
	case EnableZone:
		err := r.zone.Settings.Enable(ctx, r.once()...)
		return r.set(true, err)
	case DisableZone:
		err := r.zone.Settings.Disable(ctx, r.once()...)
		return r.set(false, err)
	}
	panic("rotate: no such action: " + string(step.Action))
}

// set notes the enablement that was set. If that is not known, it is read again.
func (r *run) set(enabled bool, err error) error {
	r.enabled = nil
	if err == nil {
		r.enabled, r.result.Enabled = &enabled, enabled
	}
	return err
}

// errStale says that a deletion was not sent, because the list that it rests on is too old.
var errStale = errors.New("the list of certificates is too old to delete by it")

// delete deletes a certificate while what was seen is fresh. A certificate that was deleted
// and uploaded again has its old id, so a late request could delete what another run has
// just uploaded.
func (r *run) delete(ctx context.Context, seen Observed, c Certificate) error {
	ctx, cancel := context.WithDeadlineCause(ctx, seen.At.Add(r.freshness), errStale)
	defer cancel()
	fresh := originpull.WithBeforeSend(func(context.Context) error {
		if time.Since(seen.At) >= r.freshness {
			return errStale
		}
		return nil
	})
	if c.Fingerprint == r.want.Pair.Fingerprint() {
		r.known.Last = Certificate{} // also if the response is lost: it may be deleted
	} else if !slices.ContainsFunc(r.tried, func(t Certificate) bool { return t.ID == c.ID }) {
		r.tried = append(r.tried, c)
	}
	_, err := r.zone.Certificates.Delete(ctx, c.ID, append([]originpull.CallOption{fresh}, r.once()...)...)
	if err == nil && c.Fingerprint != r.want.Pair.Fingerprint() {
		r.supersede(c)
	}
	return err
}

// supersede notes that the run has deleted another certificate.
func (r *run) supersede(c Certificate) {
	if !slices.ContainsFunc(r.result.Superseded, func(s Certificate) bool { return s.ID == c.ID }) {
		r.result.Superseded = append(r.result.Superseded, c)
	}
}

// after returns how long to pause after a step, or the error that ends the run.
func (r *run) after(ctx context.Context, step Step, err error) (time.Duration, error) {
	if err == nil {
		return r.succeeded(step)
	}
	switch {
	case step.Action == Ask || step.Action == Prove:
		if ctx.Err() != nil {
			return 0, r.interrupted(err)
		}
		return 0, fmt.Errorf("rotate: %s: %w", step.Action, err)
	case ctx.Err() != nil:
		return 0, r.interrupted(err)
	case errors.Is(err, errStale), errors.Is(err, originpull.ErrAlreadyExists), errors.Is(err, originpull.ErrConflict), errors.Is(err, originpull.ErrPendingDeployment):
		return r.wait(step)
	case step.Action == Delete && (errors.Is(err, originpull.ErrNotFound) || errors.Is(err, originpull.ErrAlreadyDeleted)):
		return r.wait(step)
	}
	return r.fail(ctx, step.String(), err)
}

// succeeded returns how long to pause after a step that succeeded. If it had succeeded before, and
// is planned again, it had no effect, or another program undoes it.
func (r *run) succeeded(step Step) (time.Duration, error) {
	again := step.Action == r.last.Action && step.Certificate.ID == r.last.Certificate.ID
	r.last, r.failing = step, time.Time{}
	if again {
		return r.wait(step)
	}
	r.waits, r.waited = 0, 0
	if step.Action == Upload {
		return r.spread(r.firstLook), nil
	}
	return 0, nil
}

// wait returns how long to pause before the next look: half of the first pause after an upload,
// then half as long again each time, four times at most. It returns [ErrNoProgress] if nothing has
// changed for too long, or the run takes too long.
func (r *run) wait(step Step) (time.Duration, error) {
	switch {
	case r.waited >= patience:
		return 0, fmt.Errorf("rotate: %w: nothing has changed for %s: %s", ErrNoProgress, r.waited.Round(time.Second), step)
	case r.paused >= longest:
		return 0, fmt.Errorf("rotate: %w: the run has waited for %s: %s", ErrNoProgress, r.paused.Round(time.Second), step)
	}
	pause := r.firstLook / 2
	for range min(r.waits, 4) {
		pause = pause * 3 / 2
	}
	r.waits++
	pause = r.spread(pause)
	r.waited += pause
	return pause, nil
}

// spread makes a pause longer by up to a fifth, at random, so that many runs do not send at the same time.
func (r *run) spread(d time.Duration) time.Duration {
	if r.exact {
		return d
	}
	return d + rand.N(d/5+1)
}

// fail returns how long to pause after a failure that may pass, or the error that ends the
// run.
func (r *run) fail(ctx context.Context, what string, err error) (time.Duration, error) {
	if ctx.Err() != nil {
		return 0, r.interrupted(err)
	}
	e, ok := errors.AsType[*originpull.Error](err)
	if !ok || !e.Retryable() && !errors.Is(err, originpull.ErrConflict) {
		return 0, fmt.Errorf("rotate: %s: %w", what, err)
	}
	now := time.Now()
	if r.failing.IsZero() {
		r.failing = now
	}
	if since := now.Sub(r.failing); since >= outage {
		return 0, fmt.Errorf("rotate: %s: no request has succeeded for %s: %w", what, since.Round(time.Second), err)
	}
	pause, stuck := r.wait(Step{Reason: what})
	if stuck != nil {
		return 0, fmt.Errorf("%w: %w", stuck, err)
	}
	return max(pause, e.RetryAfter), nil
}

// interrupted is the error if the context has ended.
func (r *run) interrupted(err error) error {
	if c := r.result.Certificate; c.ID != "" {
		return fmt.Errorf("rotate: the run ended early, the next one completes it; certificate %s was %s: %w", c.ID, c.Status, err)
	}
	return fmt.Errorf("rotate: the run ended early, the next one completes it: %w", err)
}
