// Package propose shows how our OpenAPI document can follow another one. It writes what
// the other says and ours does not as an overlay on ours, and lists what a person has to
// decide. See package drift for the words, and docs/drift.md for the rules.
package propose

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
	"github.com/originpull/originpull-go/drift/internal/handover"
	"github.com/originpull/originpull-go/drift/internal/refusal"
	"github.com/originpull/originpull-go/internal/overlay"
	"github.com/originpull/originpull-go/internal/yamlnode"
)

const (
	// maxProposed bounds the findings that are decided, including those that our own
	// rules cause: two documents with more are not versions of the same API.
	maxProposed = 200
	// maxWritten bounds the values that are written into our document.
	maxWritten = 10_000
)

// Proposal says how our document can follow another, and what a person has to
// decide before it does.
type Proposal struct {
	// Report is what [drift.Check] says.
	Report *drift.Report `json:"report"`
	// Overlay is an overlay on our document, to be reviewed; nil if our document does
	// not change. It holds no prose of the other document, and x-review wherever a
	// person has to write or check a description.
	Overlay []byte `json:"-"`
	// Written lists the places in our document that the overlay changes, as JSONPaths.
	Written []string `json:"written,omitempty"`
	// Adopted is what the overlay brings in.
	Adopted []Adopted `json:"adopted,omitempty"`
	// Accepted is what our document need not follow, to be recorded in the lock.
	Accepted []Accepted `json:"accepted,omitempty"`
	// Ignored are new operations, to be listed as ignored in the configuration.
	Ignored []drift.Finding `json:"ignored,omitempty"`
	// Obsolete is what can be removed from the corrections and from the ignored
	// operations.
	Obsolete []Obsolete `json:"obsolete,omitempty"`
	// Undecided is what a person has to decide.
	Undecided []Undecided `json:"undecided,omitempty"`

	original, tree *yaml.Node // our document, and with the overlay applied
}

// Adopted is a finding that the overlay brings into our document.
type Adopted struct {
	Finding drift.Finding `json:"finding"`
	// Review lists what a person must still describe or review, with its place.
	Review []string `json:"review,omitempty"`

	marked []string // the places, as JSON pointers
}

// Accepted is a finding that changes nothing in our document.
type Accepted struct {
	Finding drift.Finding `json:"finding"`
	Reason  string        `json:"reason"` // why, for the lock
}

// Obsolete is a part of ours that the document no longer needs.
type Obsolete struct {
	Finding drift.Finding `json:"finding"`
	File    string        `json:"file"`             // of the correction, or the configuration
	Action  int           `json:"action,omitempty"` // of the file, from 1
}

// Undecided is a finding that a person has to decide on.
type Undecided struct {
	Finding drift.Finding `json:"finding"`
	// Question says what to find out, and what the choices are.
	Question string `json:"question"`
}

// Propose says which of the open findings of [drift.Check] our document can adopt, and how.
// It adopts additive and editorial findings, and breaking ones whose ids are in follow;
// "all" follows each. docs/drift.md lists the kinds that can be written. A new operation is
// ignored or, if it is followed, undecided, since a person has to write it. The changes are tried on a copy of our document, which is
// compared again: the findings must be gone, and no other one may appear. A finding that
// does not pass is undecided, with the reason.
//
// The error is an [*UnsafeDocumentError] for a document that must not reach a code
// generator. Propose also fails if follow contains an id that no open finding has, and for
// more than 200 open findings.
func Propose(ctx context.Context, doc *drift.Document, c *drift.Config, today time.Time, follow []string) (*Proposal, error) {
	p, err := newProposer(ctx, doc, c, today, follow)
	if err != nil {
		return nil, err
	}
	theirs, report := p.theirs, p.theirs.Report
	refused, err := refusal.Of(theirs.Document, theirs.Theirs, theirs.Ours, theirs.Origin)
	if err != nil {
		return nil, err
	}
	if len(refused) > 0 {
		return nil, &UnsafeDocumentError{refused}
	}
	if n := countParts(report.Findings); n > maxProposed {
		return nil, tooMany(n)
	}
	if err := theirs.FindAffected(); err != nil {
		return nil, err
	}
	if err := p.followParts(); err != nil {
		return nil, err
	}
	if err := p.load(); err != nil {
		return nil, err
	}
	if err := p.run(); err != nil {
		return nil, err
	}
	if err := p.finish(); err != nil {
		return nil, err
	}
	return p.out, nil
}

// UnsafeDocumentError lists what in a document must not reach a code generator.
type UnsafeDocumentError struct {
	// Refused names each thing with its place and what is wrong with it.
	Refused []string
}

// Error implements error.
func (e *UnsafeDocumentError) Error() string {
	const most = 20
	list := e.Refused
	more := ""
	if len(list) > most {
		list, more = list[:most], fmt.Sprintf("\n  and %d more", len(e.Refused)-most)
	}
	return "refused, it must not reach a code generator:\n  " + strings.Join(list, "\n  ") + more
}

// countParts counts what is decided one by one.
func countParts(findings []drift.Finding) int {
	n := 0
	for _, f := range findings {
		n += len(f.Parts())
	}
	return n
}

func tooMany(n int) error {
	return fmt.Errorf("%d open findings, each value of an enum counted, more than %d: these are not versions of one document; see what drift check says", n, maxProposed)
}

// proposer makes a proposal, one finding after the other.
type proposer struct {
	ctx      context.Context // of the one call that it is for
	config   *drift.Config
	follow   []string
	theirs   *comparison
	now      *standing // our document as far as it is changed
	actions  []action
	written  int                      // values that the actions write
	decided  map[string]bool          // findings by their id
	reported map[string]drift.Finding // those with another id now, as they were at first
	renamed  int                      // of decided, how many are there under another id too
	accepted map[string]string        // of them, those to be recorded, with the reason
	out      *Proposal
}

