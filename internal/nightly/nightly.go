// Package nightly checks every night whether the document, the SDK, the simulator and
// what others release still agree, and reports what passed, failed, was skipped, or
// could not be checked.
package nightly

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/originpull/originpull-go/internal/printable"
)

// Outcome is how a part of the night, or a case of a part, ended.
type Outcome string

// The outcomes, the best first.
const (
	Passed       Outcome = "passed"
	Skipped      Outcome = "skipped"      // with the reason
	Inconclusive Outcome = "inconclusive" // it could not be checked
	Failed       Outcome = "failed"
)

var order = []Outcome{Passed, Skipped, Inconclusive, Failed}

// worse returns the worse of two outcomes.
func worse(a, b Outcome) Outcome {
	if slices.Index(order, a) > slices.Index(order, b) {
		return a
	}
	return b
}

// Part is the result of one check.
type Part struct {
	Name     string        `json:"name"`
	Outcome  Outcome       `json:"outcome"`
	Verified int           `json:"verified"` // how many cases, tests, operations or packages are known to be good
	Reason   string        `json:"reason,omitempty"`
	Detail   string        `json:"detail,omitempty"`  // text for people
	Warning  string        `json:"warning,omitempty"` // what a person should look at though nothing failed
	Duration time.Duration `json:"duration"`
	Cases    []Case        `json:"cases,omitempty"`
}

// Case is one case of a part.
type Case struct {
	Name    string  `json:"name"`
	Outcome Outcome `json:"outcome"`
	Reason  string  `json:"reason,omitempty"`
	Flaky   bool    `json:"flaky,omitempty"`
}

// Report is the result of a night.
type Report struct {
	Started  time.Time `json:"started"`
	Outcome  Outcome   `json:"outcome"`        // the worst of the parts
	Only     []string  `json:"only,omitempty"` // the parts that were selected; empty for all
	Warnings []string  `json:"warnings,omitempty"`
	Parts    []Part    `json:"parts"`
	// DocumentOnly reports whether nothing is wrong but that upstream's document breaks
	// programs. The nightly workflow has an issue of its own for that.
	DocumentOnly bool `json:"document_only"`
	// LastFetch is when the upstream document was last read, LastChange when it was
	// first read as it is now; zero if that is not known.
	LastFetch  time.Time `json:"last_fetch,omitzero"`
	LastChange time.Time `json:"last_change,omitzero"`
	history    history
}

// Check is a check to run. A part that it skips has a reason.
type Check struct {
	Name string
	Run  func(context.Context, *Night) Part
}

// Night is what the checks share.
type Night struct {
	Upstream    string // file or https URL of the upstream document, "" for none
	Fingerprint string // of it, once it was read

	// Only is set if some parts were selected. Such a night is not kept in the history.
	Only []string

	// Begin, if not nil, is called when a check begins, and End when a part has ended.
	Begin func(check string)
	End   func(Part)
}

// begin says that a check begins.
func (n *Night) begin(check string) {
	if n.Begin != nil {
		n.Begin(check)
	}
}

// end says that a part has ended.
func (n *Night) end(p Part) {
	if n.End != nil {
		n.End(p)
	}
}

// Select returns the checks of some names, or those whose names begin so.
func Select(checks []Check, only []string) ([]Check, error) {
	var names []string
	for _, check := range checks {
		names = append(names, strconv.Quote(check.Name))
	}
	var selected []Check
	for _, check := range checks {
		if slices.ContainsFunc(only, func(name string) bool { return name != "" && strings.HasPrefix(check.Name, name) }) {
			selected = append(selected, check)
		}
	}
	for _, name := range only {
		if name == "" || !slices.ContainsFunc(selected, func(c Check) bool { return strings.HasPrefix(c.Name, name) }) {
			return nil, fmt.Errorf("there is no part %q: want %s, or how one begins", name, strings.Join(names, ", "))
		}
	}
	return selected, nil
}

