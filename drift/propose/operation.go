package propose

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
	"github.com/originpull/originpull-go/internal/overlay"
)

// inStyle writes a new operation as our others are: with what all of them
// have, such as answers of a gateway that theirs does not speak of.
func inStyle(e *editor) error { return e.newOperation(true) }

// inPlain writes a new operation as theirs has it, of our components.
func inPlain(e *editor) error { return e.newOperation(false) }

func (e *editor) newOperation(styled bool) error {
	c := e.finding.Internal().Seen[0].Change
	if c.New == nil || c.New.Kind != "operation" || e.finding.Internal().Seen[0].Pair.Old.Kind != "document" {
		return errors.New("an operation of a callback is not written into our document")
	}
	p := e.print()
	ours := document.NodeAt(e.tree, "/paths")
	for i := 0; i+1 < len(ours.Content); i += 2 {
		p.LearnNames(ours.Content[i].Value)
	}
	method, path := p.Address(c.Label, c.New)
	at := "/paths/" + document.EscapePointer(path) + "/" + method
	style, nearest := e.style(method, path)
	item := document.Within(ours, path, document.Object)
	n := document.Object()
	document.Put(n, "operationId", document.Text(e.operationID(c.New, method, path)))
	if tags := document.Field(nearest, "tags"); tags != nil {
		document.Put(n, "tags", overlay.Clone(tags))
	}
	document.Put(n, "summary", document.Text(strings.ToUpper(method)+" "+path))
	document.Put(n, "description", document.Text("sends "+strings.ToUpper(method)+" "+path+"; nobody has described it yet."))
	for i := 0; i+1 < len(style.Content); i += 2 {
		if key := style.Content[i].Value; strings.HasPrefix(key, "x-") && key != "x-source" && key != "x-review" {
			document.Put(n, key, overlay.Clone(style.Content[i+1]))
		}
	}
	e.source(n)
	const review = "name it, describe it, and see that what stands beside it holds"
	e.mark(n, at, review) // the first that is read; what is its own is known below
	p.Plain(n, c.New, "deprecated")
	document.Put(item, method, n)
	if err := e.parts(n, item, c.New, at, path); err != nil {
		return err
	}
	made := e.outline(n, at, document.Field(n, "operationId").Value)
	e.mark(n, at, review+e.apart.review()+reviewOwn(made))
	if responses := document.Field(style, "responses"); responses != nil && styled {
		e.styleResponses(document.Within(n, "responses", document.Object), responses, at)
	}
	return e.printed()
}

// parts writes what an operation consists of.
func (e *editor) parts(n, item *yaml.Node, v *graph.Vertex, at, path string) error {
	names, err := document.ParseTemplate(path)
	if err != nil {
		return err
	}
	for _, edge := range v.Edges {
		word, name, _ := strings.Cut(edge.Label, " ")
		c := compare.Change{Label: edge.Label, New: edge.To}
		switch word {
		case "parameter":
			if err := e.operationParameter(n, item, edge, names); err != nil {
				return err
			}
		case "request":
			document.Put(n, "requestBody", e.body(edge.To, at+"/requestBody"))
		case "response":
			document.Put(document.Within(n, "responses", document.Object), name, e.written(word, name, c, at+"/responses/"+name))
		case "callback":
			return errors.New("it calls programs back, which takes more than a document: write it by hand")
		case "security", "servers":
			if err := e.ownAccess(n, word, edge.To); err != nil {
				return err
			}
		}
	}
	document.Within(n, "responses", document.Object)
	return nil
}

// operationParameter lets an operation have a parameter: that of its path, a
// component of ours of that name, or a new one.
func (e *editor) operationParameter(n, item *yaml.Node, edge graph.Edge, path document.Template) error {
	in, name := placeAndName(edge.Label)
	if !e.p.config.Propose.Sends(in) && edge.To.Value("required") == "" {
		return nil
	}
	_, differs := e.apart[edge.To]
	holder := n
	if in == "path" {
		var place int
		if _, err := fmt.Sscanf(name, "{%d}", &place); err != nil || place < 1 || place > len(path.Names) {
			return fmt.Errorf("%s is not in the path", edge.Label)
		}
		name = path.Names[place-1]
		if document.Field(item, "parameters") == nil {
			first(item, "parameters", document.Array())
		}
		if !differs || !e.lists(item, in, name) { // else the operation has one of its own
			holder = item
		}
	}
	if !differs && e.lists(holder, in, name) {
		return nil
	}
	list := document.Within(holder, "parameters", document.Array)
	if components := document.NodeAt(e.tree, "/components/parameters"); components != nil && !differs {
		for i := 0; i+1 < len(components.Content); i += 2 {
			if is := components.Content[i+1]; document.Field(is, "name") != nil && document.Field(is, "name").Value == name && document.Field(is, "in").Value == in {
				list.Content = append(list.Content, document.Reference("/components/parameters/"+document.EscapePointer(components.Content[i].Value)))
				return nil
			}
		}
	}
	list.Content = append(list.Content, e.component("parameters", goName(name), e.print().Parameter(edge.To, "", in, name), name))
	return nil
}

