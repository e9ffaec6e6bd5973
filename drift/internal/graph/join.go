package graph

import (
	"slices"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
)

// joinAlternatives makes one enum of alternatives that list values and say no more.
func (g *Graph) joinAlternatives() {
	done := map[*Vertex]bool{}
	for _, v := range slices.Clone(g.Vertices) {
		g.joinIn(v, done)
	}
}

// joinIn joins the alternatives of a schema, after those of its alternatives.
func (g *Graph) joinIn(v *Vertex, done map[*Vertex]bool) {
	choices := v.Set("choice")
	if len(choices) == 0 || done[v] {
		return
	}
	done[v] = true
	for _, choice := range choices {
		branches := choice.Set("branch")
		for _, branch := range branches {
			g.joinIn(branch, done)
		}
		if enum, parts := g.joinValues(branches, choice.Value("choice") == "oneOf"); enum != nil {
			choice.Sets[0].Members = append(slices.DeleteFunc(slices.Clone(branches), func(b *Vertex) bool { return parts[b] }), enum)
			g.joinCases(v, parts, enum)
		}
	}
	v.Union = g.union(v.Cases)
	v.dropFromSets("choice", func(choice *Vertex) bool {
		branches := choice.Set("branch")
		return len(branches) == 1 && v.narrow(branches[0])
	})
}

// joinValues makes one enum of the alternatives that list values. Where a value is of
// exactly one alternative, those must not share any.
func (g *Graph) joinValues(branches []*Vertex, exactlyOne bool) (enum *Vertex, parts map[*Vertex]bool) {
	parts = map[*Vertex]bool{}
	seen := map[string]bool{}
	var values []string
	var at, enumAt []*document.Node
	var types TypeSet
	for _, v := range branches {
		if v.IsNull() {
			parts[v] = true
			types |= NullType
			at = append(at, v.At...)
			values = append(values, "null")
			continue
		}
		shared := func(value string) bool { return seen[value] && value != "null" }
		if !v.listsValues() || exactlyOne && slices.ContainsFunc(v.Fact("enum").Values, shared) {
			continue
		}
		parts[v] = true
		types |= v.Types()
		at = append(at, v.At...)
		enumAt = append(enumAt, v.Fact("enum").at...)
		for _, value := range v.Fact("enum").Values {
			seen[value] = true
			values = append(values, value)
		}
	}
	if len(parts) < 2 || len(seen) == 0 {
		return nil, nil
	}
	enum = g.schema(branches[0].Dir, at, types)
	enum.Say("enum", enumAt, values...)
	return enum, parts
}

// schema adds a schema of some types.
func (g *Graph) schema(dir Direction, at []*document.Node, types TypeSet) *Vertex {
	v := &Vertex{Kind: "schema", Dir: dir, At: at}
	v.Say("type", at, types.names()...)
	g.Vertices = append(g.Vertices, v)
	return v
}

// joinCases puts what was made of some alternatives in their place. Where they do not
// list values together with what the schema says besides, there are no cases any more.
func (g *Graph) joinCases(v *Vertex, parts map[*Vertex]bool, enum *Vertex) {
	var wholes []*Vertex
	var rest []Case
	for _, c := range v.Cases {
		switch {
		case !parts[c.Branch]:
			rest = append(rest, c)
		case c.Whole.listsValues():
			wholes = append(wholes, c.Whole)
		default:
			v.Cases = nil
			return
		}
	}
	if len(wholes) == 1 {
		v.Cases = append(rest, Case{wholes[0], enum})
	} else if whole, _ := g.joinValues(wholes, false); whole != nil {
		v.Cases = append(rest, Case{whole, enum})
	}
}

// IsPlain reports whether a schema allows nothing but numbers, texts, booleans and null,
// and says so itself.
func (v *Vertex) IsPlain() bool {
	types := v.Types()
	return v.Kind == "schema" && len(v.Edges)+len(v.Sets) == 0 && types != 0 && types&(objectType|arrayType) == 0
}

// IsNull reports whether a schema allows null alone, and says no more.
func (v *Vertex) IsNull() bool {
	return v.Kind == "schema" && v.Types() == NullType && len(v.Facts) == 1 && len(v.Edges)+len(v.Sets) == 0
}

// listsValues reports whether a schema lists its values and says no more.
func (v *Vertex) listsValues() bool {
	enum := v.Fact("enum")
	return v.IsPlain() && enum != nil && len(v.Facts) == 2 && !v.OpenValues() && !strings.HasPrefix(enum.Values[0], Contradiction)
}

// narrow lets a schema say what its only alternative says, and reports whether it can.
func (v *Vertex) narrow(only *Vertex) bool {
	types := v.Types() & only.Types()
	if !only.IsPlain() || types == 0 || slices.ContainsFunc(only.Facts, func(f Fact) bool { return f.Name != "type" && v.Fact(f.Name) != nil }) {
		return false
	}
	at := slices.Concat(v.Fact("type").Places(), only.Fact("type").Places())
	v.Facts = slices.DeleteFunc(v.Facts, func(f Fact) bool { return f.Name == "type" })
	for _, f := range only.Facts {
		if f.Name != "type" {
			v.Facts = append(v.Facts, f)
		}
	}
	v.Say("type", at, types.names()...)
	v.keepTypes(types)
	v.Cases, v.Union = nil, nil
	return true
}

// union returns the schema without alternatives that says the same as some of different
// types, nil if there is none.
func (g *Graph) union(cases []Case) *Vertex {
	if len(cases) < 2 {
		return nil
	}
	var types TypeSet
	var facts []Fact
	var at []*document.Node
	for _, c := range cases {
		if !c.Whole.onlyTyped() || types&c.Whole.Types()&^NullType != 0 {
			return nil
		}
		types |= c.Whole.Types()
		at = append(at, c.Whole.At...)
		facts = append(facts, c.Whole.Facts...)
	}
	out := g.schema(cases[0].Whole.Dir, at, types)
	out.Facts = append(out.Facts, slices.DeleteFunc(facts, func(f Fact) bool { return f.Name == "type" })...)
	for _, c := range cases {
		out.Edges = append(out.Edges, c.Whole.Edges...)
	}
	return out
}

// onlyTyped reports whether a schema has types, and all that it says is about values of
// these.
func (v *Vertex) onlyTyped() bool {
	return v.Fact("type") != nil && v.Types() != 0 && len(v.Sets) == 0 && !slices.ContainsFunc(v.Facts, func(f Fact) bool {
		_, typed := factTypes[FirstWord(f.Name)]
		return !typed && f.Name != "type"
	}) && !slices.ContainsFunc(v.Edges, func(e Edge) bool {
		_, typed := edgeTypes[FirstWord(e.Label)]
		return !typed
	})
}

// keepTypes leaves out what a schema says of values that it does not allow.
func (v *Vertex) keepTypes(types TypeSet) {
	v.Facts = slices.DeleteFunc(v.Facts, func(f Fact) bool { return !speaksOf(f.Name, types, factTypes) })
	v.Edges = slices.DeleteFunc(v.Edges, func(e Edge) bool { return !speaksOf(e.Label, types, edgeTypes) })
	v.Sets = slices.DeleteFunc(v.Sets, func(s set) bool { return !speaksOf(s.Label, types, edgeTypes) })
}
