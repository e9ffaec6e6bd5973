package drift

import (
	"fmt"
	"slices"
	"strings"
)

// Direction tells who sends the value that a finding is about.
type Direction string

// The directions. What is neither, such as an operation that is gone, has the
// empty Direction.
const (
	Request  Direction = "request"  // the program sends it
	Response Direction = "response" // the program reads it
)

// flip returns the other direction, as it holds inside of a callback, where
// the API sends the request.
func (d Direction) flip() Direction {
	if d == Request {
		return Response
	}
	return Request
}

// vertex is one thing with a meaning on the wire: the document, an operation,
// a parameter, a schema, … What it says of itself are facts; what it consists
// of are edges, known by a label, and sets, whose order means nothing.
type vertex struct {
	kind  string
	dir   Direction
	title string // for people; no part of the meaning
	facts []fact
	edges []edge
	sets  []set
	at    []*node // where it stands in the document
	quiet bool    // a schema that says nothing on the wire
	index int     // given by refine
}

// fact is what a vertex says of itself: a set of values, most often one.
type fact struct {
	name      string
	values    []string
	at        []*node
	editorial bool // of no consequence on the wire
}

type edge struct {
	label string
	to    *vertex
}

type set struct {
	label   string
	members []*vertex
}

// graph is the canonical form of a slice of a document.
type graph struct {
	root     *vertex
	vertices []*vertex
	any      map[Direction]*vertex // schemas that allow everything
	version  string                // of OpenAPI

	// What the texts of security and servers stand for.
	alternatives map[string][]schemeUse
	servers      map[string]*node
}

// editorial tells which facts change nothing on the wire. Who never sends a
// value is not concerned by what it stands for when left out, nor a reader by
// whether he could have sent it.
func editorial(name string, dir Direction) bool {
	switch name {
	case "operationId", "deprecated", "name":
		return true
	case "default", "readOnly":
		return dir == Response
	case "writeOnly":
		return dir == Request
	}
	return false
}

// say adds a fact; without values there is nothing to say.
func (v *vertex) say(name string, at []*node, values ...string) {
	if len(values) == 0 {
		return
	}
	slices.Sort(values)
	values = slices.Compact(values)
	v.facts = append(v.facts, fact{name: name, values: values, at: at, editorial: editorial(name, v.dir)})
}

// sayFlag adds a fact that is there or not.
func (v *vertex) sayFlag(name string, n *node) {
	if n.isTrue() {
		v.say(name, []*node{n}, "true")
	}
}

func (v *vertex) link(label string, to *vertex) {
	v.edges = append(v.edges, edge{label: label, to: to})
}

func (v *vertex) collect(label string, members []*vertex) {
	if len(members) > 0 {
		v.sets = append(v.sets, set{label: label, members: members})
	}
}

// settle puts facts, edges and sets in order. Facts of one name become one; two
// edges of one label, such as the statuses 4XX and 4xx, are an error.
func (v *vertex) settle() error {
	slices.SortStableFunc(v.facts, func(a, b fact) int { return strings.Compare(a.name, b.name) })
	slices.SortStableFunc(v.edges, func(a, b edge) int { return strings.Compare(a.label, b.label) })
	slices.SortStableFunc(v.sets, func(a, b set) int { return strings.Compare(a.label, b.label) })
	facts := v.facts[:0]
	for _, f := range v.facts {
		if last := len(facts) - 1; last >= 0 && facts[last].name == f.name {
			facts[last].values = sorted(append(facts[last].values, f.values...))
			facts[last].at = append(facts[last].at, f.at...)
			continue
		}
		facts = append(facts, f)
	}
	v.facts = facts
	for i := 1; i < len(v.edges); i++ {
		if label := v.edges[i].label; label == v.edges[i-1].label {
			return fmt.Errorf("%s and %s are one thing on the wire (%.100s): nobody can tell which of them holds",
				v.edges[i-1].to.pointer(), v.edges[i].to.pointer(), label)
		}
	}
	return nil
}

// pointer returns where a vertex stands first, by its JSON pointer.
func (v *vertex) pointer() string {
	if len(v.at) == 0 {
		return ""
	}
	return v.at[0].pointer()
}

func (v *vertex) fact(name string) *fact {
	for i := range v.facts {
		if v.facts[i].name == name {
			return &v.facts[i]
		}
	}
	return nil
}

// value returns the one value of a fact, "" where it is not said.
func (v *vertex) value(name string) string {
	if f := v.fact(name); f != nil {
		return strings.Join(f.values, " & ")
	}
	return ""
}

func (v *vertex) edge(label string) *vertex {
	if i, ok := slices.BinarySearchFunc(v.edges, label, func(e edge, l string) int { return strings.Compare(e.label, l) }); ok {
		return v.edges[i].to
	}
	return nil
}

func (v *vertex) set(label string) []*vertex {
	for _, s := range v.sets {
		if s.label == label {
			return s.members
		}
	}
	return nil
}

// subgraph returns what can be reached from a vertex.
func subgraph(root *vertex) *graph {
	g := &graph{root: root, vertices: []*vertex{root}}
	seen := map[*vertex]bool{root: true}
	reach := func(v *vertex) {
		if !seen[v] {
			seen[v] = true
			g.vertices = append(g.vertices, v)
		}
	}
	for i := 0; i < len(g.vertices); i++ {
		for _, e := range g.vertices[i].edges {
			reach(e.to)
		}
		for _, s := range g.vertices[i].sets {
			for _, to := range s.members {
				reach(to)
			}
		}
	}
	return g
}

func firstWord(label string) string {
	word, _, _ := strings.Cut(label, " ")
	return word
}

func (f *fact) list() []string {
	if f == nil {
		return nil
	}
	return f.values
}

func (f *fact) places() []*node {
	if f == nil {
		return nil
	}
	return f.at
}
