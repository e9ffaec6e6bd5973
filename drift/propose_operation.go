package drift

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/overlay"
)

// inStyle writes a new operation as our others are: with what all of them
// have, such as answers of a gateway that theirs does not speak of.
func inStyle(e *editor) error { return e.newOperation(true) }

// inPlain writes a new operation as theirs has it, of our components.
func inPlain(e *editor) error { return e.newOperation(false) }

func (e *editor) newOperation(styled bool) error {
	c := e.finding.found.seen[0].change
	if c.new == nil || c.new.kind != "operation" || e.finding.found.seen[0].pair.old.kind != "document" {
		return errors.New("an operation of a callback is not written into our document")
	}
	p := e.print()
	ours := nodeAt(e.tree, "/paths")
	for i := 0; i+1 < len(ours.Content); i += 2 {
		p.learnNames(ours.Content[i].Value)
	}
	method, path := p.address(c.label, c.new)
	at := "/paths/" + escapePointer(path) + "/" + method
	style, nearest := e.style(method, path)
	item := within(ours, path, object)
	n := object()
	put(n, "operationId", text(e.operationID(c.new, method, path)))
	if tags := field(nearest, "tags"); tags != nil {
		put(n, "tags", overlay.Clone(tags))
	}
	put(n, "summary", text(strings.ToUpper(method)+" "+path))
	put(n, "description", text("sends "+strings.ToUpper(method)+" "+path+"; nobody has described it yet."))
	for i := 0; i+1 < len(style.Content); i += 2 {
		if key := style.Content[i].Value; strings.HasPrefix(key, "x-") && key != "x-source" && key != "x-review" {
			put(n, key, overlay.Clone(style.Content[i+1]))
		}
	}
	e.source(n)
	const review = "name it, describe it, and see that what stands beside it holds"
	e.mark(n, at, review) // the first that is read; what is its own is known below
	p.plain(n, c.new, "deprecated")
	put(item, method, n)
	if err := e.parts(n, item, c.new, at, path); err != nil {
		return err
	}
	made := e.outline(n, at, field(n, "operationId").Value)
	e.mark(n, at, review+e.apart.review()+reviewOwn(made))
	if responses := field(style, "responses"); responses != nil && styled {
		e.styleResponses(within(n, "responses", object), responses, at)
	}
	return e.printed()
}

// parts writes what an operation consists of.
func (e *editor) parts(n, item *yaml.Node, v *vertex, at, path string) error {
	names, err := parseTemplate(path)
	if err != nil {
		return err
	}
	for _, edge := range v.edges {
		word, name, _ := strings.Cut(edge.label, " ")
		c := change{label: edge.label, new: edge.to}
		switch word {
		case "parameter":
			if err := e.operationParameter(n, item, edge, names); err != nil {
				return err
			}
		case "request":
			put(n, "requestBody", e.body(edge.to, at+"/requestBody"))
		case "response":
			put(within(n, "responses", object), name, e.written(word, name, c, at+"/responses/"+name))
		case "callback":
			return errors.New("it calls programs back, which takes more than a document: write it by hand")
		case "security", "servers":
			if err := e.ownAccess(n, word, edge.to); err != nil {
				return err
			}
		}
	}
	within(n, "responses", object)
	return nil
}

// operationParameter lets an operation have a parameter: that of its path, a
// component of ours of that name, or a new one.
func (e *editor) operationParameter(n, item *yaml.Node, edge edge, path template) error {
	in, name := placeAndName(edge.label)
	if !e.p.config.Propose.sends(in) && edge.to.value("required") == "" {
		return nil
	}
	_, differs := e.apart[edge.to]
	holder := n
	if in == "path" {
		var place int
		if _, err := fmt.Sscanf(name, "{%d}", &place); err != nil || place < 1 || place > len(path.names) {
			return fmt.Errorf("%s is not in the path", edge.label)
		}
		name = path.names[place-1]
		if field(item, "parameters") == nil {
			first(item, "parameters", array())
		}
		if !differs || !e.lists(item, in, name) { // else the operation has one of its own
			holder = item
		}
	}
	if !differs && e.lists(holder, in, name) {
		return nil
	}
	list := within(holder, "parameters", array)
	if components := nodeAt(e.tree, "/components/parameters"); components != nil && !differs {
		for i := 0; i+1 < len(components.Content); i += 2 {
			if is := components.Content[i+1]; field(is, "name") != nil && field(is, "name").Value == name && field(is, "in").Value == in {
				list.Content = append(list.Content, reference("/components/parameters/"+escapePointer(components.Content[i].Value)))
				return nil
			}
		}
	}
	list.Content = append(list.Content, e.component("parameters", goName(name), e.print().parameter(edge.to, "", in, name), name))
	return nil
}

// lists tells whether a path or an operation has a parameter.
func (e *editor) lists(holder *yaml.Node, in, name string) bool {
	list := field(holder, "parameters")
	return list != nil && slices.ContainsFunc(list.Content, func(n *yaml.Node) bool {
		is := e.parameterOf(n)
		return is != nil && field(is, "name").Value == name && field(is, "in").Value == in
	})
}

