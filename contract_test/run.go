package contract

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/originpull/originpull-go/originpull"
)

// Run runs the cases against a target. If they cannot be run at all, Report.Error
// says why.
func Run(ctx context.Context, t Target) Report {
	if t.BaseURL == "" {
		t.BaseURL = originpull.DefaultBaseURL
	}
	r := Report{Target: t.Name, Strict: t.Strict, Partial: t.Only != nil, Started: time.Now(), Results: []Result{}, Coverage: []Coverage{}}
	docs, err := t.documents()
	if err == nil {
		err = t.check()
	}
	if err != nil {
		r.Error, r.cause = err.Error(), err
		return r
	}
	r.Results = runCases(ctx, t, docs)
	if err := context.Cause(ctx); err != nil {
		r.Error, r.cause = fmt.Sprintf("stopped before the end: %v", err), err
	} else if r.denied() {
		r.Error, r.cause = "every request was refused: the token is invalid, or lacks a permission for this zone", originpull.ErrDenied
		for i := range r.Results {
			r.Results[i].withdraw()
		}
	}
	r.alike, r.refusing = !r.Partial && alike(r.Results), !r.Partial && refusing(r.Results)
	if r.Partial {
		r.cover(nil)
	} else {
		r.cover(attainableBy(t.Capabilities))
	}
	return r
}

// alike reports whether every request of several cases got the same response.
func alike(results []Result) bool {
	all, asked := map[string]bool{}, 0
	for _, result := range results {
		maps.Copy(all, result.responses)
		asked += min(1, result.Exchanges)
	}
	return len(all) == 1 && asked > 1
}

// refusing reports whether in no case that passed a request was carried out. What is not the
// API may refuse all requests in the same words.
func refusing(results []Result) bool {
	return !slices.ContainsFunc(results, func(r Result) bool { return r.Outcome == Passed && r.carriedOut })
}

// runCases runs one case after the other, or several at once if each has an
// environment of its own.
func runCases(ctx context.Context, t Target, docs *documents) []Result {
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
		if t.atOnce() == 1 && waitsInVain(results[:i]) {
			t.CaseTime = patience
		}
		running.Go(func() {
			results[i] = runCase(ctx, t, docs, c, run)
			<-slots
		})
	}
	running.Wait()
	for i, c := range cases {
		if !t.RetryFailed || results[i].Outcome != Failed {
			continue
		}
		if again := runCase(ctx, t, docs, c, run); again.Outcome == Passed {
			again.Flaky, again.Reason, again.Violations = true, "it failed at first and passed when it was run again, alone", results[i].Violations
			results[i] = again
		}
	}
	return results
}

// waitsInVain reports whether two cases that were expected to pass have failed when their
// time was over: for what never comes, the further cases need not wait as long.
func waitsInVain(results []Result) bool {
	late := 0
	for _, r := range results {
		if r.late && r.Outcome == Failed {
			late++
		}
	}
	return late >= 2
}

// runName returns a unique name for a run.
func runName() string { return time.Now().UTC().Format("20060102T150405Z") + "-" + rand.Text()[:6] }

// runCase runs one case and judges it.
func runCase(ctx context.Context, t Target, docs *documents, c Case, run string) (result Result) {
	result = Result{Case: c.Name, Operation: c.Operation, Status: c.Status, Claim: c.Claim, Source: c.Source}
	if reason := c.skip(t.Capabilities); reason != "" {
		result.Outcome, result.Reason = Skipped, reason
		return result
	}
	if err := ctx.Err(); err != nil {
		result.Outcome, result.Reason = Inconclusive, "stopped before it was run"
		return result
	}
	s := newScene(t, docs, run)
	defer s.leave()
	if t.onCase != nil {
		t.onCase(c.Name)
	}
	start := time.Now()
	timed, cancel := t.timeFor(ctx)
	s.checker.contradicted = cancel // what such a provider says further proves nothing, and a wait could be in vain
	err := s.play(timed, c)
	result.late = errors.Is(timed.Err(), context.DeadlineExceeded)
	cancel()
	contradicted, why := s.checker.contradictions(), ""
	if !contradicted {
		why = s.interrupted(ctx, err)
	}
	if why != "" {
		err = nil // an interruption says nothing about the claim
	}
	if s.stateful() && t.open == nil {
		failed := s.cleanUp(ctx, contradicted)
		switch what := "clean up: " + outcome(failed); {
		case failed == nil, errors.Is(context.Cause(ctx), ErrStopped): // the end of the run cleans up, or reports it
		case why != "":
			why += "; " + what
		default:
			err = errors.Join(err, errors.New(what))
		}
	}
	result.Duration = time.Since(start)
	result.record(s, c, err, why, slices.Contains(t.KnownFailures, c.Name))
	return result
}

