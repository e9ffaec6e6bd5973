package propose

import (
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
	"github.com/originpull/originpull-go/internal/yamlnode"
)

// enum brings a set of values to theirs, in the keyword that ours has, and
// keeps the order of ours. Values that ours must not follow stay as they are.
func (e *editor) enum(claims []*yaml.Node, p *compare.Pair) error {
	keyword := "enum"
	main := e.mainClaim(claims, "enum", graph.OpenSet)
	if yamlnode.Field(main, graph.OpenSet) != nil {
		keyword = graph.OpenSet
	}
	old, new := p.Old.Fact("enum"), p.New.Fact("enum")
	if old == nil || new == nil || yamlnode.Field(main, keyword) == nil || strings.HasPrefix(old.Values[0]+new.Values[0], graph.Contradiction) ||
		strings.HasPrefix(new.Values[0], graph.Contradiction) {
		return e.keywords(claims, p, "enum", "const", graph.OpenSet)
	}
	list := yamlnode.Field(main, keyword)
	list.Content = slices.DeleteFunc(list.Content, func(n *yaml.Node) bool {
		value := document.Canonical(n)
		if compare.Has(old.Values, value) && !compare.Has(new.Values, value) && !e.held(old, value) {
			e.unexplain(main, n.Value)
			return true
		}
		return false
	})
	for _, value := range new.Values {
		if compare.Has(old.Values, value) || e.held(old, value) {
			continue
		}
		n := e.print().JSON(value)
		list.Content = append(list.Content, n)
		at := e.pointerOf(p.Old, main)
		e.explain(main, n.Value, value, at)
	}
	return e.printed()
}

// held reports whether ours must not follow what became of a value of a set: it was
// accepted as it is, or breaks programs and is not to be followed.
func (e *editor) held(set *graph.Fact, value string) bool {
	return slices.ContainsFunc(e.now.findings, func(f drift.Finding) bool {
		v, ok := e.p.theirs.Inside(f).OfSet()
		return ok && v.Text == value && f.ID != e.finding.ID && (e.p.acceptedBefore(f) || f.Class == drift.Breaking && !e.p.followed(f)) &&
			slices.ContainsFunc(f.Old, func(at string) bool { return standsIn(set, at) })
	})
}

// standsIn reports whether a pointer leads to a set of values, or to one of them.
func standsIn(set *graph.Fact, pointer string) bool {
	return slices.ContainsFunc(set.Places(), func(n *document.Node) bool {
		return pointer == n.Pointer() || strings.HasPrefix(pointer, n.Pointer()+"/")
	})
}

// listedValue is a line of a description that says what a value means, as in
// "  - `active`: in use".
type listedValue struct {
	indent, mark string
	values       []string
	meaning      string
}

func parseListed(line string) (listedValue, bool) {
	rest := strings.TrimLeft(line, " ")
	v := listedValue{indent: line[:len(line)-len(rest)]}
	rest, ok := strings.CutPrefix(rest, "- ")
	names, meaning, cut := strings.Cut(rest, ":")
	if !ok || !cut {
		return v, false
	}
	for name := range strings.SplitSeq(names, ",") {
		name = strings.TrimSpace(name)
		bare := strings.Trim(name, "`")
		if bare != name {
			v.mark = "`"
		}
		v.values = append(v.values, bare)
	}
	v.meaning = meaning
	return v, true
}

// String writes the line.
func (v listedValue) String() string {
	var names []string
	for _, value := range v.values {
		names = append(names, v.mark+value+v.mark)
	}
	return v.indent + "- " + strings.Join(names, ", ") + ":" + v.meaning
}

// explain adds a line for a value to the description that explains the others,
// written as the last of them is, and shows it to the reviewer by the value in JSON.
func (e *editor) explain(claim *yaml.Node, value, canonical, at string) {
	const meaning = "not described yet"
	e.mark(claim, at, strings.TrimPrefix(reviewOf(claim)+"; say what "+canonical+" means", "; "))
	description := yamlnode.Field(claim, "description")
	if description == nil {
		return
	}
	lines := strings.Split(description.Value, "\n")
	for i, line := range slices.Backward(lines) {
		if last, ok := parseListed(line); ok {
			last.values, last.meaning = []string{value}, " "+meaning
			e.setText(claim, "description", strings.Join(slices.Insert(lines, i+1, last.String()), "\n"))
			return
		}
	}
}

// unexplain takes a value out of the lines of the description.
func (e *editor) unexplain(claim *yaml.Node, value string) {
	description := yamlnode.Field(claim, "description")
	if description == nil {
		return
	}
	var lines []string
	for line := range strings.SplitSeq(description.Value, "\n") {
		if listed, ok := parseListed(line); ok && slices.Contains(listed.values, value) {
			listed.values = slices.DeleteFunc(listed.values, func(v string) bool { return v == value })
			if len(listed.values) == 0 {
				continue
			}
			line = listed.String()
		}
		lines = append(lines, line)
	}
	e.setText(claim, "description", strings.Join(lines, "\n"))
}

