package drift

import "fmt"

// Diff lists what changed on the wire, and editorially, from one document to a
// newer one, each change once, the gravest first. An empty list means that the
// two say the same.
func Diff(old, new *Document, scope Scope) ([]Finding, error) {
	before, after, err := buildBoth(old, new, scope)
	if err != nil {
		return nil, err
	}
	return compareGraphs(before, after)
}

func buildBoth(old, new *Document, scope Scope) (before, after *graph, err error) {
	if before, err = build(old, scope); err != nil {
		return nil, nil, inDocument(old, "the older document", err)
	}
	if after, err = build(new, scope); err != nil {
		return nil, nil, inDocument(new, "the newer document", err)
	}
	return before, after, nil
}

func inDocument(d *Document, otherwise string, err error) error {
	if d.source != "" {
		otherwise = d.source
	}
	return fmt.Errorf("%s: %w", otherwise, err)
}

// compareGraphs walks two graphs, and makes sure that a difference in meaning
// cannot pass without a finding.
func compareGraphs(old, new *graph) ([]Finding, error) {
	w, err := newWalk(old, new)
	if err != nil {
		return nil, err
	}
	same := w.wire[old.root.index] == w.wire[new.root.index]
	if err := w.run(old, new); err != nil {
		return nil, err
	}
	findings, err := w.findings()
	if err != nil {
		return nil, err
	}
	for _, f := range findings {
		same = same || f.Class != Editorial
	}
	if !same {
		findings = append([]Finding{unhandled()}, findings...)
	}
	return findings, nil
}

func unhandled() Finding {
	kind := kindNamed("unhandled")
	f := Finding{Kind: kind.Name, Class: kind.Any, Meaning: kind.Meaning, Before: "the fingerprints differ", Where: []Where{{Place: "the document"}}}
	f.seal()
	return f
}
