package drift

import (
	"net/url"

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

func texts(values []string) *yaml.Node {
	list := array()
	for _, value := range values {
		list.Content = append(list.Content, text(value))
	}
	return list
}
