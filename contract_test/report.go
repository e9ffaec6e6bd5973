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
	Untrusted    Outcome = "not trustworthy" // it could not be tried
)

// Result is what became of one case.
type Result struct {
	Case      string        `json:"case"`
	Operation string        `json:"operation,omitempty"`
	Status    int           `json:"status,omitempty"`
	Promise   string        `json:"promise"`
	Seen      string        `json:"seen"`
	Outcome   Outcome       `json:"outcome"`
	Reason    string        `json:"reason,omitempty"`
	Findings  []Finding     `json:"findings,omitempty"`
	Drift     []Drift       `json:"drift,omitempty"`
	Exchanges int           `json:"exchanges"`
	Duration  time.Duration `json:"duration"`
	// Flaky is set where the case failed at first and passed alone.
	Flaky bool `json:"flaky,omitempty"`

	cells, met []Cell // what it is about, and what was answered
	denied     bool   // every request was refused for its credentials
}

// Report is what a run found.
type Report struct {
	Target   string     `json:"target"`
	Started  time.Time  `json:"started"`
	Results  []Result   `json:"results"`
	Coverage []Coverage `json:"coverage"`
	Strict   bool       `json:"strict,omitempty"`
	Partial  bool       `json:"partial,omitempty"` // not all cases were to be run
	// Trouble says why the run could not be made, or not to its end.
	Trouble string `json:"trouble,omitempty"`
	cause   error
}

// Count tells how many cases ended in an outcome.
func (r Report) Count(outcome Outcome) (n int) {
	for _, result := range r.Results {
		if result.Outcome == outcome {
			n++
		}
	}
	return n
}

// Exchanges tells how many requests were made.
func (r Report) Exchanges() (n int) {
	for _, result := range r.Results {
		n += result.Exchanges
	}
	return n
}

// Drift lists what the answers held beyond the document, each once, with all the
// places where it was met.
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

// Err tells why the run is not good, nil if it is: a case failed, could not be
// tried or was never met; nothing was run; or, if strict, there is drift.
func (r Report) Err() error {
	var why []string
	add := func(n int, what string) {
		if n > 0 {
			why = append(why, fmt.Sprintf("%d %s", n, what))
		}
	}
	if r.Trouble != "" {
		why = append(why, r.Trouble)
	}
	add(r.Count(Failed), "cases failed")
	add(r.Count(Untrusted), "cases could not be tried")
	add(r.unmet(), "attainable answers were never met")
	if r.empty() {
		why = append(why, "no case was run")
	}
	if r.Strict {
		add(len(r.Drift()), "kinds of drift")
	}
	if len(why) == 0 {
		return nil
	}
	return &runError{fmt.Sprintf("contract with %s: %s", r.Target, strings.Join(why, ", ")), r.cause}
}

// runError says why a run is not good, and keeps what stopped it.
type runError struct {
	what  string
	cause error
}

func (e *runError) Error() string { return e.what }
func (e *runError) Unwrap() error { return e.cause }

// empty tells whether no case was run.
func (r Report) empty() bool { return r.Count(Skipped) == len(r.Results) }

// Untried tells whether a run that is not good says nothing: nothing failed, and it
// could not be made, or not to its end, or cases could not be tried, or none was.
func (r Report) Untried() bool {
	return r.Count(Failed) == 0 && (r.Trouble != "" || r.Count(Untrusted) > 0 || r.empty())
}

// denied tells whether a run of all cases was never granted anything, and failed
// for nothing else, nor for want of the SDK's sending the credentials.
func (r Report) denied() bool {
	if r.Partial || r.Count(Failed) == 0 {
		return false
	}
	return !slices.ContainsFunc(r.Results, func(one Result) bool {
		return one.Outcome == Failed && !one.denied ||
			slices.ContainsFunc(one.met, func(c Cell) bool { return c.Status/100 == 2 }) ||
			slices.ContainsFunc(one.Findings, func(f Finding) bool { return f.Side == SDK })
	})
}

// WriteText writes the report for people.
func (r Report) WriteText(w io.Writer) error {
	var b strings.Builder
	printable.Fprintf(&b, "contract with %s: %d passed, %d failed, %d skipped, %d known failures, %d not trustworthy; %d exchanges\n",
		r.Target, r.Count(Passed), r.Count(Failed), r.Count(Skipped), r.Count(KnownFailure), r.Count(Untrusted), r.Exchanges())
	if r.Trouble != "" {
		printable.Fprintf(&b, "TROUBLE: %s\n", r.Trouble)
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
		printable.Fprintf(b, "FLAKY %s: %s: %v\n", r.Case, r.Reason, r.Findings)
	}
	switch r.Outcome {
	case Passed, Skipped:
		return
	}
	printable.Fprintf(b, "%s %s %s\n      promised: %s [%s]\n", strings.ToUpper(string(r.Outcome)), r.Case, r.Reason, r.Promise, r.Seen)
	for _, finding := range r.Findings {
		printable.Fprintf(b, "      %s\n", finding)
	}
}

// writeSkipped says what was skipped, by reason.
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
