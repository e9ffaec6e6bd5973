// Package compare walks two graphs side by side and finds what differs, each change
// once.
package compare

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/graph"
)

// maxPairs bounds how many pairs of vertices a walk compares.
const maxPairs = 200_000

// Walk compares two graphs side by side, pair by pair from the roots. Where
// nothing distinguishes two vertices it does not go on, so that its cost is
// that of what differs.
type Walk struct {
	Old, New    *graph.Graph
	Whole, wire []graph.Class // with and without what is editorial
	pairs       map[[2]*graph.Vertex]*Pair
	Queue       []*Pair
	groups      map[[2]graph.Class]*meeting
	meetings    []*meeting
	found       map[foundKey]*found
	order       []*found
	marked      map[graph.Class]*graph.Vertex // of which a fingerprint is wanted
	prints      map[graph.Class]string        // those that were made
	sites       map[*meeting][]Site           // those that were looked for
	placed      map[*meeting][]placed         // the same
	roots       [2]graph.Class                // of the two documents
	matching    int                           // how much work went into finding counterparts
	read        map[[2]graph.Class]bool       // whether a program for one schema reads values of another
	reading     int                           // how much work went into finding that out
}

// Pair is two vertices that stand in the same place.
type Pair struct {
	Old, New *graph.Vertex
	label    string // under which they were first met
	around   *Pair  // from which they were first met
	group    *meeting
	in       []step
	seen     map[step]bool
	Holders  []Holder // from which it was met
	reported bool     // a finding says what differs on the wire, here or below

	undiscriminated bool // what their discriminators say is compared elsewhere
}

// Holder is a pair that has another one under a label.
type Holder struct {
	Pair  *Pair
	Label string
}

// meeting is all pairs in which the same meets the same, in however many
// copies the documents hold it: what differs there is one change.
type meeting struct {
	place place
	op    *operationPair // where operations meet
	out   map[*meeting]bool
	in    map[*meeting]bool
	ops   operations // from which it is reached, unless it shares those of its only way in
	last  *operationPair
	ways  map[step]bool  // of all its pairs
	what  [2]graph.Class // meets there
}

// step is how a group is reached from another.
type step struct {
	from  *meeting
	place place       // the full place by the shortest way to from
	label string      // the last step alone
	which graph.Class // of ours, where several are called alike
}

// place is a place below an operation: by what is seen on the wire, and with
// the names that people know.
type place struct{ key, text string }

type operationPair struct{ wire, title string }

// newWalk prepares a walk over two graphs.
func newWalk(old, new *graph.Graph) (*Walk, error) {
	whole, wire, err := graph.RefineBoth(old, new)
	if err != nil {
		return nil, err
	}
	return emptyWalk(old, new, whole, wire), nil
}

func emptyWalk(old, new *graph.Graph, whole, wire []graph.Class) *Walk {
	return &Walk{
		Old: old, New: new, Whole: whole, wire: wire,
		pairs: map[[2]*graph.Vertex]*Pair{}, groups: map[[2]graph.Class]*meeting{}, found: map[foundKey]*found{},
		marked: map[graph.Class]*graph.Vertex{}, prints: map[graph.Class]string{}, sites: map[*meeting][]Site{}, read: map[[2]graph.Class]bool{},
	}
}

// run walks from the roots.
func (w *Walk) run(ctx context.Context) error {
	old, new := w.Old, w.New
	w.roots = [2]graph.Class{w.mark(old.Root), w.mark(new.Root)}
	w.meet(nil, "", graph.Class{}, old.Root, new.Root)
	for i := 0; ; i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if i == len(w.Queue) {
			break
		}
		w.compare(w.Queue[i])
		if len(w.pairs) > maxPairs {
			return fmt.Errorf("more than %d pairs of parts differ: too much to compare", maxPairs)
		}
	}
	w.account()
	return w.reachAll(ctx)
}

func (w *Walk) classOf(v *graph.Vertex) graph.Class { return w.Whole[v.Index] }

