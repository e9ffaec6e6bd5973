package propose

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
	"github.com/originpull/originpull-go/drift/internal/slice"
	"github.com/originpull/originpull-go/internal/overlay"
)

// editor makes one change in a copy of our document.
type editor struct {
	p         *proposer
	now       *standing
	finding   drift.Finding
	tree      *yaml.Node
	moved     map[string]string // components that were copied for a place of use, by pointer
	outlined  map[string]string // where components stood that were made of a part, by pointer
	refer     bool              // to components of ours that say the same
	apart     apart             // what is written without them all the same
	outermost bool              // of several parts of a schema the first is changed
	review    []string          // places with word for the reviewer
	printer   *slice.Printer
}

func newEditor(p *proposer, f drift.Finding, apart apart) *editor {
	return &editor{p: p, now: p.now, finding: f, tree: overlay.Clone(p.now.tree), moved: map[string]string{}, outlined: map[string]string{}, refer: true, apart: apart}
}

// candidates returns what to try, in this order: the place where our document
// says it, then ever earlier references on the way from the operations to it,
// so that a component used elsewhere stays as it is.
func candidates(f drift.Finding) []func(*editor) error {
	if f.Kind == "operation-added" {
		return []func(*editor) error{inStyle, inPlain}
	}
	out := []func(*editor) error{(*editor).edit}
	if slices.Contains([]string{"security-added", "security-removed", "server-added", "server-removed"}, f.Kind) {
		return append(out, (*editor).editOperations)
	}
	out = append(out, func(e *editor) error {
		e.outermost = true
		return e.edit()
	})
	for last := 1; last <= maxSplit; last++ {
		out = append(out, func(e *editor) error { return e.splitLast(last) })
	}
	return append(out, func(e *editor) error {
		e.refer = false
		return e.edit()
	})
}

// edit makes the change wherever the finding was seen.
func (e *editor) edit() error {
	if len(e.finding.Internal().Seen) == 0 {
		return errors.New("it has no place in our document")
	}
	done := map[string]bool{}
	for _, s := range e.finding.Internal().Seen {
		key := changeKey(s)
		if done[key] {
			continue
		}
		done[key] = true
		if err := e.change(s.Pair, s.Change); err != nil {
			return err
		}
	}
	return nil
}

// changeKey names what a sighting would change, so that what two operations share
// is changed once.
func changeKey(s compare.Sighting) string {
	key := fmt.Sprintf("%q %q %q %q", s.Change.Fact, s.Change.Label, s.Change.Before, s.Change.After)
	for _, v := range []*graph.Vertex{s.Pair.Old, s.Change.Old} {
		if v != nil {
			key += fmt.Sprintf(" %q", pointersOf(v.At))
		}
	}
	if len(s.Pair.Old.At) == 0 {
		key += fmt.Sprintf(" %p", s.Pair)
	}
	return key
}

func pointersOf(at []*document.Node) []string {
	var out []string
	for _, n := range at {
		out = append(out, n.Pointer())
	}
	return out
}

func (e *editor) change(p *compare.Pair, c compare.Change) error {
	switch p.Old.Kind {
	case "document", "callback":
		return e.operation(p, c)
	case "security", "servers":
		return e.access(p.Old.At, c)
	case "schema":
		return e.schema(p, c)
	case "choice":
		return e.choice(p, c)
	}
	if c.Kind == "unhandled" {
		return errors.New("nothing is known of what differs")
	}
	n, err := e.object(p.Old)
	if err != nil {
		return err
	}
	if c.Label != "" {
		return e.member(n, p, c)
	}
	return e.keyword(n, p, c)
}

// relocated returns where what stood at a pointer stands now.
func (e *editor) relocated(pointer string) string {
	for from, to := range e.moved {
		if rest, ok := strings.CutPrefix(pointer, from); ok && (rest == "" || rest[0] == '/') {
			return to + rest
		}
	}
	return pointer
}

// at returns what stands in the copy where a node stands in our document.
func (e *editor) at(n *document.Node) *yaml.Node {
	return document.NodeAt(e.tree, e.relocated(n.Pointer()))
}

// object returns the object that a vertex stands for in the copy.
func (e *editor) object(v *graph.Vertex) (*yaml.Node, error) {
	if len(v.At) != 1 {
		return nil, errors.New("our document does not say it in one place")
	}
	n := e.at(v.At[0])
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s is no object", v.Pointer())
	}
	return n, nil
}

// sections names the objects that hold what an edge leads to.
var sections = map[string]string{
	"response": "responses", "media": "content", "header": "headers", "encoding": "encoding", "link": "links", "callback": "callbacks",
}

// member puts what theirs has more into an object of ours, or takes out what
// it has no more.
func (e *editor) member(n *yaml.Node, p *compare.Pair, c compare.Change) error {
	word, name, _ := strings.Cut(c.Label, " ")
	at := e.relocated(p.Old.Pointer())
	switch word {
	case "request":
		if c.New == nil {
			document.Drop(n, "requestBody")
			return nil
		}
		document.Assign(n, "requestBody", e.body(c.New, at+"/requestBody"))
		e.outlineAll(document.Field(n, "requestBody"), at+"/requestBody")
		return e.printed()
	case "parameter":
		return e.parameter(n, p, c)
	case "callback":
		name, _, _ = strings.Cut(name, " ")
	}
	section, ok := sections[word]
	if !ok {
		return fmt.Errorf("%s is not written into our document", c.Kind)
	}
	if c.New != nil {
		in := document.Within(n, section, document.Object)
		at += "/" + section + "/" + document.EscapePointer(name)
		document.Assign(in, name, e.written(word, name, c, at))
		switch word {
		case "response":
			e.outlineAll(document.Field(in, name), at)
		case "media":
			e.outlineAt(document.Field(in, name), "schema", at)
		}
		return e.printed()
	}
	in := document.Field(n, section)
	key, ok := keyAlike(in, word, name)
	if !ok {
		return fmt.Errorf("%s is not in our document", c.Label)
	}
	document.Drop(in, key)
	if len(in.Content) == 0 && section != "responses" && section != "content" {
		document.Drop(n, section)
	}
	return nil
}

