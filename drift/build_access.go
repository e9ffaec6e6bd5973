package drift

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// shareable returns the one vertex for this content, so that what holds for
// many operations is one thing that can change once.
func (b *builder) shareable(kind, factName string, values []string, at []*node) *vertex {
	slices.Sort(values)
	values = slices.Compact(values)
	key := kind + "\x00" + strings.Join(values, "\x00")
	v := b.shared[key]
	if v == nil {
		v = b.vertex(kind, "", nil)
		v.say(factName, nil, values...)
		b.shared[key] = v
	}
	for _, n := range at {
		if !slices.Contains(v.at, n) {
			v.at = append(v.at, n)
			v.facts[0].at = v.at
		}
	}
	return v
}

// anonymous is the alternative of sending no credential at all.
const anonymous = "none"

// security adds the alternatives of credentials that authorise an operation,
// without the names that the document gives them.
func (b *builder) security(v *vertex, op *node) error {
	n := op.get("security")
	if n == nil {
		var err error
		if n, err = b.doc.member("security"); err != nil {
			return err
		}
	}
	alternatives := []string{}
	if n != nil {
		if err := n.expect(arrayNode, "security"); err != nil {
			return err
		}
		for _, kid := range n.kids {
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
func (b *builder) requirement(n *node) (string, error) {
	if err := n.expect(objectNode, "a security requirement"); err != nil {
		return "", err
	}
	var schemes []string
	var parts []schemeUse
	for i, name := range n.keys {
		scheme, err := b.doc.at([]string{"components", "securitySchemes", name})
		if err != nil {
			return "", err
		}
		if scheme == nil {
			return "", fmt.Errorf("%s: the security scheme %.100q is not declared", n.pointer(), name)
		}
		if scheme, err = b.object(scheme, "a security scheme"); err != nil {
			return "", err
		}
		var scopes []string
		for _, scope := range n.kids[i].kids {
			scopes = append(scopes, scope.str())
		}
		scopes = sorted(scopes)
		text := schemeText(scheme, scopes)
		if len(scopes) > 0 {
			words := make([]string, len(scopes))
			for i, scope := range scopes {
				words[i] = oneWord(scope)
			}
			text += " [" + strings.Join(words, " ") + "]"
		}
		schemes = append(schemes, text)
		parts = append(parts, schemeUse{scheme, scopes})
	}
	if len(schemes) == 0 {
		return anonymous, nil
	}
	slices.Sort(schemes)
	text := strings.Join(schemes, " + ")
	b.graph.alternatives[text] = parts
	return text, nil
}

// schemeUse is a security scheme and the scopes that are wanted of it.
type schemeUse struct {
	scheme *node
	scopes []string
}

// schemeText spells what a scheme asks for on the wire. Of the scopes that OAuth
// declares only those that are wanted count.
func schemeText(n *node, wanted []string) string {
	switch kind := n.get("type").str(); kind {
	case "apiKey":
		name := n.get("name").str()
		if n.get("in").str() == "header" {
			name = strings.ToLower(name)
		}
		return oneWord(n.get("in").str()) + " " + oneWord(name)
	case "http":
		return "http " + oneWord(strings.ToLower(n.get("scheme").str()))
	case "openIdConnect":
		return kind + " " + oneWord(n.get("openIdConnectUrl").str())
	case "oauth2":
		if flows := n.get("flows"); flows != nil {
			return kind + " " + withoutProse(flows, wanted).canonical()
		}
		return kind
	default:
		return oneWord(kind)
	}
}

// oneWord quotes what would read as several schemes or scopes.
func oneWord(name string) string {
	if strings.ContainsAny(name, ` "`) {
		return quoteJSON(name)
	}
	return name
}

// withoutProse returns a security scheme, or a part of one, without what
// describes it or its scopes, and without the scopes that are not wanted.
func withoutProse(n *node, wanted []string) *node {
	out := &node{kind: n.kind, text: n.text}
	for i, kid := range n.kids {
		if n.kind == objectNode {
			if n.key != "scopes" && prose(n.keys[i]) || n.key == "scopes" && !slices.Contains(wanted, n.keys[i]) {
				continue
			}
			out.keys = append(out.keys, n.keys[i])
		}
		if n.key == "scopes" && kid.kind == stringNode {
			kid = &node{kind: stringNode}
		}
		out.kids = append(out.kids, withoutProse(kid, wanted))
	}
	return out
}

// servers adds where an operation is reached.
func (b *builder) servers(v *vertex, item, op *node) error {
	n := op.get("servers")
	if n == nil {
		n = item.get("servers")
	}
	if n == nil {
		var err error
		if n, err = b.doc.member("servers"); err != nil {
			return err
		}
	}
	var texts []string
	if n != nil {
		if err := n.expect(arrayNode, "servers"); err != nil {
			return err
		}
		for _, server := range n.kids {
			text, err := serverText(server)
			if err != nil {
				return err
			}
			b.graph.servers[text] = server
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
func serverText(server *node) (string, error) {
	if err := server.expect(objectNode, "a server"); err != nil {
		return "", err
	}
	text := server.get("url").str()
	if variables := server.get("variables"); variables != nil {
		if err := variables.expect(objectNode, "the server variables"); err != nil {
			return "", err
		}
		for i, name := range variables.keys {
			text = strings.ReplaceAll(text, "{"+name+"}", variableText(variables.kids[i]))
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
func variableText(variable *node) string {
	value := variable.get("default").str()
	enum := variable.get("enum")
	if enum == nil {
		return "{=" + value + "}"
	}
	if len(enum.kids) == 1 && enum.kids[0].str() == value {
		return value
	}
	var values []string
	for _, kid := range enum.kids {
		values = append(values, kid.canonical())
	}
	return "{=" + value + " of " + strings.Join(sorted(values), "|") + "}"
}
