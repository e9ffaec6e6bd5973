package contract

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/originpull/originpull-go/internal/printable"
)

// Outcome is how a case ended.
type Outcome string

// The outcomes.
const (
	Passed       Outcome = "passed"
	Failed       Outcome = "failed"
	Skipped      Outcome = "skipped"
	KnownFailure Outcome = "known failure"
	Inconclusive Outcome = "inconclusive" // it could not be run to its end
)

// Result is the result of one case.
type Result struct {
	Case       string        `json:"case"`
	Operation  string        `json:"operation,omitempty"`
	Status     int           `json:"status,omitempty"`
	Claim      string        `json:"claim"`
	Source     string        `json:"source"`
	Outcome    Outcome       `json:"outcome"`
	Reason     string        `json:"reason,omitempty"`
	Violations []Violation   `json:"violations,omitempty"`
	Drift      []Drift       `json:"drift,omitempty"`
	Exchanges  int           `json:"exchanges"`
	Duration   time.Duration `json:"duration"` // nanoseconds in JSON
	// Flaky is set if the case failed at first and passed when it was run again, alone.
	// Violations are then those of the first run.
	Flaky bool `json:"flaky,omitempty"`

	cells, met []Cell          // what the case covers, and what was met
	responses  map[string]bool // the statuses and bodies that it received
	carriedOut bool            // one of them was a success
	late       bool            // its time was over
	denied     bool            // every request was refused because of its credentials
}

// Report is the result of a run.
type Report struct {
	Target   string     `json:"target"`
	Started  time.Time  `json:"started"`
	Results  []Result   `json:"results"`
	Coverage []Coverage `json:"coverage"`
	// Unfinished is how many more responses are attainable, which only known failures and
	// inconclusive cases are about.
	Unfinished int  `json:"unfinished,omitempty"`
	Strict     bool `json:"strict,omitempty"`
	Partial    bool `json:"partial,omitempty"` // Target.Only selected the cases
	// Error says why the run could not begin, or could not be finished.
	Error    string `json:"error,omitempty"`
	cause    error
	alike    bool // every request of a complete run got the same response
	refusing bool // in a complete run, every request of the cases that passed was refused
}

// Count returns the number of cases that ended in an outcome.
func (r Report) Count(outcome Outcome) (n int) {
	for _, result := range r.Results {
		if result.Outcome == outcome {
			n++
		}
	}
	return n
}

// Exchanges returns the number of requests that were sent.
func (r Report) Exchanges() (n int) {
	for _, result := range r.Results {
		n += result.Exchanges
	}
	return n
}

// Drift returns what the responses held beyond the document, each once with all
// the places where it was found.
func (r Report) Drift() (all []Drift) {
	for _, result := range r.Results {
		all = merged(all, result.Drift...)
	}
	return all
}

func addWhere(all []DriftPlace, one DriftPlace) []DriftPlace {
	for i, where := range all {
		if where.Place != one.Place {
			continue
		}
		if !slices.Contains(where.Operations, one.Operations[0]) {
			all = slices.Clone(all)
			all[i].Operations = append(slices.Clone(where.Operations), one.Operations[0])
		}
		return all
	}
	return append(slices.Clone(all), one)
}

// Err returns why the run is not a success, nil if it is one: a case failed or is
// inconclusive, a response that could be provoked was never received, nothing was
// verified, or, if Strict is set, there is drift. Nothing is verified if no case was run,
// if in none that passed the provider responded, or if it responded to every request with
// the same.
func (r Report) Err() error {
	var why []string
	add := func(n int, noun, what string) {
		if n > 0 {
			why = append(why, strings.TrimSuffix(printable.Count(n, noun)+" "+what, " "))
		}
	}
	if r.Error != "" {
		why = append(why, r.Error)
	}
	add(r.Count(Failed), "case", "failed")
	add(r.Count(Inconclusive), "case", "inconclusive")
	add(r.unmet(), "attainable response", "never received")
	if nothing := r.nothingVerified(); nothing != "" {
		why = append(why, nothing)
	}
	if r.Strict {
		add(len(r.Drift()), "kind", "of drift")
	}
	if len(why) == 0 {
		return nil
	}
	return &runError{fmt.Sprintf("contract with %s: %s", r.Target, strings.Join(why, ", ")), r.cause}
}