// meet notes that two vertices stand in the same place; which distinguishes it from
// another one under the same label.
func (w *Walk) meet(from *Pair, label string, which graph.Class, old, new *graph.Vertex) *Pair {
	if w.classOf(old) == w.classOf(new) {
		return nil
	}
	at := place{}
	if from != nil && from.Old.Kind != "document" {
		at = from.group.place.below(label, old)
	}
	key := [2]*graph.Vertex{old, new}
	p := w.pairs[key]
	if p == nil {
		classes := [2]graph.Class{w.classOf(old), w.classOf(new)}
		g := w.groups[classes]
		if g == nil || old.Kind == "operation" { // two operations are never one place
			g = &meeting{place: at, out: map[*meeting]bool{}, in: map[*meeting]bool{}, ways: map[step]bool{}, what: [2]graph.Class{w.mark(old), w.mark(new)}}
			w.meetings = append(w.meetings, g)
			w.groups[classes] = g
		}
		p = &Pair{Old: old, New: new, label: label, around: from, group: g, seen: map[step]bool{}}
		w.pairs[key] = p
		w.Queue = append(w.Queue, p)
	}
	if from == nil {
		return p
	}
	p.Holders = append(p.Holders, Holder{from, label})
	if p.reported {
		from.report()
	}
	s := step{from.group, at, label, which}
	if label == "branch" {
		s.label += " " + branchName(old)
	}
	if !p.seen[s] {
		p.seen[s] = true
		p.in = append(p.in, s)
		p.group.ways[s] = true
		from.group.out[p.group] = true
		if from.group != p.group {
			p.group.in[from.group] = true
		}
	}
	return p
}

// compare finds what differs between the two of a pair itself, and goes on.
func (w *Walk) compare(p *Pair) {
	if p.Old.Kind == "schema" && (w.compareUnsent(p) || w.compareNever(p) || w.compareCases(p) || w.compareTypes(p)) {
		return // another thing altogether: the rest says no more
	}
	w.compareMembers(p, func(name string) bool { return !p.undiscriminated || !graph.OfDiscriminator(name) })
	w.compareSets(p)
}

// compareMembers compares the facts and edges that are wanted, by their names.
func (w *Walk) compareMembers(p *Pair, wanted func(name string) bool) {
	for _, f := range p.Old.Facts {
		if wanted(f.Name) {
			w.compareFact(p, f.Name)
		}
	}
	for _, f := range p.New.Facts {
		if p.Old.Fact(f.Name) == nil && wanted(f.Name) {
			w.compareFact(p, f.Name)
		}
	}
	for _, e := range p.Old.Edges {
		if wanted(e.Label) {
			w.compareEdge(p, e.Label)
		}
	}
	for _, e := range p.New.Edges {
		if p.Old.Edge(e.Label) == nil && wanted(e.Label) {
			w.compareEdge(p, e.Label)
		}
	}
}

// compareEdge compares what stands under a label. A schema that is not there
// is one that allows everything, unless it would declare something; an encoding that
// is not there says nothing.
func (w *Walk) compareEdge(p *Pair, label string) {
	old, new := p.Old.Edge(label), p.New.Edge(label)
	if part, ok := strings.CutPrefix(label, "encoding "); ok && (old == nil && lacksPart(p.Old, part) || new == nil && lacksPart(p.New, part)) {
		return // which is what there is to say
	}
	if old == nil && p.New.SameRest(label, p.Old) != "" {
		return // met under the label that it has there
	}
	if new == nil {
		new = p.New.Edge(p.Old.SameRest(label, p.New))
	}
	kind, declared := edgeKinds[graph.FirstWord(label)]
	if old != nil && new != nil || !declared {
		for _, o := range w.orUndeclared(p.Old, label, old, new) {
			for _, n := range w.orUndeclared(p.New, label, new, old) {
				met := w.meet(p, label, w.exceptions(p, label), o, n)
				if met != nil && p.Old.Kind == "document" {
					met.group.op = &operationPair{wire: label, title: old.Title}
				}
			}
		}
		return
	}
	if old != nil && old.Unsent || new != nil && new.Unsent {
		return
	}
	c := Change{kind: kind + "-added", Label: label, Old: old, New: new}
	there := new
	if new == nil {
		there, c.kind = old, kind+"-removed"
	} else if isRequired(kind, p.New, label, new) {
		c.kind = kind + "-added-required"
	}
	c.dir = there.Dir
	if kind != "operation" { // of which all that counts is that it is there
		c.about = [2]*graph.Vertex{old, new}
	}
	if kind == "property" { // required can be what is not declared, too
		c.exact = fmt.Sprint(needs(p.Old, label), needs(p.New, label))
	}
	w.note(p, c)
	if kind == "property" && old == nil { // it could be sent before, as what is not declared
		for _, other := range p.Old.Undeclared(label) {
			if other.Fact("never") == nil {
				w.meet(p, label, graph.Class{}, other, new)
			}
		}
	}
}

