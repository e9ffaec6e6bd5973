package propose

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// apart is what a new operation of theirs must not share with ours, though ours
// has a component in its place: parts that say something else there, with what
// that is, and all that hold them, with nothing.
type apart map[*graph.Vertex]string

// add sets apart where some findings are seen, and tells whether that is more.
func (a apart) add(findings []drift.Finding) bool {
	before := len(a)
	for _, f := range findings {
		for _, s := range f.Internal().Seen {
			for key := range leadingTo(s.Pair) {
				if _, known := a[key[1]]; !known {
					a[key[1]] = ""
				}
			}
			a[s.Pair.New] = f.Change()
		}
	}
	return len(a) > before
}

// without returns the components of ours for schemas of theirs, save for those
// apart.
func (a apart) without(shared map[*graph.Vertex]string) map[*graph.Vertex]string {
	out := maps.Clone(shared)
	for v := range a {
		delete(out, v)
	}
	return out
}

// review tells the reviewer what is apart.
func (a apart) review() string {
	changes := slices.DeleteFunc(document.SortedSet(slices.Collect(maps.Values(a))), func(s string) bool { return s == "" })
	if len(changes) == 0 {
		return ""
	}
	return "; it has parts of its own, since theirs differs from ours: " + few(changes, "; ") + ". If theirs is wrong there, correct it by an overlay instead"
}

// reviewOwn tells the reviewer which components were made for a new operation.
func reviewOwn(made []string) string {
	if len(made) == 0 {
		return ""
	}
	return "; no component of ours says what these say, which were made for it: " + few(made, ", ") + ". See whether one of ours will do"
}

// few names some of a list, and how many more there are.
func few(list []string, between string) string {
	const most = 3
	if len(list) > most {
		list = append(list[:most:most], fmt.Sprintf("%d more", len(list)-most))
	}
	return strings.Join(list, between)
}

// outline makes components of the objects that are written inside an operation,
// so that what is generated from them has a name of its own, and returns their
// names.
func (e *editor) outline(operation *yaml.Node, at, called string) (made []string) {
	if body := document.Field(operation, "requestBody"); body != nil {
		made = e.outlineContent(body, at+"/requestBody", called+"Request")
	}
	responses := document.Field(operation, "responses")
	for i := 0; i+1 < len(responses.Content); i += 2 {
		status := responses.Content[i].Value
		name := called + "Answer"
		if !strings.HasPrefix(status, "2") {
			name += goName(status)
		}
		made = append(made, e.outlineContent(responses.Content[i+1], at+"/responses/"+status, strings.Replace(name, "AnswerN", "Answer", 1))...)
	}
	return made
}

func (e *editor) outlineContent(n *yaml.Node, at, name string) (made []string) {
	content := document.Field(n, "content")
	if content == nil {
		return nil
	}
	for i := 0; i+1 < len(content.Content); i += 2 {
		media := content.Content[i+1]
		made = append(made, e.outlineIn(media, "schema", at+"/content/"+document.EscapePointer(content.Content[i].Value), name)...)
	}
	return made
}

// outlineAt makes components of the objects in a new part of a schema, called after
// the component that holds it, or the operation.
func (e *editor) outlineAt(holder *yaml.Node, key, at string) {
	steps := document.PointerSteps(at)
	name := ""
	switch {
	case steps[0] == "components" && len(steps) > 2:
		name = steps[2]
		steps = steps[3:]
	case steps[0] == "paths" && len(steps) > 2:
		if id := document.NodeAt(e.tree, "/paths/"+document.EscapePointer(steps[1])+"/"+steps[2]+"/operationId"); id != nil {
			name = id.Value
		}
		steps = steps[3:]
	}
	for _, step := range append(steps, key) {
		switch step {
		case "properties", "content", "application/json", "schema":
		case "items":
			name += "Item"
		case "additionalProperties":
			name += "Value"
		case "requestBody":
			name += "Request"
		case "responses":
			name += "Answer"
		default:
			word := goName(step)
			if name != "" && strings.HasPrefix(word, "N") && step[:1] >= "0" && step[:1] <= "9" { // it stands behind another
				word = word[1:]
			}
			name += word
		}
	}
	e.outlineIn(holder, key, at, name)
}

// outlineAll does so for each media type of a body or an answer.
func (e *editor) outlineAll(n *yaml.Node, at string) {
	for media, value := range document.Members(document.Field(n, "content")) {
		e.outlineAt(value, "schema", at+"/content/"+document.EscapePointer(media))
	}
}

// outlineIn makes components of the objects and open sets in a schema, from the inside. Of the
// names the outermost comes first.
func (e *editor) outlineIn(holder *yaml.Node, key, at, name string) (made []string) {
	n := document.Field(holder, key)
	at += "/" + document.EscapePointer(key)
	if n == nil || n.Kind != yaml.MappingNode || document.Field(n, "$ref") != nil {
		return nil
	}
	properties := document.Field(n, "properties")
	if properties != nil {
		for i := 0; i+1 < len(properties.Content); i += 2 {
			property := properties.Content[i].Value
			made = append(made, e.outlineIn(properties, property, at+"/properties", name+goName(property))...)
		}
	}
	made = append(made, e.outlineIn(n, "items", at, name+"Item")...)
	made = append(made, e.outlineIn(n, "additionalProperties", at, name+"Value")...)
	if properties == nil && document.Field(n, graph.OpenSet) == nil {
		return made
	}
	in := document.Within(document.Within(document.Unwrap(e.tree), "components", document.Object), "schemas", document.Object)
	free := e.free(in, name)
	for to, from := range e.outlined { // the change is made a second time, at another use of what it is in
		if from == at {
			free = document.PointerSteps(to)[2]
		}
	}
	document.Assign(in, free, n)
	to := "/components/schemas/" + document.EscapePointer(free)
	document.Assign(holder, key, document.Reference(to))
	redirect(e.tree, at, to)
	e.outlined[to] = at
	for i, marked := range e.review {
		if rest, ok := strings.CutPrefix(marked, at); ok && (rest == "" || rest[0] == '/') {
			e.review[i] = to + rest
		}
	}
	return append([]string{free}, made...)
}

// redirect lets what refers to a place or below it, as a schema does that holds
// itself, refer to where that stands now.
func redirect(n *yaml.Node, from, to string) {
	if ref := document.Field(n, "$ref"); n.Kind == yaml.MappingNode && ref != nil {
		old, new := document.Field(document.Reference(from), "$ref").Value, document.Field(document.Reference(to), "$ref").Value
		if rest, ok := strings.CutPrefix(ref.Value, old); ok && (rest == "" || rest[0] == '/') {
			ref.Value = new + rest
		}
	}
	for _, kid := range n.Content {
		redirect(kid, from, to)
	}
}
