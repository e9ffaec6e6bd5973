package overlay

import (
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/printable"
)

// Encode returns the YAML of a tree as this project's documents are written: two spaces
// of indent, and what would act on a terminal escaped, since it comes from elsewhere.
func Encode(n *yaml.Node) ([]byte, error) {
	var b strings.Builder
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(quotedTree(n)); err != nil {
		return nil, err
	}
	if err := enc.Close(); err != nil {
		return nil, err
	}
	return []byte(printable.Quoted(b.String())), nil
}

// quotedTree returns the tree with the scalars in double quotes in which
// [printable.Quoted] escapes anything: only there does YAML read the escapes.
func quotedTree(n *yaml.Node) *yaml.Node {
	safe := *n
	if n.Kind == yaml.ScalarNode && printable.Quoted(n.Value) != n.Value {
		safe.Style = yaml.DoubleQuotedStyle
	}
	safe.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		safe.Content[i] = quotedTree(child)
	}
	return &safe
}
