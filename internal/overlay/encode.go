package overlay

import (
	"strings"
	"unicode"
	"unicode/utf8"

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

// quotedTree returns the tree with what has to be escaped in double quotes, and without the
// comments that would have to be.
func quotedTree(n *yaml.Node) *yaml.Node {
	if n == nil {
		return nil
	}
	safe := *n
	if n.Kind == yaml.ScalarNode && acts(n.Value) {
		safe.Style = yaml.DoubleQuotedStyle
	}
	for _, comment := range []*string{&safe.HeadComment, &safe.LineComment, &safe.FootComment} {
		if acts(*comment) {
			*comment = ""
		}
	}
	safe.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		safe.Content[i] = quotedTree(child)
	}
	return &safe
}

// acts reports whether text holds what would act on a terminal. Line breaks and tabs
// are what YAML itself knows.
func acts(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		return r != '\n' && r != '\t' && (r == utf8.RuneError || !unicode.IsPrint(r))
	})
}
