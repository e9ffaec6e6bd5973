package yamlnode

import (
	"math/big"
	"strings"

	"gopkg.in/yaml.v3"
)

// Type returns the tag of what a reader of JSON gets, of scalars !!null, !!bool, !!int,
// !!float or !!str. JSON has no dates, so 2024-01-01 is text, quoted or not.
func Type(n *yaml.Node) string {
	switch tag := n.ShortTag(); {
	case n.Kind != yaml.ScalarNode, tag == "!!null", tag == "!!bool", tag == "!!int", tag == "!!float":
		return tag
	}
	return "!!str"
}

// Value returns what a reader of JSON gets: nil, bool, float64, string, []any and
// map[string]any. It is meant for trees without aliases and merge keys.
func Value(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		object := make(map[string]any, len(n.Content)/2)
		for key, value := range Members(n) {
			object[key] = Value(value)
		}
		return object
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, element := range n.Content {
			list[i] = Value(element)
		}
		return list
	}
	if x := number(n); x != nil {
		f, _ := x.Float64()
		return f
	}
	switch Type(n) {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	}
	return n.Value
}

// Equal reports whether two trees hold the same for a reader of JSON: neither how they
// are written nor the order of members counts.
func Equal(a, b *yaml.Node) bool {
	if a == b {
		return true
	}
	if a.Kind != b.Kind || len(a.Content) != len(b.Content) {
		return false
	}
	switch a.Kind {
	case yaml.AliasNode:
		return a.Alias == b.Alias
	case yaml.ScalarNode:
		return ScalarOf(a) == ScalarOf(b)
	case yaml.MappingNode:
		for key, value := range Members(a) {
			other := Field(b, key)
			if other == nil || !Equal(value, other) {
				return false
			}
		}
		return true
	}
	for i := range a.Content {
		if !Equal(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}

// Scalar is what a reader of JSON gets of a node without members: two that are equal are
// one value.
type Scalar struct{ kind, value string }

// ScalarOf returns the value of a node that is a scalar.
func ScalarOf(n *yaml.Node) Scalar {
	if x := number(n); x != nil {
		return Scalar{"number", x.RatString()}
	}
	switch kind := Type(n); kind {
	case "!!null":
		return Scalar{kind: kind}
	case "!!bool":
		return Scalar{kind, strings.ToLower(n.Value)}
	default:
		return Scalar{kind, n.Value}
	}
}

// number returns the exact value of a number, nil of anything else and of what is too large
// or too small. YAML reads 010 as 8.
func number(n *yaml.Node) *big.Rat {
	kind := Type(n)
	if kind != "!!int" && kind != "!!float" {
		return nil
	}
	text := strings.ReplaceAll(n.Value, "_", "")
	switch kind {
	case "!!int":
		if x, ok := new(big.Int).SetString(text, 0); ok {
			return new(big.Rat).SetInt(x)
		}
	case "!!float":
		if _, exponent, _ := strings.Cut(strings.ToLower(text), "e"); len(exponent) > 4 {
			return nil // it could take more digits than there is memory
		}
		if x, ok := new(big.Rat).SetString(text); ok { // not .inf and .nan
			return x
		}
	}
	return nil
}
