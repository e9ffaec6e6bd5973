package drift

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/overlay"
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
	for _, p := range pairsOf(e.finding) {
		for _, way := range e.ways(p) {
			refs, err := e.references(way, p.old)
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

// pairsOf returns those in which a finding is seen, or of which it changes a
// part that our document does not have.
func pairsOf(f Finding) []*pair {
	var out []*pair
	for _, s := range f.found.seen {
		if len(s.pair.old.at) == 0 {
			out = append(out, s.pair.holders...)
			continue
		}
		out = append(out, s.pair)
	}
	return out
}

// way is how a place is reached from an operation of ours.
type way struct {
	operation *vertex
	labels    []string
}

// ways returns how a pair is reached from the operations, going side by side
// through both documents: where the two agree, nothing leads to it.
func (e *editor) ways(p *pair) []way {
	var out []way
	leading, steps := leadingTo(p), 0
	for _, edge := range e.now.graph.root.edges {
		theirs := e.p.theirs.graph.root.edge(edge.label)
		if theirs == nil {
			continue
		}
		found, open := 0, map[[2]*vertex]bool{}
		var walk func(old, new *vertex, labels []string)
		walk = func(old, new *vertex, labels []string) {
			if old == p.old && new == p.new && found < maxWays {
				found++
				out = append(out, way{edge.to, slices.Clone(labels)})
				return
			}
			key := [2]*vertex{old, new}
			if steps++; open[key] || !leading[key] || found >= maxWays || steps > maxSteps {
				return
			}
			open[key] = true
			defer delete(open, key)
			for _, next := range old.edges {
				if to := e.theirsUnder(new, next); to != nil {
					walk(next.to, to, append(labels, next.label))
				}
			}
		}
		walk(edge.to, theirs, nil)
	}
	return out
}

// theirsUnder returns what stands in theirs under the label of an edge of ours:
// where it has no schema, one that allows everything.
func (e *editor) theirsUnder(v *vertex, ours edge) *vertex {
	if to := v.edge(ours.label); to != nil {
		return to
	}
	if _, declared := edgeKinds[firstWord(ours.label)]; declared {
		return nil
	}
	return e.p.theirs.graph.any[ours.to.dir]
}

// leadingTo returns a pair, and all that hold it.
func leadingTo(p *pair) map[[2]*vertex]bool {
	seen := map[[2]*vertex]bool{{p.old, p.new}: true}
	for todo := []*pair{p}; len(todo) > 0; {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, holder := range at.holders {
			if key := [2]*vertex{holder.old, holder.new}; !seen[key] {
				seen[key] = true
				todo = append(todo, holder)
			}
		}
	}
	return seen
}

// references returns the objects with a $ref that are passed on a way to a
// schema, parameter or answer of ours, in order.
func (e *editor) references(w way, to *vertex) ([]*node, error) {
	f := &follower{doc: e.now.doc}
	at := w.operation.at
	for _, label := range w.labels {
		var err error
		if at, err = f.step(at, label); err != nil {
			return nil, err
		}
		if len(at) == 0 {
			return nil, fmt.Errorf("our document has no place of its own for %q", label)
		}
	}
	return f.passed, f.through(at, func(n *node) bool { return slices.Contains(to.at, n) })
}

// follower goes through our document as the wire does, and notes the
// references that it passes.
type follower struct {
	doc    *Document
	passed []*node
}

func (f *follower) step(at []*node, label string) ([]*node, error) {
	word, name, _ := strings.Cut(label, " ")
	var found []*node
	take := func(n *node) bool {
		next := n
		switch word {
		case "property":
			next = n.get("properties").get(name)
		case "pattern":
			next = n.get("patternProperties").get(name)
		case "request":
			next = n.get("requestBody")
		case "response", "media", "header":
			next = memberAlike(n.get(sections[word]), word, name)
		case "parameter":
			next = f.parameter(n, name)
		default:
			next = n.get(word)
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

// parameter returns the parameter of an operation, as the operation writes it.
func (f *follower) parameter(operation *node, name string) *node {
	list := operation.get("parameters")
	if list == nil {
		return nil
	}
	in, name, _ := strings.Cut(name, " ")
	for _, kid := range list.kids {
		n, err := f.doc.deref(kid)
		if err == nil && n.get("in").str() == in && (in != "path" && strings.EqualFold(n.get("name").str(), name)) {
			return kid
		}
	}
	return nil
}

func memberAlike(n *node, word, name string) *node {
	if n == nil {
		return nil
	}
	for i, key := range n.keys {
		probe := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{text(key), text("")}}
		if _, ok := keyAlike(probe, word, name); ok {
			return n.kids[i]
		}
	}
	return nil
}

// through follows references and parts from some nodes until take has what it
// looks for, and notes the references on the ways that lead there.
func (f *follower) through(at []*node, take func(*node) bool) error {
	var walk func(n *node, refs []*node, depth int) error
	walk = func(n *node, refs []*node, depth int) error {
		if depth > maxDepth {
			return errors.New("references that lead in a circle")
		}
		if take(n) {
			for _, ref := range refs {
				if !slices.Contains(f.passed, ref) {
					f.passed = append(f.passed, ref)
				}
			}
		}
		if n.get("$ref") != nil {
			target, err := f.doc.target(n.get("$ref"))
			if err != nil {
				return err
			}
			if err := walk(target, append(slices.Clone(refs), n), depth+1); err != nil {
				return err
			}
		}
		for _, keyword := range []string{"allOf", "anyOf", "oneOf"} { // of the latter one may be all there is
			for _, part := range branchesOf(n, keyword) {
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
func (e *editor) split(ref *node, operation *vertex) error {
	target, err := e.now.doc.target(ref.get("$ref"))
	if err != nil {
		return err
	}
	from := target.pointer()
	steps := pointerSteps(from)
	if len(steps) != 3 || steps[0] != "components" {
		return fmt.Errorf("%s is no component", from)
	}
	n := e.at(ref)
	if n == nil {
		return errors.New("a reference that is not in our document")
	}
	to, known := e.moved[from]
	if !known {
		section := nodeAt(e.tree, "/components/"+escapePointer(steps[1]))
		name := e.freeName(section, ref, steps[2], operation)
		to = "/components/" + escapePointer(steps[1]) + "/" + escapePointer(name)
		copied := overlay.Clone(nodeAt(e.tree, from))
		put(section, name, copied)
		e.moved[from] = to
		e.mark(copied, to, "it was made from "+steps[2]+" for one of its uses: name it, and say what it is")
	}
	assign(n, "$ref", field(reference(to), "$ref"))
	return nil
}

// freeName names a copy after what holds it: the component, or the operation.
func (e *editor) freeName(section *yaml.Node, ref *node, component string, operation *vertex) string {
	steps := pointerSteps(ref.pointer())
	name := goName(operation.value("operationId")+" ") + component
	if steps[0] == "components" && len(steps) > 2 {
		name = steps[2] + goName(ref.key)
	}
	return e.free(section, name)
}
