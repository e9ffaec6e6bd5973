package graph

import (
	"iter"
	"slices"
)

// dropVacuous takes out what leads to schemas that say nothing, however they
// are spelled: that something may be anything is true anyway. Whether a schema
// says anything is known only once its claims are merged.
func (g *Graph) dropVacuous() {
	g.markQuiet(true)
	for _, v := range g.Vertices {
		v.Edges = v.wireEdges(false)
		v.dropFromSets("if", func(m *Vertex) bool { return m.quiet })
	}
	g.markQuiet(false)
	for _, v := range g.Vertices {
		// What excludes all that says nothing leaves no value.
		v.dropFromSets("not", func(m *Vertex) bool {
			all := m.Edges[0].To.quiet
			if all {
				v.Say("never", m.At, "true")
			}
			return all
		})
	}
}

// holder is a vertex that leads to another under a label.
type holder struct {
	v     *Vertex
	label string
}

// markQuiet marks the schemas that say nothing, and the conditions without
// effect. With whole, what is editorial says something.
func (g *Graph) markQuiet(whole bool) {
	n := len(g.Vertices)
	says := make([]int, n)    // how many things are left that a vertex says
	guards := make([]int, n)  // of them, what patterns are an exception to
	waiting := make([]int, n) // patterns that say nothing but for the guards
	holders := make([][]holder, n)
	for i, v := range g.Vertices {
		v.Index = i
	}
	var todo []*Vertex
	for i, v := range g.Vertices {
		v.quiet = false
		says[i] = v.count(whole)
		for to, label := range v.parts() {
			holders[to.Index] = append(holders[to.Index], holder{v, label})
			if guardsPatterns(label) {
				guards[i]++
			}
		}
		if says[i] == 0 {
			todo = append(todo, v)
		}
	}
	for len(todo) > 0 {
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		v.quiet = true
		for _, h := range holders[v.Index] {
			i := h.v.Index
			if FirstWord(h.label) == "pattern" && guards[i] > 0 {
				waiting[i]++
				continue
			}
			says[i]--
			if guardsPatterns(h.label) {
				if guards[i]--; guards[i] == 0 {
					says[i] -= waiting[i]
				}
			}
			if says[i] == 0 {
				todo = append(todo, h.v)
			}
		}
	}
}

// count returns how many things a vertex says.
func (v *Vertex) count(whole bool) int {
	if v.Kind != "schema" && v.Kind != "if" {
		return 1
	}
	n := 0
	for _, f := range v.Facts {
		if whole || !f.editorial {
			n++
		}
	}
	for _, s := range v.Sets {
		n += len(s.Members)
	}
	for _, e := range v.Edges {
		if e.Label != "if" && (whole || !e.To.Unsent) { // which has no effect without then and else
			n++
		}
	}
	return n
}

// parts returns what counts only as long as it says something itself.
func (v *Vertex) parts() iter.Seq2[*Vertex, string] {
	return func(yield func(*Vertex, string) bool) {
		for _, e := range v.Edges {
			if v.mayDrop(e.Label) && !yield(e.To, e.Label) {
				return
			}
		}
		for _, m := range v.Set("if") {
			if !yield(m, "") {
				return
			}
		}
	}
}

// mayDrop reports whether a schema under this label, if it says nothing, means
// the same as none. That a property is declared is what a reader relies on,
// and the first items of a list have their places.
func (v *Vertex) mayDrop(label string) bool {
	word := FirstWord(label)
	if v.Kind == "if" {
		return word != "if"
	}
	return v.Kind == "schema" && word != "property" && word != "mapping" && word != "prefixItems"
}

// guardsPatterns reports whether what stands under a label holds for properties
// of no pattern, so that even a pattern of which nothing is said matters.
func guardsPatterns(label string) bool {
	word := FirstWord(label)
	return word == "additionalProperties" || word == "unevaluatedProperties"
}

// wireEdges returns the edges, without whole only those that mean something on
// the wire. They must not be changed.
func (v *Vertex) wireEdges(whole bool) []Edge {
	if whole {
		return v.Edges
	}
	guarded := slices.ContainsFunc(v.Edges, func(e Edge) bool { return guardsPatterns(e.Label) && !e.To.quiet })
	drop := func(e Edge) bool {
		return e.To.quiet && v.mayDrop(e.Label) && !(guarded && FirstWord(e.Label) == "pattern")
	}
	if !slices.ContainsFunc(v.Edges, drop) {
		return v.Edges
	}
	return slices.DeleteFunc(slices.Clone(v.Edges), drop)
}

// sentEdges returns wireEdges, without whole only those to what can be sent.
func (v *Vertex) sentEdges(whole bool) []Edge {
	edges := v.wireEdges(whole)
	unsent := func(e Edge) bool { return e.To.Unsent }
	if whole || !slices.ContainsFunc(edges, unsent) {
		return edges
	}
	return slices.DeleteFunc(slices.Clone(edges), unsent)
}

func (v *Vertex) dropFromSets(label string, drop func(*Vertex) bool) {
	if v.Kind != "schema" || v.Set(label) == nil {
		return
	}
	for i := range v.Sets {
		if v.Sets[i].Label == label {
			v.Sets[i].Members = slices.DeleteFunc(v.Sets[i].Members, drop)
		}
	}
	v.Sets = slices.DeleteFunc(v.Sets, func(s set) bool { return len(s.Members) == 0 })
}