// edgeKinds names what it is that can be added or removed, by the first word
// of the label of an edge.
var edgeKinds = map[string]string{
	"GET": "operation", "PUT": "operation", "POST": "operation", "DELETE": "operation",
	"OPTIONS": "operation", "HEAD": "operation", "PATCH": "operation", "TRACE": "operation",
	"parameter": "parameter", "request": "body", "response": "status", "media": "media-type",
	"header": "header", "callback": "callback", "link": "link",
	"property": "property", "mapping": "mapping",
}

// lacksPart reports whether the schema of a form has no such property.
func lacksPart(media *graph.Vertex, part string) bool {
	schema := media.Edge("schema")
	return len(schema.Set("choice")) == 0 && schema.Edge("property "+part) == nil
}

// exceptions distinguishes what holds for all that is not declared, where the patterns
// or the first items to which it does not apply are not those of the other side.
func (w *Walk) exceptions(p *Pair, label string) graph.Class {
	of := map[string]string{"additionalProperties": "pattern", "unevaluatedProperties": "pattern", "items": "prefixItems"}[graph.FirstWord(label)]
	if of == "" {
		return graph.Class{}
	}
	names := func(v *graph.Vertex) (out []string) {
		for _, e := range v.Edges {
			if graph.FirstWord(e.Label) == of {
				out = append(out, e.Label)
			}
		}
		return out
	}
	if slices.Equal(names(p.Old), names(p.New)) {
		return graph.Class{}
	}
	return w.mark(p.New)
}

// orUndeclared returns v or, if it is not there, what its holder says of what it does
// not declare: if nothing, a schema that allows everything.
func (w *Walk) orUndeclared(holder *graph.Vertex, label string, v, other *graph.Vertex) []*graph.Vertex {
	if v != nil {
		return []*graph.Vertex{v}
	}
	if said := holder.Undeclared(label); len(said) > 0 {
		return said
	}
	return []*graph.Vertex{w.New.Absent(other)}
}

func isRequired(kind string, holder *graph.Vertex, label string, v *graph.Vertex) bool {
	switch kind {
	case "parameter", "header", "body":
		return v.Value("required") == "true" || strings.HasPrefix(label, "parameter path ")
	case "property":
		return holder.Dir == graph.Request && needs(holder, label)
	}
	return false
}

// needs reports whether a schema requires the property of a label.
func needs(holder *graph.Vertex, label string) bool {
	return Has(holder.Fact("required").List(), strings.TrimPrefix(label, "property "))
}

// Graphs walks two graphs. The walk makes sure that a difference in meaning cannot pass
// without a finding. Look, if it is not nil, is called with the walk before its findings
// are made, after which its classes mean nothing.
func Graphs(ctx context.Context, old, new *graph.Graph, look func(*Walk)) ([]Finding, error) {
	w, err := newWalk(old, new)
	if err != nil {
		return nil, err
	}
	if err := w.run(ctx); err != nil {
		return nil, err
	}
	if look != nil {
		look(w)
	}
	return w.findings(ctx)
}
