package drift

import (
	"errors"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/overlay"
)

// access brings lists of credentials or of servers to theirs.
func (e *editor) access(lists []*node, c change) error {
	if len(lists) == 0 {
		return errors.New("our document has no list of it")
	}
	for _, at := range lists {
		list := e.at(at)
		if list == nil || list.Kind != yaml.SequenceNode {
			return errors.New("our document has no list of it")
		}
		if err := e.entry(list, at, c); err != nil {
			return err
		}
	}
	return nil
}

// entry takes an entry out of a list, or puts one in.
func (e *editor) entry(list *yaml.Node, at *node, c change) error {
	if c.after != "" {
		entry, err := e.newEntry(c)
		list.Content = append(list.Content, entry)
		return err
	}
	b := &builder{doc: e.now.doc, graph: &graph{alternatives: map[string][]schemeUse{}}}
	for i, kid := range at.kids {
		said := serverText
		if c.fact == "security" {
			said = b.requirement
		}
		spelled, err := said(kid)
		if err != nil {
			return err
		}
		if spelled == c.before {
			gone := list.Content[i]
			list.Content = append(list.Content[:i:i], list.Content[i+1:]...)
			if c.fact == "security" {
				e.dropSchemes(gone)
			}
			return nil
		}
	}
	return errors.New("our document does not say it in a list")
}

// dropSchemes takes the schemes of a requirement that is gone out of our
// document, unless another one names them.
func (e *editor) dropSchemes(requirement *yaml.Node) {
	components := field(unwrap(e.tree), "components")
	if components == nil {
		return
	}
	schemes := field(components, "securitySchemes")
	for i := 0; i+1 < len(requirement.Content); i += 2 {
		if name := requirement.Content[i].Value; schemes != nil && !requires(e.tree, name) {
			drop(schemes, name)
		}
	}
}

// requires tells whether a requirement somewhere in a document names a scheme.
func requires(n *yaml.Node, scheme string) bool {
	for i, kid := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 1 && n.Content[i-1].Value == "security" {
			for _, requirement := range kid.Content {
				if requirement.Kind == yaml.MappingNode && field(requirement, scheme) != nil {
					return true
				}
			}
		}
		if requires(kid, scheme) {
			return true
		}
	}
	return false
}

// editOperations changes the lists of the operations that the finding names,
// which get one of their own if they have none.
func (e *editor) editOperations() error {
	key := "security"
	if strings.HasPrefix(e.finding.Kind, "server") {
		key = "servers"
	}
	c := e.finding.found.seen[0].change
	for _, w := range e.finding.found.Where {
		for _, wire := range w.wire {
			ours := e.now.graph.root.edge(wire)
			if ours == nil || len(ours.at) != 1 {
				return errors.New("the operation is not in our document")
			}
			at := ours.at[0].get(key)
			if at == nil {
				var err error
				if at, err = e.now.doc.member(key); err != nil {
					return err
				}
			}
			list := array()
			if at != nil {
				list = overlay.Clone(e.at(at))
			} else {
				at = &node{kind: arrayNode}
			}
			if err := e.entry(list, at, c); err != nil {
				return err
			}
			assign(e.at(ours.at[0]), key, list)
		}
	}
	return nil
}

// newEntry writes credentials or a server of theirs.
func (e *editor) newEntry(c change) (*yaml.Node, error) {
	entry := object()
	if c.fact == "server" {
		server := e.p.theirs.graph.servers[c.after]
		if server == nil || hostOf(c.after) == "" {
			return nil, errors.New("the server is one without an address of its own")
		}
		put(entry, "url", text(strings.TrimRight(server.get("url").str(), "/")))
		if variables := server.get("variables"); variables != nil {
			put(entry, "variables", e.print().variables(variables))
		}
		put(entry, "description", text("Nobody has described it yet."))
		e.mark(entry, "/servers", "describe the server "+c.after)
		return entry, nil
	}
	for _, use := range e.p.theirs.graph.alternatives[c.after] {
		scopes := texts(use.scopes)
		put(entry, e.scheme(use), scopes)
	}
	return entry, nil
}

// scheme returns the name of our security scheme that asks for the same on the
// wire, and makes one where there is none.
func (e *editor) scheme(use schemeUse) string {
	wanted := schemeText(use.scheme, use.scopes)
	for _, part := range e.now.doc.top.member("components").member("securitySchemes").list() {
		n, err := e.now.doc.parsed(part)
		if err == nil && schemeText(n, use.scopes) == wanted {
			return part.key
		}
	}
	in := within(within(unwrap(e.tree), "components", object), "securitySchemes", object)
	name := strings.ToLower(goName(wanted)[:1]) + goName(wanted)[1:]
	const most = 30
	if len(name) > most {
		name = name[:most]
	}
	free := e.free(in, name)
	n := e.print().json(withoutProse(use.scheme, use.scopes).canonical())
	put(n, "description", text("Nobody has described it yet."))
	e.source(n)
	e.mark(n, "/components/securitySchemes/"+free, "name and describe it")
	put(in, free, n)
	return free
}

// parameter puts a parameter among those of an operation, as a component of
// ours, or takes one out.
func (e *editor) parameter(n *yaml.Node, p *pair, c change) error {
	in, name := placeAndName(c.label)
	if c.new != nil {
		if in == "path" {
			return errors.New("a parameter of a path cannot be added to it")
		}
		list := within(n, "parameters", array)
		written := e.print().parameter(c.new, "", in, name)
		if err := e.printed(); err != nil {
			return err
		}
		list.Content = append(list.Content, e.component("parameters", goName(name), written, name))
		return nil
	}
	if len(c.old.at) != 1 {
		return errors.New("our document does not say it in one place")
	}
	holder := p.old.at[0]
	for i, kid := range holder.get("parameters").list() {
		target, err := e.now.doc.deref(kid)
		if err != nil {
			return err
		}
		if target == c.old.at[0] {
			list := field(n, "parameters")
			list.Content = slices.Delete(list.Content, i, i+1)
			if len(list.Content) == 0 {
				drop(n, "parameters")
			}
			return nil
		}
	}
	return errors.New("the parameter is one of the path, which other operations share")
}
