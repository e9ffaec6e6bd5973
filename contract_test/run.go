package contract

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/originpull/originpull-go/originpull"
)

// Run runs the cases against a target. It fails as a whole, in Report.Trouble, if
// they cannot be run at all.
func Run(ctx context.Context, t Target) Report {
	if t.BaseURL == "" {
		t.BaseURL = originpull.DefaultBaseURL
	}
	r := Report{Target: t.Name, Strict: t.Strict, Partial: t.Only != nil, Started: time.Now()}
	held, err := hold(t.text(), t.BaseURL)
	if err == nil {
		err = t.check()
	}
	if err != nil {
		r.Trouble, r.cause = err.Error(), err
		return r
	}
	r.Results = runCases(ctx, t, held)
	if err := context.Cause(ctx); err != nil {
		r.Trouble, r.cause = fmt.Sprintf("stopped before the end: %v", err), err
	} else if r.denied() {
		r.Trouble, r.cause = "every request was refused: the token is not valid, or lacks the permissions for this zone", originpull.ErrDenied
		for i := range r.Results {
			r.Results[i].withdraw()
		}
	}
	if r.Partial {
		r.cover(nil)
	} else {
		r.cover(attainableBy(t.Can))
	}
	return r
}

// runCases runs one case after the other, or several at once where each has a
// world of its own.
func runCases(ctx context.Context, t Target, held *held) []Result {
	var cases []Case
	for _, c := range Cases() {
		if t.Only == nil || t.Only(c) {
			cases = append(cases, c)
		}
	}
	results, run := make([]Result, len(cases)), cmp.Or(t.run, runName())
	var running sync.WaitGroup
	slots := make(chan struct{}, t.atOnce())
	for i, c := range cases {
		slots <- struct{}{}
		running.Go(func() {
			results[i] = runCase(ctx, t, held, c, run)
			<-slots
		})
	}
	running.Wait()
	for i, c := range cases {
		if !t.Again || results[i].Outcome != Failed {
			continue
		}
		if again := runCase(ctx, t, held, c, run); again.Outcome == Passed {
			again.Flaky, again.Reason, again.Findings = true, "it failed at first, and passed alone", results[i].Findings
			results[i] = again
		}
	}
	return results
}

// runName names a run: its start and some chance.
func runName() string { return time.Now().UTC().Format("20060102T150405Z") + "-" + rand.Text()[:6] }

// runCase runs one case and looks at what came up.
func runCase(ctx context.Context, t Target, held *held, c Case, run string) (result Result) {
	result = Result{Case: c.Name, Operation: c.Operation, Status: c.Status, Promise: c.Promise, Seen: c.Seen}
	if why := c.skip(t.Can); why != "" {
		result.Outcome, result.Reason = Skipped, why
		return result
	}
	if err := ctx.Err(); err != nil {
		result.Outcome, result.Reason = Untrusted, "stopped before it was run"
		return result
	}
	s := newScene(t, held, run)
	defer s.leave()
	if t.begin != nil {
		t.begin(c.Name)
	}
	start := time.Now()
	timed, cancel := t.timeFor(ctx)
	err := s.play(timed, c)
	cancel()
	untried := s.cutShort(ctx, err)
	if untried != "" {
		err = nil // what kept it from being played breaks no promise
	}
	if slices.Contains(t.Can, Memory) && t.open == nil {
		failed := s.cleanUp(ctx)
		switch what := "clean up: " + outcome(failed); {
		case failed == nil, errors.Is(context.Cause(ctx), ErrStopped): // the run's end cleans up, or tells
		case untried != "":
			untried += "; " + what
		default:
			err = errors.Join(err, errors.New(what))
		}
	}
	result.Duration = time.Since(start)
	result.take(s, c, err, untried, slices.Contains(t.Known, c.Name))
	return result
}

