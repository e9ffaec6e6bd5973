package propose

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
	"github.com/originpull/originpull-go/internal/yamlnode"
)

// outlineAt makes components of the objects in a new part of a schema, named after
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
		case "responses":
			name += "Response"
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

// outlineIn makes components of the objects and open sets in a schema, from the
// inside, so that what is generated from them has a name of its own.
func (e *editor) outlineIn(holder *yaml.Node, key, at, name string) {
	n := yamlnode.Field(holder, key)
	at += "/" + document.EscapePointer(key)
	if n == nil || n.Kind != yaml.MappingNode || yamlnode.Field(n, "$ref") != nil {
		return
	}
	properties := yamlnode.Field(n, "properties")
	for property := range yamlnode.Members(properties) {
		e.outlineIn(properties, property, at+"/properties", name+goName(property))
	}
	e.outlineIn(n, "items", at, name+"Item")
	e.outlineIn(n, "additionalProperties", at, name+"Value")
	if properties == nil && yamlnode.Field(n, graph.OpenSet) == nil {
		return
	}
	in := e.draft.section("schemas")
	free := freeIn(in, name)
	for to, from := range e.outlined { // the change is made a second time, at another use of what it is in
		if from == at {
			free = document.PointerSteps(to)[2]
		}
	}
	e.draft.put(in, free, n)
	to := "/components/schemas/" + document.EscapePointer(free)
	document.Assign(holder, key, document.Reference(to))
	e.draft.redirect(e.tree, at, to)
	e.outlined[to] = at
	for i, marked := range e.review {
		e.review[i] = moved(marked, at, to)
	}
}

// freeIn returns a name that no member of an object has.
func freeIn(in *yaml.Node, name string) string {
	free := name
	for i := 2; yamlnode.Field(in, free) != nil; i++ {
		free = fmt.Sprint(name, i)
	}
	return free
}

// moved returns a pointer to what stood at or below a place, once that stands
// elsewhere.
func moved(pointer, from, to string) string {
	if rest, ok := strings.CutPrefix(pointer, from); ok && (rest == "" || rest[0] == '/') {
		return to + rest
	}
	return pointer
}

// redirect is that of a draft for all below a node.
func redirect(n *yaml.Node, from, to string) {
	if ref := yamlnode.Field(n, "$ref"); n.Kind == yaml.MappingNode && ref != nil {
		ref.Value = moved(ref.Value, yamlnode.Field(document.Reference(from), "$ref").Value, yamlnode.Field(document.Reference(to), "$ref").Value)
	}
	for _, kid := range n.Content {
		redirect(kid, from, to)
	}
}
