package drift

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/drift/internal/slice"
	"github.com/originpull/originpull-go/internal/overlay"
)

// Check compares a document with ours as the configuration says: the document is
// corrected by the overlays, ignored operations are left out, and findings that the
// lock accepts on the given day are listed as accepted. It fails where [Diff] fails, if a
// file that the configuration names cannot be read, and if our document has an operation
// that the configuration ignores.
//
// Pointers to the newer document lead into the document as it was read, also where a
// correction changed it.
func Check(ctx context.Context, doc *Document, c *Config, today time.Time) (*Report, error) {
	m, err := compareWith(ctx, doc, c, today, nil)
	if err != nil {
		return nil, err
	}
	return m.report, m.findAffected()
}

// Corrected returns what is in scope of the configuration as [Check] compares it: with the
// corrections, and with parameters named as in our document. What no correction can
// select is shared between the places that have it. The findings are those on corrections
// that match nothing or are no longer needed.
func Corrected(ctx context.Context, doc *Document, c *Config) (*yaml.Node, []Finding, error) {
	ours, err := c.ReadSpec(ctx)
	if err != nil {
		return nil, nil, err
	}
	corrected, err := c.correct(doc, ours)
	if err != nil || corrected.root != nil {
		return corrected.root, corrected.findings, err
	}
	root, err := Slice(doc, c.Scope(), ours)
	return root, nil, err
}

// corrected is a slice with the corrections applied.
type corrected struct {
	root     *yaml.Node          // nil without corrections
	origin   func(string) string // of a JSON pointer into it, in the document
	findings []Finding           // on the corrections
}

// correct applies the corrections to a document, each wherever one of its targets
// lacks what it says. One that finds nothing, or that no target lacks, is a
// finding: the upstream document has moved.
func (c *Config) correct(doc, ours *Document) (corrected, error) {
	out := corrected{origin: func(pointer string) string { return pointer }}
	if c.Corrections == "" {
		return out, nil
	}
	overlays, err := overlay.Load(os.DirFS(c.dir), c.Corrections)
	if err != nil {
		return out, err
	}
	printed, err := slice.NewCorrectable(doc.in, c.Scope().in(), overlay.NewReach(overlays).At, ours.in)
	if err != nil {
		return out, inDocument(doc, "the document", err)
	}
	for _, o := range overlays {
		for i, action := range o.Actions() {
			finding, err := applyCorrection(printed.Root, o, i)
			if err != nil {
				return out, err
			}
			if finding != "" {
				out.findings = append(out.findings, correctionFinding(finding, action))
			}
		}
	}
	out.root, out.origin = printed.Root, printed.Origin
	return out, printed.Join()
}

// applyCorrection applies one correction, and returns the kind of the finding on it, if
// there is one.
func applyCorrection(root *yaml.Node, o *overlay.Overlay, i int) (kind string, err error) {
	err = o.ApplyMissing(root, i)
	var failed *overlay.ActionError
	if !errors.As(err, &failed) {
		return "", err
	}
	switch failed.Reason {
	case overlay.NoMatch:
		return "correction-unmatched", nil
	case overlay.NoEffect, overlay.Duplicate:
		return "correction-obsolete", nil
	}
	return "", err
}

func correctionFinding(kind string, action overlay.Action) Finding {
	f := findingOf(compare.NewFinding(kind, action.Description, compare.Where{Place: action.Target, Key: action.Target}, compare.Site{Head: action.Target}))
	f.correction, f.Affected = &action, []string{fmt.Sprintf("%s action %d", action.File, action.Index)}
	return f
}
