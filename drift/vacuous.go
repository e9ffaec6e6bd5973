package drift

import (
	"iter"
	"slices"
)

// dropVacuous takes out what leads to schemas that say nothing, however they
// are spelled: that something may be anything is true anyway. Whether a schema
// says anything is known only once its claims are merged.
func (g *graph) dropVacuous() {
	g.markQuiet(true)
	for _, v := range g.vertices {
		if kept := slices.Collect(v.wireEdges(false)); len(kept) < len(v.edges) {
			v.edges = kept
		}
		v.dropFromSets("if", func(m *vertex) bool { return m.quiet })
	}
	g.markQuiet(false)
	for _, v := range g.vertices {
		// What excludes all that says nothing leaves no value.
		v.dropFromSets("not", func(m *vertex) bool {
			all := m.edges[0].to.quiet
			if all {
				v.say("never", m.at, "true")
			}
			return all
		})
	}
}

// holder is a vertex that leads to another under a label.
type holder struct {
	v     *vertex
	label string
}

// markQuiet marks the schemas that say nothing, and the conditions without
// effect. With whole, what is editorial says something.
func (g *graph) markQuiet(whole bool) {
	says := map[*vertex]int{}    // how many things are left that a vertex says
	guards := map[*vertex]int{}  // of them, what patterns are an exception to
	waiting := map[*vertex]int{} // patterns that say nothing but for the guards
	holders := map[*vertex][]holder{}
	var todo []*vertex
	for _, v := range g.vertices {
		v.quiet = false
		says[v] = v.count(whole)
		for to, label := range v.parts() {
			holders[to] = append(holders[to], holder{v, label})
			if guardsPatterns(label) {
				guards[v]++
			}
		}
		if says[v] == 0 {
			todo = append(todo, v)
		}
	}
	for len(todo) > 0 {
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		v.quiet = true
		for _, h := range holders[v] {
			if firstWord(h.label) == "pattern" && guards[h.v] > 0 {
				waiting[h.v]++
				continue
			}
			says[h.v]--
			if guardsPatterns(h.label) {
				if guards[h.v]--; guards[h.v] == 0 {
					says[h.v] -= waiting[h.v]
				}
			}
			if says[h.v] == 0 {
				todo = append(todo, h.v)
			}
		}
	}
}

// count returns how many things a vertex says.
func (v *vertex) count(whole bool) int {
	if v.kind != "schema" && v.kind != "if" {
		return 1
	}
	n := 0
	for _, f := range v.facts {
		if whole || !f.editorial {
			n++
		}
	}
	for _, s := range v.sets {
		n += len(s.members)
	}
	for _, e := range v.edges {
		if e.label != "if" { // which has no effect without then and else
			n++
		}
	}
	return n
}

// parts returns what counts only as long as it says something itself.
func (v *vertex) parts() iter.Seq2[*vertex, string] {
	return func(yield func(*vertex, string) bool) {
		for _, e := range v.edges {
			if v.mayDrop(e.label) && !yield(e.to, e.label) {
				return
			}
		}
		for _, m := range v.set("if") {
			if !yield(m, "") {
				return
			}
		}
	}
}

// mayDrop tells whether a schema under this label, if it says nothing, means
// the same as none. That a property is declared is what a reader relies on,
// and the first items of a list have their places.
func (v *vertex) mayDrop(label string) bool {
	word := firstWord(label)
	if v.kind == "if" {
		return word != "if"
	}
	return v.kind == "schema" && word != "property" && word != "mapping" && word != "prefixItems"
}

// guardsPatterns tells whether what stands under a label holds for properties
// of no pattern, so that even a pattern of which nothing is said matters.
func guardsPatterns(label string) bool {
	word := firstWord(label)
	return word == "additionalProperties" || word == "unevaluatedProperties"
}

// wireEdges returns the edges, without whole only those that mean something on
// the wire.
func (v *vertex) wireEdges(whole bool) iter.Seq[edge] {
	guarded := !whole && slices.ContainsFunc(v.edges, func(e edge) bool { return guardsPatterns(e.label) && !e.to.quiet })
	return func(yield func(edge) bool) {
		for _, e := range v.edges {
			drop := !whole && e.to.quiet && v.mayDrop(e.label) && !(guarded && firstWord(e.label) == "pattern")
			if !drop && !yield(e) {
				return
			}
		}
	}
}

func (v *vertex) dropFromSets(label string, drop func(*vertex) bool) {
	if v.kind != "schema" || v.set(label) == nil {
		return
	}
	for i := range v.sets {
		if v.sets[i].label == label {
			v.sets[i].members = slices.DeleteFunc(v.sets[i].members, drop)
		}
	}
	v.sets = slices.DeleteFunc(v.sets, func(s set) bool { return len(s.members) == 0 })
}
