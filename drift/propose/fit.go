package propose

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// unfitError tells what of a change the generated code must not or cannot hold,
// though our document could.
type unfitError struct{ found []string }

func (e *unfitError) Error() string { return few(e.found, "; ") }

// fits fails with an [*unfitError] for what an editor brings into our document and
// code generated from it could not hold.
func (e *editor) fits() error {
	if e.now.inspected == nil { // once for all that is tried
		e.now.inspected = e.p.inspect(e.now.tree)
	}
	before, after := e.now.inspected, e.p.inspect(e.tree)
	found := after.found
	if brings(e.finding) {
		found = slices.Concat(found, after.vague)
	}
	var more []string
	for _, o := range found {
		if !slices.Contains(before.found, o) && !slices.Contains(before.vague, o) {
			more = append(more, pathOf(e.placeOf(o.at))+": "+o.what)
		}
	}
	if len(more) == 0 {
		return nil
	}
	return &unfitError{more}
}

// brings tells whether a finding is that theirs has something that was not there,
// for which code is generated.
func brings(f drift.Finding) bool {
	kind := strings.TrimSuffix(f.Kind, "-required")
	return slices.ContainsFunc([]string{"operation", "parameter", "body", "media-type", "status", "header", "property"}, func(what string) bool {
		return kind == what+"-added" || strings.HasSuffix(kind, "-"+what+"-added")
	})
}

// placeOf returns where a part that became a component of its own stood before, so
// that what is left open names no component that is nowhere.
func (e *editor) placeOf(at string) string {
	for to, from := range e.outlined {
		if rest, ok := strings.CutPrefix(at, to); ok && (rest == "" || rest[0] == '/') {
			return from + rest
		}
	}
	return at
}

// obstacle is what generated code cannot hold, and where.
type obstacle struct{ at, what string }

// inspection looks through a document of ours for what generated code cannot hold.
type inspection struct {
	p     *proposer
	taken map[string]string
	found []obstacle
	vague []obstacle // what is new and cannot be held, though it is no obstacle where ours has it
}

func (p *proposer) inspect(tree *yaml.Node) *inspection {
	s := &inspection{p: p, taken: p.goNames(tree)}
	for _, section := range []string{"paths", "components"} {
		if n := document.NodeAt(tree, "/"+section); n != nil {
			s.walk(n, "/"+section, false)
		}
	}
	for name, schema := range document.Members(document.NodeAt(tree, "/components/schemas")) {
		s.untyped(schema, "/components/schemas/"+document.EscapePointer(name))
	}
	for path, item := range document.Members(document.NodeAt(tree, "/paths")) {
		s.path(path, item)
	}
	return s
}

func (s *inspection) add(at, format string, args ...any) {
	s.found = append(s.found, obstacle{at, fmt.Sprintf(format, args...)})
}

// walk goes through all values but those of examples. The keys of some objects
// are names.
func (s *inspection) walk(n *yaml.Node, at string, named bool) {
	if !named {
		s.values(n, at)
		s.parameter(n, at)
		s.marked(n, at)
	}
	for key, value := range document.Members(n) {
		here := at + "/" + document.EscapePointer(key)
		if !named {
			switch key {
			case "example", "examples", "default", "enum", graph.OpenSet:
				continue
			case "properties":
				s.properties(value, here)
			case "headers":
				s.secrets(value, here)
			case "links":
				s.links(value, here)
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
	for name, schema := range document.Members(n) {
		if other, ok := known[goKey(name)]; ok {
			s.add(at, "%q and %q are one name in Go", other, name)
		}
		known[goKey(name)] = name
		s.untyped(schema, at+"/"+document.EscapePointer(name))
	}
}

// parameter looks at what a parameter is called, and where it is sent.
func (s *inspection) parameter(n *yaml.Node, at string) {
	name, in := document.MemberOf(n, "name"), document.MemberOf(n, "in")
	if name == nil || in == nil || document.MemberOf(n, "schema") == nil {
		return
	}
	s.secret(name.Value, n, at)
	if !s.p.config.Propose.Sends(in.Value) {
		s.add(at, "the generated code sends no parameter in the %s: teach it to, and list it under propose.parameters", in.Value)
	}
}

// links looks at where links lead: to what theirs calls an operation.
func (s *inspection) links(n *yaml.Node, at string) {
	for name, link := range document.Members(n) {
		for _, to := range []string{"operationId", "operationRef"} {
			if value := document.MemberOf(link, to); value != nil {
				s.add(at+"/"+document.EscapePointer(name), "it leads to %q of theirs, and nothing is generated of a link", value.Value)
			}
		}
	}
}

// path looks at what the parameters of a path are called.
func (s *inspection) path(path string, item *yaml.Node) {
	t, err := document.ParseTemplate(path)
	if err != nil {
		return
	}
	for _, method := range graph.Methods {
		operation := document.Field(item, method)
		if operation == nil {
			continue
		}
		at := "/paths/" + document.EscapePointer(path) + "/" + method
		s.success(operation, at)
		id := ""
		if n := document.Field(operation, "operationId"); n != nil {
			id = n.Value
		}
		known := map[string]string{}
		for _, name := range t.Names {
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

// success looks for the one answer that the generated client takes for success.
func (s *inspection) success(operation *yaml.Node, at string) {
	answer := document.MemberOf(document.MemberOf(operation, "responses"), "200")
	if answer == nil {
		s.vague = append(s.vague, obstacle{at, "it has no answer for 200, the one status that the generated client takes for success"})
	}
}

// untyped looks for a schema for which there is no plain type in Go.
func (s *inspection) untyped(n *yaml.Node, at string) {
	add := func(why string) {
		s.vague = append(s.vague, obstacle{at, why + ", so that there is no plain type in Go for it"})
	}
	for _, keyword := range []string{"anyOf", "oneOf"} {
		if list := document.MemberOf(n, keyword); list != nil && len(list.Content) > 1 {
			add("it is one of several alternatives")
		}
	}
	if document.MemberOf(n, "properties") != nil && !isComponent(at) {
		add("it is an object without a name")
	}
	for _, key := range []string{"$ref", "properties", "allOf", "anyOf", "oneOf", "enum", graph.OpenSet} {
		if document.MemberOf(n, key) != nil {
			return
		}
	}
	if n.Value == "false" { // a schema that allows nothing
		return
	}
	kind, more := document.MemberOf(n, "type"), document.MemberOf(n, "additionalProperties")
	if kind == nil || kind.Value == "object" && (more == nil || more.Kind != yaml.MappingNode || len(more.Content) == 0) {
		add("theirs does not say what it holds")
	}
	if kind != nil && kind.Value == "array" && document.MemberOf(n, "items") == nil {
		add("theirs does not say what it lists")
	}
}

// isComponent tells whether a place is that of a schema with a name of its own.
func isComponent(at string) bool {
	name, ok := strings.CutPrefix(at, "/components/schemas/")
	return ok && !strings.Contains(name, "/")
}
