package drift

import (
	"context"
	"fmt"
)

// Diff lists what changed on the wire, and editorially, from one document to a
// newer one, each change once, the gravest first. An empty list means that the
// two say the same.
func Diff(ctx context.Context, old, new *Document, scope Scope) ([]Finding, error) {
	before, after, err := buildBoth(old, new, scope)
	if err != nil {
		return nil, err
	}
	found, err := compareGraphs(ctx, before, after)
	return findingsOf(found), err
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
	if d.Source() != "" {
		otherwise = d.Source()
	}
	return fmt.Errorf("%s: %w", otherwise, err)
}
