package drift

import (
	"fmt"
	"slices"
	"strings"
)

// Scope says which part of a document is looked at.
type Scope struct {
	// Prefix is a path; it and every path that continues it by a segment are
	// taken, whatever their parameters are called. Empty or "/" takes all.
	Prefix string
}

var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// builder makes the canonical graph of one document.
type builder struct {
	doc     *Document
	graph   *graph
	schemas map[string]*vertex // by the claims that hold together
	shared  map[string]*vertex // security and servers, by their content
	queue   []pending
	sources map[sourceKey]*vertex
	opened  map[*node][]*node
	ending  map[*node]bool // references that are known to lead somewhere
	claims  int            // in all conjunctions
}

// pending is a schema vertex whose claims are still to be merged.
type pending struct {
	v     *vertex
	state state
}

// build makes the canonical graph of what is in scope.
func build(doc *Document, scope Scope) (*graph, error) {
	prefix, err := parseTemplate("/" + strings.TrimPrefix(scope.Prefix, "/"))
	if err != nil {
		return nil, fmt.Errorf("prefix: %w", err)
	}
	b := &builder{
		doc: doc, graph: &graph{version: doc.version, alternatives: map[string][]schemeUse{}, servers: map[string]*node{}},
		schemas: map[string]*vertex{}, shared: map[string]*vertex{}, opened: map[*node][]*node{}, sources: map[sourceKey]*vertex{}, ending: map[*node]bool{},
	}
	root := b.vertex("document", "", nil)
	b.graph.root = root
	b.graph.any = map[Direction]*vertex{Request: b.vertex("schema", Request, nil), Response: b.vertex("schema", Response, nil)}
	for _, p := range slices.SortedFunc(slices.Values(doc.top.member("paths").members), byPath) {
		if strings.HasPrefix(p.key, "x-") {
			continue
		}
		path, err := parseTemplate(p.key)
		if err != nil {
			return nil, err
		}
		if !path.under(prefix) {
			continue
		}
		item, err := doc.parsed(p)
		if err != nil {
			return nil, err
		}
		if err := b.pathItem(root, path, item, Request); err != nil {
			return nil, err
		}
	}
	if len(root.edges) == 0 {
		return nil, fmt.Errorf("the document has no operation under %s", prefix.text)
	}
	for len(b.queue) > 0 {
		next := b.queue[len(b.queue)-1]
		b.queue = b.queue[:len(b.queue)-1]
		if err := b.merge(next.v, next.state); err != nil {
			return nil, err
		}
	}
	b.graph.dropVacuous()
	for _, v := range b.graph.vertices {
		if err := v.settle(); err != nil {
			return nil, err
		}
	}
	return b.graph, nil
}

func byPath(a, b *part) int { return strings.Compare(a.key, b.key) }

func (b *builder) vertex(kind string, dir Direction, at *node) *vertex {
	v := &vertex{kind: kind, dir: dir}
	if at != nil {
		v.at = []*node{at}
	}
	b.graph.vertices = append(b.graph.vertices, v)
	return v
}

// object follows references and makes sure that the result is an object.
func (b *builder) object(n *node, what string) (*node, error) {
	n, err := b.doc.deref(n)
	if err != nil {
		return nil, err
	}
	return n, n.expect(objectNode, what)
}

// pathItem adds the operations of one path to the document or a callback.
func (b *builder) pathItem(to *vertex, path template, item *node, dir Direction) error {
	item, err := b.object(item, "a path")
	if err != nil {
		return err
	}
	for _, method := range methods {
		n := item.get(method)
		if n == nil {
			continue
		}
		if err := n.expect(objectNode, "an operation"); err != nil {
			return err
		}
		label := strings.ToUpper(method) + " " + path.wire
		if slices.ContainsFunc(to.edges, func(e edge) bool { return e.label == label }) {
			// OpenAPI forbids two paths that are one on the wire, real
			// documents have them: then the names must tell them apart.
			label += " as " + path.text
		}
		v := b.vertex("operation", "", n)
		v.title = strings.ToUpper(method) + " " + path.text
		to.link(label, v)
		if err := b.operation(v, path, item, n, dir); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) operation(v *vertex, path template, item, op *node, dir Direction) error {
	if id := op.get("operationId"); id != nil {
		v.say("operationId", []*node{id}, id.str())
	}
	v.sayFlag("deprecated", op.get("deprecated"))
	if err := b.parameters(v, path, item, op, dir); err != nil {
		return err
	}
	if n := op.get("requestBody"); n != nil {
		body, err := b.object(n, "a request body")
		if err != nil {
			return err
		}
		to := b.vertex("body", dir, body)
		v.link("request body", to)
		to.sayFlag("required", body.get("required"))
		if err := b.content(to, body, dir); err != nil {
			return err
		}
	}
	if err := b.responses(v, op, dir.flip()); err != nil {
		return err
	}
	if err := b.callbacks(v, op, dir.flip()); err != nil {
		return err
	}
	if err := b.security(v, op); err != nil {
		return err
	}
	if dir == Response {
		return nil // a callback is served by the program
	}
	return b.servers(v, item, op)
}

func (b *builder) responses(v *vertex, op *node, dir Direction) error {
	return b.members(op.get("responses"), "the responses", func(status string, n *node) error {
		if strings.HasPrefix(status, "x-") {
			return nil
		}
		response, err := b.object(n, "a response")
		if err != nil {
			return err
		}
		to := b.vertex("response", dir, response)
		v.link("response "+canonicalStatus(status), to)
		if err := b.content(to, response, dir); err != nil {
			return err
		}
		if err := b.headers(to, response, dir); err != nil {
			return err
		}
		return b.links(to, response)
	})
}

// canonicalStatus spells a range of statuses one way.
func canonicalStatus(status string) string {
	if strings.EqualFold(status, "default") {
		return "default"
	}
	return strings.ToUpper(status)
}

// callbacks adds what the API calls in its turn: there the program answers.
func (b *builder) callbacks(v *vertex, op *node, dir Direction) error {
	return b.members(op.get("callbacks"), "the callbacks", func(name string, n *node) error {
		callback, err := b.object(n, "a callback")
		if err != nil {
			return err
		}
		return b.members(callback, "a callback", func(expression string, item *node) error {
			if strings.HasPrefix(expression, "x-") {
				return nil
			}
			to := b.vertex("callback", "", item)
			v.link("callback "+name+" "+expression, to)
			return b.pathItem(to, template{text: expression, wire: expression}, item, dir)
		})
	})
}

// members calls f for each member of an object that may be absent.
func (b *builder) members(n *node, what string, f func(key string, member *node) error) error {
	if n == nil {
		return nil
	}
	n, err := b.object(n, what)
	if err != nil {
		return err
	}
	for i, key := range n.keys {
		if err := f(key, n.kids[i]); err != nil {
			return err
		}
	}
	return nil
}
