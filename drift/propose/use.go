package propose

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
	"github.com/originpull/originpull-go/internal/overlay"
	"github.com/originpull/originpull-go/internal/yamlnode"
)

const (
	// maxSplit is how many references before a place are given copies of their
	// own at most.
	maxSplit = 5
	// maxWays bounds the ways from one operation to a place, and maxSteps what
	// is done to find them all.
	maxWays  = 64
	maxSteps = 100_000
)

// splitLast makes the change at the places of use: the components behind the
// last references on the way there are copied first, and the change is made
// in the copies.
func (e *editor) splitLast(last int) error {
	split := false
	for _, s := range e.p.theirs.Inside(e.finding).Seen {
		for _, way := range e.ways(s.Pair) {
			refs, err := e.references(way, s.Pair.Old)
			if err != nil {
				return err
			}
			if len(refs) < last {
				continue
			}
			for _, ref := range refs[len(refs)-last:] {
				if err := e.split(ref, way.operation); err != nil {
					return err
				}
				split = true
			}
		}
	}
	if !split {
		return errors.New("our document says it in a place that several operations share")
	}
	return e.edit()
}

// way is how a place is reached from an operation of ours.
type way struct {
	operation *graph.Vertex
	labels    []string // the first is that of the operation
}

// ways returns how a pair is reached from the operations, in their order, through places
// where the two documents differ.
func (e *editor) ways(p *compare.Pair) []way {
	var out []way
	steps, found, open := 0, map[*graph.Vertex]int{}, map[*compare.Pair]bool{}
	var back func(p *compare.Pair, labels []string)
	back = func(p *compare.Pair, labels []string) {
		for _, holder := range p.Holders {
			on := holder.Pair
			if steps++; open[on] || steps > maxSteps || on.Old.Edge(holder.Label) != p.Old {
				continue
			}
			labels := append(labels, holder.Label)
			if on.Old.Kind == "document" {
				if found[p.Old]++; found[p.Old] <= maxWays {
					w := way{p.Old, slices.Clone(labels)}
					slices.Reverse(w.labels)
					out = append(out, w)
				}
				continue
			}
			open[on] = true
			back(on, labels)
			delete(open, on)
		}
	}
	back(p, nil)
	slices.SortFunc(out, func(a, b way) int { return slices.Compare(a.labels, b.labels) })
	return out
}

// references returns the objects with a $ref that are passed on a way to a
// schema, parameter or response of ours, in order.
func (e *editor) references(w way, to *graph.Vertex) ([]*document.Node, error) {
	f := &follower{doc: e.now.doc}
	at := w.operation.At
	for _, label := range w.labels[1:] {
		var err error
		if at, err = f.step(at, label); err != nil {
			return nil, err
		}
		if len(at) == 0 {
			return nil, fmt.Errorf("our document has no place of its own for %q", label)
		}
	}
	return f.passed, f.through(at, func(n *document.Node) bool { return slices.Contains(to.At, n) })
}

// follower goes through our document as the wire does, and notes the
// references that it passes.
type follower struct {
	doc    *document.Document
	passed []*document.Node
}

func (f *follower) step(at []*document.Node, label string) ([]*document.Node, error) {
	word, name, _ := strings.Cut(label, " ")
	var found []*document.Node
	take := func(n *document.Node) bool {
		next := n
		switch word {
		case "property":
			next = n.Get("properties").Get(name)
		case "pattern":
			next = n.Get("patternProperties").Get(name)
		case "request":
			next = n.Get("requestBody")
		case "response", "media", "header":
			next = memberAlike(n, word, name)
		default:
			next = n.Get(word)
		}
		if next == nil {
			return false
		}
		found = append(found, next)
		return true
	}
	err := f.through(at, take)
	return found, err
}

// sections names the objects that hold what an edge leads to, and how their keys are
// spelled on the wire.
var sections = map[string]struct {
	key  string
	wire func(string) string
}{
	"response": {"responses", graph.CanonicalStatus}, "media": {"content", graph.CanonicalMedia}, "header": {"headers", strings.ToLower},
}

// memberAlike returns the member of an object that is the same on the wire.
func memberAlike(holder *document.Node, word, name string) *document.Node {
	section := sections[word]
	n := holder.Get(section.key)
	if n == nil {
		return nil
	}
	for i, key := range n.Keys {
		if section.wire(key) == name {
			return n.Kids[i]
		}
	}
	return nil
}

// through follows references and parts from some nodes until take has what it
// looks for, and notes the references on the ways that lead there.
func (f *follower) through(at []*document.Node, take func(*document.Node) bool) error {
	var walk func(n *document.Node, refs []*document.Node, depth int) error
	walk = func(n *document.Node, refs []*document.Node, depth int) error {
		if depth > document.MaxDepth {
			return errors.New("references that lead in a circle")
		}
		if take(n) {
			for _, ref := range refs {
				if !slices.Contains(f.passed, ref) {
					f.passed = append(f.passed, ref)
				}
			}
		}
		if n.Get("$ref") != nil {
			target, err := f.doc.Target(n.Get("$ref"))
			if err != nil {
				return err
			}
			if err := walk(target, append(slices.Clone(refs), n), depth+1); err != nil {
				return err
			}
		}
		for _, keyword := range []string{"allOf", "anyOf", "oneOf"} { // of the latter one may be all there is
			for _, part := range graph.BranchesOf(n, keyword) {
				if err := walk(part, refs, depth+1); err != nil {
					return err
				}
			}
		}
		return nil
	}
	for _, n := range at {
		if err := walk(n, nil, 0); err != nil {
			return err
		}
	}
	return nil
}

// split lets a reference lead to a copy of its component.
func (e *editor) split(ref *document.Node, operation *graph.Vertex) error {
	target, err := e.now.doc.Target(ref.Get("$ref"))
	if err != nil {
		return err
	}
	from := target.Pointer()
	steps := document.PointerSteps(from)
	if len(steps) != 3 || steps[0] != "components" {
		return fmt.Errorf("%s is not a component", from)
	}
	n := e.at(ref)
	if n == nil {
		return errors.New("a reference that is not in our document")
	}
	to, known := e.moved[from]
	if !known {
		section := e.draft.section(steps[1])
		name := e.freeName(section, ref, steps[2], operation)
		to = "/components/" + document.EscapePointer(steps[1]) + "/" + document.EscapePointer(name)
		copied := overlay.Clone(document.NodeAt(e.tree, from))
		e.draft.put(section, name, copied)
		e.moved[from] = to
		e.mark(copied, to, "it was made from "+steps[2]+" for one of its uses: name it, and say what it is")
	}
	document.Assign(n, "$ref", yamlnode.Field(document.Reference(to), "$ref"))
	return nil
}

// freeName names a copy after what holds it: the component, or the operation.
func (e *editor) freeName(section *yaml.Node, ref *document.Node, component string, operation *graph.Vertex) string {
	steps := document.PointerSteps(ref.Pointer())
	name := goName(operation.Value("operationId")+" ") + component
	if steps[0] == "components" && len(steps) > 2 {
		name = steps[2] + goName(ref.Key)
	}
	return freeIn(section, name)
}
