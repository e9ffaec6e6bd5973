package slice

import (
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
			described := graph.SchemeText(use.Scheme, use.Scopes)
			name := unnameable.ReplaceAllString(described, "-")
			if use.Scheme.Get("type").Str() == "oauth2" {
				name = fmt.Sprintf("oauth2-%x", graph.Digest([]byte(described)))[:15]
			}
			if p.schemes[name] != "" && p.schemes[name] != described {
				name = fmt.Sprintf("%s-%x", name, graph.Digest([]byte(described)))
			}
			p.schemes[name] = described
			p.note("/components/securitySchemes/"+document.EscapePointer(name), []*document.Node{use.Scheme})
			p.component("securitySchemes", name, func() *yaml.Node { return p.JSON(graph.WithoutProse(use.Scheme, use.Scopes).Canonical()) })
			document.Put(one, name, document.Texts(use.Scopes))
		}
		list.Content = append(list.Content, one)
	}
	return list
}

func (p *Printer) servers(v *graph.Vertex) *yaml.Node {
	list := document.Array()
	for _, value := range v.Fact("server").Values {
		server := document.Object()
		n := p.graph.Servers[value]
		if n == nil {
			document.Put(server, "url", document.Text(value))
		} else {
			document.Put(server, "url", document.Text(strings.TrimRight(n.Get("url").Str(), "/")))
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
