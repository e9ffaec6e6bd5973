package drift

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// Report is what was found between two documents.
type Report struct {
	Old string `json:"old"` // where the older document, or ours, came from
	New string `json:"new"`
	// Fingerprint is that of the newer document, before any correction.
	Fingerprint string `json:"fingerprint"`
	// Operations is how many operations were compared.
	Operations int `json:"operations"`
	// Version is how this version was accepted before, if it was.
	Version  *Acceptance `json:"version,omitempty"`
	Findings []Finding   `json:"findings"`
	Accepted []Finding   `json:"accepted,omitempty"`
	// Unused are the ids of entries of the lock that are about nothing that
	// differs now.
	Unused []string `json:"unused,omitempty"`
	// Next tells people what to do about findings.
	Next string `json:"-"`

	ours bool // the older document is ours
}

const (
	nextCheck = `change our document, correct theirs by an overlay, or record that it was looked at with "drift accept DOC --reason WHY --id ID"`
	nextDiff  = `"drift check NEW" tells which of these concern our document`
)

// DiffReport compares two documents as [Diff] does, with the classes of the
// configuration.
func DiffReport(ctx context.Context, old, new *Document, c *Config) (*Report, error) {
	before, after, err := buildBoth(old, new, c.Scope())
	if err != nil {
		return nil, err
	}
	r := &Report{Old: old.source, New: new.source, Operations: common(before, after), Next: nextDiff}
	if r.Findings, err = compareGraphs(ctx, before, after); err != nil {
		return nil, err
	}
	c.Classify(r.Findings)
	r.Fingerprint, err = after.fingerprint()
	return r, err
}

// common counts the operations that two graphs have in common.
func common(old, new *graph) int {
	n := 0
	for _, e := range old.root.edges {
		if new.root.edge(e.label) != nil {
			n++
		}
	}
	return n
}

// Reaches tells whether a finding is as grave as a threshold: a class, "any"
// or "none".
func (r *Report) Reaches(threshold string) bool {
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

// encodeJSON writes a value as people read it too.
func encodeJSON(w io.Writer, value any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(value)
}

// Write writes the report as text, json, markdown or github, the last being
// the annotations of a GitHub workflow.
func (r *Report) Write(w io.Writer, format string) error {
	switch format {
	case "json":
		return encodeJSON(w, r)
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

// Change says in one line where a finding is and what it changes.
func (f Finding) Change() string {
	var places []string
	for _, w := range f.Where {
		place := w.Place
		if place == "" {
			place = strings.Join(w.Operations, ", ")
		}
		places = append(places, place)
	}
	const most = 2
	if len(places) > most {
		places = append(places[:most], fmt.Sprintf("%d more", len(places)-most))
	}
	text := f.Meaning
	if len(places) > 0 {
		text += ", at " + strings.Join(places, ", ")
	}
	return printable(text + f.values())
}

// values says what a finding changes into what, after a colon.
func (f Finding) values() string {
	switch {
	case f.Before != "" && f.After != "":
		return ": " + f.Before + " → " + f.After
	case f.Before+f.After != "":
		return ": " + f.Before + f.After
	}
	return ""
}

// printable keeps what a document says from acting on a terminal or a log.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	const most = 500
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

func (r *Report) summary() string {
	count := map[Class]int{}
	for _, f := range r.Findings {
		count[f.Class]++
	}
	if len(r.Findings) == 0 {
		if len(r.Accepted) > 0 {
			return fmt.Sprintf("in step: nothing new, %s accepted before", CountFindings(len(r.Accepted)))
		}
		return "in step: nothing differs"
	}
	text := CountFindings(len(r.Findings)) + fmt.Sprintf(": %d breaking, %d additive, %d editorial", count[Breaking], count[Additive], count[Editorial])
	if len(r.Accepted) > 0 {
		text += fmt.Sprintf("; %d more accepted before", len(r.Accepted))
	}
	return text
}

// CountFindings says how many findings there are: "1 finding", "2 findings".
func CountFindings(n int) string {
	if n == 1 {
		return "1 finding"
	}
	return fmt.Sprintf("%d findings", n)
}
