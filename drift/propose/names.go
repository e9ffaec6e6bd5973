package propose

import (
	"cmp"
	"fmt"
	"go/token"
	"go/types"
	"os"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
	"github.com/originpull/originpull-go/internal/overlay"
)

// What the generated code calls its own: at its top, and in the functions that
// the parameters of a path are variables of. A test holds both to the code.
const (
	ownNames = "Operation Caller ServerInterface ServerInterfaceWrapper MiddlewareFunc UnescapedCookieParamError " +
		"UnmarshalingParamError RequiredParamError RequiredHeaderError InvalidParamFormatError TooManyValuesForParamError " +
		"Handler ServeMux StdHTTPServerOptions HandlerFromMux HandlerFromMuxWithBaseURL HandlerWithOptions " +
		"StrictServerInterface StrictHandlerFunc StrictMiddlewareFunc StrictHTTPServerOptions NewStrictHandler " +
		"NewStrictHandlerWithOptions strictHandler"
	ownVariables = "ctx c body out err w r siw sh handler middleware request response validResponse ok " +
		"context fmt http runtime " +
		// where there are other parameters, or other bodies, than ours have
		"params paramValue value requiredError headers valueList found n cookie decoded i data reader boundary " +
		"errors io json mime multipart strings url"
)

// constants is what x-go-constants, in an overlay on ours, says of the constants
// that are made of a set.
type constants struct {
	Prefix string            `yaml:"prefix"`
	Names  map[string]string `yaml:"names"`
}

// loadConstants reads how the values of our sets are called in Go, by component.
func (p *proposer) loadConstants() error {
	tree := overlay.Clone(p.out.original)
	for _, dir := range p.config.Affected.Overlays {
		overlays, err := overlay.Load(os.DirFS(p.config.Path(".")), dir)
		if err != nil {
			return err
		}
		for _, o := range overlays {
			if err := o.Apply(tree); err != nil {
				return err
			}
		}
	}
	p.constants = map[string]constants{}
	for name, schema := range document.Members(document.NodeAt(tree, "/components/schemas")) {
		said := document.Field(schema, "x-go-constants")
		if said == nil {
			continue
		}
		var c constants
		if err := said.Decode(&c); err != nil {
			return fmt.Errorf("x-go-constants of %s: %w", name, err)
		}
		p.constants[name] = c
	}
	return nil
}

// goNames returns what has a name of Go at the top of the generated code, by what
// is the same for all names that could become one.
func (p *proposer) goNames(tree *yaml.Node) map[string]string {
	names := map[string]string{}
	for own := range strings.FieldsSeq(ownNames) {
		names[goKey(own)] = "the generated code itself"
	}
	for section, suffixes := range componentSuffixes {
		for name := range document.Members(document.NodeAt(tree, "/components/"+section)) {
			for _, suffix := range suffixes {
				names[goKey(name+suffix)] = "a component"
			}
		}
	}
	for set, c := range p.constants {
		for _, value := range valuesOf(document.NodeAt(tree, "/components/schemas/"+document.EscapePointer(set))) {
			names[goKey(c.name(value))] = "a constant"
		}
	}
	for path, item := range document.Members(document.NodeAt(tree, "/paths")) {
		for _, method := range graph.Methods {
			if operation := document.Field(item, method); operation != nil {
				for _, name := range operationNames(operation) {
					names[goKey(name)] = method + " " + path
				}
			}
		}
	}
	return names
}

// componentSuffixes is what is made of the components of each section, with what
// stands behind their names.
var componentSuffixes = map[string][]string{"schemas": {""}, "parameters": {""}, "responses": {"", "JSONResponse"}, "requestBodies": {""}}

// operationNames returns the names that are made of an operation.
func operationNames(operation *yaml.Node) []string {
	id := document.Field(operation, "operationId")
	if id == nil {
		return nil
	}
	var names []string
	for _, around := range []string{"%s", "op%s", "%sJSONRequestBody", "%sParams", "%sRequestObject", "%sResponseObject"} {
		names = append(names, fmt.Sprintf(around, id.Value))
	}
	for status := range document.Members(document.Field(operation, "responses")) {
		names = append(names, id.Value+status+"JSONResponse")
	}
	return names
}

// name returns what the constant of a value is called.
func (c constants) name(value string) string {
	return c.Prefix + cmp.Or(c.Names[value], value)
}

// valuesOf returns the values of a set, open or not.
func valuesOf(schema *yaml.Node) (values []string) {
	for _, keyword := range []string{"enum", graph.OpenSet} {
		if list := document.MemberOf(schema, keyword); list != nil {
			for _, n := range list.Content {
				values = append(values, n.Value)
			}
		}
	}
	return values
}

// free returns a name that nothing has yet: no member of an object, nor anything
// in the generated code.
func (e *editor) free(in *yaml.Node, name string) string {
	taken := e.p.goNames(e.tree)
	free := name
	for i := 2; document.Field(in, free) != nil || taken[goKey(free)] != ""; i++ {
		free = fmt.Sprint(name, i)
	}
	return free
}

// freeID tells whether an operation can have a name, with all that is made of it.
func (e *editor) freeID(id string) bool {
	taken := e.p.goNames(e.tree)
	operation := document.Object()
	document.Put(operation, "operationId", document.Text(id))
	return !slices.ContainsFunc(operationNames(operation), func(name string) bool { return taken[goKey(name)] != "" })
}

// reserved tells whether a parameter of a path, which becomes a variable, would
// hide what the code around it calls by the same name.
func reserved(name, operationID string) bool {
	key := goKey(name)
	return token.IsKeyword(key) || types.Universe.Lookup(key) != nil || key == goKey("op"+operationID) ||
		slices.ContainsFunc(strings.Fields(ownVariables), func(own string) bool { return goKey(own) == key })
}