func newScene(t Target, held *held, run string) *Scene {
	s := &Scene{world: t.world(), run: run, can: t.Can}
	s.checker = &checker{held: held, next: s.transport, zoneID: s.zoneID, adds: t.Adds}
	s.base = s.checker
	s.Certificate.ID = exampleID
	if t.between != nil {
		s.base = t.between(s.checker)
	}
	return s
}

// leave closes the world and waits for what still runs in it.
func (s *Scene) leave() {
	if s.close != nil {
		s.close()
	}
	s.background.Wait()
}

// play goes through the steps of a case.
func (s *Scene) play(ctx context.Context, c Case) error {
	if slices.Contains(s.can, Memory) {
		if err := s.steps(ctx, c.Given); err != nil {
			return err
		}
	}
	s.prefer(c)
	if err := s.steps(ctx, c.Then); err != nil {
		return err
	}
	return s.met(c)
}

func (s *Scene) steps(ctx context.Context, steps []Step) error {
	for _, step := range steps {
		if err := step.Do(ctx, s); err != nil {
			return fmt.Errorf("%s: %s", step.Name, outcome(err))
		}
	}
	return nil
}

// met tells whether the answers that the case is about came.
func (s *Scene) met(c Case) error {
	seen := map[Cell]bool{}
	for _, x := range s.checker.since(0) {
		seen[Cell{x.Operation, x.Status}] = true
	}
	for _, cell := range c.cells() {
		if !seen[cell] {
			return fmt.Errorf("%s was never answered by %d", cell.Operation, cell.Status)
		}
	}
	return nil
}

// cutShort tells why a case that went wrong could not be played to its end, "" if it
// was: the run was stopped, or the last request got no answer.
func (s *Scene) cutShort(ctx context.Context, broken error) string {
	if broken == nil {
		return ""
	}
	if cause := context.Cause(ctx); cause != nil {
		return fmt.Sprintf("stopped before its end: %v", cause)
	}
	if exchanges := s.checker.since(0); len(exchanges) > 0 && exchanges[len(exchanges)-1].Status == 0 {
		return "no answer came: " + broken.Error()
	}
	return ""
}

// take makes the result of what came up: how the promise is broken, and why the case
// could not be tried to its end. What came up before that end counts.
func (r *Result) take(s *Scene, c Case, broken error, untried string, known bool) {
	for _, x := range s.checker.since(0) {
		r.Exchanges++
		r.met = append(r.met, Cell{x.Operation, x.Status})
		r.denied = x.denied() && (r.denied || r.Exchanges == 1)
		for _, d := range x.Drift {
			if !s.madeUp() || d.Kind != valueAdded { // a value that is made up says nothing
				r.Drift = append(r.Drift, d)
			}
		}
	}
	r.cells = c.cells()
	s.evidence.broken = broken
	if c.Beyond {
		s.evidence.answered = nil
		s.evidence.unformed = slices.DeleteFunc(s.evidence.unformed, func(what string) bool { return strings.HasSuffix(what, misfit) })
	}
	if s.madeUp() {
		s.evidence.unformed = nil // what is made up need not make sense
	}
	r.Findings = s.evidence.verdict()
	if slices.Contains(s.can, Examples) {
		for i := range r.Findings {
			if r.Findings[i].Side == Counterpart {
				r.Findings[i].Side = Document // it is what answers
			}
		}
	}
	switch failed := len(r.Findings) > 0; {
	case failed && known:
		r.Outcome, r.Reason = KnownFailure, "known to fail here"
	case failed:
		r.Outcome, r.Reason = Failed, untried
	case untried != "": // before what passes: what was not tried is not what is known
		r.Outcome, r.Reason = Untrusted, untried
	case known:
		r.Outcome, r.Reason = Failed, "it is on the list of known failures, and passes: take it off"
	default:
		r.Outcome = Passed
	}
}

// withdraw takes back a failure that was for want of credentials alone.
func (r *Result) withdraw() {
	if r.Outcome == Failed {
		r.Outcome, r.Reason, r.Findings = Untrusted, "its credentials were refused", nil
	}
}
