package compare

import (
	"cmp"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/graph"
)

// elsewhere is the place of operations for which finding the way takes too long.
const elsewhere = "elsewhere"

// placed is a place below some operations: in each of them the shortest way leads there.
type placed struct {
	place         place
	titles, wires []string // in order; shared, and so not to be changed
}

// way is the way from one meeting down to another, step by step.
type way struct {
	add  place // of its first step
	rest *way
}

// placesOf returns where a meeting is. What several operations share need not stand at
// the same place in each, and the place of a meeting is that in one of them.
func (w *Walk) placesOf(m *meeting) []placed {
	if places, ok := w.placed[m]; ok {
		return places
	}
	if w.placed == nil {
		w.placed = map[*meeting][]placed{}
	}
	ways, complete := waysTo(m)
	at := map[place]*operations{}
	known := map[*operationPair]bool{}
	note := func(p place, op *operationPair) {
		if at[p] == nil {
			at[p] = &operations{}
		}
		at[p].pairs = append(at[p].pairs, op)
		known[op] = true
	}
	for op, down := range ways {
		p := place{}
		for step := down; step != nil; step = step.rest {
			p = p.then(step.add)
		}
		note(p, op)
	}
	if !complete {
		for _, op := range m.operations().pairs {
			if !known[op] {
				note(place{elsewhere, elsewhere}, op)
			}
		}
	}
	var places []placed
	for p, ops := range at {
		titles, wires := ops.list()
		places = append(places, placed{p, titles, wires})
	}
	slices.SortFunc(places, func(a, b placed) int { return cmp.Compare(a.place.key, b.place.key) })
	w.placed[m] = places
	return places
}

// waysTo returns the shortest way from each operation down to a meeting. Of two that
// are as short it is the one whose names come first. It is not complete if it took
// more than maxBack steps.
func waysTo(m *meeting) (ways map[*operationPair]*way, complete bool) {
	ways = map[*operationPair]*way{}
	seen := map[*meeting]bool{m: true}
	steps := 0
	for level := map[*meeting]*way{m: nil}; len(level) > 0; {
		if steps > maxBack && len(ways) > 0 {
			return ways, false
		}
		above := map[*meeting]*way{}
		for at, down := range level {
			if at.op != nil {
				ways[at.op] = down
				continue
			}
			for s := range at.ways {
				steps++
				if seen[s.from] {
					continue
				}
				if next := s.before(down); next.less(above[s.from]) {
					above[s.from] = next
				}
			}
		}
		for at := range above {
			seen[at] = true
		}
		level = above
	}
	return ways, true
}

// before returns the way that begins with a step.
func (s step) before(rest *way) *way {
	from := s.from.place
	add := place{strings.TrimPrefix(s.place.key, from.key), strings.TrimPrefix(s.place.text, from.text)}
	if trimmed := strings.TrimPrefix(add.key, " "); inSchema(trimmed) { // then sets it apart where that is needed
		add = place{trimmed, strings.TrimPrefix(add.text, " ")}
	}
	return &way{add, rest}
}

// less orders ways of the same length by the names of their steps.
func (v *way) less(other *way) bool {
	for ; v != nil && other != nil; v, other = v.rest, other.rest {
		if c := cmp.Or(strings.Compare(v.add.key, other.add.key), strings.Compare(v.add.text, other.add.text)); c != 0 {
			return c < 0
		}
	}
	return v != nil
}

// show adds where a change is that a step and a label lead to.
func (b *bucket) show(w *Walk, s step, label string, there *graph.Vertex) {
	if b.shownAt[s] {
		return
	}
	b.shownAt[s] = true
	for _, p := range w.placesIn(s) {
		at := p.place
		if at.key != elsewhere {
			at = at.below(label, there)
		}
		b.shown = append(b.shown, Where{Place: strings.TrimSpace(at.text), Key: strings.TrimSpace(at.key), Operations: p.titles, Wire: p.wires})
	}
}

// placesIn returns where a step leads.
func (w *Walk) placesIn(s step) []placed {
	down := s.before(nil).add
	places := slices.Clone(w.placesOf(s.from))
	for i := range places {
		if places[i].place.key != elsewhere {
			places[i].place = places[i].place.then(down)
		}
	}
	return places
}