// lists tells whether a path or an operation has a parameter.
func (e *editor) lists(holder *yaml.Node, in, name string) bool {
	list := document.Field(holder, "parameters")
	return list != nil && slices.ContainsFunc(list.Content, func(n *yaml.Node) bool {
		is := e.parameterOf(n)
		return is != nil && document.Field(is, "name").Value == name && document.Field(is, "in").Value == in
	})
}

// parameterOf follows the reference that a parameter may be.
func (e *editor) parameterOf(n *yaml.Node) *yaml.Node {
	if ref := document.Field(n, "$ref"); ref != nil {
		n = document.NodeAt(e.tree, strings.TrimPrefix(ref.Value, "#"))
	}
	if n == nil || document.Field(n, "name") == nil || document.Field(n, "in") == nil {
		return nil
	}
	return n
}

// ownAccess gives an operation credentials or servers of its own where those
// of our whole document are others.
func (e *editor) ownAccess(n *yaml.Node, key string, v *graph.Vertex) error {
	factName := map[string]string{"security": "security", "servers": "server"}[key]
	values := v.Fact(factName).Values
	for _, other := range e.now.graph.Root.Edges {
		same := other.To.Edge(key)
		if same != nil && len(other.To.At) == 1 && other.To.At[0].Get(key) == nil && slices.Equal(same.Fact(factName).Values, values) {
			return nil
		}
	}
	list := document.Array()
	for _, value := range values {
		entry, err := e.newEntry(compare.Change{Fact: factName, After: value})
		if err != nil {
			return err
		}
		list.Content = append(list.Content, entry)
	}
	document.Put(n, key, list)
	return nil
}

// operationID names an operation: as theirs does if that makes a short name that
// nothing has, else by what it does to what.
func (e *editor) operationID(v *graph.Vertex, method, path string) string {
	name := goName(v.Value("operationId"))
	if most := e.p.config.Propose.OperationID; v.Value("operationId") == "" || most > 0 && len(name) > most || !e.freeID(name) {
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
	nearest = document.Object()
	for _, other := range e.now.graph.Root.Edges {
		if len(other.To.At) != 1 {
			continue
		}
		n := e.at(other.To.At[0])
		key := other.To.At[0].Key
		if n == nil || reads != (key == "get" || key == "head") {
			continue
		}
		if common == nil {
			common = overlay.Clone(n)
		} else {
			common = inCommon(common, n)
		}
		if shared := commonPrefix(path, other.To.At[0].Parent.Key); shared > longest {
			longest, nearest = shared, n
		}
	}
	if common == nil {
		common = document.Object()
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
	out := document.Object()
	for i := 0; i+1 < len(a.Content); i += 2 {
		key, value := a.Content[i].Value, a.Content[i+1]
		other := document.Field(b, key)
		switch {
		case other == nil:
		case document.EqualNodes(value, other):
			document.Put(out, key, value)
		case value.Kind == yaml.MappingNode && other.Kind == yaml.MappingNode:
			if shared := inCommon(value, other); len(shared.Content) > 0 {
				document.Put(out, key, shared)
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
		key, ok := keyAlike(responses, "response", graph.CanonicalStatus(status))
		if !ok {
			n := overlay.Clone(wanted)
			if document.Field(n, "$ref") == nil && document.Field(n, "description") == nil {
				first(n, "description", document.Text("Status "+status+"; nobody has described it yet."))
				e.mark(n, at+"/responses/"+status, "describe it")
			}
			document.Put(responses, status, n)
			continue
		}
		n := document.Field(responses, key)
		if document.Field(wanted, "$ref") != nil {
			document.Assign(responses, key, overlay.Clone(wanted))
			continue
		}
		fill(n, wanted, "headers")
		content, examples := document.Field(n, "content"), document.Field(wanted, "content")
		if content == nil || examples == nil {
			continue
		}
		for j := 0; j+1 < len(examples.Content); j += 2 {
			if media := document.Field(content, examples.Content[j].Value); media != nil {
				fill(media, examples.Content[j+1], "examples")
			}
		}
	}
}

// fill gives an object the members of a like one, in place of its own.
func fill(n, like *yaml.Node, key string) {
	from := document.Field(like, key)
	if from == nil {
		return
	}
	in := document.Within(n, key, document.Object)
	for i := 0; i+1 < len(from.Content); i += 2 {
		name := from.Content[i].Value
		if key, ok := keyAlike(in, "header", strings.ToLower(name)); ok {
			document.Drop(in, key)
		}
		document.Put(in, name, overlay.Clone(from.Content[i+1]))
	}
}
