package propose

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
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

// undocumented describes what a schema or a parameter is, as far as theirs says.
func undocumented(schema *yaml.Node) string {
	if kind := yamlnode.Field(schema, "type"); kind != nil && kind.Kind == yaml.ScalarNode {
		return "is undocumented upstream (" + kind.Value + ")."
	}
	return "is undocumented upstream."
}

// describeSchema puts our words on a schema that was written, and on all in it. The sets
// of a response are written open, as ours are, so that a program does not rely on there
// being no other value.
func (e *editor) describeSchema(n *yaml.Node, at string, dir graph.Direction) {
	if n.Kind != yaml.MappingNode || yamlnode.Field(n, "$ref") != nil {
		return
	}
	for _, part := range partsOf(n) {
		e.describeSchema(part.schema, at+part.at, dir)
	}
	e.bound(n)
	e.introduce(n, at, undocumented(n))
	kind := yamlnode.Field(n, "type")
	if dir == graph.Response && yamlnode.Field(n, "enum") != nil && kind != nil && (kind.Value == "string" || kind.Value == "integer") {
		document.Rename(n, "enum", graph.OpenSet)
		e.mark(n, at, "describe it; its set is open: an overlay gives its values constants, and its type has no alias in the public package yet")
	}
}

// part is a schema in another one, and where it is in that.
type part struct {
	at     string
	schema *yaml.Node
}

// partsOf returns the schemas that a schema consists of.
func partsOf(n *yaml.Node) (parts []part) {
	for _, key := range []string{"properties", "patternProperties"} {
		for name, schema := range yamlnode.Members(yamlnode.Field(n, key)) {
			parts = append(parts, part{"/" + key + "/" + document.EscapePointer(name), schema})
		}
	}
	for _, key := range []string{"items", "additionalProperties"} {
		if schema := yamlnode.Field(n, key); schema != nil {
			parts = append(parts, part{"/" + key, schema})
		}
	}
	return parts
}

// introduce says of something new what it is, where it is from, and that a person has
// to describe it.
func (e *editor) introduce(n *yaml.Node, at, what string) {
	document.Drop(n, "description")
	n.Content = append([]*yaml.Node{document.Text("description"), document.Text(what)}, n.Content...) // where people look for it
	if source := e.p.config.Propose.Source; source != "" {
		document.Assign(n, "x-source", document.Text(source))
	}
	e.mark(n, at, "describe it")
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
	e.introduce(n, at, words)
	for media, value := range yamlnode.Members(yamlnode.Field(n, "content")) {
		e.describeSchema(yamlnode.Field(value, "schema"), at+"/content/"+document.EscapePointer(media)+"/schema", graph.Response)
	}
	for name, header := range yamlnode.Members(yamlnode.Field(n, "headers")) {
		schema := yamlnode.Field(header, "schema") // which its header describes
		if schema != nil && yamlnode.Field(schema, "$ref") == nil {
			e.bound(schema)
		}
		e.introduce(header, at+"/headers/"+document.EscapePointer(name), undocumented(schema))
	}
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
