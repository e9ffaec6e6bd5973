package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
)

// Methods are those that a path can have.
var Methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// Builder makes the canonical graph of one document.
type builder struct {
	doc      *document.Document
	graph    *Graph
	selected selection
	printing bool
	schemas  map[string]*Vertex // by the claims that hold together
	shared   map[string]*Vertex // security and servers, by their content
	queue    []pending
	sources  map[sourceKey]*Vertex
	opened   map[*document.Node][]*document.Node
	ending   map[*document.Node]bool // references that were followed, true once they are known to lead somewhere
	claims   int                     // in all conjunctions
	objects  int                     // that are no schemas
	depth    int                     // of callbacks and headers in one another
	cases    int                     // schemas that were made for one alternative
}

// pending is a schema vertex whose claims are still to be merged.
type pending struct {
	v     *Vertex
	state state
}

// Build makes the canonical graph of what is under a path: [BuildScope] with that prefix.
func Build(doc *document.Document, under string) (*Graph, error) {
	return BuildScope(doc, Scope{Prefix: under})
}

// BuildScope makes the canonical graph of a part of a document. It fails if nothing is
// under the prefix; listed operations may be absent, see [Scope.Require].
func BuildScope(doc *document.Document, scope Scope) (*Graph, error) {
	selected, err := scope.selection()
	if err != nil {
		return nil, err
	}
	b := &builder{
		doc: doc, graph: &Graph{Version: doc.Version, Alternatives: map[string][]SchemeUse{}, Servers: map[string]*document.Node{}}, selected: selected, printing: scope.Printing,
		schemas: map[string]*Vertex{}, shared: map[string]*Vertex{}, opened: map[*document.Node][]*document.Node{}, sources: map[sourceKey]*Vertex{}, ending: map[*document.Node]bool{},
	}
	root := b.vertex("document", "", nil)
	b.graph.Root = root
	for _, kind := range []string{"schema", "encoding"} {
		for _, dir := range []Direction{Request, Response} {
			b.graph.absent = append(b.graph.absent, b.vertex(kind, dir, nil))
		}
	}
	if err := b.operations(); err != nil {
		return nil, err
	}
	for len(b.queue) > 0 {
		next := b.queue[len(b.queue)-1]
		b.queue = b.queue[:len(b.queue)-1]
		if err := b.merge(next.v, next.state); err != nil {
			return nil, err
		}
	}
	b.graph.joinAlternatives()
	b.graph.plainStyles()
	b.graph.plainEncodings()
	b.graph.dropVacuous()
	for _, v := range b.graph.Vertices {
		if err := v.settle(); err != nil {
			return nil, err
		}
	}
	if b.printing {
		err = b.giveNames()
	}
	return b.graph, err
}

// operations adds the operations in scope.
func (b *builder) operations() error {
	for _, p := range slices.SortedFunc(slices.Values(b.doc.Top.Member("paths").List()), byPath) {
		if strings.HasPrefix(p.Key, "x-") {
			continue
		}
		path, err := document.ParseTemplate(p.Key)
		if err != nil {
			return err
		}
		if !b.selected.holdsSome(path) {
			continue
		}
		item, err := b.doc.Parsed(p)
		if err != nil {
			return err
		}
		if err := b.pathItem(b.graph.Root, path, item, Request); err != nil {
			return err
		}
	}
	if err := b.webhooks(b.graph.Root); err != nil {
		return err
	}
	if len(b.graph.Root.Edges) == 0 {
		return b.selected.none()
	}
	return nil
}

func byPath(a, b *document.Part) int { return strings.Compare(a.Key, b.Key) }

func (b *builder) vertex(kind string, dir Direction, at *document.Node) *Vertex {
	v := &Vertex{Kind: kind, Dir: dir}
	if at != nil {
		v.At = []*document.Node{at}
	}
	b.graph.Vertices = append(b.graph.Vertices, v)
	return v
}

const (
	// maxObjects bounds how often objects are looked at that are no schemas: callbacks that
	// share others could make 2ⁿ.
	maxObjects = 1_000_000
	// maxNested bounds callbacks of callbacks, and headers of parts of headers.
	maxNested = 32
)

// nested calls f for what can hold itself.
func (b *builder) nested(n *document.Node, f func() error) error {
	if b.depth++; b.depth > maxNested {
		return fmt.Errorf("%s: it leads back to itself, or nests deeper than %d levels", n.Pointer(), maxNested)
	}
	defer func() { b.depth-- }()
	return f()
}

// object follows references and makes sure that the result is an object.
func (b *builder) object(n *document.Node, what string) (*document.Node, error) {
	if b.objects++; b.objects > maxObjects {
		return nil, fmt.Errorf("%s: more than %d parts that refer to one another: too entangled to judge", n.Pointer(), maxObjects)
	}
	n, err := b.doc.Deref(n)
	if err != nil {
		return nil, err
	}
	return n, n.Expect(document.ObjectNode, what)
}

// whole returns an object with what its reference leads to, where a reference is
// no part of the specification, or what stands beside it holds.
func (b *builder) whole(n *document.Node, what string) (*document.Node, error) {
	n, err := b.doc.Whole(n, func(key string) bool {
		return prose(key) || key == "summary" || key == "tags" || key == "operationId"
	})
	if err != nil {
		return nil, err
	}
	return n, n.Expect(document.ObjectNode, what)
}

