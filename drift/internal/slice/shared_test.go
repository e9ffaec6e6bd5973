package slice

import (
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
	"github.com/originpull/originpull-go/internal/yamlnode"
)

// sharing is a document with a schema in a request, two schemas in a response, and
// components.
func sharing(sent, read, other, schemas string) string {
	return `{"openapi":"3.1.0","paths":{"/a":{"post":{"operationId":"make","requestBody":{"content":{"application/json":{"schema":` + sent + `}}},
		"responses":{"200":{"description":"","content":{"application/json":{"schema":` + read + `},"application/other":{"schema":` + other + `}}}}}}},
		"components":{"schemas":` + schemas + `}}`
}

// A slice has each schema once, under one name, and says the same as the document.
func TestSliceShares(t *testing.T) {
	t.Parallel()
	const a, b, big = `{"$ref":"#/components/schemas/A"}`, `{"$ref":"#/components/schemas/B"}`, `{"type":"object","properties":{"x":{"type":"string"},"y":{"type":"array","items":{"type":"integer"}}}}`
	for name, test := range map[string]struct{ document, names string }{
		"in both directions":             {sharing(a, a, a, `{"A":{"type":"object","required":["id"],"properties":{"id":{"type":"string","readOnly":true,"maxLength":5},"no":{"writeOnly":true,"type":"object","properties":{"p":{}}}}}}`), "A"},
		"two names":                      {sharing(a, b, a, `{"A":`+b+`,"B":`+big+`,"C":{"type":"string"}}`), "B"},
		"a description beside":           {sharing(`{"$ref":"#/components/schemas/A","description":"d"}`, `{"allOf":[`+a+`]}`, a, `{"A":`+big+`}`), "A"},
		"two that are alike":             {sharing(a, b, b, `{"A":`+big+`,"B":`+big+`}`), "A B"},
		"one that says nothing":          {sharing(a, `{}`, `{"type":"object","properties":{"x":true}}`, `{"A":{"description":"any"}}`), ""},
		"a part of others":               {sharing(`{"allOf":[`+a+`,{"required":["x"]}]}`, `{"allOf":[`+a+`,{"required":["y"]}]}`, `{"type":"string"}`, `{"A":`+big+`}`), "A-y"},
		"no name, used once":             {sharing(big, big, `{"type":"string"}`, `{}`), ""},
		"no name, used twice":            {sharing(`{"$ref":"#/paths/~1a/post/responses/200/content/application~1json/schema"}`, big, `{}`, `{}`), "post-a"},
		"a name that is taken":           {sharing(`{"$ref":"#/paths/~1a/post/responses/200/content/application~1json/schema"}`, big, `{"$ref":"#/components/schemas/post-a"}`, `{"post-a":{"type":"string"}}`), "post-a post-a-2"},
		"itself":                         {sharing(a, a, a, `{"A":{"type":"object","properties":{"a":{"type":"array","items":`+a+`}}}}`), "A"},
		"itself, together with another":  {sharing(`{"allOf":[`+a+`,`+b+`]}`, `{}`, `{}`, `{"A":{"properties":{"a":{"allOf":[`+a+`,`+b+`]}}},"B":{"properties":{"b":{"type":"string"}}}}`), "B-2"},
		"values without a mapping":       {sharing(`{"oneOf":[`+a+`,`+b+`],"discriminator":{"propertyName":"k"}}`, a, b, `{"A":`+big+`,"B":{"type":"object","properties":{"k":{"type":"string"}}}}`), "A B"},
		"no values":                      {sharing(`{"oneOf":[{"allOf":[`+a+`]},`+big+`],"discriminator":{"propertyName":"k"}}`, a, b, `{"A":`+big+`,"B":{"type":"object","properties":{"k":{"type":"string"}}}}`), "A B"},
		"a value for what stands beside": {sharing(`{"oneOf":[`+a+`,`+big+`],"discriminator":{"propertyName":"k","mapping":{"b":"B","c":"#/components/schemas/C","a":"A"}}}`, a, b, `{"A":`+big+`,"B":{"type":"object","properties":{"k":{"type":"string"}}},"C":{"type":"object","properties":{"c":`+big+`}}}`), "A B C"},
		"alternatives of two":            {sharing(`{"allOf":[`+a+`,{"required":["p"]}]}`, `{"allOf":[`+a+`,{"required":["q"]}]}`, `{}`, `{"A":{"oneOf":[{"type":"object","properties":{"in":{"allOf":[`+a+`,{"required":["p"]}]}}},`+big+`]}}`), "A-2 A-3"},
		"odd names":                      {sharing(`{"$ref":"#/components/schemas/a~1b%20~0c"}`, `{"oneOf":[`+a+`,{"$ref":"#/components/schemas/a~1b%20~0c"}],"discriminator":{"propertyName":"k","mapping":{"x":"#/components/schemas/a~1b%20~0c"}}}`, a, `{"a/b ~c":`+big+`,"A":{"type":"object","properties":{"k":{"type":"string"}}}}`), "A a/b ~c"},
	} {
		doc := parse(t, test.document)
		n, err := Slice(doc, graph.Scope{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, err := document.FromYAML(n)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if fingerprintOf(t, doc) != fingerprintOf(t, again) {
			t.Errorf("%s: the slice says something else:\n%s", name, textOf(t, n))
		}
		if got := componentsOf(n); got != test.names {
			t.Errorf("%s: components %q, want %q:\n%s", name, got, test.names, textOf(t, n))
		}
		if twice, err := Slice(again, graph.Scope{}); err != nil || textOf(t, twice) != textOf(t, n) {
			t.Errorf("%s: the slice of the slice is another one (%v):\n%s\n%s", name, err, textOf(t, n), textOf(t, twice))
		}
	}
}

func fingerprintOf(t *testing.T, doc *document.Document) string {
	t.Helper()
	g, err := graph.Build(doc, "")
	if err != nil {
		t.Fatal(err)
	}
	print, err := g.Fingerprint()
	if err != nil {
		t.Fatal(err)
	}
	return print
}

func componentsOf(n *yaml.Node) string {
	var names []string
	for name := range yamlnode.Members(yamlnode.Field(yamlnode.Field(n, "components"), "schemas")) {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// What is no schema keeps its component too: once, if it is called the same everywhere.
func TestSliceKeepsOtherComponents(t *testing.T) {
	t.Parallel()
	const text = `{"openapi":"3.0.3","security":[{"both":["read"]}],"paths":{"/a/{id}":{"parameters":[{"$ref":"#/components/parameters/id"},{"$ref":"#/components/parameters/page"}],
		"put":{"security":[{"both":["write"]},{"token":[]}],"requestBody":{"$ref":"#/components/requestBodies/thing"},"responses":{"200":{"$ref":"#/components/responses/done"},"4XX":{"$ref":"#/components/responses/alias"}}},
		"get":{"responses":{"200":{"$ref":"#/components/responses/done"},"400":{"$ref":"#/components/responses/failed"}}}},
		"/b/{key}":{"get":{"parameters":[{"$ref":"#/components/parameters/key"}],"responses":{"200":{"$ref":"#/components/responses/done"}}}}},
		"components":{"parameters":{"id":{"name":"id","in":"path","required":true,"schema":{"type":"string"}},"key":{"name":"key","in":"path","required":true,"schema":{"type":"string"}},"page":{"name":"page","in":"query","schema":{"type":"integer"}}},
			"requestBodies":{"thing":{"content":{"application/json":{"schema":{"type":"object"}}}}},
			"responses":{"done":{"description":"d","headers":{"X-Rate":{"$ref":"#/components/headers/rate"}}},"alias":{"$ref":"#/components/responses/failed"},"failed":{"description":"f"},"unused":{"description":""}},
			"headers":{"rate":{"schema":{"type":"integer"}}},
			"securitySchemes":{"token":{"type":"http","scheme":"bearer"},"both":{"type":"oauth2","flows":{"implicit":{"authorizationUrl":"https://a.example","scopes":{"read":"r","write":"w","other":"o"}}}}}}}`
	doc := parse(t, text)
	n, err := Slice(doc, graph.Scope{Prefix: "/"}, parse(t, `{"openapi":"3.0.3","paths":{"/b/{name}":{}}}`))
	if err != nil {
		t.Fatal(err)
	}
	again, err := document.FromYAML(n)
	if err != nil {
		t.Fatal(err)
	}
	if fingerprintOf(t, doc) != fingerprintOf(t, again) {
		t.Errorf("the slice says something else:\n%s", textOf(t, n))
	}
	var got []string
	for section, members := range yamlnode.Members(yamlnode.Field(n, "components")) {
		for name := range yamlnode.Members(members) {
			got = append(got, section+" "+name)
		}
	}
	slices.Sort(got)
	want := []string{"headers rate", "parameters id", "parameters page", "requestBodies thing", "responses done", "responses failed", "securitySchemes both", "securitySchemes token"}
	if !slices.Equal(got, want) {
		t.Errorf("components %v, want %v", got, want)
	}
	if named := document.NodeAt(n, "/paths/~1b~1{name}/get/parameters/0/name"); named == nil || named.Value != "name" {
		t.Errorf("a parameter that has another name here is not written with it:\n%s", textOf(t, n))
	}
}
