package document

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/yamlnode"
)

// Reference writes a reference to a place in the slice.
func Reference(at string) *yaml.Node {
	n := Object()
	Put(n, "$ref", Text("#"+(&url.URL{Path: at}).EscapedPath()))
	return n
}

// ClearStyle lets the encoder choose how to write what was read as JSON.
func ClearStyle(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" {
		*n = *Text(n.Value)
	}
	n.Style = 0
	for _, kid := range n.Content {
		ClearStyle(kid)
	}
}

// Object returns an empty object.
func Object() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"} }

// Array returns an empty array.
func Array() *yaml.Node { return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"} }

// Scalar returns a value of a tag.
func Scalar(tag, value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value}
}

// Text returns a string.
func Text(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	return n
}

// Put adds a member to an object.
func Put(n *yaml.Node, key string, value *yaml.Node) {
	n.Content = append(n.Content, Text(key), value)
}

// Texts returns an array of strings.
func Texts(values []string) *yaml.Node {
	list := Array()
	for _, value := range values {
		list.Content = append(list.Content, Text(value))
	}
	return list
}

// Unwrap returns what a parsed text holds.
func Unwrap(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.DocumentNode && len(n.Content) == 1 {
		return n.Content[0]
	}
	return n
}

// Assign gives a member of an object a value, in its place if it is there.
func Assign(n *yaml.Node, key string, value *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content[i+1] = value
			return
		}
	}
	Put(n, key, value)
}

// Rename gives a member of an object another name, in its place.
func Rename(n *yaml.Node, old, new string) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == old {
			n.Content[i].Value = new
			return
		}
	}
}

// Drop takes a member out of an object.
func Drop(n *yaml.Node, key string) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content = append(n.Content[:i:i], n.Content[i+2:]...)
			return
		}
	}
}

// Within returns a member of an object, made if it is not there.
func Within(n *yaml.Node, key string, empty func() *yaml.Node) *yaml.Node {
	member := yamlnode.Field(n, key)
	if member == nil {
		member = empty()
		Put(n, key, member)
	}
	return member
}

// NodeAt returns the node at a JSON pointer, or nil.
func NodeAt(n *yaml.Node, pointer string) *yaml.Node {
	n = Unwrap(n)
	for _, step := range strings.Split(pointer, "/")[1:] {
		step = UnescapePointer(step)
		switch {
		case n == nil:
		case n.Kind == yaml.MappingNode:
			n = yamlnode.Field(n, step)
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

// HasAlias reports whether there is a YAML alias in a tree.
func HasAlias(n *yaml.Node) bool {
	return n.Kind == yaml.AliasNode || slices.ContainsFunc(n.Content, HasAlias)
}

// EqualTrees compares two trees by what they hold.
func EqualTrees(a, b *yaml.Node) bool { return yamlnode.Equal(Unwrap(a), Unwrap(b)) }