// Run runs the checks one after the other and keeps the history in a file.
func Run(ctx context.Context, checks []Check, night *Night, historyFile string) Report {
	r := Report{Started: time.Now(), Outcome: Passed, Only: night.Only}
	add := func(p Part) { night.end(r.add(p)) }
	past, err := readHistory(historyFile)
	if err != nil {
		add(Part{Name: "history", Outcome: Inconclusive, Reason: err.Error()})
	}
	for _, check := range checks {
		night.begin(check.Name)
		start := time.Now()
		part := check.Run(ctx, night)
		part.Name, part.Duration = check.Name, time.Since(start)
		if ctx.Err() != nil && part.Outcome != Failed {
			part.Outcome, part.Reason = Inconclusive, "stopped before its end"
		}
		add(part)
	}
	switch {
	case len(checks) == 0:
		add(Part{Name: "nightly", Outcome: Inconclusive, Reason: "there is nothing to run"})
	case r.Outcome == Skipped && !slices.ContainsFunc(r.Parts, func(p Part) bool { return p.Outcome == Passed }):
		add(Part{Name: "nightly", Outcome: Inconclusive, Reason: "nothing was verified: every part was skipped"})
	}
	r.history = past.with(r, night.Fingerprint)
	r.LastFetch, r.LastChange = r.history.LastFetch, r.history.LastChange
	if len(night.Only) > 0 {
		return r
	}
	r.warn()
	if err := r.history.write(historyFile); err != nil {
		add(Part{Name: "history", Outcome: Inconclusive, Reason: err.Error()})
	}
	return r
}

// add adds a part and returns it as it was added: its texts come from other programs
// and go into reports and terminals, so they are made printable.
func (r *Report) add(p Part) Part {
	p.Reason, p.Warning = printable.Line(p.Reason), printable.Line(p.Warning)
	detail := strings.Split(p.Detail, "\n")
	for i, line := range detail {
		detail[i] = printable.Line(line)
	}
	p.Detail = strings.Join(detail, "\n")
	p.Cases = slices.Clone(p.Cases)
	for i := range p.Cases {
		p.Cases[i].Name, p.Cases[i].Reason = printable.Line(p.Cases[i].Name), printable.Line(p.Cases[i].Reason)
	}
	for _, c := range p.Cases {
		if c.Flaky {
			r.Warnings = append(r.Warnings, fmt.Sprintf("flaky: %s: %s", p.Name, c.Name))
		}
	}
	if p.Warning != "" {
		r.Warnings = append(r.Warnings, p.Name+": "+p.Warning)
	}
	if p.Outcome == Passed && p.Verified == 0 {
		p.Outcome, p.Reason = Inconclusive, strings.TrimSuffix("nothing was verified: "+p.Reason, ": ")
	}
	r.Parts = append(r.Parts, p)
	r.Outcome = worse(r.Outcome, p.Outcome)
	r.DocumentOnly = r.documentOnly()
	return p
}

// documentOnly works out [Report.DocumentOnly].
func (r *Report) documentOnly() bool {
	breaks := false
	for _, p := range r.Parts {
		switch {
		case p.Outcome == Passed || p.Outcome == Skipped:
		case p.Outcome == Failed && p.Name == driftPart:
			breaks = true
		case p.Outcome != Failed || p.Name != prismUpstreamPart:
			return false
		}
	}
	return breaks
}

// How old is suspicious: the document changes every few weeks, and is read every
// night.
const (
	oldFetch  = 3 * 24 * time.Hour
	oldChange = 45 * 24 * time.Hour
)

func (r *Report) warn() {
	age := func(t time.Time) int { return int(r.Started.Sub(t).Hours() / 24) }
	switch {
	case r.LastFetch.IsZero():
		r.Warnings = append(r.Warnings, "the upstream document has never been read, as far as is known")
		return
	case r.Started.Sub(r.LastFetch) > oldFetch:
		r.Warnings = append(r.Warnings, fmt.Sprintf("the upstream document was last read %d days ago", age(r.LastFetch)))
	}
	if r.Started.Sub(r.LastChange) > oldChange {
		r.Warnings = append(r.Warnings, fmt.Sprintf("the upstream document has not changed for %d days: does upstream still maintain it?", age(r.LastChange)))
	}
}

// Status returns the exit status for the outcome.
func (r Report) Status() int {
	switch r.Outcome {
	case Failed:
		return 1
	case Inconclusive:
		return 2
	}
	return 0
}
