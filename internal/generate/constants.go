package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/token"
	"maps"
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

// constants is the value of x-go-constants at a schema with an open set: how its
// values are called in Go.
type constants struct {
	Comment string            `yaml:"comment"` // of the constants in package originpull
	Prefix  string            `yaml:"prefix"`  // of every name
	Names   map[string]string `yaml:"names"`   // by value; others are called by the value itself
}

// openSet is what a schema says of its open set.
type openSet struct {
	Values    []yaml.Node `yaml:"x-extensible-enum"`
	Constants yaml.Node   `yaml:"x-go-constants"`
}

// nameConstants gives each schema with x-go-constants the enum and the names that
// oapi-codegen makes constants of. The values are the document's, so that one it
// gains needs nothing else.
func nameConstants(doc *yaml.Node) error {
	schemas := lookup(doc.Content[0], "components", "schemas")
	if schemas == nil {
		return nil // what is wrong with such a document, check says
	}
	taken := map[string]string{}
	for i := 0; i+1 < len(schemas.Content); i += 2 {
		taken[schemas.Content[i].Value] = "a schema"
	}
	for i := 0; i+1 < len(schemas.Content); i += 2 {
		name, schema := schemas.Content[i].Value, schemas.Content[i+1]
		var set openSet
		if err := schema.Decode(&set); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if set.Constants.IsZero() {
			continue
		}
		names, err := set.names(taken)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		schema.Content = append(schema.Content, list("enum", set.Values)...)
		schema.Content = append(schema.Content, list("x-enum-varnames", names)...)
	}
	return nil
}

// names returns the name of each value, and adds it to those that are taken.
func (s openSet) names(taken map[string]string) ([]yaml.Node, error) {
	var c constants
	if err := strict(&s.Constants, &c); err != nil {
		return nil, fmt.Errorf("x-go-constants: %w", err)
	}
	switch {
	case c.Prefix == "" || c.Comment == "":
		return nil, errors.New("x-go-constants needs a prefix and a comment")
	case len(s.Values) == 0:
		return nil, errors.New("x-go-constants names constants, but there is no x-extensible-enum")
	}
	var names []yaml.Node
	unused := maps.Clone(c.Names)
	for _, value := range s.Values {
		name, ok := c.Names[value.Value]
		if !ok {
			name = camelCase(value.Value)
		}
		delete(unused, value.Value)
		name = c.Prefix + name
		if name == c.Prefix || !token.IsIdentifier(name) || !token.IsExported(name) {
			return nil, fmt.Errorf("the value %q would be called %q, no exported name of Go: name it in x-go-constants", value.Value, name)
		}
		if other, ok := taken[name]; ok {
			return nil, fmt.Errorf("the value %q would be called %s, as %s is: name it in x-go-constants", value.Value, name, other)
		}
		taken[name] = fmt.Sprintf("the value %q", value.Value)
		names = append(names, yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name})
	}
	if gone := slices.Sorted(maps.Keys(unused)); len(gone) > 0 {
		return nil, fmt.Errorf("x-go-constants names %s, which is not in the set", strings.Join(gone, ", "))
	}
	return names, nil
}

// strict decodes a node and refuses keys that are not known: one that is misspelt
// would do nothing.
func strict(node *yaml.Node, into any) error {
	text, err := yaml.Marshal(node)
	if err != nil {
		return err
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	return dec.Decode(into)
}

// lookup returns the node below the keys, nil if there is none.
func lookup(node *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		var found *yaml.Node
		for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == key {
				found = node.Content[i+1]
			}
		}
		if found == nil {
			return nil
		}
		node = found
	}
	return node
}

// list returns a key and a sequence of elements.
func list(key string, elements []yaml.Node) []*yaml.Node {
	sequence := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for _, e := range elements { // copies, without the comments beside them
		sequence.Content = append(sequence.Content, &yaml.Node{Kind: e.Kind, Tag: e.Tag, Style: e.Style, Value: e.Value})
	}
	return []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, sequence}
}

// initialisms are written in capitals in a name.
var initialisms = []string{"api", "ca", "dns", "html", "http", "https", "id", "ip", "json", "pem", "ssl", "tls", "uri", "url", "uuid"}

// camelCase returns a value as a name: pending_deletion is PendingDeletion.
func camelCase(value string) string {
	var name strings.Builder
	words := strings.FieldsFunc(value, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, word := range words {
		if lower := strings.ToLower(word); slices.Contains(initialisms, lower) {
			word = strings.ToUpper(word)
		} else if strings.ToUpper(word) == word {
			word = lower
		}
		letters := []rune(word)
		letters[0] = unicode.ToUpper(letters[0])
		name.WriteString(string(letters))
	}
	return name.String()
}
