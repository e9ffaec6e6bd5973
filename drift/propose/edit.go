package propose

import (
	"errors"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
	"github.com/originpull/originpull-go/drift/internal/slice"
	"github.com/originpull/originpull-go/internal/yamlnode"
)

// editor makes one change in a copy of our document.
type editor struct {
	p         *proposer
	now       *standing
	finding   drift.Finding
	draft     *draft
	tree      *yaml.Node        // of the draft
	moved     map[string]string // components that were copied for a place of use, by pointer
	outlined  map[string]string // where components stood that were made of a part, by pointer
	refer     bool              // to components of ours that say the same
	outermost bool              // of several parts of a schema the first is changed
	review    []string          // places with a note for the reviewer
	printer   *slice.Printer
}

func newEditor(p *proposer, f drift.Finding) *editor { return newEditorOf(p, f, p.now.tree) }

// newEditorOf is newEditor for a tree in which other changes have been made.
func newEditorOf(p *proposer, f drift.Finding, tree *yaml.Node) *editor {
	d := newDraft(tree)
	return &editor{p: p, now: p.now, finding: f, draft: d, tree: d.tree, moved: map[string]string{}, outlined: map[string]string{}, refer: true}
}

// candidates returns what to try, in this order: the place where our document
// says it, then ever earlier references on the way from the operations to it,
// so that a component used elsewhere stays as it is.
func candidates() []func(*editor) error {
	out := []func(*editor) error{(*editor).edit, func(e *editor) error {
		e.outermost = true
		return e.edit()
	}}
	for last := 1; last <= maxSplit; last++ {
		out = append(out, func(e *editor) error { return e.splitLast(last) })
	}
	return append(out, func(e *editor) error {
		e.refer = false
		return e.edit()
	})
}

// edit makes the change wherever the finding was seen.
func (e *editor) edit() error {
	seen := e.p.theirs.Inside(e.finding).Seen
	if len(seen) == 0 {
		return errors.New("it has no place in our document")
	}
	done := map[string]bool{}
	for _, s := range seen {
		key := changeKey(s)
		if done[key] {
			continue
		}
		done[key] = true
		if err := e.change(s.Pair, s.Change); err != nil {
			return err
		}
	}
	return nil
}

// changeKey names what a sighting would change, so that what two operations share
// is changed once.
func changeKey(s compare.Sighting) string {
	key := fmt.Sprintf("%q %q %q %q", s.Change.Fact, s.Change.Label, s.Change.Before, s.Change.After)
	for _, v := range []*graph.Vertex{s.Pair.Old, s.Change.Old} {
		if v == nil {
			continue
		}
		for _, n := range v.At {
			key += fmt.Sprintf(" %q", n.Pointer())
		}
		key += ";"
	}
	return key
}

// change makes the change that one pair of parts shows.
func (e *editor) change(p *compare.Pair, c compare.Change) error {
	if p.Old.Kind == "schema" {
		return e.schema(p, c)
	}
	n, err := e.object(p.Old)
	if err != nil {
		return err
	}
	if status, ok := strings.CutPrefix(c.Label, "response "); ok {
		return e.status(n, status, p, c)
	}
	switch c.Fact {
	case "deprecated", "required":
		document.Drop(n, c.Fact)
		if p.New.Value(c.Fact) == "true" {
			document.Assign(n, c.Fact, document.Scalar("!!bool", "true"))
		}
		return nil
	}
	return errors.New("it is not written into our document")
}

// relocated returns where what stood at a pointer stands now.
func (e *editor) relocated(pointer string) string {
	for from, to := range e.moved {
		if now := moved(pointer, from, to); now != pointer {
			return now
		}
	}
	return pointer
}

// at returns what stands in the copy where a node stands in our document.
func (e *editor) at(n *document.Node) *yaml.Node {
	return e.draft.at(e.relocated(n.Pointer()))
}

// object returns the object that a vertex stands for in the copy.
func (e *editor) object(v *graph.Vertex) (*yaml.Node, error) {
	if len(v.At) != 1 {
		return nil, errors.New("our document does not say it in one place")
	}
	n := e.at(v.At[0])
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s is not an object", v.Pointer())
	}
	return n, nil
}

// status adds a response to an operation of ours, or takes one out.
func (e *editor) status(operation *yaml.Node, status string, p *compare.Pair, c compare.Change) error {
	responses := document.Within(operation, "responses", document.Object)
	if c.New == nil {
		for key := range yamlnode.Members(responses) {
			if graph.CanonicalStatus(key) == status {
				document.Drop(responses, key)
				return nil
			}
		}
		return fmt.Errorf("%s is not in our document", c.Label)
	}
	at := e.relocated(p.Old.Pointer()) + "/responses/" + document.EscapePointer(status)
	n := e.print().Response(c.New, at, status)
	if yamlnode.Field(n, "links") != nil {
		return errors.New("it has links, for which nothing is generated")
	}
	if hasAlternatives(n) {
		return errAlternatives
	}
	e.describeResponse(n, status, at)
	document.Assign(responses, status, n)
	for media, value := range yamlnode.Members(yamlnode.Field(n, "content")) {
		e.outlineAt(value, "schema", at+"/content/"+document.EscapePointer(media))
	}
	return e.printed()
}

// print returns a printer of their schemas.
func (e *editor) print() *slice.Printer {
	if e.printer == nil {
		theirs := *e.p.theirs.Theirs
		theirs.Version = e.now.graph.Version
		e.printer, _ = slice.NewPrinter(&theirs) // refined before, when the two were compared
		e.printer.Most = maxWritten
		e.printer.Omits = e.p.config.Propose.LeavesOut
		if e.refer {
			e.printer.Shared = e.now.shared
		}
	}
	return e.printer
}

// printed fails if what was printed cannot stand by itself in our document.
func (e *editor) printed() error {
	if e.printer == nil {
		return nil
	}
	if len(e.printer.Components.Content) > 0 {
		return errors.New("it needs components that our document does not have")
	}
	return e.printer.Err
}
