package graph

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
)

// valueSet is what one claim says of values: a list, or one that is constant.
type valueSet struct {
	at     *document.Node
	values []*document.Node
	open   bool // others may come
}

// enumTypes returns the types of the values that an enum allows, none where
// there is no enum.
func (m *merger) enumTypes() TypeSet {
	var types TypeSet
	for _, set := range m.enums {
		types |= typesOf(slices.Values(set.values))
	}
	return types
}

func typesOf(values iter.Seq[*document.Node]) TypeSet {
	var types TypeSet
	for n := range values {
		types |= valueTypes(n)
	}
	return types
}

// orNull returns the values that a claim allows, with null where that may stand for it.
func (m *merger) orNull(claim *document.Node, values ...*document.Node) []*document.Node {
	if m.state.orNull[claim] {
		return append(slices.Clip(values), &document.Node{Kind: document.NullNode})
	}
	return values
}

// closedTypes returns the types of the values that all sets have to which no
// others may come, all types where there is no such set. Of numbers it says all:
// the type says how they are read.
func (m *merger) closedTypes() TypeSet {
	closed := slices.DeleteFunc(slices.Clone(m.enums), func(s valueSet) bool { return s.open })
	if len(closed) == 0 {
		return AnyType
	}
	types := typesOf(maps.Values(sharedValues(closed)))
	if types&integerType != 0 {
		types |= fractionType
	}
	return types
}

// sharedValues returns the values that all sets have, each once.
func sharedValues(sets []valueSet) map[string]*document.Node {
	shared := sets[0].byText()
	for _, set := range sets[1:] {
		other := set.byText()
		maps.DeleteFunc(shared, func(text string, _ *document.Node) bool { return other[text] == nil })
	}
	return shared
}

func (s valueSet) byText() map[string]*document.Node {
	out := make(map[string]*document.Node, len(s.values))
	for _, n := range s.values {
		out[n.Canonical()] = n
	}
	return out
}

// valueTypes returns the types that a value stands for: a whole number is an
// integer, any other a number.
func valueTypes(n *document.Node) TypeSet {
	switch n.Kind {
	case document.NullNode:
		return NullType
	case document.BoolNode:
		return booleanType
	case document.StringNode:
		return StringType
	case document.ArrayNode:
		return arrayType
	case document.ObjectNode:
		return objectType
	}
	if value, _ := document.ParseDecimal(n.Text); value.IsInteger() { // made by decimal.String
		return integerType
	}
	return integerType | fractionType
}

// enum says which values are left: of those that all sets have the ones that the
// types allow. Where none is left, the claims contradict one another, and all are kept.
func (m *merger) enum(types TypeSet) {
	if len(m.enums) == 0 || types == NullType { // of which there is one value
		return
	}
	var at []*document.Node
	var all, shared, allowed []string
	for _, set := range m.enums {
		at = append(at, set.at)
		all = slices.AppendSeq(all, maps.Keys(set.byText()))
	}
	for text, n := range sharedValues(m.enums) {
		shared = append(shared, text)
		// A text among numbers is kept, so that it can be refused: it could end up as code.
		if t := valueTypes(n); t&^types == 0 || t == StringType {
			allowed = append(allowed, text)
		}
	}
	switch {
	case len(allowed) > 0:
		m.v.Say("enum", at, allowed...)
	case len(shared) > 0:
		m.v.Say("enum", at, shared...)
	case len(all) > 0:
		m.v.Say("enum", at, Contradiction+strings.Join(document.SortedSet(all), " & "))
	}
}

// OpenValues reports whether other values may come to those of a schema: those of a
// closed set have all types that the schema allows.
func (v *Vertex) OpenValues() bool {
	var types TypeSet
	for _, text := range v.Fact("enum").List() {
		switch text[0] {
		case 'n':
			types |= NullType
		case 't', 'f':
			types |= booleanType
		case '"':
			types |= StringType
		case '[':
			types |= arrayType
		case '{':
			types |= objectType
		default:
			types |= integerType | fractionType
		}
	}
	return v.Types()&^types != 0
}

// Contradiction begins what stands for values of which none is left.
const Contradiction = "contradiction of "
