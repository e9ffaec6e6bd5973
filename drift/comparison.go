package drift

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
	"github.com/originpull/originpull-go/drift/internal/slice"
)

// Comparison is the comparison of a document with ours that [Check] reports. It is
// for packages of this module that need more than the report, such as drift/propose:
// others cannot name the types of its fields.
type Comparison struct {
	// Report holds the findings. Their Affected is empty until
	// [Comparison.FindAffected] is called, which takes long for many findings.
	Report *Report
	// Document is the other document, without corrections.
	Document *document.Document
	// Theirs is its graph, corrected and without ignored operations.
	Theirs *graph.Graph
	// Ours is the graph of our document.
	Ours *graph.Graph

	config *Config
	ours   *Document
	extra  []Finding // on the corrections, and on what is ignored
}

// Compare compares a document with ours as [Check] does.
func Compare(ctx context.Context, doc *Document, c *Config, today time.Time) (*Comparison, error) {
	m := &Comparison{config: c, Document: doc.in}
	if err := m.build(ctx, doc); err != nil {
		return nil, err
	}
	m.Report.Operations = common(m.Ours, m.Theirs)
	found, err := compare.Graphs(ctx, m.Ours, m.Theirs)
	if err != nil {
		return nil, err
	}
	m.Report.Findings = m.Findings(found)
	lock, err := c.ReadLock()
	if err != nil {
		return nil, err
	}
	lock.apply(m.Report, today)
	return m, nil
}

// build makes the two graphs: of theirs that of the corrected slice.
func (m *Comparison) build(ctx context.Context, doc *Document) error {
	var err error
	if m.ours, err = m.config.ReadSpec(ctx); err != nil {
		return err
	}
	prefix := m.config.Prefix
	if m.Ours, err = graph.Build(m.ours.in, prefix); err != nil {
		return inDocument(m.ours, "our document", err)
	}
	raw, err := graph.Build(doc.in, prefix)
	if err != nil {
		return inDocument(doc, "the document", err)
	}
	fingerprint, err := raw.Fingerprint()
	if err != nil {
		return inDocument(doc, "the document", err)
	}
	m.Report = &Report{Old: m.config.Spec, New: doc.Source(), Fingerprint: fingerprint, Next: nextCheck, ours: true}
	printed, err := slice.Slice(doc.in, prefix, m.ours.in)
	if err != nil {
		return inDocument(doc, "the document", err)
	}
	if m.extra, err = m.config.correct(printed); err != nil {
		return err
	}
	corrected, err := document.FromYAML(printed)
	if err != nil {
		return fmt.Errorf("the corrected slice: %w", err)
	}
	if m.Theirs, err = graph.Build(corrected, prefix); err != nil {
		return fmt.Errorf("the corrected slice: %w", err)
	}
	restoreNames(m.Theirs, raw)
	ignored, err := m.config.leaveOutIgnored(m.Ours, m.Theirs)
	m.extra = append(m.extra, ignored...)
	return err
}

// Findings returns what was found between a version of ours and theirs, together
// with what is found of the corrections, in the classes of the configuration.
func (m *Comparison) Findings(found []compare.Finding) []Finding {
	findings := append(findingsOf(found), m.extra...)
	m.config.classify(findings)
	return findings
}

// restoreNames gives the parameters of paths the names that the document has
// for them, which its slice leaves out.
func restoreNames(to, from *graph.Graph) {
	for _, op := range to.Root.Edges {
		original := from.Root.Edge(op.Label)
		if original == nil {
			continue
		}
		for _, e := range op.To.Edges {
			p := original.Edge(e.Label)
			if name := e.To.Fact("name"); name != nil && p != nil && p.Fact("name") != nil {
				name.Values = p.Fact("name").Values
			}
		}
	}
}

// leaveOutIgnored takes the operations out that our document leaves out on
// purpose, and finds those that are no longer there.
func (c *Config) leaveOutIgnored(ours, theirs *graph.Graph) ([]Finding, error) {
	var findings []Finding
	for _, operation := range c.Ignored {
		key, err := operationKey(operation)
		if err != nil {
			return nil, err
		}
		if ours.Root.Edge(key) != nil {
			return nil, fmt.Errorf("ignored: %s is in %s: remove it from the list", operation, c.Spec)
		}
		if theirs.Root.Edge(key) == nil {
			where := compare.Where{Operations: []string{operation}, Wire: []string{key}}
			findings = append(findings, findingOf(compare.NewFinding("known-operation-gone", operation, where, compare.Site{Op: key})))
		}
		theirs.Root.Edges = slices.DeleteFunc(theirs.Root.Edges, func(e graph.Edge) bool { return e.Label == key })
	}
	theirs.Vertices = append(graph.Subgraph(theirs.Root).Vertices, theirs.Any[graph.Request], theirs.Any[graph.Response])
	return findings, nil
}

// FindAffected fills in the Affected of the findings of the report.
func (m *Comparison) FindAffected() error {
	a := affected{config: m.config, ours: m.ours.in, graph: m.Ours}
	if err := a.load(); err != nil {
		return err
	}
	for _, findings := range [][]Finding{m.Report.Findings, m.Report.Accepted} {
		for i := range findings {
			f := &findings[i]
			if strings.HasPrefix(f.Kind, "correction-") {
				continue
			}
			f.Affected = append(f.Affected, a.files(f)...)
		}
	}
	return nil
}
