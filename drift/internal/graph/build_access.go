package graph

import (
	"net/url"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
)

// shareable returns the one vertex for this content, so that what holds for
// many operations is one thing that can change once.
func (b *builder) shareable(kind, factName string, values []string, at []*document.Node) *Vertex {
	slices.Sort(values)
	values = slices.Compact(values)
	key := kind + "\x00" + strings.Join(values, "\x00")
	v := b.shared[key]
	if v == nil {
		v = b.vertex(kind, "", nil)
		v.Say(factName, nil, values...)
		b.shared[key] = v
	}
	for _, n := range at {
		if !slices.Contains(v.At, n) {
			v.At = append(v.At, n)
			v.Facts[0].at = v.At
		}
	}
	return v
}

// anonymous is the alternative of sending no credential at all.
const anonymous = "none"

// security adds the alternatives of credentials that authorise an operation,
// without the names that the document gives them.
func (b *builder) security(v *Vertex, op *document.Node) error {
	n := op.Get("security")
	if n == nil {
		var err error
		if n, err = b.doc.Member("security"); err != nil {
			return err
		}
	}
	alternatives := []string{}
	if n != nil {
		if err := n.Expect(document.ArrayNode, "security"); err != nil {
			return err
		}
		for _, kid := range n.Kids {
			alternative, err := b.requirement(kid)
			if err != nil {
				return err
			}
			alternatives = append(alternatives, alternative)
		}
	}
	if len(alternatives) == 0 {
		alternatives = []string{anonymous}
	}
	v.link("security", b.shareable("security", "security", alternatives, nodes(n)))
	return nil
}

// requirement spells one alternative: all schemes that go together.
func (b *builder) requirement(n *document.Node) (string, error) {
	if err := n.Expect(document.ObjectNode, "a security requirement"); err != nil {
		return "", err
	}
	if err := noReference(n); err != nil {
		return "", err
	}
	var schemes []string
	var parts []SchemeUse
	for i, name := range n.Keys {
		scheme, err := b.doc.At([]string{"components", "securitySchemes", name})
		if err != nil {
			return "", err
		}
		if scheme == nil {
			scheme = undeclared(name)
		}
		if scheme, err = b.object(scheme, "a security scheme"); err != nil {
			return "", err
		}
		var scopes []string
		for _, scope := range n.Kids[i].Kids {
			scopes = append(scopes, scope.Str())
		}
		scopes = document.SortedSet(scopes)
		if err := noReference(scheme); err != nil {
			return "", err
		}
		text := SchemeText(scheme, scopes)
		if len(scopes) > 0 {
			words := make([]string, len(scopes))
			for i, scope := range scopes {
				words[i] = oneWord(scope)
			}
			text += " [" + strings.Join(words, " ") + "]"
		}
		schemes = append(schemes, text)
		parts = append(parts, SchemeUse{scheme, scopes})
	}
	if len(schemes) == 0 {
		return anonymous, nil
	}
	slices.Sort(schemes)
	text := strings.Join(schemes, " + ")
	b.graph.Alternatives[text] = parts
	return text, nil
}

// undeclared stands for a scheme that is wanted and not declared, as in some published
// documents: all that is known of it is its name.
func undeclared(name string) *document.Node {
	kind := &document.Node{Kind: document.StringNode, Text: "undeclared:" + name}
	return &document.Node{Kind: document.ObjectNode, Keys: []string{"type"}, Kids: []*document.Node{kind}}
}

// SchemeUse is a security scheme and the scopes that are wanted of it.
type SchemeUse struct {
	Scheme *document.Node
	Scopes []string
}

