package drift

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/overlay"
)

// editor makes one change in a copy of our document.
type editor struct {
	p         *proposer
	now       *standing
	finding   Finding
	tree      *yaml.Node
	moved     map[string]string // components that were copied for a place of use, by pointer
	outlined  map[string]string // where components stood that were made of a part, by pointer
	refer     bool              // to components of ours that say the same
	apart     apart             // what is written without them all the same
	outermost bool              // of several parts of a schema the first is changed
	review    []string          // places with word for the reviewer
	printer   *printer
}

func newEditor(p *proposer, f Finding, apart apart) *editor {
	return &editor{p: p, now: p.now, finding: f, tree: overlay.Clone(p.now.tree), moved: map[string]string{}, outlined: map[string]string{}, refer: true, apart: apart}
}

// candidates returns what to try, in this order: the place where our document
// says it, then ever earlier references on the way from the operations to it,
// so that a component used elsewhere stays as it is.
func candidates(f Finding) []func(*editor) error {
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
	if len(e.finding.found.seen) == 0 {
		return errors.New("it has no place in our document")
	}
	done := map[string]bool{}
	for _, s := range e.finding.found.seen {
		key := changeKey(s)
		if done[key] {
			continue
		}
		done[key] = true
		if err := e.change(s.pair, s.change); err != nil {
			return err
		}
	}
	return nil
}

// changeKey names what a sighting would change, so that what two operations share
// is changed once.
func changeKey(s sighting) string {
	key := fmt.Sprintf("%q %q %q %q", s.change.fact, s.change.label, s.change.before, s.change.after)
	for _, v := range []*vertex{s.pair.old, s.change.old} {
		if v != nil {
			key += fmt.Sprintf(" %q", pointersOf(v.at))
		}
	}
	if len(s.pair.old.at) == 0 {
		key += fmt.Sprintf(" %p", s.pair)
	}
	return key
}

func pointersOf(at []*node) []string {
	var out []string
	for _, n := range at {
		out = append(out, n.pointer())
	}
	return out
}