func newScene(t Target, docs *documents, run string) *scene {
	s := &scene{environment: t.environment(), run: run, capabilities: t.Capabilities}
	s.checker = &checker{documents: docs, next: s.transport, zoneID: s.zoneID, otherZone: s.otherZone, extraHeaders: t.ExtraHeaders, stateless: !s.stateful()}
	if s.stateful() {
		s.checker.memory = map[string]*memory{s.zoneID: newMemory(), s.otherZone: newMemory()}
	}
	s.base = s.checker
	s.Certificate.ID = exampleID
	if t.between != nil {
		s.base = t.between(s.checker)
	}
	return s
}

// leave closes the environment and waits for what still runs in it.
func (s *scene) leave() {
	if s.close != nil {
		s.close()
	}
	s.background.Wait()
}

// play runs the steps of a case.
func (s *scene) play(ctx context.Context, c Case) error {
	if s.stateful() {
		if err := s.steps(ctx, c.given); err != nil {
			return err
		}
	}
	s.prefer(c)
	if err := s.steps(ctx, c.then); err != nil {
		return err
	}
	return s.requireCells(c)
}

func (s *scene) steps(ctx context.Context, steps []step) error {
	for _, step := range steps {
		if err := step.do(ctx, s); err != nil {
			return fmt.Errorf("%s: %s", step.name, outcome(err))
		}
	}
	return nil
}

// requireCells requires the responses that the case covers.
func (s *scene) requireCells(c Case) error {
	seen := map[Cell]bool{}
	for _, x := range s.checker.since(0) {
		seen[Cell{x.Operation, x.Status}] = true
	}
	for _, cell := range c.cells() {
		if !seen[cell] {
			return fmt.Errorf("%s never responded with %d", cell.Operation, cell.Status)
		}
	}
	return nil
}

// interrupted returns why a failed case could not be finished, "" if it was: the run
// was stopped, or the last request got no response.
func (s *scene) interrupted(ctx context.Context, broken error) string {
	if broken == nil {
		return ""
	}
	if cause := context.Cause(ctx); cause != nil {
		return fmt.Sprintf("stopped before its end: %v", cause)
	}
	if exchanges := s.checker.since(0); len(exchanges) > 0 && exchanges[len(exchanges)-1].Status == 0 {
		return "no response: " + broken.Error()
	}
	return ""
}

// record fills the result: broken says how the claim is broken, interrupted why the
// case could not be finished. What was found before the interruption counts.
func (r *Result) record(s *scene, c Case, broken error, interrupted string, known bool) {
	r.responses = map[string]bool{}
	for _, x := range s.checker.since(0) {
		r.Exchanges++
		r.responses[fmt.Sprintf("%d %s", x.Status, x.Response.Body)] = true
		r.carriedOut = r.carriedOut || x.succeeded()
		r.met = append(r.met, Cell{x.Operation, x.Status})
		r.denied = x.denied() && (r.denied || r.Exchanges == 1)
		for _, d := range x.Drift {
			if !s.synthetic() || d.Kind != valueAdded { // a synthetic value says nothing
				r.Drift = append(r.Drift, d)
			}
		}
	}
	r.cells = c.cells()
	s.evidence.broken = broken
	if c.Undocumented {
		s.evidence.responseFaults = nil
		s.evidence.responseForm = slices.DeleteFunc(s.evidence.responseForm, func(what string) bool { return strings.HasSuffix(what, statusMismatch) })
	}
	if s.synthetic() {
		s.evidence.responseForm = nil // synthetic content need not make sense
	}
	r.Violations = s.evidence.verdict()
	if slices.Contains(s.capabilities, Examples) {
		for i := range r.Violations {
			if r.Violations[i].Side == Provider {
				r.Violations[i].Side = Document // the examples are its part
			}
		}
	}
	switch failed := len(r.Violations) > 0; {
	case failed && known:
		r.Outcome, r.Reason = KnownFailure, "a known failure"
	case failed:
		r.Outcome, r.Reason = Failed, interrupted
	case interrupted != "": // before known: an unfinished case has not passed
		r.Outcome, r.Reason = Inconclusive, interrupted
	case known:
		r.Outcome, r.Reason = Failed, "it is listed as a known failure and passes: take it off the list"
	default:
		r.Outcome = Passed
	}
}

// withdraw turns a failure into an inconclusive result if only the credentials were
// at fault.
func (r *Result) withdraw() {
	if r.Outcome == Failed {
		r.Outcome, r.Reason, r.Violations = Inconclusive, "its credentials were refused", nil
	}
}
