package drift

import (
	"context"
	"fmt"
	"io"

	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
	"github.com/originpull/originpull-go/internal/printable"
)

// Report is what differs between two documents. [Check] and [DiffReport] make it.
type Report struct {
	Old string `json:"old"` // where the older document, or ours, came from
	New string `json:"new"` // where the newer document, or theirs, came from
	// Fingerprint is that of the newer document, before any correction.
	Fingerprint string `json:"fingerprint"`
	// Operations is how many operations both documents have.
	Operations int `json:"operations"`
	// Version is how this version was accepted before, if it was.
	Version *Acceptance `json:"version,omitempty"`
	// Findings are the open ones, the most severe first.
	Findings []Finding `json:"findings"`
	// Accepted are the findings that the lock accepts.
	Accepted []Finding `json:"accepted,omitempty"`
	// Notes say what could not be compared.
	Notes []Note `json:"notes,omitempty"`
	// Unused are the ids of entries of the lock that are about nothing that
	// differs now.
	Unused []string `json:"unused,omitempty"`
	// Next says what to do about the findings: a command if none is breaking. It is empty
	// if there are none.
	Next string `json:"-"`

	ours bool // the older document is ours
}

// Source returns where the newer document came from, as the lock records it: a URL, or
// the name of a file without its folder.
func (r *Report) Source() string { return document.RecordedSource(r.New) }

// DiffReport compares two documents as [Diff] does, with the classes of the
// configuration.
func DiffReport(ctx context.Context, old, new *Document, c *Config) (*Report, error) {
	before, after, err := buildBoth(old, new, c.Scope())
	if err != nil {
		return nil, err
	}
	r := &Report{Old: old.Source(), New: new.Source(), Operations: common(before, after)}
	found, err := compare.Graphs(ctx, before, after, nil)
	if err != nil {
		return nil, err
	}
	if r.Notes, err = notesOn(c.Scope(), side{old.in, before}, side{new.in, after}); err != nil {
		return nil, err
	}
	r.Findings = findingsOf(found)
	c.classify(r.Findings)
	r.Findings = grouped(r.Findings)
	if c.Spec != "" && len(r.Findings) > 0 {
		r.Next = nextDiff
	}
	r.Fingerprint, err = after.Fingerprint()
	return r, err
}

// common counts the operations that two graphs have in common.
func common(old, new *graph.Graph) int {
	n := 0
	for _, e := range old.Root.Edges {
		if new.Root.Edge(e.Label) != nil {
			n++
		}
	}
	return n
}

// AtLeast reports whether an open finding is as severe as a threshold, which is a class,
// or "any", which each finding reaches, or "none", which no finding reaches.
func (r *Report) AtLeast(threshold string) bool {
	if threshold == "any" {
		threshold = string(Editorial)
	}
	for _, f := range r.Findings {
		if threshold != "none" && f.Class.AtLeast(Class(threshold)) {
			return true
		}
	}
	return false
}

// Write writes the report as text, json, markdown or github, the last being
// the annotations of a GitHub workflow.
func (r *Report) Write(w io.Writer, format string) error {
	switch format {
	case "json":
		shown := *r
		shown.Findings = append([]Finding{}, r.Findings...) // a list, also if there are none
		return printable.WriteJSON(w, &shown)
	case "markdown":
		_, err := io.WriteString(w, r.markdown())
		return err
	case "github":
		_, err := io.WriteString(w, r.github())
		return err
	}
	_, err := io.WriteString(w, r.text())
	return err
}

func (r *Report) summary() string {
	text := r.found()
	if len(r.Notes) > 0 {
		text += "; " + printable.Count(len(r.Notes), "note")
	}
	return text
}

func (r *Report) found() string {
	count := map[Class]int{}
	for _, f := range r.Findings {
		count[f.Class]++
	}
	if len(r.Findings) == 0 {
		if len(r.Accepted) > 0 {
			return fmt.Sprintf("in step: nothing new, %s accepted before", printable.Count(len(r.Accepted), "finding"))
		}
		return "in step: nothing differs"
	}
	text := printable.Count(len(r.Findings), "finding") + fmt.Sprintf(": %d breaking, %d additive, %d editorial", count[Breaking], count[Additive], count[Editorial])
	if len(r.Accepted) > 0 {
		text += fmt.Sprintf("; %d more accepted before", len(r.Accepted))
	}
	return text
}