func (e *editor) change(p *pair, c change) error {
	switch p.old.kind {
	case "document", "callback":
		return e.operation(p, c)
	case "security", "servers":
		return e.access(p.old.at, c)
	case "schema":
		return e.schema(p, c)
	case "choice":
		return e.choice(p, c)
	}
	if c.kind == "unhandled" {
		return errors.New("nothing is known of what differs")
	}
	n, err := e.object(p.old)
	if err != nil {
		return err
	}
	if c.label != "" {
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
func (e *editor) at(n *node) *yaml.Node { return nodeAt(e.tree, e.relocated(n.pointer())) }

// object returns the object that a vertex stands for in the copy.
func (e *editor) object(v *vertex) (*yaml.Node, error) {
	if len(v.at) != 1 {
		return nil, errors.New("our document does not say it in one place")
	}
	n := e.at(v.at[0])
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s is no object", v.pointer())
	}
	return n, nil
}

// sections names the objects that hold what an edge leads to.
var sections = map[string]string{
	"response": "responses", "media": "content", "header": "headers", "encoding": "encoding", "link": "links", "callback": "callbacks",
}

// member puts what theirs has more into an object of ours, or takes out what
// it has no more.
func (e *editor) member(n *yaml.Node, p *pair, c change) error {
	word, name, _ := strings.Cut(c.label, " ")
	at := e.relocated(p.old.pointer())
	switch word {
	case "request":
		if c.new == nil {
			drop(n, "requestBody")
			return nil
		}
		assign(n, "requestBody", e.body(c.new, at+"/requestBody"))
		e.outlineAll(field(n, "requestBody"), at+"/requestBody")
		return e.printed()
	case "parameter":
		return e.parameter(n, p, c)
	case "callback":
		name, _, _ = strings.Cut(name, " ")
	}
	section, ok := sections[word]
	if !ok {
		return fmt.Errorf("%s is not written into our document", c.kind)
	}
	if c.new != nil {
		in := within(n, section, object)
		at += "/" + section + "/" + escapePointer(name)
		assign(in, name, e.written(word, name, c, at))
		switch word {
		case "response":
			e.outlineAll(field(in, name), at)
		case "media":
			e.outlineAt(field(in, name), "schema", at)
		}
		return e.printed()
	}
	in := field(n, section)
	key, ok := keyAlike(in, word, name)
	if !ok {
		return fmt.Errorf("%s is not in our document", c.label)
	}
	drop(in, key)
	if len(in.Content) == 0 && section != "responses" && section != "content" {
		drop(n, section)
	}
	return nil
}

// written writes what an edge leads to, in our words.
func (e *editor) written(word, name string, c change, at string) *yaml.Node {
	p := e.print()
	switch word {
	case "response":
		n := p.response(c.new, at, name)
		e.describeResponse(n, name, at)
		e.envelope(n)
		return n
	case "header":
		return e.shareHeader(name, c.new, at)
	case "media", "encoding", "link", "callback":
		// The printer writes these as members of what holds them.
		holder := &vertex{kind: "media", edges: []edge{{label: c.label, to: c.new}}}
		n := object()
		switch word {
		case "media":
			p.content(n, holder, strings.TrimSuffix(at, "/content/"+escapePointer(name)))
			e.describeContent(n, strings.TrimSuffix(at, "/content/"+escapePointer(name)))
			return field(field(n, "content"), name)
		case "encoding":
			return p.encoding(c.new, at)
		case "link":
			return p.link(c.new)
		}
		_, expression, _ := strings.Cut(strings.TrimPrefix(c.label, "callback "), " ")
		p.callback(n, name, expression, c.new, at)
		return field(n, name)
	}
	return object()
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
			alike = canonicalStatus(key)
		case "media":
			alike = canonicalMedia(key)
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
func (e *editor) keyword(n *yaml.Node, p *pair, c change) error {
	word, rest, _ := strings.Cut(c.fact, " ")
	value := p.new.value(c.fact)
	switch word {
	case "deprecated", "required", "allowReserved", "allowEmptyValue":
		if drop(n, word); value == "true" {
			assign(n, word, scalar("!!bool", "true"))
		}
	case "style", "explode":
		writeStyle(n, p.new, p.old)
	case "contentType":
		if drop(n, word); value != "" {
			assign(n, word, text(value))
		}
	case "link":
		if drop(n, rest); value != "" {
			assign(n, rest, e.print().json(value))
		}
	default:
		return fmt.Errorf("%s is not written into our document", c.kind)
	}
	return e.printed()
}

// writeStyle says how a value is written, where that is not the usual way.
func writeStyle(n *yaml.Node, v, old *vertex) {
	usual := "form"
	if in := field(n, "in"); in != nil {
		usual = defaultStyles[in.Value]
	} else if old.kind == "header" {
		usual = "simple"
	}
	drop(n, "style")
	drop(n, "explode")
	style, explode := v.value("style"), v.value("explode")
	if style != usual {
		put(n, "style", text(style))
	}
	if explode == "true" != (style == "form") {
		put(n, "explode", scalar("!!bool", explode))
	}
}

// print returns a printer of their schemas.
func (e *editor) print() *printer {
	if e.printer == nil {
		theirs := *e.p.theirs.graph
		theirs.version = e.now.graph.version
		e.printer, _ = newPrinter(&theirs) // refined before, when the two were compared
		e.printer.scheme = e.scheme
		e.printer.most = maxWritten
		e.printer.omits = e.p.config.Propose.leavesOut
		if e.refer {
			e.printer.shared = e.apart.without(e.now.shared)
		}
	}
	return e.printer
}

// printed tells whether what was printed can stand by itself in our document.
func (e *editor) printed() error {
	if e.printer == nil {
		return nil
	}
	if len(e.printer.components.Content) > 0 {
		return errors.New("it needs components that our document does not have")
	}
	return e.printer.err
}

// operation takes an operation of ours out.
func (e *editor) operation(p *pair, c change) error {
	if c.old == nil || p.old.kind != "document" || len(c.old.at) != 1 {
		return fmt.Errorf("%s is not written into our document", c.kind)
	}
	pointer := c.old.pointer()
	at := strings.LastIndexByte(pointer, '/')
	item := nodeAt(e.tree, pointer[:at])
	drop(item, pointer[at+1:])
	for _, method := range methods {
		if field(item, method) != nil {
			return nil
		}
	}
	drop(nodeAt(e.tree, "/paths"), pointerSteps(pointer)[1])
	return nil
}
