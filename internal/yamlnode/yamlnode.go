// Package yamlnode reads YAML trees as the JSON that they stand for.
package yamlnode

import (
	"bytes"
	"errors"
	"io"
	"iter"

	"gopkg.in/yaml.v3"
)

// Parse reads a text that holds one document, and returns its node.
func Parse(text []byte) (*yaml.Node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var root yaml.Node
	if err := dec.Decode(&root); errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty")
	} else if err != nil {
		return nil, err
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one document in the file")
	}
	return &root, nil
}

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
