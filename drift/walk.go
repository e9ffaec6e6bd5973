package drift

import (
	"context"
	"fmt"
	"strings"
)

// maxPairs bounds how many pairs of vertices a walk compares.
const maxPairs = 200_000

// walk compares two graphs side by side, pair by pair from the roots. Where
// nothing tells two vertices apart it does not go on, so that its cost is
// that of what differs.
type walk struct {
	whole, wire []class // with and without what is editorial
	pairs       map[[2]*vertex]*pair
	queue       []*pair
	groups      map[[2]class]*meeting
	meetings    []*meeting
	found       map[foundKey]*found
	order       []*found
	marked      map[class]*vertex   // of which a fingerprint is wanted
	prints      map[class]string    // those that were made
	sites       map[*meeting][]site // those that were looked for
	roots       [2]class            // of the two documents
	anything    map[Direction]*vertex
	matching    int // how much work went into finding counterparts
}

// pair is two vertices that stand in the same place.
type pair struct {
	old, new *vertex
	label    string // under which they were first met
	around   *pair  // from which they were first met
	group    *meeting
	in       []step
	seen     map[step]bool
	holders  []*pair // from which it was met
	told     bool    // a finding says what differs on the wire, here or below
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
	ways  map[step]bool // of all its pairs
	what  [2]class      // meets there
}

// step is how a group is reached from another.
type step struct {
	from  *meeting
	place place  // the full place by the shortest way to from
	label string // the last step alone
	which class  // of ours, where several are called alike
}

// place is a place below an operation: by what is seen on the wire, and with
// the names that people know.
type place struct{ key, text string }

type operationPair struct{ wire, title string }

func newWalk(old, new *graph) (*walk, error) {
	whole, err := refine(true, old, new)
	if err != nil {
		return nil, err
	}
	wire, err := refine(false, old, new)
	if err != nil {
		return nil, err
	}
	return &walk{whole: whole, wire: wire, pairs: map[[2]*vertex]*pair{}, groups: map[[2]class]*meeting{}, found: map[foundKey]*found{}, marked: map[class]*vertex{}, prints: map[class]string{}, sites: map[*meeting][]site{}, anything: new.any}, nil
}

// run walks from the roots.
func (w *walk) run(ctx context.Context, old, new *graph) error {
	w.roots = [2]class{w.mark(old.root), w.mark(new.root)}
	w.meet(nil, "", class{}, old.root, new.root)
	for i := 0; ; i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if i == len(w.queue) {
			break
		}
		w.compare(w.queue[i])
		if len(w.pairs) > maxPairs {
			return fmt.Errorf("more than %d pairs of parts differ: too much to compare", maxPairs)
		}
	}
	w.account()
	return w.reachAll(ctx)
}

func (w *walk) classOf(v *vertex) class { return w.whole[v.index] }

// meet notes that two vertices stand in the same place; which tells it from
// another one under the same label.
func (w *walk) meet(from *pair, label string, which class, old, new *vertex) *pair {
	if w.classOf(old) == w.classOf(new) {
		return nil
	}
	at := place{}
	if from != nil && from.old.kind != "document" {
		at = from.group.place.below(label, old)
	}
	key := [2]*vertex{old, new}
	p := w.pairs[key]
	if p == nil {
		classes := [2]class{w.classOf(old), w.classOf(new)}
		g := w.groups[classes]
		if g == nil || old.kind == "operation" { // two operations are never one place
			g = &meeting{place: at, out: map[*meeting]bool{}, in: map[*meeting]bool{}, ways: map[step]bool{}, what: [2]class{w.mark(old), w.mark(new)}}
			w.meetings = append(w.meetings, g)
			w.groups[classes] = g
		}
		p = &pair{old: old, new: new, label: label, around: from, group: g, seen: map[step]bool{}}
		w.pairs[key] = p
		w.queue = append(w.queue, p)
	}
	if from == nil {
		return p
	}
	p.holders = append(p.holders, from)
	if p.told {
		from.tell()
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
func (w *walk) compare(p *pair) {
	if p.old.kind == "schema" && (w.compareNever(p) || w.compareTypes(p)) {
		return // another thing altogether: the rest says no more
	}
	for _, f := range p.old.facts {
		w.compareFact(p, f.name)
	}
	for _, f := range p.new.facts {
		if p.old.fact(f.name) == nil {
			w.compareFact(p, f.name)
		}
	}
	for _, e := range p.old.edges {
		w.compareEdge(p, e.label)
	}
	for _, e := range p.new.edges {
		if p.old.edge(e.label) == nil {
			w.compareEdge(p, e.label)
		}
	}
	w.compareSets(p)
}

// compareEdge compares what stands under a label. A schema that is not there
// is one that allows everything, unless it would declare something.
func (w *walk) compareEdge(p *pair, label string) {
	old, new := p.old.edge(label), p.new.edge(label)
	kind, declared := edgeKinds[firstWord(label)]
	if old != nil && new != nil || !declared {
		met := w.meet(p, label, class{}, w.orAny(old, new), w.orAny(new, old))
		if met != nil && p.old.kind == "document" {
			met.group.op = &operationPair{wire: label, title: old.title}
		}
		return
	}
	c := change{kind: kind + "-added", label: label, old: old, new: new}
	there := new
	if new == nil {
		there, c.kind = old, kind+"-removed"
	} else if isRequired(kind, p.new, label, new) {
		c.kind = kind + "-added-required"
	}
	c.dir = there.dir
	if kind != "operation" { // of which all that counts is that it is there
		c.about = [2]*vertex{old, new}
	}
	if kind == "property" { // required can be what is not declared, too
		c.exact = fmt.Sprint(needs(p.old, label), needs(p.new, label))
	}
	w.note(p, c)
}

// edgeKinds names what it is that can be added or removed, by the first word
// of the label of an edge.
var edgeKinds = map[string]string{
	"GET": "operation", "PUT": "operation", "POST": "operation", "DELETE": "operation",
	"OPTIONS": "operation", "HEAD": "operation", "PATCH": "operation", "TRACE": "operation",
	"parameter": "parameter", "request": "body", "response": "status", "media": "media-type",
	"header": "header", "encoding": "encoding", "callback": "callback", "link": "link",
	"property": "property", "mapping": "mapping",
}

// orAny returns v or, if it is not there, a schema that allows everything.
func (w *walk) orAny(v, other *vertex) *vertex {
	if v != nil {
		return v
	}
	return w.anything[other.dir]
}

func isRequired(kind string, holder *vertex, label string, v *vertex) bool {
	switch kind {
	case "parameter", "header", "body":
		return v.value("required") == "true" || strings.HasPrefix(label, "parameter path ")
	case "property":
		return holder.dir == Request && needs(holder, label)
	}
	return false
}

// needs tells whether a schema requires the property of a label.
func needs(holder *vertex, label string) bool {
	return has(holder.fact("required").list(), strings.TrimPrefix(label, "property "))
}

// compareGraphs walks two graphs. The walk makes sure that a difference in
// meaning cannot pass without a finding.
func compareGraphs(ctx context.Context, old, new *graph) ([]diffFinding, error) {
	w, err := newWalk(old, new)
	if err != nil {
		return nil, err
	}
	if err := w.run(ctx, old, new); err != nil {
		return nil, err
	}
	return w.findings(ctx)
}
