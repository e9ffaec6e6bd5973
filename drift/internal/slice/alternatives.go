package slice

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
	"github.com/originpull/originpull-go/internal/yamlnode"
)

func (w *SchemaWriter) sets() {
	for _, s := range w.v.Sets {
		for _, member := range s.Members {
			// A second one goes into a claim of its own, and so does its place.
			at := w.at
			if s.Label == "choice" {
				keyword := member.Value("choice")
				if yamlnode.Field(w.Out, keyword) != nil {
					at += "/allOf/" + strconv.Itoa(len(w.More))
				}
				w.say(keyword, w.branches(member, at+"/"+keyword))
				continue
			}
			claim := w.Out
			if yamlnode.Field(w.Out, s.Label) != nil {
				at += "/allOf/" + strconv.Itoa(len(w.More))
				claim = document.Object()
				w.More = append(w.More, claim)
			}
			for _, f := range member.Facts {
				document.Put(claim, f.Name, w.p.JSON(f.Values[0]))
			}
			for _, e := range member.Edges {
				document.Put(claim, e.Label, w.p.Schema(e.To, at+"/"+e.Label))
			}
		}
	}
}

func (w *SchemaWriter) branches(choice *graph.Vertex, at string) *yaml.Node {
	// A discriminator without a mapping would take the name of a component for a value.
	wrapped := w.v.Fact("discriminator") != nil && !slices.ContainsFunc(w.v.Edges, func(e graph.Edge) bool { return graph.FirstWord(e.Label) == "mapping" })
	list := document.Array()
	for i, branch := range w.p.inOrder(choice.Set("branch")) {
		n := w.p.Schema(branch, at+"/"+strconv.Itoa(i))
		if wrapped && yamlnode.Field(n, "$ref") != nil {
			one := document.Array()
			one.Content = append(one.Content, n)
			n = document.Object()
			document.Put(n, "allOf", one)
		}
		list.Content = append(list.Content, n)
	}
	return list
}

// discriminator writes the mapping to the alternatives beside it, or to
// components where a value maps to a schema that is not an alternative here.
func (w *SchemaWriter) discriminator() {
	f := w.v.Fact("discriminator")
	if f == nil {
		return
	}
	mapping := document.Object()
	for _, e := range w.v.Edges {
		if value, ok := strings.CutPrefix(e.Label, "mapping "); ok {
			document.Put(mapping, value, yamlnode.Field(w.mapped(e.To), "$ref"))
		}
	}
	for _, property := range f.Values {
		n := document.Object()
		document.Put(n, "propertyName", document.Text(property))
		if len(mapping.Content) > 0 {
			document.Put(n, "mapping", mapping)
		}
		w.say("discriminator", n)
	}
}

// mapped returns a reference to a schema that a value stands for.
func (w *SchemaWriter) mapped(to *graph.Vertex) *yaml.Node {
	for _, choice := range w.v.Set("choice") {
		keyword := choice.Value("choice")
		if i := slices.Index(w.p.inOrder(choice.Set("branch")), to); i >= 0 && yamlnode.Field(w.Out, keyword) != nil {
			at := w.at + "/" + keyword + "/" + strconv.Itoa(i)
			key, _ := w.p.readAt(at)
			if n := w.p.reference(to, key); n != nil {
				return n
			}
			return document.Reference(at)
		}
	}
	name := w.p.schemas[to]
	if name == "" {
		name = fmt.Sprintf("alternative-%d", len(w.p.schemas)+1)
		key, _ := w.p.readAt("/components/schemas/" + name)
		if n := w.p.reference(to, key); n != nil {
			return n
		}
		if w.p.shared != nil {
			name = w.p.shared.unique(name)
		}
		w.p.schemas[to] = name
		around := w.p.open
		w.p.open = map[place]string{}
		w.p.component("schemas", name, func() *yaml.Node { return w.p.Schema(to, "/components/schemas/"+name) })
		w.p.open = around
	}
	return document.Reference("/components/schemas/" + document.EscapePointer(name))
}

// inOrder puts the members of a set in an order that depends on what they mean.
func (p *Printer) inOrder(members []*graph.Vertex) []*graph.Vertex {
	return graph.ByClass(members, p.classes)
}
