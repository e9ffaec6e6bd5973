package propose

import (
	"errors"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
	"github.com/originpull/originpull-go/internal/overlay"
)

// access brings lists of credentials or of servers to theirs.
func (e *editor) access(lists []*document.Node, c compare.Change) error {
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
func (e *editor) entry(list *yaml.Node, at *document.Node, c compare.Change) error {
	if c.After != "" {
		entry, err := e.newEntry(c)
		list.Content = append(list.Content, entry)
		return err
	}
	b := &graph.Builder{Doc: e.now.doc, Graph: &graph.Graph{Alternatives: map[string][]graph.SchemeUse{}}}
	for i, kid := range at.Kids {
		said := graph.ServerText
		if c.Fact == "security" {
			said = b.Requirement
		}
		spelled, err := said(kid)
		if err != nil {
			return err
		}
		if spelled == c.Before {
			gone := list.Content[i]
			list.Content = append(list.Content[:i:i], list.Content[i+1:]...)
			if c.Fact == "security" {
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
	components := document.Field(document.Unwrap(e.tree), "components")
	if components == nil {
		return
	}
	schemes := document.Field(components, "securitySchemes")
	for i := 0; i+1 < len(requirement.Content); i += 2 {
		if name := requirement.Content[i].Value; schemes != nil && !requires(e.tree, name) {
			document.Drop(schemes, name)
		}
	}
}

// requires tells whether a requirement somewhere in a document names a scheme.
func requires(n *yaml.Node, scheme string) bool {
	for i, kid := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 1 && n.Content[i-1].Value == "security" {
			for _, requirement := range kid.Content {
				if requirement.Kind == yaml.MappingNode && document.Field(requirement, scheme) != nil {
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
	c := e.finding.Internal().Seen[0].Change
	for _, w := range e.finding.Internal().Where {
		for _, wire := range w.Wire {
			ours := e.now.graph.Root.Edge(wire)
			if ours == nil || len(ours.At) != 1 {
				return errors.New("the operation is not in our document")
			}
			at := ours.At[0].Get(key)
			if at == nil {
				var err error
				if at, err = e.now.doc.Member(key); err != nil {
					return err
				}
			}
			list := document.Array()
			if at != nil {
				list = overlay.Clone(e.at(at))
			} else {
				at = &document.Node{Kind: document.ArrayNode}
			}
			if err := e.entry(list, at, c); err != nil {
				return err
			}
			document.Assign(e.at(ours.At[0]), key, list)
		}
	}
	return nil
}

// newEntry writes credentials or a server of theirs.
func (e *editor) newEntry(c compare.Change) (*yaml.Node, error) {
	entry := document.Object()
	if c.Fact == "server" {
		server := e.p.theirs.Theirs.Servers[c.After]
		if server == nil || hostOf(c.After) == "" {
			return nil, errors.New("the server is one without an address of its own")
		}
		document.Put(entry, "url", document.Text(strings.TrimRight(server.Get("url").Str(), "/")))
		if variables := server.Get("variables"); variables != nil {
			document.Put(entry, "variables", e.print().Variables(variables))
		}
		document.Put(entry, "description", document.Text("Nobody has described it yet."))
		e.mark(entry, "/servers", "describe the server "+c.After)
		return entry, nil
	}
	for _, use := range e.p.theirs.Theirs.Alternatives[c.After] {
		scopes := document.Texts(use.Scopes)
		document.Put(entry, e.scheme(use), scopes)
	}
	return entry, nil
}

// scheme returns the name of our security scheme that asks for the same on the
// wire, and makes one where there is none.
func (e *editor) scheme(use graph.SchemeUse) string {
	wanted := graph.SchemeText(use.Scheme, use.Scopes)
	for _, part := range e.now.doc.Top.Member("components").Member("securitySchemes").List() {
		n, err := e.now.doc.Parsed(part)
		if err == nil && graph.SchemeText(n, use.Scopes) == wanted {
			return part.Key
		}
	}
	in := document.Within(document.Within(document.Unwrap(e.tree), "components", document.Object), "securitySchemes", document.Object)
	name := strings.ToLower(goName(wanted)[:1]) + goName(wanted)[1:]
	const most = 30
	if len(name) > most {
		name = name[:most]
	}
	free := e.free(in, name)
	n := e.print().JSON(graph.WithoutProse(use.Scheme, use.Scopes).Canonical())
	document.Put(n, "description", document.Text("Nobody has described it yet."))
	e.source(n)
	e.mark(n, "/components/securitySchemes/"+free, "name and describe it")
	document.Put(in, free, n)
	return free
}

// parameter puts a parameter among those of an operation, as a component of
// ours, or takes one out.
func (e *editor) parameter(n *yaml.Node, p *compare.Pair, c compare.Change) error {
	in, name := placeAndName(c.Label)
	if c.New != nil {
		if in == "path" {
			return errors.New("a parameter of a path cannot be added to it")
		}
		list := document.Within(n, "parameters", document.Array)
		written := e.print().Parameter(c.New, "", in, name)
		if err := e.printed(); err != nil {
			return err
		}
		list.Content = append(list.Content, e.component("parameters", goName(name), written, name))
		return nil
	}
	if len(c.Old.At) != 1 {
		return errors.New("our document does not say it in one place")
	}
	holder := p.Old.At[0]
	for i, kid := range holder.Get("parameters").List() {
		target, err := e.now.doc.Deref(kid)
		if err != nil {
			return err
		}
		if target == c.Old.At[0] {
			list := document.Field(n, "parameters")
			list.Content = slices.Delete(list.Content, i, i+1)
			if len(list.Content) == 0 {
				document.Drop(n, "parameters")
			}
			return nil
		}
	}
	return errors.New("the parameter is one of the path, which other operations share")
}
