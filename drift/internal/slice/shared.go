package slice

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// componentsKey is where an OpenAPI document has its components.
const componentsKey = "components"

// shared are the components of a document that is being printed: what the source has as
// a component, under its name, and what would be printed more than once otherwise. So a
// document takes no more than what is reached, however often that is referred to.
type shared struct {
	key      string                   // of the document, under which they are
	names    map[*graph.Vertex]string // of schemas
	uses     map[*graph.Vertex]int    // from how many places a schema is referred to
	taken    map[string]bool          // names of schemas
	sections map[string]*yaml.Node
	written  map[string]bool // pointers to the components
	queue    []func()        // those still to be written
}

// newShared returns the components of a graph of a document, under a key.
func newShared(doc *document.Document, g *graph.Graph, key string) *shared {
	s := &shared{key: key, names: map[*graph.Vertex]string{}, uses: usesOf(g), taken: map[string]bool{}, sections: map[string]*yaml.Node{}, written: map[string]bool{}}
	for v, name := range g.Names {
		s.names[v] = name
	}
	for _, component := range doc.Top.Member(componentsKey).Member("schemas").List() {
		s.taken[component.Key] = true // also if it is not reached
	}
	return s
}

// schemaKinds are the kinds of vertices that schemas are made of.
var schemaKinds = []string{"schema", "choice", "not", "if", "contains"}

// usesOf counts from how many places of the source each schema is referred to. A response
// that several operations refer to is one place.
func usesOf(g *graph.Graph) map[*graph.Vertex]int {
	uses := map[*graph.Vertex]int{}
	seen := map[*document.Node]bool{}
	for _, v := range graph.Subgraph(g.Root).Vertices {
		if !slices.Contains(schemaKinds, v.Kind) && len(v.At) == 1 {
			if seen[v.At[0]] {
				continue
			}
			seen[v.At[0]] = true
		}
		for _, e := range v.Edges {
			if graph.FirstWord(e.Label) != "mapping" {
				uses[e.To]++
			}
		}
		for _, set := range v.Sets {
			for _, to := range set.Members {
				uses[to]++
			}
		}
	}
	return uses
}

// nameOf returns the name of the component that a schema becomes, "" for none. What has
// no name gets one if it is used more than once, unless it is as short as a reference.
func (s *shared) nameOf(v *graph.Vertex) string {
	if name := s.names[v]; name != "" {
		return name
	}
	if s.uses[v] < 2 || isShort(v) {
		return ""
	}
	s.names[v] = s.unique(cmp.Or(nameFor(v.Pointer()), "schema"))
	return s.names[v]
}

// isShort reports whether a schema says no more than a few words.
func isShort(v *graph.Vertex) bool {
	const few = 8
	values := 0
	for _, f := range v.Facts {
		values += len(f.Values)
	}
	return len(v.Edges) == 0 && len(v.Sets) == 0 && values <= few
}

// unique returns a name that no component has, with a number if it is taken.
func (s *shared) unique(name string) string {
	out := name
	for i := 2; s.taken[out]; i++ {
		out = name + "-" + strconv.Itoa(i)
	}
	s.taken[out] = true
	return out
}

var notOfName = regexp.MustCompile(`[^A-Za-z0-9._]+`)

// nameFor makes a name of where a schema stands: the component, or the path and the method, and
// the properties that lead to it.
func nameFor(pointer string) string {
	steps := document.PointerSteps(pointer)
	words := []string{}
	if len(steps) > 2 {
		words = append(words, steps[2]) // the component, or the method
		if steps[0] != componentsKey {
			words = append(words, steps[1])
		}
		steps = steps[3:]
	}
	for _, step := range steps {
		if !isKeyword(step) {
			words = append(words, step)
		}
	}
	return strings.Trim(notOfName.ReplaceAllString(strings.Join(words, "-"), "-"), "-")
}

// isKeyword reports whether a step of a pointer says nothing of what it leads to.
func isKeyword(step string) bool {
	_, err := strconv.Atoi(step)
	return err == nil || strings.Contains(step, "/") || slices.Contains(keywords, step)
}

var keywords = strings.Fields("schema properties items allOf oneOf anyOf not if then else additionalProperties patternProperties content parameters responses requestBody headers")

// section returns the object of the components of a kind.
func (s *shared) section(name string) *yaml.Node {
	if s.sections[name] == nil {
		s.sections[name] = document.Object()
	}
	return s.sections[name]
}

// refer returns a reference to a component, which is written when all before it is.
func (s *shared) refer(section, name string, write func(at string) *yaml.Node) *yaml.Node {
	at := "/" + s.key + "/" + section + "/" + document.EscapePointer(name)
	if !s.written[at] {
		s.written[at] = true
		s.queue = append(s.queue, func() { document.Put(s.section(section), name, write(at)) })
	}
	return document.Reference(at)
}

// write writes what is referred to, and what that refers to.
func (s *shared) write(p *Printer) {
	for i := 0; i < len(s.queue) && p.Err == nil; i++ {
		s.queue[i]()
		s.queue[i] = nil
	}
}

// joinTo puts the components into the document, in the order of their names.
func (s *shared) joinTo(root *yaml.Node) {
	if len(s.sections) == 0 {
		return
	}
	all := document.Within(root, s.key, document.Object)
	for _, name := range []string{"schemas", "responses", "parameters", "requestBodies", "headers"} {
		if s.sections[name] == nil {
			continue
		}
		section := document.Within(all, name, document.Object)
		section.Content = append(section.Content, s.sections[name].Content...)
		sortMembers(section)
	}
}

// sortMembers puts the members of an object in the order of their keys.
func sortMembers(n *yaml.Node) {
	type member struct{ key, value *yaml.Node }
	var members []member
	for i := 0; i+1 < len(n.Content); i += 2 {
		members = append(members, member{n.Content[i], n.Content[i+1]})
	}
	slices.SortStableFunc(members, func(a, b member) int { return strings.Compare(a.key.Value, b.key.Value) })
	n.Content = n.Content[:0]
	for _, m := range members {
		n.Content = append(n.Content, m.key, m.value)
	}
}

// part writes a part of an operation that is not a schema: where it stands, or as the
// component of a section that it is in the source.
func (p *Printer) part(section string, v *graph.Vertex, at string, write func(at string) *yaml.Node) *yaml.Node {
	noted := func(at string) *yaml.Node {
		p.note(at, v.At)
		return write(at)
	}
	name, ok := strings.CutPrefix(v.Pointer(), "/"+componentsKey+"/"+section+"/")
	if key, _ := p.readAt(at); p.shared == nil || !ok || strings.Contains(name, "/") || key != "" {
		return noted(at)
	}
	return p.shared.refer(section, document.UnescapePointer(name), noted)
}

// place is a schema, and what reads that begin in it.
type place struct {
	v   *graph.Vertex
	key string
}

// Reads reports what is read at a JSON pointer of a document and below it: by a key that
// is the same where the same is read, empty for nothing, and who reads it.
type Reads func(pointer string) (key, by string)

// readAt is Reads of the printer.
func (p *Printer) readAt(pointer string) (key, by string) {
	if p.reads == nil || strings.HasPrefix(pointer, "/"+p.shared.key+"/") {
		return "", ""
	}
	return p.reads(pointer)
}

// note notes where in the source something is that is printed at a JSON pointer.
func (p *Printer) note(at string, source []*document.Node) {
	if p.places != nil && len(source) > 0 {
		p.places[at] = source[0]
	}
}