// written writes what an edge leads to, in our words.
func (e *editor) written(word, name string, c compare.Change, at string) *yaml.Node {
	p := e.print()
	switch word {
	case "response":
		n := p.Response(c.New, at, name)
		e.describeResponse(n, name, at)
		e.envelope(n)
		return n
	case "header":
		return e.shareHeader(name, c.New, at)
	case "media", "encoding", "link", "callback":
		// The printer writes these as members of what holds them.
		holder := &graph.Vertex{Kind: "media", Edges: []graph.Edge{{Label: c.Label, To: c.New}}}
		n := document.Object()
		switch word {
		case "media":
			p.Content(n, holder, strings.TrimSuffix(at, "/content/"+document.EscapePointer(name)))
			e.describeContent(n, strings.TrimSuffix(at, "/content/"+document.EscapePointer(name)))
			return document.Field(document.Field(n, "content"), name)
		case "encoding":
			return p.Encoding(c.New, at)
		case "link":
			return p.Link(c.New)
		}
		_, expression, _ := strings.Cut(strings.TrimPrefix(c.Label, "callback "), " ")
		p.Callback(n, name, expression, c.New, at)
		return document.Field(n, name)
	}
	return document.Object()
}

// keyAlike returns the key of a member by what it is on the wire.
func keyAlike(n *yaml.Node, word, name string) (string, bool) {
	if n == nil {
		return "", false
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		alike := key
		switch word {
		case "response":
			alike = graph.CanonicalStatus(key)
		case "media":
			alike = graph.CanonicalMedia(key)
		case "header":
			alike = strings.ToLower(key)
		}
		if alike == name {
			return key, true
		}
	}
	return "", false
}

// keyword brings what an object other than a schema says of itself to theirs.
func (e *editor) keyword(n *yaml.Node, p *compare.Pair, c compare.Change) error {
	word, rest, _ := strings.Cut(c.Fact, " ")
	value := p.New.Value(c.Fact)
	switch word {
	case "deprecated", "required", "allowReserved", "allowEmptyValue":
		if document.Drop(n, word); value == "true" {
			document.Assign(n, word, document.Scalar("!!bool", "true"))
		}
	case "style", "explode":
		writeStyle(n, p.New, p.Old)
	case "contentType":
		if document.Drop(n, word); value != "" {
			document.Assign(n, word, document.Text(value))
		}
	case "link":
		if document.Drop(n, rest); value != "" {
			document.Assign(n, rest, e.print().JSON(value))
		}
	default:
		return fmt.Errorf("%s is not written into our document", c.Kind)
	}
	return e.printed()
}

// writeStyle says how a value is written, where that is not the usual way.
func writeStyle(n *yaml.Node, v, old *graph.Vertex) {
	usual := "form"
	if in := document.Field(n, "in"); in != nil {
		usual = graph.DefaultStyles[in.Value]
	} else if old.Kind == "header" {
		usual = "simple"
	}
	document.Drop(n, "style")
	document.Drop(n, "explode")
	style, explode := v.Value("style"), v.Value("explode")
	if style != usual {
		document.Put(n, "style", document.Text(style))
	}
	if explode == "true" != (style == "form") {
		document.Put(n, "explode", document.Scalar("!!bool", explode))
	}
}

// print returns a printer of their schemas.
func (e *editor) print() *slice.Printer {
	if e.printer == nil {
		theirs := *e.p.theirs.Theirs
		theirs.Version = e.now.graph.Version
		e.printer, _ = slice.NewPrinter(&theirs) // refined before, when the two were compared
		e.printer.Scheme = e.scheme
		e.printer.Most = maxWritten
		e.printer.Omits = e.p.config.Propose.LeavesOut
		if e.refer {
			e.printer.Shared = e.apart.without(e.now.shared)
		}
	}
	return e.printer
}

// printed tells whether what was printed can stand by itself in our document.
func (e *editor) printed() error {
	if e.printer == nil {
		return nil
	}
	if len(e.printer.Components.Content) > 0 {
		return errors.New("it needs components that our document does not have")
	}
	return e.printer.Err
}

// operation takes an operation of ours out.
func (e *editor) operation(p *compare.Pair, c compare.Change) error {
	if c.Old == nil || p.Old.Kind != "document" || len(c.Old.At) != 1 {
		return fmt.Errorf("%s is not written into our document", c.Kind)
	}
	pointer := c.Old.Pointer()
	at := strings.LastIndexByte(pointer, '/')
	item := document.NodeAt(e.tree, pointer[:at])
	document.Drop(item, pointer[at+1:])
	for _, method := range graph.Methods {
		if document.Field(item, method) != nil {
			return nil
		}
	}
	document.Drop(document.NodeAt(e.tree, "/paths"), document.PointerSteps(pointer)[1])
	return nil
}
