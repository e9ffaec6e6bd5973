// Package graph makes of a document what it means on the wire: a graph in which
// only meaning is left.
package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
)

// Direction says who sends the value that a finding is about.
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

// Vertex is one thing with a meaning on the wire: the document, an operation,
// a parameter, a schema, … What it says of itself are facts; what it consists
// of are edges, known by a label, and sets, whose order means nothing.
type Vertex struct {
	Kind  string
	Dir   Direction
	Title string // for people; no part of the meaning
	Facts []Fact
	Edges []Edge
	Sets  []set
	At    []*document.Node // where it stands in the document
	quiet bool             // a schema that says nothing on the wire
	// Cases are, of a schema with one choice, what it is with each alternative; Union, if
	// there is such a thing, is the one without alternatives that says the same as all of them. They
	// say nothing that the schema does not, and are no part of what it means.
	Cases []Case
	Union *Vertex
	// Unsent marks a property that is never part of the value, so that nothing more is
	// known of it: one that is readOnly in a request, or writeOnly in a response.
	Unsent bool
	Index  int // among the vertices of the graph, or of those that refine compares
}

// Case is what a schema is with one of its alternatives.
type Case struct{ Whole, Branch *Vertex }

// Fact is what a vertex says of itself: a set of values, most often one.
type Fact struct {
	Name      string
	Values    []string
	at        []*document.Node
	editorial bool // of no consequence on the wire
}

// Edge leads to what a vertex consists of.
type Edge struct {
	Label string
	To    *Vertex
}

type set struct {
	Label   string
	Members []*Vertex
}

// Graph is the canonical form of a slice of a document.
type Graph struct {
	Root     *Vertex
	Vertices []*Vertex
	absent   []*Vertex // stand for what is not said
	Version  string    // of OpenAPI

	// What the texts of security and servers stand for.
	Alternatives map[string][]SchemeUse
	Servers      map[string]*document.Node

	// Names are those of the components that schemas are, of a graph that is to be printed.
	Names map[*Vertex]string
}

// editorial says which facts change nothing on the wire. Who never sends a
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

// Say adds a fact; without values there is nothing to say.
func (v *Vertex) Say(name string, at []*document.Node, values ...string) {
	if len(values) == 0 {
		return
	}
	slices.Sort(values)
	values = slices.Compact(values)
	v.Facts = append(v.Facts, Fact{Name: name, Values: values, at: at, editorial: editorial(name, v.Dir)})
}

// sayFlag adds a fact that is there or not.
func (v *Vertex) sayFlag(name string, n *document.Node) {
	if n.IsTrue() {
		v.Say(name, []*document.Node{n}, "true")
	}
}

func (v *Vertex) link(label string, to *Vertex) {
	v.Edges = append(v.Edges, Edge{Label: label, To: to})
}

// Collect adds a set; without members there is nothing to add.
func (v *Vertex) Collect(label string, members []*Vertex) {
	if len(members) > 0 {
		v.Sets = append(v.Sets, set{Label: label, Members: members})
	}
}

// settle puts facts, edges and sets in order. Facts of one name become one; two
// edges of one label, such as the statuses 4XX and 4xx, are an error.
func (v *Vertex) settle() error {
	slices.SortStableFunc(v.Facts, func(a, b Fact) int { return strings.Compare(a.Name, b.Name) })
	slices.SortStableFunc(v.Edges, func(a, b Edge) int { return strings.Compare(a.Label, b.Label) })
	slices.SortStableFunc(v.Sets, func(a, b set) int { return strings.Compare(a.Label, b.Label) })
	facts := v.Facts[:0]
	for _, f := range v.Facts {
		if last := len(facts) - 1; last >= 0 && facts[last].Name == f.Name {
			facts[last].Values = document.SortedSet(append(facts[last].Values, f.Values...))
			facts[last].at = append(facts[last].at, f.at...)
			continue
		}
		facts = append(facts, f)
	}
	v.Facts = facts
	for i := 1; i < len(v.Edges); i++ {
		if label := v.Edges[i].Label; label == v.Edges[i-1].Label {
			return fmt.Errorf("%s and %s are one thing on the wire (%.100s): it is not known which of them holds",
				v.Edges[i-1].To.Pointer(), v.Edges[i].To.Pointer(), label)
		}
	}
	return nil
}

// Pointer returns where a vertex stands first, by its JSON pointer.
func (v *Vertex) Pointer() string {
	if len(v.At) == 0 {
		return ""
	}
	return v.At[0].Pointer()
}

// Fact returns a fact by its name, nil where it is not said.
func (v *Vertex) Fact(name string) *Fact {
	for i := range v.Facts {
		if v.Facts[i].Name == name {
			return &v.Facts[i]
		}
	}
	return nil
}

// Value returns the one value of a fact, "" where it is not said.
func (v *Vertex) Value(name string) string {
	if f := v.Fact(name); f != nil {
		return strings.Join(f.Values, " & ")
	}
	return ""
}

// Edge returns what stands under a label, nil where nothing does.
func (v *Vertex) Edge(label string) *Vertex {
	if i, ok := slices.BinarySearchFunc(v.Edges, label, func(e Edge, l string) int { return strings.Compare(e.Label, l) }); ok {
		return v.Edges[i].To
	}
	return nil
}

// Set returns the members of a set.
func (v *Vertex) Set(label string) []*Vertex {
	for _, s := range v.Sets {
		if s.Label == label {
			return s.Members
		}
	}
	return nil
}

// Subgraph returns what can be reached from a vertex.
func Subgraph(root *Vertex) *Graph {
	g := &Graph{Root: root, Vertices: []*Vertex{root}}
	seen := map[*Vertex]bool{root: true}
	reach := func(v *Vertex) {
		if !seen[v] {
			seen[v] = true
			g.Vertices = append(g.Vertices, v)
		}
	}
	for i := 0; i < len(g.Vertices); i++ {
		for _, e := range g.Vertices[i].Edges {
			reach(e.To)
		}
		for _, s := range g.Vertices[i].Sets {
			for _, to := range s.Members {
				reach(to)
			}
		}
		for _, c := range g.Vertices[i].Cases {
			reach(c.Whole)
			reach(c.Branch)
		}
		if to := g.Vertices[i].Union; to != nil {
			reach(to)
		}
	}
	return g
}

// Prune leaves out what can no longer be reached.
func (g *Graph) Prune() { g.Vertices = append(Subgraph(g.Root).Vertices, g.absent...) }

// Absent returns what stands for a schema or an encoding where there is none: a schema
// that allows everything, an encoding that says nothing.
func (g *Graph) Absent(like *Vertex) *Vertex {
	i := slices.IndexFunc(g.absent, func(v *Vertex) bool { return v.Kind == like.Kind && v.Dir == like.Dir })
	return g.absent[i]
}

// FirstWord returns what kind of label it is.
func FirstWord(label string) string {
	word, _, _ := strings.Cut(label, " ")
	return word
}

// List returns the values of a fact, none of none.
func (f *Fact) List() []string {
	if f == nil {
		return nil
	}
	return f.Values
}

// OnWire returns the fact, or nil if it says nothing on the wire.
func (f *Fact) OnWire() *Fact {
	if f == nil || f.editorial {
		return nil
	}
	return f
}

// Places returns where a fact stands.
func (f *Fact) Places() []*document.Node {
	if f == nil {
		return nil
	}
	return f.at
}
