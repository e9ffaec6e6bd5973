package propose

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/internal/yamlnode"
)

// mark leaves word for the reviewer in the document, and notes where.
func (e *editor) mark(n *yaml.Node, at, what string) {
	document.Assign(n, "x-review", document.Text(what))
	if !slices.Contains(e.review, at) {
		e.review = append(e.review, at)
	}
}

// review lists what to look at, a line for each place, as it is in the
// end: what one finding left to be looked at, another can have added to.
func (p *Proposal) review() {
	seen := map[string]bool{}
	for i := range p.Adopted {
		a := &p.Adopted[i]
		for _, at := range a.marked {
			n := document.NodeAt(p.tree, at)
			if n == nil || n.Kind != yaml.MappingNode || yamlnode.Field(n, "x-review") == nil || seen[at] {
				continue
			}
			seen[at] = true
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

// undocumented describes what a schema or a parameter is, as far as theirs says.
func undocumented(schema *yaml.Node) string {
	if kind := yamlnode.Field(schema, "type"); kind != nil && kind.Kind == yaml.ScalarNode {
		return "is undocumented upstream (" + kind.Value + ")."
	}
	return "is undocumented upstream."
}

// describeSchema puts our words on a schema that was written, and on all in it.
func (e *editor) describeSchema(n *yaml.Node, at string) {
	if n.Kind != yaml.MappingNode || yamlnode.Field(n, "$ref") != nil {
		return
	}
	e.describeInside(n, at)
	e.bound(n)
	first(n, "description", document.Text(undocumented(n)))
	e.source(n)
	e.mark(n, at, "describe it")
}

// describeInside puts our words on what a schema holds.
func (e *editor) describeInside(n *yaml.Node, at string) {
	for _, section := range []string{"properties", "patternProperties"} {
		for name, schema := range yamlnode.Members(yamlnode.Field(n, section)) {
			e.describeSchema(schema, at+"/"+section+"/"+document.EscapePointer(name))
		}
	}
	for _, key := range []string{"items", "additionalProperties"} {
		if in := yamlnode.Field(n, key); in != nil {
			e.describeSchema(in, at+"/"+key)
		}
	}
	for _, key := range []string{"allOf", "anyOf", "oneOf"} {
		if in := yamlnode.Field(n, key); in != nil {
			for i, part := range in.Content {
				e.describeSchema(part, fmt.Sprintf("%s/%s/%d", at, key, i))
			}
		}
	}
}

// bound gives a string the limit that the configuration wants every string to have.
func (e *editor) bound(n *yaml.Node) {
	kind, limit := yamlnode.Field(n, "type"), e.p.config.Propose.MaxLength
	if limit > 0 && kind != nil && kind.Value == "string" && yamlnode.Field(n, "maxLength") == nil && yamlnode.Field(n, "format") == nil {
		document.Put(n, "maxLength", document.Scalar("!!int", fmt.Sprint(limit)))
	}
}

// describeResponse puts our words on a response.
func (e *editor) describeResponse(n *yaml.Node, status, at string) {
	words := "Status " + status + ", undocumented upstream."
	if status == "default" {
		words = "Any other status, undocumented upstream."
	}
	document.Assign(n, "description", document.Text(words))
	e.source(n)
	e.mark(n, at, "describe it")
	for media, value := range yamlnode.Members(yamlnode.Field(n, "content")) {
		schema, at := yamlnode.Field(value, "schema"), at+"/content/"+document.EscapePointer(media)+"/schema"
		e.describeSchema(schema, at)
		e.openSets(schema, at)
	}
	for name, header := range yamlnode.Members(yamlnode.Field(n, "headers")) {
		e.describeHeader(header, at+"/headers/"+document.EscapePointer(name))
	}
}

// describeHeader puts our words on a header. What stands in its schema is described
// by it.
func (e *editor) describeHeader(n *yaml.Node, at string) {
	schema := yamlnode.Field(n, "schema")
	if schema != nil && yamlnode.Field(schema, "$ref") == nil {
		e.bound(schema)
	}
	first(n, "description", document.Text(undocumented(schema)))
	e.source(n)
	e.mark(n, at, "describe it")
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