// unknown returns an error if an object has a member of OpenAPI 3.2 that is not
// compared yet.
func unknown(n *document.Node, keys ...string) error {
	for _, key := range keys {
		if member := n.Get(key); member != nil {
			return fmt.Errorf("%s: %s cannot be judged", member.Pointer(), key)
		}
	}
	return nil
}

// noReference returns an error if there is a reference in what is compared as it
// is written: no specification has one there.
func noReference(n *document.Node) error {
	if n.HasReference() {
		return fmt.Errorf("%s: a reference in it is not followed, since none can stand there", n.Pointer())
	}
	return nil
}

// pathItem adds the operations of one path to the document or a callback.
func (b *builder) pathItem(to *Vertex, path document.Template, item *document.Node, dir Direction) error {
	item, err := b.whole(item, "a path")
	if err != nil {
		return err
	}
	if err := unknown(item, "query", "additionalOperations"); err != nil {
		return err
	}
	for _, method := range Methods {
		n := item.Get(method)
		if n == nil {
			continue
		}
		label := strings.ToUpper(method) + " " + path.Wire
		if to == b.graph.Root && !b.selected.holds(path, label) {
			continue
		}
		if n, err = b.whole(n, "an operation"); err != nil {
			return err
		}
		if slices.ContainsFunc(to.Edges, func(e Edge) bool { return e.Label == label }) {
			// OpenAPI forbids two paths that are one on the wire, real
			// documents have them: then the names must distinguish them.
			label += " as " + path.Text
		}
		v := b.vertex("operation", "", n)
		v.Title = strings.ToUpper(method) + " " + path.Text
		to.link(label, v)
		if err := b.operation(v, path, item, n, dir); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) operation(v *Vertex, path document.Template, item, op *document.Node, dir Direction) error {
	if id := op.Get("operationId"); id != nil {
		v.Say("operationId", []*document.Node{id}, id.Str())
	}
	v.sayFlag("deprecated", op.Get("deprecated"))
	if err := b.parameters(v, path, item, op, dir); err != nil {
		return err
	}
	if n := op.Get("requestBody"); n != nil {
		body, err := b.object(n, "a request body")
		if err != nil {
			return err
		}
		to := b.vertex("body", dir, body)
		v.link("request body", to)
		to.sayFlag("required", body.Get("required"))
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
	if dir == Response && op.Get("servers") == nil && item.Get("servers") == nil {
		return nil // a callback is served by the program
	}
	return b.servers(v, item, op)
}

func (b *builder) responses(v *Vertex, op *document.Node, dir Direction) error {
	return b.members(op.Get("responses"), "the responses", func(status string, n *document.Node) error {
		if strings.HasPrefix(status, "x-") {
			return nil
		}
		response, err := b.object(n, "a response")
		if err != nil {
			return err
		}
		to := b.vertex("response", dir, response)
		v.link("response "+CanonicalStatus(status), to)
		if err := b.content(to, response, dir); err != nil {
			return err
		}
		if err := b.headers(to, response, dir); err != nil {
			return err
		}
		return b.links(to, response)
	})
}

// CanonicalStatus spells a range of statuses one way.
func CanonicalStatus(status string) string {
	if strings.EqualFold(status, "default") {
		return "default"
	}
	return strings.ToUpper(status)
}

// callbacks adds what the API calls in its turn: there the program responds.
func (b *builder) callbacks(v *Vertex, op *document.Node, dir Direction) error {
	return b.members(op.Get("callbacks"), "the callbacks", func(name string, n *document.Node) error {
		callback, err := b.object(n, "a callback")
		if err != nil {
			return err
		}
		return b.members(callback, "a callback", func(expression string, item *document.Node) error {
			if strings.HasPrefix(expression, "x-") {
				return nil
			}
			to := b.vertex("callback", "", item)
			v.link("callback "+name+" "+expression, to)
			return b.nested(item, func() error {
				return b.pathItem(to, document.Template{Text: expression, Wire: expression}, item, dir)
			})
		})
	})
}

// Webhook begins, instead of a path, what the API calls unasked.
const Webhook = "webhook "

// webhooks adds what the API calls unasked, as far as it is in scope: there the program
// responds.
func (b *builder) webhooks(root *Vertex) error {
	if !b.selected.holdsWebhooks() {
		return nil // not even read
	}
	n, err := b.doc.Member("webhooks")
	if err != nil {
		return err
	}
	return b.members(n, "the webhooks", func(name string, item *document.Node) error {
		path := document.Template{Text: Webhook + name, Wire: Webhook + name}
		if !b.selected.holdsSome(path) {
			return nil
		}
		return b.pathItem(root, path, item, Response)
	})
}

// members calls f for each member of an object whose keys are names. It may be
// absent, and it may be a reference.
func (b *builder) members(n *document.Node, what string, f func(key string, member *document.Node) error) error {
	if n == nil {
		return nil
	}
	n, err := b.doc.Whole(n, nil)
	if err != nil {
		return err
	}
	return entries(n, what, f)
}

// entries calls f for each member of an object, also for one called $ref.
func entries(n *document.Node, what string, f func(key string, member *document.Node) error) error {
	if err := n.Expect(document.ObjectNode, what); err != nil {
		return err
	}
	for i, key := range n.Keys {
		if err := f(key, n.Kids[i]); err != nil {
			return err
		}
	}
	return nil
}
