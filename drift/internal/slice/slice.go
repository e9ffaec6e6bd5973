// Package slice prints a graph as an OpenAPI document.
package slice

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
	"github.com/originpull/originpull-go/internal/yamlnode"
)

// ErrTooMuch is why something is not printed whole.
var ErrTooMuch = errors.New("with its references resolved it has too many values")

const (
	// maxPrinted bounds the values that are printed in place of a reference: references
	// that fan out make a tree that no machine can hold.
	maxPrinted = 100_000
	// maxShared bounds the values of a slice in which components are shared.
	maxShared = 3_000_000
)

// Slice returns what is in scope as a document of its own, with the components that it
// needs. Parameters of paths are called as in the prefix and in the documents alike.
func Slice(doc *document.Document, scope graph.Scope, alike ...*document.Document) (*yaml.Node, error) {
	p, err := newSlicer(doc, scope, alike)
	if err != nil {
		return nil, err
	}
	if err := scope.Require(p.graph); err != nil {
		return nil, err
	}
	root := p.document(componentsKey)
	if p.Err != nil {
		return nil, p.Err
	}
	p.shared.joinTo(root)
	return root, nil
}

// newSlicer returns a printer that shares components.
func newSlicer(doc *document.Document, scope graph.Scope, alike []*document.Document) (*Printer, error) {
	scope.Printing = true
	g, err := graph.BuildScope(doc, scope)
	if err != nil {
		return nil, err
	}
	p, err := NewPrinter(g)
	if err != nil {
		return nil, err
	}
	p.Most, p.doc = maxShared, doc
	p.learnFrom(scope, alike)
	return p, nil
}

// Printer writes a graph as an OpenAPI document.
type Printer struct {
	graph      *graph.Graph
	doc        *document.Document  // of which the graph is, for a slice
	names      map[string]string   // of a path up to a parameter, on the wire: what the parameter is called
	whole      map[string][]string // of a path, on the wire: what its parameters are called
	open       map[place]string    // the schemas around the one being written, and where they are
	classes    []graph.Class       // by which sets are put in order
	Components *yaml.Node
	schemes    map[string]string         // security schemes by the names given here
	schemas    map[*graph.Vertex]string  // mapped schemas that stand nowhere else
	Shared     map[*graph.Vertex]string  // schemas to be written as a reference to a component
	shared     *shared                   // components that are written as they are referred to, nil for none
	reads      Reads                     // what must stand in its place, nil for nothing
	places     map[string]*document.Node // where what was printed stands in the source, if that is noted
	Omits      func(string) bool         // formats that are not written
	printed    int
	inPlace    int // of printed, what reads demanded
	Most       int // of what may be printed
	Err        error
}

// NewPrinter returns a printer of parts of a graph.
func NewPrinter(g *graph.Graph) (*Printer, error) {
	classes, err := graph.Refine(true, g)
	if err != nil {
		return nil, err
	}
	return &Printer{graph: g, classes: classes, Most: maxPrinted, names: map[string]string{}, whole: map[string][]string{}, open: map[place]string{}, Components: document.Object(), schemes: map[string]string{}, schemas: map[*graph.Vertex]string{}}, nil
}

// document writes the whole graph, with what is shared under a key of its own.
func (p *Printer) document(sharedKey string) *yaml.Node {
	p.shared = newShared(p.doc, p.graph, sharedKey)
	paths, webhooks := document.Object(), document.Object()
	servers := commonServers(p.graph)
	items := map[string]*yaml.Node{}
	for _, e := range p.graph.Root.Edges {
		method, path := p.address(e.Label, e.To)
		in, at := paths, "/paths/"
		name, isWebhook := strings.CutPrefix(path, graph.Webhook)
		if isWebhook {
			in, at = webhooks, "/webhooks/"
		}
		item := items[path]
		if item == nil {
			item = document.Object()
			items[path] = item
			document.Put(in, name, item)
		}
		at += document.EscapePointer(name) + "/" + method
		document.Put(item, method, p.operation(e.To, at, name, servers == nil || isWebhook))
	}
	p.shared.write(p)
	root := document.Object()
	document.Put(root, "openapi", document.Text(p.graph.Version))
	info := document.Object()
	document.Put(info, "title", document.Text("Slice"))
	document.Put(info, "version", document.Text("1"))
	document.Put(root, "info", info)
	if servers != nil {
		p.note("/servers", servers.At)
		document.Put(root, "servers", p.servers(servers))
	}
	document.Put(root, "paths", paths)
	if len(webhooks.Content) > 0 {
		document.Put(root, "webhooks", webhooks)
	}
	if len(p.Components.Content) > 0 {
		document.Put(root, "components", p.Components)
	}
	return root
}

