package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/yamlnode"
)

// constants is the value of x-go-constants of a schema with an open set: the names of
// its values in Go.
type constants struct {
	Comment string            `yaml:"comment"` // of the constants in package originpull
	Prefix  string            `yaml:"prefix"`  // of every name
	Names   map[string]string `yaml:"names"`   // by value; others are called by the value itself
}

// openSet is what a schema says of its open set.
type openSet struct {
	Type      string      `yaml:"type"`
	Values    []yaml.Node `yaml:"x-extensible-enum"`
	Constants yaml.Node   `yaml:"x-go-constants"`
}

// nameConstants gives each schema with x-go-constants the enum and the names that
// oapi-codegen makes constants of. The values are the document's, so that one it
// gains needs nothing else.
func nameConstants(doc *yaml.Node) error {
	schemas := lookup(doc.Content[0], "components", "schemas") // nil in a document that check refuses
	taken := map[string]string{}
	for name := range yamlnode.Members(schemas) {
		taken[name] = "a schema"
	}
	for name, schema := range yamlnode.Members(schemas) {
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

// tags is what the values of an open set are, by the type of its schema.
var tags = map[string]string{"string": "!!str", "integer": "!!int"}

// names returns the name of each value, and adds it to those that are taken.
func (s openSet) names(taken map[string]string) ([]yaml.Node, error) {
	var c constants
	if err := strict(&s.Constants, &c); err != nil {
		return nil, fmt.Errorf("x-go-constants: %w", err)
	}
	tag, ok := tags[s.Type]
	switch {
	case !ok:
		return nil, fmt.Errorf("x-go-constants names values of type string or integer, not %q", s.Type)
	case c.Prefix == "" || c.Comment == "":
		return nil, errors.New("x-go-constants needs a prefix and a comment")
	case len(s.Values) == 0:
		return nil, errors.New("x-go-constants names constants, but there is no x-extensible-enum")
	}
	var names []yaml.Node
	unused := maps.Clone(c.Names)
	for _, value := range s.Values {
		if given := yamlnode.Type(&value); given != tag {
			return nil, fmt.Errorf("the value %s is %s, and not %s as in a set of type %s: remove it from x-extensible-enum, or write it as such", cmp.Or(value.Value, "[…]"), given, tag, s.Type)
		}
		name, ok := c.Names[value.Value]
		if !ok {
			name = camelCase(value.Value)
		}
		delete(unused, value.Value)
		name = asGenerated(c.Prefix + name)
		if name == c.Prefix || !token.IsIdentifier(name) || !token.IsExported(name) {
			return nil, fmt.Errorf("the value %q would be called %q, not an exported name of Go: name it in x-go-constants", value.Value, name)
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
		node = yamlnode.Field(node, key)
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

// initialisms are written in capitals in a name: ours, and all those that oapi-codegen
// writes so, since its name of the constant has to be the same.
var initialisms = strings.Fields("ca html pem ssl aop cf " +
	"acl api ascii cpu css dns eof guid http https id ip json qps ram rpc sla smtp sql ssh tcp tls ttl udp ui gid uid uuid " +
	"uri url utf8 vm xml xmpp xsrf xss sip rtp amqp db ts")

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

// part is a word of a name, as oapi-codegen takes names apart.
var part = regexp.MustCompile(`[\p{Lu}\d]+([\p{Ll}\d]+|$)`)

// asGenerated is a name as oapi-codegen writes it: with a capital after a digit, which
// can make an initialism of what follows.
func asGenerated(name string) string {
	letters := []rune(name)
	for i := 1; i < len(letters); i++ {
		if unicode.IsDigit(letters[i-1]) {
			letters[i] = unicode.ToUpper(letters[i])
		}
	}
	return part.ReplaceAllStringFunc(string(letters), func(word string) string {
		if slices.Contains(initialisms, strings.ToLower(word)) {
			return strings.ToUpper(word)
		}
		return word
	})
}
