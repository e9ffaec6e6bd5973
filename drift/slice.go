package drift

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"gopkg.in/yaml.v3"
)

// maxPrinted bounds the values of a printed slice: opened, references that fan
// out make a tree that no machine can hold.
const maxPrinted = 100_000

// Slice returns what is in scope as an OpenAPI document of its own: canonical,
// every reference opened, so that a place is found by what is seen on the wire
// and by nothing else. A schema within itself is a reference to the schema
// around it. Documentation and the names of components are gone.
//
// Parameters of paths are called as in the prefix of the scope, and as in the
// paths of the documents alike, if any is given, so that places keep their
// names when the document renames its parameters.
func Slice(doc *Document, scope Scope, alike ...*Document) (*yaml.Node, error) {
	g, err := build(doc, scope)
	if err != nil {
		return nil, err
	}
	templates := []string{scope.Prefix}
	for _, d := range alike {
		for _, p := range d.top.member("paths").members {
			templates = append(templates, p.key)
		}
	}
	return printGraph(g, templates)
}

// printer writes a graph as an OpenAPI document.
type printer struct {
	graph      *graph
	names      map[string]string  // of a path up to a parameter, on the wire: what the parameter is called
	open       map[*vertex]string // the schemas around the one being written, and where they are
	classes    []class            // by which sets are put in order
	components *yaml.Node
	schemes    map[string]string      // security schemes by the names given here
	schemas    map[*vertex]string     // mapped schemas that stand nowhere else
	scheme     func(schemeUse) string // names a security scheme that stands elsewhere
	shared     map[*vertex]string     // schemas to be written as a reference to a component
	omits      func(string) bool      // formats that are not written
	printed    int
	most       int // of what may be printed
	err        error
}

func newPrinter(g *graph) (*printer, error) {
	classes, err := refine(true, g)
	if err != nil {
		return nil, err
	}
	return &printer{graph: g, classes: classes, most: maxPrinted, names: map[string]string{}, open: map[*vertex]string{}, components: object(), schemes: map[string]string{}, schemas: map[*vertex]string{}}, nil
}

func printGraph(g *graph, templates []string) (*yaml.Node, error) {
	p, err := newPrinter(g)
	if err != nil {
		return nil, err
	}
	for _, text := range templates {
		p.learnNames(text)
	}
	paths := object()
	servers := commonServers(g)
	for _, e := range g.root.edges {
		method, path := p.address(e.label, e.to)
		item := field(paths, path)
		if item == nil {
			item = object()
			put(paths, path, item)
		}
		at := "/paths/" + escapePointer(path) + "/" + method
		put(item, method, p.operation(e.to, at, path, servers == nil))
	}
	root := object()
	put(root, "openapi", text(g.version))
	info := object()
	put(info, "title", text("Slice"))
	put(info, "version", text("1"))
	put(root, "info", info)
	if servers != nil {
		put(root, "servers", p.servers(servers))
	}
	put(root, "paths", paths)
	if len(p.components.Content) > 0 {
		put(root, "components", p.components)
	}
	return root, p.err
}

// learnNames notes what the parameters of a path are called.
func (p *printer) learnNames(path string) {
	t, err := parseTemplate(path)
	if err != nil {
		return // the prefix may be empty
	}
	wire := ""
	for i, piece := range strings.SplitAfter(t.wire, "{}") {
		wire += piece
		if i < len(t.names) {
			if _, known := p.names[wire]; !known {
				p.names[wire] = t.names[i]
			}
		}
	}
}

// address returns the method and the path of an operation, with names for the
// parameters that are known from elsewhere, else those of the document.
func (p *printer) address(label string, op *vertex) (method, path string) {
	method, _, _ = strings.Cut(label, " ")
	_, own, _ := strings.Cut(op.title, " ")
	t, err := parseTemplate(own)
	if err != nil || strings.Contains(label, " as /") {
		return strings.ToLower(method), own // a callback, or told apart by names
	}
	wire := ""
	used := map[string]bool{}
	for i, piece := range strings.SplitAfter(t.wire, "{}") {
		wire += piece
		path += strings.TrimSuffix(piece, "{}")
		if i < len(t.names) {
			name := p.names[wire]
			if name == "" || used[name] {
				name = t.names[i]
			}
			used[name] = true
			path += "{" + name + "}"
		}
	}
	return strings.ToLower(method), path
}

