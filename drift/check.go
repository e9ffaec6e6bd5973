package drift

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/overlay"
)

// Check compares a document with ours as the configuration says: corrected by
// the overlays, without the operations that are known, and with what the lock
// holds on the given day set apart.
//
// Pointers to the newer document lead into what [Slice] returns for it, since
// that is what was corrected.
func Check(ctx context.Context, doc *Document, c *Config, today time.Time) (*Report, error) {
	report, theirs, err := c.check(ctx, doc, today)
	if err != nil {
		return nil, err
	}
	return report, c.touch(report, theirs)
}

// check leaves out what the findings touch, which takes long where they are many.
func (c *Config) check(ctx context.Context, doc *Document, today time.Time) (*Report, *counterpart, error) {
	ours, err := c.ReadSpec(ctx)
	if err != nil {
		return nil, nil, err
	}
	before, err := build(ours, c.Scope())
	if err != nil {
		return nil, nil, inDocument(ours, "our document", err)
	}
	theirs, err := c.counterpart(doc, ours, before)
	if err != nil {
		return nil, nil, err
	}
	report := &Report{Old: c.Spec, New: doc.Source(), Fingerprint: theirs.fingerprint, Next: nextCheck, ours: true}
	report.Operations = common(before, theirs.graph)
	found, err := compareGraphs(ctx, before, theirs.graph)
	if err != nil {
		return nil, nil, err
	}
	report.Findings = append(findingsOf(found), theirs.findings...)
	c.Classify(report.Findings)
	lock, err := c.ReadLock()
	if err != nil {
		return nil, nil, err
	}
	lock.apply(report, today)
	return report, theirs, nil
}

// counterpart is a document as ours is compared with it: corrected, and
// without the operations that are known.
type counterpart struct {
	graph       *graph
	document    *Document // ours as it is
	ours        *graph    // of it
	fingerprint string    // of the document as it came
	findings    []Finding // on the corrections, and on what is known
}

func (c *Config) counterpart(doc, ours *Document, before *graph) (*counterpart, error) {
	raw, err := build(doc, c.Scope())
	if err != nil {
		return nil, inDocument(doc, "the document", err)
	}
	t := &counterpart{document: ours, ours: before}
	if t.fingerprint, err = raw.fingerprint(); err != nil {
		return nil, inDocument(doc, "the document", err)
	}
	slice, err := Slice(doc, c.Scope(), ours)
	if err != nil {
		return nil, inDocument(doc, "the document", err)
	}
	if t.findings, err = c.correct(slice); err != nil {
		return nil, err
	}
	corrected, err := fromYAML(slice)
	if err != nil {
		return nil, fmt.Errorf("the corrected slice: %w", err)
	}
	if t.graph, err = build(corrected, c.Scope()); err != nil {
		return nil, fmt.Errorf("the corrected slice: %w", err)
	}
	restoreNames(t.graph, raw)
	known, err := c.leaveOutKnown(before, t.graph)
	t.findings = append(t.findings, known...)
	return t, err
}

// correct applies the corrections to a slice, each wherever one of its targets
// lacks what it says. One that finds nothing, or that no target lacks, is a
// finding: the upstream document has moved.
func (c *Config) correct(slice *yaml.Node) ([]Finding, error) {
	if c.Corrections == "" {
		return nil, nil
	}
	overlays, err := overlay.Load(os.DirFS(c.dir), c.Corrections)
	if err != nil {
		return nil, err
	}
	var findings []Finding
	for _, o := range overlays {
		for i, action := range o.Actions() {
			err := o.ApplyMissing(slice, i)
			var failed *overlay.ActionError
			if err == nil {
				continue
			}
			if !errors.As(err, &failed) {
				return nil, err
			}
			switch failed.Reason {
			case overlay.NoMatch:
				findings = append(findings, correctionFinding("correction-unmatched", action))
			case overlay.NoEffect, overlay.Duplicate:
				findings = append(findings, correctionFinding("correction-obsolete", action))
			default:
				return nil, err
			}
		}
	}
	return findings, nil
}

func correctionFinding(kind string, action overlay.Action) Finding {
	f := findingOf(newFinding(kind, action.Description, diffWhere{Place: action.Target, key: action.Target}, site{head: action.Target}))
	f.correction, f.Touches = &action, []string{fmt.Sprintf("%s action %d", action.File, action.Index)}
	return f
}

// restoreNames gives the parameters of paths the names that the document has
// for them, which its slice leaves out.
func restoreNames(to, from *graph) {
	for _, op := range to.root.edges {
		original := from.root.edge(op.label)
		if original == nil {
			continue
		}
		for _, e := range op.to.edges {
			p := original.edge(e.label)
			if name := e.to.fact("name"); name != nil && p != nil && p.fact("name") != nil {
				name.values = p.fact("name").values
			}
		}
	}
}

// leaveOutKnown takes the operations out that our document leaves out on
// purpose, and finds those that are no longer there.
func (c *Config) leaveOutKnown(ours, theirs *graph) ([]Finding, error) {
	var findings []Finding
	for _, known := range c.Known {
		key, err := operationKey(known)
		if err != nil {
			return nil, err
		}
		if ours.root.edge(key) != nil {
			return nil, fmt.Errorf("known: %s is in %s: take it out of the list", known, c.Spec)
		}
		if theirs.root.edge(key) == nil {
			where := diffWhere{Operations: []string{known}, wire: []string{key}}
			findings = append(findings, findingOf(newFinding("known-operation-gone", known, where, site{op: key})))
		}
		theirs.root.edges = slices.DeleteFunc(theirs.root.edges, func(e edge) bool { return e.label == key })
	}
	theirs.vertices = append(subgraph(theirs.root).vertices, theirs.any[Request], theirs.any[Response])
	return findings, nil
}

// touch notes which files of ours the findings bear on.
func (c *Config) touch(r *Report, theirs *counterpart) error {
	t := toucher{config: c, ours: theirs.document, graph: theirs.ours}
	if err := t.load(); err != nil {
		return err
	}
	for _, findings := range [][]Finding{r.Findings, r.Accepted} {
		for i := range findings {
			f := &findings[i]
			if strings.HasPrefix(f.Kind, "correction-") {
				continue
			}
			f.Touches = append(f.Touches, t.files(f)...)
		}
	}
	return nil
}
