package drift

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// unfitError tells what of a change the generated code must not or cannot hold,
// though our document could.
type unfitError struct{ found []string }

func (e *unfitError) Error() string { return few(e.found, "; ") }

// fits fails with an [*unfitError] for what an editor brings into our document and
// code generated from it could not hold.
func (e *editor) fits() error {
	before, after := e.p.inspect(e.p.now.tree), e.p.inspect(e.tree)
	found := slices.DeleteFunc(after.found, func(s string) bool { return slices.Contains(before.found, s) })
	if e.finding.Kind == "operation-added" {
		found = append(found, slices.DeleteFunc(after.vague, func(s string) bool { return slices.Contains(before.vague, s) })...)
	}
	if len(found) == 0 {
		return nil
	}
	return &unfitError{found}
}

// inspection looks through a document of ours for what generated code cannot hold.
type inspection struct {
	p     *proposer
	taken map[string]string
	found []string
	vague []string // schemas for which there is no plain type in Go
}

func (p *proposer) inspect(tree *yaml.Node) *inspection {
	s := &inspection{p: p, taken: p.goNames(tree)}
	for _, section := range []string{"paths", "components"} {
		if n := nodeAt(tree, "/"+section); n != nil {
			s.walk(n, "/"+section, false)
		}
	}
	for name, schema := range members(nodeAt(tree, "/components/schemas")) {
		s.untyped(schema, "/components/schemas/"+escapePointer(name))
	}
	for path, item := range members(nodeAt(tree, "/paths")) {
		s.path(path, item)
	}
	return s
}

func (s *inspection) add(at, format string, args ...any) {
	s.found = append(s.found, fmt.Sprintf("%s: ", pathOf(at))+fmt.Sprintf(format, args...))
}

// walk goes through all values but those of examples. The keys of some objects
// are names.
func (s *inspection) walk(n *yaml.Node, at string, named bool) {
	if !named {
		s.values(n, at)
		s.parameter(n, at)
		s.marked(n, at)
	}
	for key, value := range members(n) {
		here := at + "/" + escapePointer(key)
		if !named {
			switch key {
			case "example", "examples", "default", "enum", openSet:
				continue
			case "properties":
				s.properties(value, here)
			case "headers":
				s.secrets(value, here)
			case "schema", "items", "additionalProperties":
				s.untyped(value, here)
			}
		}
		s.walk(value, here, !named && slices.Contains([]string{"properties", "patternProperties", "headers", "schemas", "responses", "parameters", "content"}, key))
	}
	if n.Kind == yaml.SequenceNode {
		for i, kid := range n.Content {
			s.walk(kid, fmt.Sprint(at, "/", i), false)
		}
	}
}

// properties looks at the names of an object.
func (s *inspection) properties(n *yaml.Node, at string) {
	s.secrets(n, at)
	known := map[string]string{}
	for name, schema := range members(n) {
		if other, ok := known[goKey(name)]; ok {
			s.add(at, "%q and %q are one name in Go", other, name)
		}
		known[goKey(name)] = name
		s.untyped(schema, at+"/"+escapePointer(name))
	}
}

// parameter looks at what a parameter is called, and where it is sent.
func (s *inspection) parameter(n *yaml.Node, at string) {
	name, in := memberOf(n, "name"), memberOf(n, "in")
	if name == nil || in == nil || memberOf(n, "schema") == nil {
		return
	}
	s.secret(name.Value, n, at)
	if !s.p.config.Propose.sends(in.Value) {
		s.add(at, "the generated code sends no parameter in the %s: teach it to, and list it under propose.parameters", in.Value)
	}
}

// typeOf returns what the type of a set inside of a component is called: after
// the component and what leads to the set.
func typeOf(at string) (string, bool) {
	rest, ok := strings.CutPrefix(at, "/components/schemas/")
	steps := strings.Split(rest, "/")
	name := ""
	for _, step := range steps {
		if step != "properties" {
			name += unescapePointer(step)
		}
	}
	return name, ok && len(steps) > 1
}

// values looks at the type and the constants that are made of a set.
func (s *inspection) values(n *yaml.Node, at string) {
	if name, ok := typeOf(at); ok && memberOf(n, "enum") != nil && s.taken[goKey(name)] != "" {
		s.add(at, "the type of the set would be called as %s is", s.taken[goKey(name)])
	}
	set, named := s.p.constants[strings.TrimPrefix(at, "/components/schemas/")]
	known := map[string]string{}
	for _, keyword := range []string{"enum", openSet} {
		list := memberOf(n, keyword)
		if list == nil {
			continue
		}
		for _, value := range list.Content {
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

// path looks at what the parameters of a path are called.
func (s *inspection) path(path string, item *yaml.Node) {
	t, err := parseTemplate(path)
	if err != nil {
		return
	}
	for _, method := range methods {
		operation := field(item, method)
		if operation == nil {
			continue
		}
		at := "/paths/" + escapePointer(path) + "/" + method
		id := ""
		if n := field(operation, "operationId"); n != nil {
			id = n.Value
		}
		known := map[string]string{}
		for _, name := range t.names {
			if reserved(name, id) {
				s.add(at, "a parameter of the path is called %q, as something in Go or in the generated code is", name)
			}
			if other, ok := known[goKey(name)]; ok {
				s.add(at, "the parameters %q and %q of the path are one name in Go", other, name)
			}
			known[goKey(name)] = name
		}
	}
}

// untyped looks for a schema for which there is no plain type in Go.
func (s *inspection) untyped(n *yaml.Node, at string) {
	add := func(why string) {
		s.vague = append(s.vague, pathOf(at)+": "+why+", so that there is no plain type in Go for it")
	}
	for _, keyword := range []string{"anyOf", "oneOf"} {
		if list := memberOf(n, keyword); list != nil && len(list.Content) > 1 {
			add("it is one of several alternatives")
		}
	}
	for _, key := range []string{"$ref", "properties", "allOf", "anyOf", "oneOf", "enum", openSet} {
		if memberOf(n, key) != nil {
			return
		}
	}
	if n.Value == "false" { // a schema that allows nothing
		return
	}
	kind, more := memberOf(n, "type"), memberOf(n, "additionalProperties")
	if kind == nil || kind.Value == "object" && (more == nil || more.Kind != yaml.MappingNode || len(more.Content) == 0) {
		add("theirs does not say what it holds")
	}
}
