package propose

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// mark leaves word for the reviewer in the document, and notes where.
func (e *editor) mark(n *yaml.Node, at, what string) {
	document.Assign(n, "x-review", document.Text(what))
	if !slices.Contains(e.review, at) {
		e.review = append(e.review, at)
	}
}

// review tells people what to look at, a line for each place, as it is in the
// end: what one finding left to be looked at, another can have added to.
func (p *Proposal) review() {
	told := map[string]bool{}
	for i := range p.Adopted {
		a := &p.Adopted[i]
		for _, at := range a.marked {
			n := document.NodeAt(p.tree, at)
			if n == nil || n.Kind != yaml.MappingNode || document.Field(n, "x-review") == nil || told[at] {
				continue
			}
			told[at] = true
			a.Review = append(a.Review, pathOf(at)+": "+reviewOf(n))
		}
	}
}

// source says where something is from, if the configuration wants that said.
func (e *editor) source(n *yaml.Node) {
	if source := e.p.config.Propose.Source; source != "" {
		document.Assign(n, "x-source", document.Text(source))
	}
}

// first puts a member at the head of an object, where people look for it.
func first(n *yaml.Node, key string, value *yaml.Node) {
	document.Drop(n, key)
	n.Content = append([]*yaml.Node{document.Text(key), value}, n.Content...)
}

// typeWords says what a schema holds.
func typeWords(n *yaml.Node) string {
	kind := document.Field(n, "type")
	if kind == nil || kind.Kind != yaml.ScalarNode {
		return "a value"
	}
	switch kind.Value {
	case "string":
		return "a text"
	case "integer":
		return "a whole number"
	case "number":
		return "a number"
	case "boolean":
		return "true or false"
	case "array":
		return "a list"
	case "object":
		return "an object"
	}
	return "a value"
}

// describeSchema puts our words on a schema that was written, and on all in it.
func (e *editor) describeSchema(n *yaml.Node, name, at string) {
	if n.Kind != yaml.MappingNode || document.Field(n, "$ref") != nil {
		return
	}
	words := "holds " + typeWords(n)
	if name != "" {
		words = "is called " + name + " and " + words
	}
	e.describeInside(n, at)
	e.bound(n)
	first(n, "description", document.Text(words+"; nobody has described it yet."))
	e.source(n)
	e.mark(n, at, "describe it")
}

// describeInside puts our words on what a schema holds.
func (e *editor) describeInside(n *yaml.Node, at string) {
	for _, section := range []string{"properties", "patternProperties"} {
		in := document.Field(n, section)
		if in == nil {
			continue
		}
		for i := 0; i+1 < len(in.Content); i += 2 {
			name := in.Content[i].Value
			e.describeSchema(in.Content[i+1], name, at+"/"+section+"/"+document.EscapePointer(name))
		}
	}
	for _, key := range []string{"items", "additionalProperties"} {
		if in := document.Field(n, key); in != nil {
			e.describeSchema(in, "", at+"/"+key)
		}
	}
	for _, key := range []string{"allOf", "anyOf", "oneOf"} {
		if in := document.Field(n, key); in != nil {
			for i, part := range in.Content {
				e.describeSchema(part, "", fmt.Sprintf("%s/%s/%d", at, key, i))
			}
		}
	}
}

// bound gives a text the limit that the configuration wants every text to have.
func (e *editor) bound(n *yaml.Node) {
	kind, limit := document.Field(n, "type"), e.p.config.Propose.MaxLength
	if limit > 0 && kind != nil && kind.Value == "string" && document.Field(n, "maxLength") == nil && document.Field(n, "format") == nil {
		document.Put(n, "maxLength", document.Scalar("!!int", fmt.Sprint(limit)))
	}
}

// describeResponse puts our words on an answer.
func (e *editor) describeResponse(n *yaml.Node, status, at string) {
	words := "Status " + status + "; nobody has described it yet."
	if status == "default" {
		words = "Any other status; nobody has described it yet."
	}
	document.Assign(n, "description", document.Text(words))
	e.source(n)
	e.mark(n, at, "describe it")
	e.describeContent(n, at)
	for media, value := range document.Members(document.Field(n, "content")) {
		e.openSets(document.Field(value, "schema"), at+"/content/"+document.EscapePointer(media)+"/schema")
	}
	if headers := document.Field(n, "headers"); headers != nil {
		for i := 0; i+1 < len(headers.Content); i += 2 {
			name := headers.Content[i].Value
			e.describeParameter(headers.Content[i+1], name, at+"/headers/"+document.EscapePointer(name))
		}
	}
}

func (e *editor) describeContent(n *yaml.Node, at string) {
	content := document.Field(n, "content")
	if content == nil {
		return
	}
	for i := 0; i+1 < len(content.Content); i += 2 {
		at := at + "/content/" + document.EscapePointer(content.Content[i].Value) + "/schema"
		e.describeSchema(document.Field(content.Content[i+1], "schema"), "", at)
	}
}

// describeParameter puts our words on a parameter or a header. What stands in
// its schema is described by it.
func (e *editor) describeParameter(n *yaml.Node, name, at string) {
	schema := document.Field(n, "schema")
	words := "holds a value"
	if schema != nil && document.Field(schema, "$ref") == nil {
		words = "holds " + typeWords(schema)
		e.bound(schema)
	}
	first(n, "description", document.Text("is called "+name+" and "+words+"; nobody has described it yet."))
	e.source(n)
	e.mark(n, at, "describe it")
}

// body writes the body that a request takes.
func (e *editor) body(v *graph.Vertex, at string) *yaml.Node {
	p := e.print()
	n := document.Object()
	document.Put(n, "description", document.Text("What is sent; nobody has described it yet."))
	p.Plain(n, v, "required")
	p.Content(n, v, at)
	e.describeContent(n, at)
	e.mark(n, at, "describe it")
	return n
}

// shareHeader writes a header as a component of ours, and refers to it.
func (e *editor) shareHeader(name string, v *graph.Vertex, at string) *yaml.Node {
	n := e.print().Parameter(v, at, "", "")
	ref := e.component("headers", goName(name), n, name)
	e.outlined[strings.TrimPrefix(document.Field(ref, "$ref").Value, "#")] = at
	return ref
}

// component puts a parameter or a header among our components, and returns the
// reference to it; one that is there and says the same is taken.
func (e *editor) component(section, name string, n *yaml.Node, called string) *yaml.Node {
	in := document.Within(document.Within(document.Unwrap(e.tree), "components", document.Object), section, document.Object)
	free := e.free(in, name)
	at := "/components/" + section + "/" + free
	e.describeParameter(n, called, at)
	if taken := document.Field(in, name); taken != nil && document.EqualNodes(taken, n) {
		return document.Reference("/components/" + section + "/" + name)
	}
	document.Put(in, free, n)
	return document.Reference(at)
}

// goName makes an exported name of what a document calls something.
func goName(s string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9')
	}) {
		if initialisms := []string{"id", "url", "api", "pem", "ip"}; slices.Contains(initialisms, strings.ToLower(word)) {
			b.WriteString(strings.ToUpper(word))
			continue
		}
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	name := b.String()
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "N" + name
	}
	return name
}