// runError says why a run is not a success, and keeps its cause.
type runError struct {
	what  string
	cause error
}

func (e *runError) Error() string { return e.what }
func (e *runError) Unwrap() error { return e.cause }

// empty reports whether no case was run.
func (r Report) empty() bool { return r.Count(Skipped) == len(r.Results) }

// Verified returns the number of cases that passed and in which the provider responded.
func (r Report) Verified() (n int) {
	for _, result := range r.Results {
		if result.Outcome == Passed && result.Exchanges > 0 {
			n++
		}
	}
	return n
}

// nothingVerified returns why what passed proves nothing, "" if it proves something.
func (r Report) nothingVerified() string {
	switch {
	case r.empty():
		return "no case was run"
	case r.Count(Failed) > 0: // that says enough
		return ""
	case r.Verified() == 0:
		return "nothing was verified: in no case that passed the provider responded"
	case r.alike:
		return "nothing was verified: every request got the same response"
	case r.refusing:
		return "nothing was verified: in no case that passed was a request carried out"
	}
	return ""
}

// Inconclusive reports whether a run that is not a success proves nothing: no case
// failed, but the run or some of its cases could not be finished, or nothing was
// verified.
func (r Report) Inconclusive() bool {
	return r.Count(Failed) == 0 && (r.Error != "" || r.Count(Inconclusive) > 0 || r.nothingVerified() != "")
}

// denied reports whether all that failed in a complete run failed because the
// provider refused the credentials, and no request succeeded.
func (r Report) denied() bool {
	if r.Partial || r.Count(Failed) == 0 {
		return false
	}
	return !slices.ContainsFunc(r.Results, func(one Result) bool {
		return one.Outcome == Failed && !one.denied ||
			slices.ContainsFunc(one.met, func(c Cell) bool { return c.Status/100 == 2 }) ||
			slices.ContainsFunc(one.Violations, func(v Violation) bool { return v.Side == SDK })
	})
}

// WriteText writes the report as text for people.
func (r Report) WriteText(w io.Writer) error {
	var b strings.Builder
	printable.Fprintf(&b, "contract with %s: %d passed, %d failed, %d skipped, %s, %d inconclusive; %s\n",
		r.Target, r.Count(Passed), r.Count(Failed), r.Count(Skipped), printable.Count(r.Count(KnownFailure), "known failure"), r.Count(Inconclusive), printable.Count(r.Exchanges(), "exchange"))
	if r.Error != "" {
		printable.Fprintf(&b, "ERROR: %s\n", r.Error)
	}
	for _, result := range r.Results {
		result.write(&b)
	}
	r.writeSkipped(&b)
	r.writeCoverage(&b)
	for _, d := range r.Drift() {
		printable.Fprintf(&b, "drift %s (%s): %s, %s\n", d.ID, d.Class, d.Meaning, d.After)
		for _, where := range d.Where {
			printable.Fprintf(&b, "    at %s of %s\n", where.Place, strings.Join(where.Operations, ", "))
		}
		if d.Overlay != "" {
			b.WriteString(indent(d.Overlay))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r Result) write(b *strings.Builder) {
	if r.Flaky {
		printable.Fprintf(b, "FLAKY %s: %s: %v\n", r.Case, r.Reason, r.Violations)
	}
	switch r.Outcome {
	case Passed, Skipped:
		return
	}
	printable.Fprintf(b, "%s %s %s\n      claim: %s [%s]\n", strings.ToUpper(string(r.Outcome)), r.Case, r.Reason, r.Claim, r.Source)
	for _, violation := range r.Violations {
		printable.Fprintf(b, "      %s\n", violation)
	}
}

// writeSkipped lists what was skipped, by reason.
func (r Report) writeSkipped(b *strings.Builder) {
	reasons := map[string][]string{}
	for _, result := range r.Results {
		if result.Outcome == Skipped {
			reasons[result.Reason] = append(reasons[result.Reason], result.Case)
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		printable.Fprintf(b, "SKIPPED %d, %s: %s\n", len(reasons[reason]), reason, strings.Join(reasons[reason], ", "))
	}
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ") + "\n"
}
