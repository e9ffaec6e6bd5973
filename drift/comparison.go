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
	"github.com/originpull/originpull-go/drift/internal/handover"
	"github.com/originpull/originpull-go/drift/internal/slice"
)

// comparison is the comparison of a document with ours that [Check] reports.
type comparison struct {
	config       *Config
	spec         *Document           // ours
	ours, theirs *graph.Graph        // theirs corrected, and without ignored operations
	origin       func(string) string // of a JSON pointer into theirs, in the document
	extra        []Finding           // on the corrections, and on what is ignored
	found        []Finding           // all, also those accepted before
	accepted     *acceptances
	report       *Report // the Affected of its findings is empty until findAffected is called
}

func init() {
	handover.Compare = func(ctx context.Context, doc *Document, c *Config, today time.Time, look func(*compare.Walk)) (*handover.Comparison[*Report, Finding], error) {
		m, err := compareWith(ctx, doc, c, today, look)
		if err != nil {
			return nil, err
		}
		return &handover.Comparison[*Report, Finding]{
			Report: m.report, FindAffected: m.findAffected, Found: m.found,
			Document: doc.in, Theirs: m.theirs, Spec: m.spec.in, Ours: m.ours,
			Origin: m.origin,
			Inside: func(f Finding) *compare.Finding { return f.found },
			Accepted: func(f Finding) (string, bool) {
				a, _, holds := m.accepted.of(f)
				return a.Reason, holds
			},
			CompareNew: m.compare,
		}, nil
	}
}

// compareWith compares a document with ours. Look, if it is not nil, sees the walk.
func compareWith(ctx context.Context, doc *Document, c *Config, today time.Time, look func(*compare.Walk)) (*comparison, error) {
	m := &comparison{config: c}
	err := m.build(ctx, doc)
	if err != nil {
		return nil, err
	}
	m.report.Operations = common(m.ours, m.theirs)
	if m.found, err = m.compare(ctx, m.ours, look); err != nil {
		return nil, err
	}
	lock, err := c.ReadLock()
	if err != nil {
		return nil, err
	}
	m.accepted = lock.on(today)
	m.fill()
	if a, known := lock.Versions[m.report.Fingerprint]; known && a.holds(today) {
		m.report.Version = &a
	}
	return m, nil
}

// compare compares a version of ours with theirs. The findings are together with those
// of the corrections, and have the classes of the configuration.
func (m *comparison) compare(ctx context.Context, ours *graph.Graph, look func(*compare.Walk)) ([]Finding, error) {
	found, err := compare.Graphs(ctx, ours, m.theirs, look)
	if err != nil {
		return nil, err
	}
	findings := findingsOf(found)
	for i := range findings {
		findings[i].New = m.origins(findings[i].New)
	}
	findings = append(findings, m.extra...)
	m.config.classify(findings)
	return findings, nil
}

// origins returns where in the document stands what is at some JSON pointers in theirs,
// each place once.
func (m *comparison) origins(pointers []string) []string {
	var out []string
	for _, pointer := range pointers {
		if at := m.origin(pointer); !slices.Contains(out, at) {
			out = append(out, at)
		}
	}
	return out
}

// fill writes the findings into the report: those that were accepted apart from the rest.
func (m *comparison) fill() {
	r := m.report
	r.Findings = []Finding{}
	for _, f := range m.found {
		a, known, holds := m.accepted.of(f)
		if known {
			f.Accepted = &a
		}
		if holds {
			r.Accepted = append(r.Accepted, f)
		} else {
			r.Findings = append(r.Findings, f)
		}
	}
	r.Findings, r.Accepted = grouped(r.Findings), grouped(r.Accepted)
	r.Unused = m.accepted.unused()
	r.Next = m.config.next(r)
}

// build makes the two graphs, of theirs the corrected one.
func (m *comparison) build(ctx context.Context, doc *Document) error {
	var err error
	if m.spec, err = m.config.ReadSpec(ctx); err != nil {
		return err
	}
	scope := m.config.Scope().in()
	if m.ours, err = graph.BuildScope(m.spec.in, scope); err != nil {
		return inDocument(m.spec, "our document", err)
	}
	if m.theirs, err = graph.BuildScope(doc.in, scope); err != nil {
		return inDocument(doc, "the document", err)
	}
	if err := scope.Require(m.ours, m.theirs); err != nil {
		return err
	}
	fingerprint, err := m.theirs.Fingerprint()
	if err != nil {
		return inDocument(doc, "the document", err)
	}
	m.report = &Report{Old: m.config.Spec, New: doc.Source(), Fingerprint: fingerprint, ours: true}
	if err := m.correct(doc); err != nil {
		return err
	}
	ignored, err := m.config.leaveOutIgnored(m.ours, m.theirs)
	m.extra = append(m.extra, ignored...)
	if err != nil {
		return err
	}
	m.report.Notes, err = notesOn(m.config.Scope(), side{m.spec.in, m.ours}, side{doc.in, m.theirs})
	for i, n := range m.report.Notes {
		m.report.Notes[i].New = m.origins(n.New)
	}
	return err
}

// correct puts the graph of the corrected document in the place of theirs. Without
// corrections, there is none to be made.
func (m *comparison) correct(doc *Document) error {
	c, err := m.config.correct(doc, m.spec)
	if err != nil {
		return err
	}
	m.origin, m.extra = c.origin, c.findings
	scope := m.config.Scope().in()
	if c.root == nil || len(m.theirs.Root.Edges) == 0 { // it has none of the listed operations
		slice.NameParameters(m.theirs, scope, m.spec.in)
		return nil
	}
	corrected, err := document.FromYAML(c.root)
	if err != nil {
		return fmt.Errorf("the corrected slice: %w", err)
	}
	raw := m.theirs
	if m.theirs, err = graph.BuildScope(corrected, scope); err != nil {
		return fmt.Errorf("the corrected slice: %w", err)
	}
	restoreNames(m.theirs, raw)
	return nil
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
		key, err := graph.OperationKey(operation)
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
	theirs.Prune()
	return findings, nil
}

// findAffected fills in the Affected of the findings of the report.
func (m *comparison) findAffected() error {
	a := affected{config: m.config, ours: m.spec.in, graph: m.ours}
	if err := a.load(); err != nil {
		return err
	}
	for _, findings := range [][]Finding{m.report.Findings, m.report.Accepted} {
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