// parameterOf follows the reference that a parameter may be.
func (e *editor) parameterOf(n *yaml.Node) *yaml.Node {
	if ref := field(n, "$ref"); ref != nil {
		n = nodeAt(e.tree, strings.TrimPrefix(ref.Value, "#"))
	}
	if n == nil || field(n, "name") == nil || field(n, "in") == nil {
		return nil
	}
	return n
}

// ownAccess gives an operation credentials or servers of its own where those
// of our whole document are others.
func (e *editor) ownAccess(n *yaml.Node, key string, v *vertex) error {
	factName := map[string]string{"security": "security", "servers": "server"}[key]
	values := v.fact(factName).values
	for _, other := range e.now.graph.root.edges {
		same := other.to.edge(key)
		if same != nil && len(other.to.at) == 1 && other.to.at[0].get(key) == nil && slices.Equal(same.fact(factName).values, values) {
			return nil
		}
	}
	list := array()
	for _, value := range values {
		entry, err := e.newEntry(change{fact: factName, after: value})
		if err != nil {
			return err
		}
		list.Content = append(list.Content, entry)
	}
	put(n, key, list)
	return nil
}

// operationID names an operation: as theirs does if that makes a short name that
// nothing has, else by what it does to what.
func (e *editor) operationID(v *vertex, method, path string) string {
	name := goName(v.value("operationId"))
	if most := e.p.config.Propose.OperationID; v.value("operationId") == "" || most > 0 && len(name) > most || !e.freeID(name) {
		verb := map[string]string{"get": "Get", "put": "Set", "post": "Create", "patch": "Update", "delete": "Delete"}[method]
		if verb == "" {
			verb = goName(method)
		}
		noun := ""
		for step := range strings.SplitSeq(path, "/") {
			if step != "" && step[0] != '{' {
				noun = step
			}
		}
		name = verb + goName(noun)
		if most > 0 && len(name) > most {
			name = name[:most]
		}
	}
	free := name
	for i := 2; !e.freeID(free); i++ {
		free = fmt.Sprint(name, i)
	}
	return free
}

// style returns what all of our operations have that read, or that write, as
// this one does, and the one whose path is nearest.
func (e *editor) style(method, path string) (common, nearest *yaml.Node) {
	reads := method == "get" || method == "head"
	longest := -1
	nearest = object()
	for _, other := range e.now.graph.root.edges {
		if len(other.to.at) != 1 {
			continue
		}
		n := e.at(other.to.at[0])
		key := other.to.at[0].key
		if n == nil || reads != (key == "get" || key == "head") {
			continue
		}
		if common == nil {
			common = overlay.Clone(n)
		} else {
			common = inCommon(common, n)
		}
		if shared := commonPrefix(path, other.to.at[0].parent.key); shared > longest {
			longest, nearest = shared, n
		}
	}
	if common == nil {
		common = object()
	}
	return common, nearest
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// inCommon returns what two objects both have.
func inCommon(a, b *yaml.Node) *yaml.Node {
	out := object()
	for i := 0; i+1 < len(a.Content); i += 2 {
		key, value := a.Content[i].Value, a.Content[i+1]
		other := field(b, key)
		switch {
		case other == nil:
		case equalNodes(value, other):
			put(out, key, value)
		case value.Kind == yaml.MappingNode && other.Kind == yaml.MappingNode:
			if shared := inCommon(value, other); len(shared.Content) > 0 {
				put(out, key, shared)
			}
		}
	}
	return out
}

// styleResponses gives an operation the answers that all of ours have, and the
// headers and examples of these.
func (e *editor) styleResponses(responses, style *yaml.Node, at string) {
	for i := 0; i+1 < len(style.Content); i += 2 {
		status, wanted := style.Content[i].Value, style.Content[i+1]
		key, ok := keyAlike(responses, "response", canonicalStatus(status))
		if !ok {
			n := overlay.Clone(wanted)
			if field(n, "$ref") == nil && field(n, "description") == nil {
				first(n, "description", text("Status "+status+"; nobody has described it yet."))
				e.mark(n, at+"/responses/"+status, "describe it")
			}
			put(responses, status, n)
			continue
		}
		n := field(responses, key)
		if field(wanted, "$ref") != nil {
			assign(responses, key, overlay.Clone(wanted))
			continue
		}
		fill(n, wanted, "headers")
		content, examples := field(n, "content"), field(wanted, "content")
		if content == nil || examples == nil {
			continue
		}
		for j := 0; j+1 < len(examples.Content); j += 2 {
			if media := field(content, examples.Content[j].Value); media != nil {
				fill(media, examples.Content[j+1], "examples")
			}
		}
	}
}

// fill gives an object the members of a like one, in place of its own.
func fill(n, like *yaml.Node, key string) {
	from := field(like, key)
	if from == nil {
		return
	}
	in := within(n, key, object)
	for i := 0; i+1 < len(from.Content); i += 2 {
		name := from.Content[i].Value
		if key, ok := keyAlike(in, "header", strings.ToLower(name)); ok {
			drop(in, key)
		}
		put(in, name, overlay.Clone(from.Content[i+1]))
	}
}
