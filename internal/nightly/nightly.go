// Package nightly looks every night whether everything that must agree still does,
// and reports it: what passed, what failed, what was skipped and why, and what
// cannot be trusted.
package nightly

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/originpull/originpull-go/internal/printable"
)

// Outcome is how a part of the night, or a case of a part, ended.
type Outcome string

// The outcomes, from the best.
const (
	Passed       Outcome = "passed"
	Skipped      Outcome = "skipped"      // with the reason
	Inconclusive Outcome = "inconclusive" // it could not be found out
	Failed       Outcome = "failed"
)

var order = []Outcome{Passed, Skipped, Inconclusive, Failed}

// worse returns the graver of two outcomes.
func worse(a, b Outcome) Outcome {
	if slices.Index(order, a) > slices.Index(order, b) {
		return a
	}
	return b
}

// Part is what one part of the night came to.
type Part struct {
	Name     string        `json:"name"`
	Outcome  Outcome       `json:"outcome"`
	Reason   string        `json:"reason,omitempty"`
	Detail   string        `json:"detail,omitempty"`  // text for people
	Warning  string        `json:"warning,omitempty"` // what to look at though nothing failed
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

// Report is what a night came to.
type Report struct {
	Started  time.Time `json:"started"`
	Outcome  Outcome   `json:"outcome"` // the worst of the parts
	Warnings []string  `json:"warnings,omitempty"`
	Parts    []Part    `json:"parts"`
	// LastFetch is when the upstream document was last read, LastChange when it was
	// first read as it is now; zero if that is not known.
	LastFetch  time.Time `json:"last_fetch,omitzero"`
	LastChange time.Time `json:"last_change,omitzero"`
	history    history
}

// Check is a part that is to be run. Skipped parts name their reason.
type Check struct {
	Name string
	Run  func(context.Context, *Night) Part
}

// Night is what the parts share.
type Night struct {
	Upstream    string // file or https URL of the upstream document, "" for none
	Fingerprint string // of it, once it was read
}

// Run runs the checks one after the other and keeps the history in a file.
func Run(ctx context.Context, checks []Check, night *Night, historyFile string) Report {
	r := Report{Started: time.Now(), Outcome: Passed}
	past, err := readHistory(historyFile)
	if err != nil {
		r.add(Part{Name: "history", Outcome: Inconclusive, Reason: err.Error()})
	}
	for _, check := range checks {
		start := time.Now()
		part := check.Run(ctx, night)
		part.Name, part.Duration = check.Name, time.Since(start)
		if ctx.Err() != nil && part.Outcome != Failed {
			part.Outcome, part.Reason = Inconclusive, "stopped before its end"
		}
		r.add(part)
	}
	if len(checks) == 0 {
		r.add(Part{Name: "nightly", Outcome: Inconclusive, Reason: "there is nothing to run"})
	}
	r.history = past.with(r, night.Fingerprint)
	r.LastFetch, r.LastChange = r.history.LastFetch, r.history.LastChange
	r.warn()
	if err := r.history.write(historyFile); err != nil {
		r.add(Part{Name: "history", Outcome: Inconclusive, Reason: err.Error()})
	}
	return r
}

// add takes in a part. Its texts come from other programs and other sides, and go into
// reports and terminals.
func (r *Report) add(p Part) {
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
	r.Parts = append(r.Parts, p)
	r.Outcome = worse(r.Outcome, p.Outcome)
}

// What is suspiciously old: a document that changes every few weeks does not stand
// still for so long, and a fetch that works does so every night.
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
		r.Warnings = append(r.Warnings, fmt.Sprintf("the upstream document has not changed for %d days: is it still the one that upstream maintains?", age(r.LastChange)))
	}
}

// Status is the exit status that goes with the outcome.
func (r Report) Status() int {
	switch r.Outcome {
	case Failed:
		return 1
	case Inconclusive:
		return 2
	}
	return 0
}
