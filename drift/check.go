package drift

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/internal/overlay"
)

// Check compares a document with ours as the configuration says: the document is
// corrected by the overlays, ignored operations are left out, and findings that the
// lock accepts on the given day are listed as accepted. It fails where [Diff] fails, if a
// file that the configuration names cannot be read, and if our document has an operation
// that the configuration ignores.
//
// Pointers to the newer document lead into what [Slice] returns for it, since
// that is what was corrected.
func Check(ctx context.Context, doc *Document, c *Config, today time.Time) (*Report, error) {
	m, err := compareWith(ctx, doc, c, today, nil)
	if err != nil {
		return nil, err
	}
	return m.report, m.findAffected()
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
	f := findingOf(compare.NewFinding(kind, action.Description, compare.Where{Place: action.Target, Key: action.Target}, compare.Site{Head: action.Target}))
	f.correction, f.Affected = &action, []string{fmt.Sprintf("%s action %d", action.File, action.Index)}
	return f
}
