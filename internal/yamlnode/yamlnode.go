// Package yamlnode reads the objects of a YAML tree.
package yamlnode

import (
	"iter"

	"gopkg.in/yaml.v3"
)

// Field returns the value of a key of an object. It returns nil if the object has no such
// key, or if n is nil or not an object.
func Field(n *yaml.Node, key string) *yaml.Node {
	for name, value := range Members(n) {
		if name == key {
			return value
		}
	}
	return nil
}

// Members returns the keys and values of an object in their order. There are none if n is
// nil or not an object.
func Members(n *yaml.Node) iter.Seq2[string, *yaml.Node] {
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
