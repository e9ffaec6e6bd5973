package propose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// typeOf returns what the type of a set inside of a component is called: after
// the component and what leads to the set.
func typeOf(at string) (string, bool) {
	rest, ok := strings.CutPrefix(at, "/components/schemas/")
	steps := strings.Split(rest, "/")
	name := ""
	for _, step := range steps {
		if step != "properties" {
			name += document.UnescapePointer(step)
		}
	}
	return name, ok && len(steps) > 1
}

// values looks at the type and the constants that are made of a set.
func (s *inspection) values(n *yaml.Node, at string) {
	if document.MemberOf(n, "enum") != nil && document.MemberOf(n, "type") != nil && !strings.HasPrefix(at, "/components/schemas/") {
		s.add(at, "a set of values that stands in no component: constants of ours could be called otherwise for it")
	}
	if name, ok := typeOf(at); ok && document.MemberOf(n, "enum") != nil && s.taken[goKey(name)] != "" {
		s.add(at, "the type of the set would be called as %s is", s.taken[goKey(name)])
	}
	set, named := s.p.constants[strings.TrimPrefix(at, "/components/schemas/")]
	known := map[string]string{}
	for _, keyword := range []string{"enum", graph.OpenSet} {
		list := document.MemberOf(n, keyword)
		if list == nil {
			continue
		}
		for _, value := range list.Content {
			if !ofType(n, value) {
				s.add(at, "the value %s is none of the type of the set", value.Value)
			}
			key := goKey(value.Value)
			if named {
				key = goKey(cmp.Or(set.Names[value.Value], value.Value))
			}
			if value.ShortTag() != "!!str" && !named {
				continue
			}
			switch other, taken := known[key], s.taken[goKey(value.Value)]; {
			case key == "":
				s.add(at, "the value %q has no letter or digit of which a name could be made in Go", value.Value)
			case other != "":
				s.add(at, "the values %s and %q are one name in Go", other, value.Value)
			case !named && keyword == "enum" && taken != "" && taken != "a component":
				s.add(at, "the constant of %q would be called as %s is", value.Value, taken)
			}
			known[key] = fmt.Sprintf("%q", value.Value)
		}
	}
}

// ofType tells whether a value of a set is of the type that stands beside it, if
// one does.
func ofType(set, value *yaml.Node) bool {
	kind, null := document.MemberOf(set, "type"), document.MemberOf(set, "nullable")
	if kind == nil || kind.Kind != yaml.ScalarNode {
		return true
	}
	tags := map[string]string{"string": "!!str", "integer": "!!int", "number": "!!int !!float", "boolean": "!!bool", "null": "!!null"}[kind.Value]
	if null != nil && null.Value == "true" {
		tags += " !!null"
	}
	return tags == "" || slices.Contains(strings.Fields(tags), value.ShortTag())
}