// SchemeText spells what a scheme asks for on the wire. Of the scopes that OAuth
// declares only those that are wanted count.
func SchemeText(n *document.Node, wanted []string) string {
	switch kind := n.Get("type").Str(); kind {
	case "apiKey":
		name := n.Get("name").Str()
		if n.Get("in").Str() == "header" {
			name = strings.ToLower(name)
		}
		return oneWord(n.Get("in").Str()) + " " + oneWord(name)
	case "http":
		return "http " + oneWord(strings.ToLower(n.Get("scheme").Str()))
	case "openIdConnect":
		return kind + " " + oneWord(n.Get("openIdConnectUrl").Str())
	case "oauth2":
		if flows := n.Get("flows"); flows != nil {
			return kind + " " + WithoutProse(flows, wanted).Canonical()
		}
		return kind
	default:
		return oneWord(kind)
	}
}

// oneWord quotes what would read as several schemes or scopes.
func oneWord(name string) string {
	if strings.ContainsAny(name, ` "`) {
		return document.QuoteJSON(name)
	}
	return name
}

// WithoutProse returns a security scheme, a server, or a part of one, without what
// describes it or its scopes, and without the scopes that are not wanted.
func WithoutProse(n *document.Node, wanted []string) *document.Node {
	out := &document.Node{Kind: n.Kind, Text: n.Text}
	for i, kid := range n.Kids {
		if n.Kind == document.ObjectNode {
			if n.Key != "scopes" && n.Key != "variables" && prose(n.Keys[i]) || n.Key == "scopes" && !slices.Contains(wanted, n.Keys[i]) {
				continue
			}
			out.Keys = append(out.Keys, n.Keys[i])
		}
		if n.Key == "scopes" && kid.Kind == document.StringNode {
			kid = &document.Node{Kind: document.StringNode}
		}
		out.Kids = append(out.Kids, WithoutProse(kid, wanted))
	}
	return out
}

// servers adds where an operation is reached.
func (b *builder) servers(v *Vertex, item, op *document.Node) error {
	n := op.Get("servers")
	if n == nil {
		n = item.Get("servers")
	}
	if n == nil {
		var err error
		if n, err = b.doc.Member("servers"); err != nil {
			return err
		}
	}
	var texts []string
	if n != nil {
		if err := n.Expect(document.ArrayNode, "servers"); err != nil {
			return err
		}
		for _, server := range n.Kids {
			if err := noReference(server); err != nil {
				return err
			}
			text, err := serverText(server)
			if err != nil {
				return err
			}
			b.graph.Servers[text] = server
			texts = append(texts, text)
		}
	}
	if len(texts) == 0 {
		texts = []string{"/"}
	}
	v.link("servers", b.shareable("servers", "server", texts, nodes(n)))
	return nil
}

// serverText spells a server's address with each variable as what it may be.
func serverText(server *document.Node) (string, error) {
	if err := server.Expect(document.ObjectNode, "a server"); err != nil {
		return "", err
	}
	text := server.Get("url").Str()
	if variables := server.Get("variables"); variables != nil {
		if err := variables.Expect(document.ObjectNode, "the server variables"); err != nil {
			return "", err
		}
		for i, name := range variables.Keys {
			text = strings.ReplaceAll(text, "{"+name+"}", variableText(variables.Kids[i]))
		}
	}
	if u, err := url.Parse(text); err == nil && !strings.Contains(text, "{") {
		u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
		switch u.Scheme + " " + u.Port() { // the ports that are meant anyway
		case "https 443", "http 80":
			u.Host = strings.TrimSuffix(u.Host, ":"+u.Port())
		}
		text = u.String()
	}
	if text != "/" {
		text = strings.TrimRight(text, "/")
	}
	return text, nil
}

// variableText spells what a variable may be. One that may be one thing only
// is that.
func variableText(variable *document.Node) string {
	value := variable.Get("default").Str()
	enum := variable.Get("enum")
	if enum == nil {
		return "{=" + value + "}"
	}
	if len(enum.Kids) == 1 && enum.Kids[0].Str() == value {
		return value
	}
	var values []string
	for _, kid := range enum.Kids {
		values = append(values, kid.Canonical())
	}
	return "{=" + value + " of " + strings.Join(document.SortedSet(values), "|") + "}"
}