// commonServers returns the servers of all operations, nil if they differ.
func commonServers(g *graph) *vertex {
	var common *vertex
	for _, e := range g.root.edges {
		if s := e.to.edge("servers"); common == nil || s == common {
			common = s
		} else {
			return nil
		}
	}
	return common
}

func (p *printer) operation(v *vertex, at, path string, withServers bool) *yaml.Node {
	n := object()
	p.plain(n, v, "operationId", "deprecated")
	parameters, responses, callbacks := array(), object(), object()
	names, _ := parseTemplate(path)
	for _, e := range v.edges {
		word, rest, _ := strings.Cut(e.label, " ")
		switch word {
		case "parameter":
			in, name, _ := strings.Cut(rest, " ")
			if number, err := strconv.Atoi(strings.Trim(name, "{}")); err == nil && in == "path" && number <= len(names.names) {
				name = names.names[number-1]
			}
			here := at + "/parameters/" + strconv.Itoa(len(parameters.Content))
			parameters.Content = append(parameters.Content, p.parameter(e.to, here, in, name))
		case "request":
			body := object()
			p.plain(body, e.to, "required")
			p.content(body, e.to, at+"/requestBody")
			put(n, "requestBody", body)
		case "response":
			put(responses, rest, p.response(e.to, at+"/responses/"+rest, rest))
		case "callback":
			name, expression, _ := strings.Cut(rest, " ")
			p.callback(callbacks, name, expression, e.to, at+"/callbacks/"+escapePointer(name))
		}
	}
	if len(parameters.Content) > 0 {
		put(n, "parameters", parameters)
	}
	put(n, "responses", responses)
	if len(callbacks.Content) > 0 {
		put(n, "callbacks", callbacks)
	}
	put(n, "security", p.security(v.edge("security")))
	if withServers && v.edge("servers") != nil {
		put(n, "servers", p.servers(v.edge("servers")))
	}
	return n
}

func (p *printer) callback(callbacks *yaml.Node, name, expression string, v *vertex, at string) {
	callback := field(callbacks, name)
	if callback == nil {
		callback = object()
		put(callbacks, name, callback)
	}
	item := object()
	for _, e := range v.edges {
		method := strings.ToLower(firstWord(e.label))
		put(item, method, p.operation(e.to, at+"/"+escapePointer(expression)+"/"+method, "", true))
	}
	put(callback, expression, item)
}

func (p *printer) response(v *vertex, at, status string) *yaml.Node {
	n := object()
	put(n, "description", text("status "+status))
	p.headers(n, v, at)
	p.content(n, v, at)
	links := object()
	for _, e := range v.edges {
		if name, ok := strings.CutPrefix(e.label, "link "); ok {
			put(links, name, p.link(e.to))
		}
	}
	if len(links.Content) > 0 {
		put(n, "links", links)
	}
	return n
}

func (p *printer) link(v *vertex) *yaml.Node {
	n := object()
	for _, f := range v.facts {
		put(n, strings.TrimPrefix(f.name, "link "), p.json(f.values[0]))
	}
	return n
}

func (p *printer) headers(n *yaml.Node, v *vertex, at string) {
	headers := object()
	for _, e := range v.edges {
		if name, ok := strings.CutPrefix(e.label, "header "); ok {
			put(headers, name, p.parameter(e.to, at+"/headers/"+escapePointer(name), "", ""))
		}
	}
	if len(headers.Content) > 0 {
		put(n, "headers", headers)
	}
}

// parameter writes a parameter, or a header, which has no name of its own.
func (p *printer) parameter(v *vertex, at, in, name string) *yaml.Node {
	n := object()
	if in != "" {
		put(n, "name", text(name))
		put(n, "in", text(in))
	}
	if in == "path" {
		put(n, "required", scalar("!!bool", "true"))
	}
	p.plain(n, v, "required", "deprecated", "allowReserved", "allowEmptyValue")
	if in == "" {
		in = "header"
	}
	style, explode := v.value("style"), v.value("explode")
	if style != defaultStyles[in] && style != "" {
		put(n, "style", text(style))
	}
	if explode != strconv.FormatBool(style == "form") && explode != "" {
		put(n, "explode", scalar("!!bool", explode))
	}
	if s := v.edge("schema"); s != nil {
		put(n, "schema", p.schema(s, at+"/schema"))
	}
	p.content(n, v, at)
	return n
}

