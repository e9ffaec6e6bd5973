package slice

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
	"gopkg.in/yaml.v3"
)

func (p *Printer) security(v *graph.Vertex) *yaml.Node {
	list := document.Array()
	for _, alternative := range v.Fact("security").Values {
		one := document.Object()
		for _, use := range p.graph.Alternatives[alternative] {
			document.Put(one, p.scheme(use), document.Texts(use.Scopes))
		}
		list.Content = append(list.Content, one)
	}
	return list
}

// scheme writes a security scheme, and returns its name. In a slice that is going to be
// changed it is named after what it says, since changes must not depend on names.
func (p *Printer) scheme(use graph.SchemeUse) string {
	scopes := use.Scopes
	described := graph.SchemeText(use.Scheme, scopes)
	name := unnameable.ReplaceAllString(described, "-")
	if use.Scheme.Get("type").Str() == "oauth2" {
		name = fmt.Sprintf("oauth2-%x", graph.Digest([]byte(described)))[:15]
	}
	const section = "/components/securitySchemes/"
	if own, ok := strings.CutPrefix(use.Scheme.Pointer(), section); ok && p.reads == nil {
		scopes = p.scopesOf(use.Scheme)
		name, described = document.UnescapePointer(own), graph.SchemeText(use.Scheme, scopes)
	}
	if p.schemes[name] != "" && p.schemes[name] != described {
		name = fmt.Sprintf("%s-%x", name, graph.Digest([]byte(described)))
	}
	p.schemes[name] = described
	p.note(section+document.EscapePointer(name), []*document.Node{use.Scheme})
	p.component("securitySchemes", name, func() *yaml.Node { return p.JSON(graph.WithoutProse(use.Scheme, scopes).Canonical()) })
	return name
}

// scopesOf returns the scopes that are wanted of a scheme anywhere.
func (p *Printer) scopesOf(scheme *document.Node) []string {
	var out []string
	for _, uses := range p.graph.Alternatives {
		for _, use := range uses {
			if use.Scheme == scheme {
				out = append(out, use.Scopes...)
			}
		}
	}
	return document.SortedSet(out)
}

func (p *Printer) servers(v *graph.Vertex) *yaml.Node {
	list := document.Array()
	for _, value := range v.Fact("server").Values {
		server := document.Object()
		n := p.graph.Servers[value]
		if n == nil {
			document.Put(server, "url", document.Text(value))
		} else {
			document.Put(server, "url", document.Text(cmp.Or(strings.TrimRight(n.Get("url").Str(), "/"), n.Get("url").Str())))
			if variables := n.Get("variables"); variables != nil {
				document.Put(server, "variables", p.variables(variables))
			}
		}
		list.Content = append(list.Content, server)
	}
	return list
}

// variables writes what the variables of a server may be, without what
// describes them.
func (p *Printer) variables(n *document.Node) *yaml.Node {
	out := document.Object()
	for i, name := range n.Keys {
		variable := document.Object()
		for _, key := range []string{"default", "enum"} {
			if value := n.Kids[i].Get(key); value != nil {
				document.Put(variable, key, p.JSON(value.Canonical()))
			}
		}
		document.Put(out, name, variable)
	}
	return out
}

var unnameable = regexp.MustCompile(`[^A-Za-z0-9.-]+`)
