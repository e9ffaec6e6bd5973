package graph

import (
	"slices"
	"strconv"
)

// plainStyles makes equal what says nothing of how a parameter or a header is sent: a
// value that is neither a list nor an object cannot explode, and in a number or a
// boolean there is nothing to escape.
func (g *Graph) plainStyles() {
	for _, v := range g.Vertices {
		schema := v.linked("schema")
		if schema == nil || v.Fact("style") == nil {
			continue
		}
		types := schema.possibleTypes()
		if types&(arrayType|objectType) != 0 {
			continue
		}
		v.Fact("explode").Values = []string{strconv.FormatBool(v.Value("style") == "form")}
		if types&StringType == 0 {
			v.Facts = slices.DeleteFunc(v.Facts, func(f Fact) bool { return f.Name == "allowReserved" })
		}
	}
}

// possibleTypes returns the types that a schema and its alternatives leave.
func (v *Vertex) possibleTypes() TypeSet {
	types := v.Types()
	for _, choice := range v.Set("choice") {
		var some TypeSet
		for _, branch := range choice.Set("branch") {
			some |= branch.Types()
		}
		types &= some
	}
	if types == 0 { // a contradiction
		return AnyType
	}
	return types
}
