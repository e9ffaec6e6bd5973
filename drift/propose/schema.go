package propose

import (
	"errors"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
	"github.com/originpull/originpull-go/internal/yamlnode"
)

// schema brings a schema of ours to theirs in the one thing that differs.
func (e *editor) schema(p *compare.Pair, c compare.Change) error {
	claims, err := e.claims(p.Old)
	if err != nil {
		return err
	}
	if len(claims) == 0 {
		return errors.New("our document has no schema there")
	}
	name, isProperty := strings.CutPrefix(c.Label, "property ")
	switch {
	case isProperty && c.Fact == "":
		return e.property(claims, name, p, c)
	case isProperty:
		e.required(claims, name, p.New)
		return nil
	case c.Fact == "enum":
		return e.enum(claims, p)
	}
	return e.keywords(claims, p, factKeywords(c.Fact)...)
}

// said returns where our document says what a schema is. One that says nothing
// stands where it is referred to.
func (e *editor) said(v *graph.Vertex) []*document.Node {
	out := slices.Clone(v.At)
	for i, n := range out {
		if target, err := e.now.doc.Deref(n); err == nil && !e.now.doc.SiblingsCount() {
			out[i] = target
		}
	}
	return out
}

// pointerOf returns where one of the claims of a schema stands.
func (e *editor) pointerOf(v *graph.Vertex, claim *yaml.Node) string {
	for _, n := range e.said(v) {
		if e.at(n) == claim {
			return e.relocated(n.Pointer())
		}
	}
	return ""
}

// claims returns the objects that a schema of ours is made of.
func (e *editor) claims(v *graph.Vertex) ([]*yaml.Node, error) {
	var out []*yaml.Node
	for _, said := range e.said(v) {
		n := e.at(said)
		if n == nil || n.Kind != yaml.MappingNode {
			return nil, errors.New("a schema that is not an object")
		}
		out = append(out, n)
	}
	return out, nil
}

// factKeywords names the keywords in which a fact is written.
func factKeywords(name string) []string {
	switch name {
	case "type", "nullable":
		return []string{"type", "nullable"}
	case "maximum", "minimum":
		return []string{name, "exclusive" + strings.ToUpper(name[:1]) + name[1:]}
	}
	return []string{name}
}

// mainClaim returns the claim into which something is written: one that has
// the keywords, else one that has properties or a type. Of several it is the
// last, which stands deepest in the references, or the first.
func (e *editor) mainClaim(claims []*yaml.Node, keywords ...string) *yaml.Node {
	claims = slices.Clone(claims)
	if !e.outermost {
		slices.Reverse(claims)
	}
	for _, some := range [][]string{keywords, {"properties"}, {"type"}} {
		for _, claim := range claims {
			if slices.ContainsFunc(some, func(key string) bool { return yamlnode.Field(claim, key) != nil }) {
				return claim
			}
		}
	}
	return claims[0]
}

// keywords takes some keywords out of our claims and writes what theirs has.
func (e *editor) keywords(claims []*yaml.Node, p *compare.Pair, names ...string) error {
	w := e.print().WriteFacts(p.New, "")
	main := e.mainClaim(claims, names...)
	for _, claim := range claims {
		for _, name := range names {
			if claim != main || yamlnode.Field(w.Out, name) == nil {
				document.Drop(claim, name)
			}
		}
	}
	if slices.Contains(names, "maxLength") && yamlnode.Field(w.Out, "maxLength") == nil {
		e.bound(main)
	}
	for _, name := range names {
		if value := yamlnode.Field(w.Out, name); value != nil {
			document.Assign(main, name, value)
		}
	}
	for _, claim := range w.More {
		if claim.Content[0].Value == "nullable" && slices.Contains(names, "nullable") {
			return errors.New("theirs has nullable apart from the type, where OpenAPI 3.0.3 gives it no meaning: say by an overlay what is meant")
		}
		if slices.Contains(names, claim.Content[0].Value) {
			more := document.Within(main, "allOf", document.Array)
			more.Content = append(more.Content, claim)
		}
	}
	return e.printed()
}

// property adds a property, or takes one out.
func (e *editor) property(claims []*yaml.Node, name string, p *compare.Pair, c compare.Change) error {
	if c.New == nil {
		for _, claim := range claims {
			if properties := yamlnode.Field(claim, "properties"); properties != nil {
				if document.Drop(properties, name); len(properties.Content) == 0 {
					document.Drop(claim, "properties")
				}
			}
		}
		e.required(claims, name, p.New)
		return nil
	}
	main := e.mainClaim(claims, "properties")
	at, properties := e.pointerOf(p.Old, main)+"/properties", document.Within(main, "properties", document.Object)
	here := at + "/" + document.EscapePointer(name)
	schema := e.print().Schema(c.New, here)
	if hasAlternatives(schema) {
		return errAlternatives
	}
	e.describeSchema(schema, here, c.New.Dir)
	document.Assign(properties, name, schema)
	e.outlineAt(properties, name, at)
	e.required(claims, name, p.New)
	return e.printed()
}

var errAlternatives = errors.New("it holds several alternatives, which need an overlay that shapes them for Go")

// hasAlternatives reports whether what was written has a choice in it.
func hasAlternatives(n *yaml.Node) bool {
	for _, keyword := range []string{"oneOf", "anyOf"} {
		if yamlnode.Field(n, keyword) != nil {
			return true
		}
	}
	return slices.ContainsFunc(n.Content, hasAlternatives)
}

// required brings what is said of one property to theirs.
func (e *editor) required(claims []*yaml.Node, name string, theirs *graph.Vertex) {
	wanted := slices.Contains(theirs.Fact("required").List(), name)
	for _, claim := range claims {
		list := yamlnode.Field(claim, "required")
		if list == nil || wanted {
			continue
		}
		list.Content = slices.DeleteFunc(list.Content, func(n *yaml.Node) bool { return n.Value == name })
		if len(list.Content) == 0 {
			document.Drop(claim, "required")
		}
	}
	if wanted {
		list := document.Within(e.mainClaim(claims, "required"), "required", document.Array)
		if !slices.ContainsFunc(list.Content, func(n *yaml.Node) bool { return n.Value == name }) {
			list.Content = append(list.Content, document.Text(name))
		}
	}
}