func reviewOf(n *yaml.Node) string {
	if review := yamlnode.Field(n, "x-review"); review != nil {
		return review.Value
	}
	return ""
}

// setText gives a text another value and leaves the way it is written.
func (e *editor) setText(n *yaml.Node, key, value string) {
	node := document.Text(value)
	node.Style = yamlnode.Field(n, key).Style
	document.Assign(n, key, node)
}

// byOurRules reports whether a finding is there only because of what our own
// rules add to what theirs says, or is one that is accepted already, of
// something in ours that is changed now or stands in one more operation.
func (p *proposer) byOurRules(next *standing, f drift.Finding) (reason string, ok bool) {
	if reason, ok := p.ourRule(f); ok {
		return reason, true
	}
	old := func(pointer string) bool {
		return document.NodeAt(p.now.tree, pointer) != nil || document.NodeAt(next.tree, pointer) == nil
	}
	if len(f.Old) > 0 && !slices.ContainsFunc(f.Old, old) { // it is of what is new
		if strings.HasSuffix(f.Kind, "-format-added") && p.foreignFormat(f) {
			return withoutFormat, true
		}
	}
	for _, g := range p.now.findings {
		reason, holds := p.accepted[g.ID]
		if known, before := p.theirs.Accepted(g); before {
			reason, holds = known, true
		}
		gone := !slices.ContainsFunc(next.findings, func(h drift.Finding) bool { return h.ID == g.ID })
		if holds && gone && p.widenedTo(g, f) {
			return reason, true
		}
	}
	return "", false
}

// widenedTo reports whether another finding is the same change in the same
// places, and more. Where theirs has nothing, what ours has there is ours to
// change.
func (p *proposer) widenedTo(f, o drift.Finding) bool {
	in, other := p.theirs.Inside(f), p.theirs.Inside(o)
	if f.Kind != o.Kind || in.After != other.After || in.After != "" && (in.Before != other.Before || in.Content != other.Content) {
		return false
	}
	for _, w := range in.Where {
		i := slices.IndexFunc(other.Where, func(x compare.Where) bool { return x.Key == w.Key })
		if i < 0 || slices.ContainsFunc(w.Wire, func(op string) bool { return !slices.Contains(other.Where[i].Wire, op) }) {
			return false
		}
	}
	return true
}

// components returns for schemas of theirs the name of the component of ours
// that says the same, or that stands in another place where theirs has it.
func components(w *compare.Walk) map[*graph.Vertex]string {
	byClass := map[graph.Class]string{}
	note := func(c graph.Class, name string) { // of several the first by name, so that it is the same one every time
		if other, ok := byClass[c]; !ok || name < other {
			byClass[c] = name
		}
	}
	named := func(v *graph.Vertex) (string, bool) {
		if v.Kind != "schema" || len(v.At) != 1 {
			return "", false
		}
		steps := document.PointerSteps(v.At[0].Pointer())
		if len(steps) != 3 || steps[0] != "components" || steps[1] != "schemas" {
			return "", false
		}
		return steps[2], true
	}
	for _, v := range w.Old.Vertices {
		if name, ok := named(v); ok {
			note(w.Whole[v.Index], name)
		}
	}
	same := maps.Clone(byClass)
	for _, p := range w.Queue {
		c := w.Whole[p.New.Index]
		if name, ok := named(p.Old); ok && p.New.Kind == "schema" && hasProperty(p.New) && same[c] == "" {
			note(c, name)
		}
	}
	out := map[*graph.Vertex]string{}
	for _, v := range w.New.Vertices {
		if name, ok := byClass[w.Whole[v.Index]]; ok && v.Kind == "schema" {
			out[v] = name
		}
	}
	return out
}

// hasProperty reports whether a schema declares a property: one that does not, such
// as that of any whole number, stands in many places that have nothing in common.
func hasProperty(v *graph.Vertex) bool {
	return slices.ContainsFunc(v.Edges, func(e graph.Edge) bool { return compare.IsProperty(e.Label) })
}

// ofOpenSet reports whether a finding is about an open set of ours.
func (p *proposer) ofOpenSet(f drift.Finding) bool {
	seen := p.theirs.Inside(f).Seen
	return len(seen) > 0 && !slices.ContainsFunc(seen, func(s compare.Sighting) bool {
		return !slices.ContainsFunc(s.Pair.Old.At, func(n *document.Node) bool { return n.Get(graph.OpenSet) != nil })
	})
}