// commonServers returns the servers of all operations, nil if they differ.
func commonServers(g *graph.Graph) *graph.Vertex {
	var common *graph.Vertex
	for _, e := range g.Root.Edges {
		if strings.Contains(e.Label, " "+graph.Webhook) {
			continue // which may say where the program is
		}
		if s := e.To.Edge("servers"); common == nil || s == common {
			common = s
		} else {
			return nil
		}
	}
	return common
}

func (p *Printer) operation(v *graph.Vertex, at, path string, withServers bool) *yaml.Node {
	p.note(at, v.At)
	n := document.Object()
	p.plain(n, v, "operationId", "deprecated")
	parameters, responses, callbacks := document.Array(), document.Object(), document.Object()
	names, _ := document.ParseTemplate(path)
	for _, e := range v.Edges {
		word, rest, _ := strings.Cut(e.Label, " ")
		switch word {
		case "parameter":
			in, name, _ := strings.Cut(rest, " ")
			if number, err := strconv.Atoi(strings.Trim(name, "{}")); err == nil && in == "path" && number <= len(names.Names) {
				name = names.Names[number-1]
			}
			here := at + "/parameters/" + strconv.Itoa(len(parameters.Content))
			write := func(at string) *yaml.Node { return p.parameter(e.To, at, in, name) }
			if called := e.To.Value("name"); called != "" && called != name {
				parameters.Content = append(parameters.Content, write(here)) // the component has another name
				continue
			}
			parameters.Content = append(parameters.Content, p.part("parameters", e.To, here, write))
		case "request":
			document.Put(n, "requestBody", p.part("requestBodies", e.To, at+"/requestBody", func(at string) *yaml.Node { return p.body(e.To, at) }))
		case "response":
			document.Put(responses, rest, p.part("responses", e.To, at+"/responses/"+document.EscapePointer(rest), func(at string) *yaml.Node { return p.Response(e.To, at, rest) }))
		case "callback":
			name, expression, _ := strings.Cut(rest, " ")
			p.callback(callbacks, name, expression, e.To, at+"/callbacks/"+document.EscapePointer(name))
		}
	}
	if len(parameters.Content) > 0 {
		document.Put(n, "parameters", parameters)
	}
	document.Put(n, "responses", responses)
	if len(callbacks.Content) > 0 {
		document.Put(n, "callbacks", callbacks)
	}
	p.note(at+"/security", v.Edge("security").At)
	document.Put(n, "security", p.security(v.Edge("security")))
	if withServers && v.Edge("servers") != nil {
		p.note(at+"/servers", v.Edge("servers").At)
		document.Put(n, "servers", p.servers(v.Edge("servers")))
	}
	return n
}

func (p *Printer) callback(callbacks *yaml.Node, name, expression string, v *graph.Vertex, at string) {
	callback := yamlnode.Field(callbacks, name)
	if callback == nil {
		callback = document.Object()
		document.Put(callbacks, name, callback)
	}
	item := document.Object()
	for _, e := range v.Edges {
		method := strings.ToLower(graph.FirstWord(e.Label))
		document.Put(item, method, p.operation(e.To, at+"/"+document.EscapePointer(expression)+"/"+method, "", true))
	}
	document.Put(callback, expression, item)
}

func (p *Printer) body(v *graph.Vertex, at string) *yaml.Node {
	n := document.Object()
	p.plain(n, v, "required")
	p.content(n, v, at)
	return n
}

// Response writes the response of a status.
func (p *Printer) Response(v *graph.Vertex, at, status string) *yaml.Node {
	n := document.Object()
	document.Put(n, "description", document.Text("status "+status))
	p.headers(n, v, at)
	p.content(n, v, at)
	links := document.Object()
	for _, e := range v.Edges {
		if name, ok := strings.CutPrefix(e.Label, "link "); ok {
			document.Put(links, name, p.link(e.To))
		}
	}
	if len(links.Content) > 0 {
		document.Put(n, "links", links)
	}
	return n
}