// standing is our document at one point of its changing, and what differs then.
type standing struct {
	tree     *yaml.Node
	doc      *document.Document
	graph    *graph.Graph
	findings []drift.Finding
	shared   map[*graph.Vertex]string // schemas of theirs for which ours has a component
}

type comparison = handover.Comparison[*drift.Report, drift.Finding]

// compareWith is [drift.Check] with all that it has compared.
var compareWith = handover.Compare.(func(context.Context, *drift.Document, *drift.Config, time.Time, func(*compare.Walk)) (*comparison, error))

// newProposer compares a document with ours as it is now.
func newProposer(ctx context.Context, doc *drift.Document, c *drift.Config, today time.Time, follow []string) (*proposer, error) {
	now := &standing{}
	theirs, err := compareWith(ctx, doc, c, today, now.look)
	if err != nil {
		return nil, err
	}
	now.doc, now.graph, now.findings = theirs.Spec, theirs.Ours, theirs.Found
	return &proposer{ctx: ctx, config: c, follow: slices.Clone(follow), theirs: theirs, now: now, out: &Proposal{Report: theirs.Report}, decided: map[string]bool{}, accepted: map[string]string{}, reported: map[string]drift.Finding{}}, nil
}

// load reads our document as a tree, in which it is changed.
func (p *proposer) load() error {
	text, err := os.ReadFile(p.config.Path(p.config.Spec))
	if err != nil {
		return err
	}
	tree, err := yamlnode.Parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", p.config.Spec, err)
	}
	if document.HasAlias(tree) {
		return fmt.Errorf("%s: it has YAML aliases, so that one change would be several: write them out", p.config.Spec)
	}
	p.out.original, p.now.tree = tree, tree
	return nil
}

// stand compares our document, as it would be, with theirs.
func (p *proposer) stand(tree *yaml.Node) (*standing, error) {
	s := &standing{tree: tree}
	var err error
	if s.doc, err = document.FromYAML(tree); err != nil {
		return nil, err
	}
	if s.graph, err = graph.BuildScope(s.doc, graph.Scope{Prefix: p.config.Prefix, Operations: p.config.Operations}); err != nil {
		return nil, err
	}
	s.findings, err = p.theirs.CompareNew(p.ctx, s.graph, s.look)
	return s, err
}

// look notes what the walk of the comparison knows of the schemas.
func (s *standing) look(w *compare.Walk) { s.shared = components(w) }

// isOpen reports whether a finding is neither accepted before nor decided.
func (p *proposer) isOpen(f drift.Finding) bool {
	return !p.decided[f.ID] && !p.acceptedBefore(f)
}

func (p *proposer) acceptedBefore(f drift.Finding) bool {
	_, holds := p.theirs.Accepted(f)
	return holds
}

func (p *proposer) run() error {
	if err := p.adoptTogether(); err != nil {
		return err
	}
	for range 2 * maxProposed {
		if err := p.ctx.Err(); err != nil {
			return err
		}
		f, ok := p.next()
		if !ok {
			return nil
		}
		p.decided[f.ID] = true
		if err := p.decide(f); err != nil {
			return err
		}
		if n := len(p.decided) - p.renamed; n > maxProposed {
			return tooMany(n)
		}
	}
	return errors.New("each change of our document makes another one necessary: change it by hand, and see what drift check says")
}

// next returns a finding that is to be decided: a new operation last, when ours has
// all of the rest that it may share.
func (p *proposer) next() (drift.Finding, bool) {
	i := slices.IndexFunc(p.now.findings, func(f drift.Finding) bool { return p.isOpen(f) && f.Kind != "operation-added" })
	if i < 0 {
		i = slices.IndexFunc(p.now.findings, p.isOpen)
	}
	if i < 0 {
		return drift.Finding{}, false
	}
	return p.now.findings[i], true
}

// followParts follows the parts of the findings that are to be followed.
func (p *proposer) followParts() error {
	ids := slices.DeleteFunc(slices.Clone(p.follow), func(id string) bool { return id == "all" })
	parts, err := p.theirs.Report.PartIDs(ids...)
	if err != nil {
		return fmt.Errorf("follow: %w", err)
	}
	p.follow = append(p.follow, parts...)
	return nil
}

func (p *proposer) followed(f drift.Finding) bool {
	return slices.Contains(p.follow, "all") || slices.Contains(p.follow, f.ID)
}

// finish applies the whole overlay to the original, and makes sure that it does what its
// actions did one by one.
func (p *proposer) finish() error {
	p.out.tree = p.out.original
	if len(p.actions) > 0 {
		p.out.Overlay = writeOverlay(p.actions)
		for _, a := range p.actions {
			if !slices.Contains(p.out.Written, a.Target) {
				p.out.Written = append(p.out.Written, a.Target)
			}
		}
		tree := overlay.Clone(p.out.original)
		if err := applyOverlay(tree, p.out.Overlay); err != nil {
			return fmt.Errorf("the proposal cannot be applied: %w", err)
		}
		if !document.EqualTrees(tree, p.now.tree) {
			return errors.New("the overlay as a whole does not do what its actions did one by one: nothing is proposed")
		}
		p.out.tree = tree
	}
	p.out.review()
	for _, f := range p.now.findings {
		if reason, ok := p.accepted[f.ID]; ok {
			p.out.Accepted = append(p.out.Accepted, Accepted{Finding: f, Reason: reason})
		}
	}
	p.out.together()
	return nil
}
