package graph

import (
	"slices"
	"strconv"
)

// plainStyles makes equal what says nothing of how a parameter or a header is sent: what
// cannot explode, and what has nothing to escape, such as a number or a boolean.
func (g *Graph) plainStyles() {
	for _, v := range g.Vertices {
		schema := v.linked("schema")
		if schema == nil || v.Fact("style") == nil {
			continue
		}
		types, style := schema.possibleTypes(), v.Value("style")
		if !explodes(style, types) {
			v.Fact("explode").Values = []string{strconv.FormatBool(style == "form")}
		}
		if types&(arrayType|objectType|StringType) == 0 {
			v.Facts = slices.DeleteFunc(v.Facts, func(f Fact) bool { return f.Name == "allowReserved" })
		}
	}
}

// explodes reports whether a value of some types can be sent in two ways in a style. A
// simple list is one either way, and a deepObject always explodes.
func explodes(style string, types TypeSet) bool {
	switch style {
	case "simple":
		return types&objectType != 0
	case "deepObject":
		return false
	}
	return types&(arrayType|objectType) != 0
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