func (p *Printer) link(v *graph.Vertex) *yaml.Node {
	n := document.Object()
	for _, f := range v.Facts {
		document.Put(n, strings.TrimPrefix(f.Name, "link "), p.JSON(f.Values[0]))
	}
	return n
}

func (p *Printer) headers(n *yaml.Node, v *graph.Vertex, at string) {
	headers := document.Object()
	for _, e := range v.Edges {
		if name, ok := strings.CutPrefix(e.Label, "header "); ok {
			document.Put(headers, name, p.part("headers", e.To, at+"/headers/"+document.EscapePointer(name), func(at string) *yaml.Node { return p.parameter(e.To, at, "", "") }))
		}
	}
	if len(headers.Content) > 0 {
		document.Put(n, "headers", headers)
	}
}

// parameter writes a parameter, or a header, which has no name of its own.
func (p *Printer) parameter(v *graph.Vertex, at, in, name string) *yaml.Node {
	n := document.Object()
	if in != "" {
		document.Put(n, "name", document.Text(name))
		document.Put(n, "in", document.Text(in))
	}
	if in == "path" {
		document.Put(n, "required", document.Scalar("!!bool", "true"))
	}
	p.plain(n, v, "required", "deprecated", "allowReserved", "allowEmptyValue")
	if in == "" {
		in = "header"
	}
	style, explode := v.Value("style"), v.Value("explode")
	if style != graph.DefaultStyles[in] && style != "" {
		document.Put(n, "style", document.Text(style))
	}
	if explode != strconv.FormatBool(style == "form") && explode != "" {
		document.Put(n, "explode", document.Scalar("!!bool", explode))
	}
	if s := v.Edge("schema"); s != nil {
		document.Put(n, "schema", p.Schema(s, at+"/schema"))
	}
	p.content(n, v, at)
	return n
}

func (p *Printer) content(n *yaml.Node, v *graph.Vertex, at string) {
	content := document.Object()
	for _, e := range v.Edges {
		name, ok := strings.CutPrefix(e.Label, "media ")
		if !ok {
			continue
		}
		here := at + "/content/" + document.EscapePointer(name)
		media := document.Object()
		document.Put(media, "schema", p.Schema(e.To.Edge("schema"), here+"/schema"))
		encoding := document.Object()
		for _, part := range e.To.Edges {
			if name, ok := strings.CutPrefix(part.Label, "encoding "); ok {
				document.Put(encoding, name, p.encoding(part.To, here+"/encoding/"+document.EscapePointer(name)))
			}
		}
		if len(encoding.Content) > 0 {
			document.Put(media, "encoding", encoding)
		}
		document.Put(content, name, media)
	}
	if len(content.Content) > 0 || v.Kind == "body" {
		document.Put(n, "content", content)
	}
}

func (p *Printer) encoding(v *graph.Vertex, at string) *yaml.Node {
	n := document.Object()
	p.plain(n, v, "contentType", "style", "explode", "allowReserved")
	p.headers(n, v, at)
	return n
}

// plain writes facts whose value is a text or a flag.
func (p *Printer) plain(n *yaml.Node, v *graph.Vertex, names ...string) {
	for _, name := range names {
		if f := v.Fact(name); f != nil {
			value := document.Text(f.Values[0])
			if name != "operationId" && (f.Values[0] == "true" || f.Values[0] == "false") {
				value = document.Scalar("!!bool", f.Values[0])
			}
			document.Put(n, name, value)
		}
	}
}

func (p *Printer) component(section, name string, write func() *yaml.Node) {
	in := yamlnode.Field(p.Components, section)
	if in == nil {
		in = document.Object()
		document.Put(p.Components, section, in)
	}
	if yamlnode.Field(in, name) == nil {
		document.Put(in, name, write())
	}
}

// JSON turns the canonical text of a value into a node.
func (p *Printer) JSON(canonical string) *yaml.Node {
	if strings.Trim(canonical, "0123456789") == "" && canonical != "" { // what most are
		return document.Scalar("!!int", canonical)
	}
	if unquoted, err := jsontext.AppendUnquote(nil, canonical); err == nil {
		return document.Text(string(unquoted))
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(canonical), &doc); err != nil || len(doc.Content) != 1 {
		p.Err = errors.Join(p.Err, fmt.Errorf("value %.100s: %w", canonical, err))
		return document.Object()
	}
	document.ClearStyle(doc.Content[0])
	return doc.Content[0]
}
