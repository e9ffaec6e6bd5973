// Package handover leads from package drift to drift/propose, which goes on in the
// graphs that drift has compared. These are not for users of drift: its public types
// name none of them.
package handover

import (
	"context"

	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// Compare is drift.Check with all that it has compared. Package drift sets it when it is
// initialised, and imports this package, so that its types cannot be named here:
//
//	func(ctx context.Context, doc *drift.Document, c *drift.Config, today time.Time, look func(*compare.Walk)) (*Comparison[*drift.Report, drift.Finding], error)
//
// Look is called with the walk, as in compare.Graphs.
var Compare any

// Comparison is a document compared with ours.
type Comparison[Report, Finding any] struct {
	// Report is what drift.Check returns. The Affected of its findings is empty until
	// FindAffected is called, which takes long for many findings.
	Report       Report
	FindAffected func() error
	// Found are the findings of the report, with those that were accepted before.
	Found []Finding

	Document   *document.Document          // the other document, without corrections
	Theirs     *graph.Graph                // its graph, corrected and without ignored operations
	Spec       *document.Document          // our document
	Ours       *graph.Graph                // its graph
	Origin     func(pointer string) string // in Document, of what stands at a JSON pointer in Theirs
	Inside     func(Finding) *compare.Finding
	Accepted   func(Finding) (reason string, holds bool) // by the lock, on the day of the comparison
	CompareNew func(ctx context.Context, ours *graph.Graph, look func(*compare.Walk)) ([]Finding, error)
}
