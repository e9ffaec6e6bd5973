package drift

import (
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// reference writes a reference to a place in the slice.
func reference(at string) *yaml.Node {
	n := object()
	put(n, "$ref", text("#"+(&url.URL{Path: at}).EscapedPath()))
	return n
}

// clearStyle lets the encoder choose how to write what was read as JSON.
func clearStyle(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" {
		*n = *text(n.Value)
	}
	n.Style = 0
	for _, kid := range n.Content {
		clearStyle(kid)
	}
}

func object() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"} }
func array() *yaml.Node  { return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"} }

func scalar(tag, value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value}
}

func text(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	return n
}

func put(n *yaml.Node, key string, value *yaml.Node) {
	n.Content = append(n.Content, text(key), value)
}

func field(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// members returns those of an object, none of anything else.
func members(n *yaml.Node) iter.Seq2[string, *yaml.Node] {
	return func(yield func(string, *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i].Value, n.Content[i+1]) {
				return
			}
		}
	}
}

// memberOf returns a member of an object, nil of anything else.
func memberOf(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	return field(n, key)
}

func texts(values []string) *yaml.Node {
	list := array()
	for _, value := range values {
		list.Content = append(list.Content, text(value))
	}
	return list
}

// unwrap returns what a parsed text holds.
func unwrap(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.DocumentNode && len(n.Content) == 1 {
		return n.Content[0]
	}
	return n
}

// assign gives a member of an object a value, in its place if it is there.
func assign(n *yaml.Node, key string, value *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content[i+1] = value
			return
		}
	}
	put(n, key, value)
}

// drop takes a member out of an object.
func drop(n *yaml.Node, key string) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content = append(n.Content[:i:i], n.Content[i+2:]...)
			return
		}
	}
}

// within returns a member of an object, made if it is not there.
func within(n *yaml.Node, key string, empty func() *yaml.Node) *yaml.Node {
	member := field(n, key)
	if member == nil {
		member = empty()
		put(n, key, member)
	}
	return member
}

// nodeAt returns the node at a JSON pointer, nil if there is none.
func nodeAt(n *yaml.Node, pointer string) *yaml.Node {
	n = unwrap(n)
	for _, step := range strings.Split(pointer, "/")[1:] {
		step = unescapePointer(step)
		switch {
		case n == nil:
		case n.Kind == yaml.MappingNode:
			n = field(n, step)
		case n.Kind == yaml.SequenceNode:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(n.Content) {
				return nil
			}
			n = n.Content[i]
		default:
			return nil
		}
	}
	return n
}

func hasAlias(n *yaml.Node) bool {
	return n.Kind == yaml.AliasNode || slices.ContainsFunc(n.Content, hasAlias)
}

func equalTrees(a, b *yaml.Node) bool { return equalNodes(unwrap(a), unwrap(b)) }

// equalNodes compares two nodes by what they hold: neither how they are
// written nor the order of members counts.
func equalNodes(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.Value != b.Value || a.ShortTag() != b.ShortTag() || len(a.Content) != len(b.Content) {
		return false
	}
	if a.Kind != yaml.MappingNode {
		return slices.EqualFunc(a.Content, b.Content, equalNodes)
	}
	for i := 0; i+1 < len(a.Content); i += 2 {
		other := field(b, a.Content[i].Value)
		if other == nil || !equalNodes(a.Content[i+1], other) {
			return false
		}
	}
	return true
}