func (p *printer) content(n *yaml.Node, v *vertex, at string) {
	content := object()
	for _, e := range v.edges {
		name, ok := strings.CutPrefix(e.label, "media ")
		if !ok {
			continue
		}
		here := at + "/content/" + escapePointer(name)
		media := object()
		put(media, "schema", p.schema(e.to.edge("schema"), here+"/schema"))
		encoding := object()
		for _, part := range e.to.edges {
			if name, ok := strings.CutPrefix(part.label, "encoding "); ok {
				put(encoding, name, p.encoding(part.to, here+"/encoding/"+escapePointer(name)))
			}
		}
		if len(encoding.Content) > 0 {
			put(media, "encoding", encoding)
		}
		put(content, name, media)
	}
	if len(content.Content) > 0 || v.kind == "body" {
		put(n, "content", content)
	}
}

func (p *printer) encoding(v *vertex, at string) *yaml.Node {
	n := object()
	p.plain(n, v, "contentType", "style", "explode", "allowReserved")
	p.headers(n, v, at)
	return n
}

// plain writes facts whose value is a text or a flag.
func (p *printer) plain(n *yaml.Node, v *vertex, names ...string) {
	for _, name := range names {
		if f := v.fact(name); f != nil {
			value := text(f.values[0])
			if name != "operationId" && (f.values[0] == "true" || f.values[0] == "false") {
				value = scalar("!!bool", f.values[0])
			}
			put(n, name, value)
		}
	}
}

var unnameable = regexp.MustCompile(`[^A-Za-z0-9.-]+`)

func (p *printer) security(v *vertex) *yaml.Node {
	list := array()
	for _, alternative := range v.fact("security").values {
		one := object()
		for _, use := range p.graph.alternatives[alternative] {
			if p.scheme != nil {
				put(one, p.scheme(use), texts(use.scopes))
				continue
			}
			described := schemeText(use.scheme, use.scopes)
			name := unnameable.ReplaceAllString(described, "-")
			if use.scheme.get("type").str() == "oauth2" {
				name = fmt.Sprintf("oauth2-%x", digest([]byte(described)))[:15]
			}
			if p.schemes[name] != "" && p.schemes[name] != described {
				name = fmt.Sprintf("%s-%x", name, digest([]byte(described)))
			}
			p.schemes[name] = described
			p.component("securitySchemes", name, func() *yaml.Node { return p.json(withoutProse(use.scheme, use.scopes).canonical()) })
			put(one, name, texts(use.scopes))
		}
		list.Content = append(list.Content, one)
	}
	return list
}

func (p *printer) component(section, name string, write func() *yaml.Node) {
	in := field(p.components, section)
	if in == nil {
		in = object()
		put(p.components, section, in)
	}
	if field(in, name) == nil {
		put(in, name, write())
	}
}

func (p *printer) servers(v *vertex) *yaml.Node {
	list := array()
	for _, value := range v.fact("server").values {
		server := object()
		n := p.graph.servers[value]
		if n == nil {
			put(server, "url", text(value))
		} else {
			put(server, "url", text(strings.TrimRight(n.get("url").str(), "/")))
			if variables := n.get("variables"); variables != nil {
				put(server, "variables", p.variables(variables))
			}
		}
		list.Content = append(list.Content, server)
	}
	return list
}

// variables writes what the variables of a server may be, without what
// describes them.
func (p *printer) variables(n *node) *yaml.Node {
	out := object()
	for i, name := range n.keys {
		variable := object()
		for _, key := range []string{"default", "enum"} {
			if value := n.kids[i].get(key); value != nil {
				put(variable, key, p.json(value.canonical()))
			}
		}
		put(out, name, variable)
	}
	return out
}

// json turns the canonical text of a value into a node.
func (p *printer) json(canonical string) *yaml.Node {
	if strings.Trim(canonical, "0123456789") == "" && canonical != "" { // what most are
		return scalar("!!int", canonical)
	}
	if unquoted, err := jsontext.AppendUnquote(nil, canonical); err == nil {
		return text(string(unquoted))
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(canonical), &doc); err != nil || len(doc.Content) != 1 {
		p.err = errors.Join(p.err, fmt.Errorf("value %.100s: %w", canonical, err))
		return object()
	}
	clearStyle(doc.Content[0])
	return doc.Content[0]
}
