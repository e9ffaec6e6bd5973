package slice

import (
	"errors"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

func parse(t *testing.T, text string) *document.Document {
	t.Helper()
	doc, err := document.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func textOf(t *testing.T, n *yaml.Node) string {
	t.Helper()
	text, err := yaml.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// schemaOf returns a schema as it is printed, and the graph that it is in.
func schemaOf(t *testing.T, version, schema string) *yaml.Node {
	t.Helper()
	n, err := Slice(parse(t, string(drifttest.WithSchema(version, schema))), graph.Scope{})
	if err != nil {
		t.Fatalf("%s: %v", schema, err)
	}
	return document.NodeAt(n, "/paths/~1a/get/responses/200/content/application~1json/schema")
}

// A schema is printed as what it means, in the words of the version of OpenAPI.
func TestSliceOfSchema(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ version, schema, want string }{
		{"3.0.3", `{"description":"A name.","type":"string","maxLength":5}`, "{type: string, maxLength: 5}"},
		{"3.0.3", `{"allOf":[{"type":"object","properties":{"a":{"type":"string"}}},{"required":["a"]}]}`, "{type: object, required: [a], properties: {a: {type: string}}}"},
		{"3.0.3", `{"type":"string","nullable":true}`, "{type: string, nullable: true}"},
		{"3.1.0", `{"type":["string","null"]}`, "{type: ['null', string]}"},
		{"3.0.3", `{"type":"number","maximum":5,"exclusiveMaximum":true}`, "{type: number, maximum: 5, exclusiveMaximum: true}"},
		{"3.1.0", `{"type":"number","exclusiveMaximum":5}`, "{type: number, exclusiveMaximum: 5}"},
		{"3.1.0", `{"allOf":[{"type":"string","pattern":"a"},{"pattern":"b"}]}`, "{type: string, pattern: a, allOf: [{pattern: b}]}"},
		{"3.1.0", `{"type":"object","additionalProperties":false}`, "{type: object, additionalProperties: false}"},
		{"3.1.0", `{"anyOf":[{"type":"string"},{"type":"boolean"}]}`, ""},
	} {
		got := schemaOf(t, test.version, test.schema)
		if test.want == "" { // in an order of its own
			if branches := got.Content; len(branches) != 2 || branches[0].Value != "anyOf" || len(branches[1].Content) != 2 {
				t.Errorf("%s: printed\n%s", test.schema, textOf(t, got))
			}
			continue
		}
		var want yaml.Node
		if err := yaml.Unmarshal([]byte(test.want), &want); err != nil {
			t.Fatal(err)
		}
		if !document.EqualTrees(got, &want) {
			t.Errorf("%s: printed\n%swant\n%s", test.schema, textOf(t, got), textOf(t, &want))
		}
	}
}

// A printed document means what the one that it was printed from means.
func TestSliceMeansTheSameEachTime(t *testing.T) {
	t.Parallel()
	text := `{"openapi":"3.0.3","security":[{"key":[]}],"servers":[{"url":"https://api.example.com/"}],
		"paths":{"/books/{id}":{"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
			"put":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Tree"}}}},
				"responses":{"default":{"description":"","headers":{"X-A":{"schema":{"type":"integer"}}}}}}},
			"/other":{"get":{"responses":{"200":{"description":""}}}}},
		"components":{"schemas":{"Tree":{"type":"object","properties":{"kids":{"type":"array","items":{"$ref":"#/components/schemas/Tree"}}}}},
			"securitySchemes":{"key":{"type":"apiKey","in":"header","name":"X-Key"}}}}`
	print := func(doc *document.Document) string {
		g, err := graph.Build(doc, "/books")
		if err != nil {
			t.Fatal(err)
		}
		f, err := g.Fingerprint()
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	n, err := Slice(parse(t, text), graph.Scope{Prefix: "/books"})
	if err != nil {
		t.Fatal(err)
	}
	again, err := document.FromYAML(n)
	if err != nil {
		t.Fatal(err)
	}
	if print(parse(t, text)) != print(again) {
		t.Errorf("the printed document means another thing:\n%s", textOf(t, n))
	}
	if printed := textOf(t, n); strings.Contains(printed, "/other") || strings.Count(printed, "schemas/Tree") != 2 {
		t.Errorf("the printed document holds what is not under the prefix, or does not refer to the component Tree:\n%s", printed)
	}
}

// Parameters of paths are called as in the prefix, else as in the documents alike.
func TestSliceNamesParameters(t *testing.T) {
	t.Parallel()
	with := func(path string) *document.Document {
		return parse(t, `{"openapi":"3.0.3","paths":{"`+path+`":{"get":{"responses":{"200":{"description":""}}}}}}`)
	}
	for _, test := range []struct{ prefix, alike, want string }{
		{"/a", "/b", "/a/{x}/c/{y}"}, {"/a/{one}", "/b", "/a/{one}/c/{y}"}, {"/a/{one}", "/a/{two}/c/{three}", "/a/{one}/c/{three}"},
		{"/", "/a/{y}", "/a/{x}/c/{y}"}, {"/a/{y}", "/a/{b}/c/{y}", "/a/{b}/c/{y}"}, {"/a/{y}", "/b", "/a/{x}/c/{y}"},
	} {
		n, err := Slice(with("/a/{x}/c/{y}"), graph.Scope{Prefix: test.prefix}, with(test.alike))
		if err != nil {
			t.Fatal(err)
		}
		if document.NodeAt(n, "/paths/"+document.EscapePointer(test.want)) == nil {
			t.Errorf("prefix %s, alike %s: want the path %s:\n%s", test.prefix, test.alike, test.want, textOf(t, n))
		}
	}
}

// A printer writes a reference for what has a component, leaves formats out, and fails
// where it would write too much.
func TestPrinter(t *testing.T) {
	t.Parallel()
	g, err := graph.Build(parse(t, string(drifttest.WithSchema("3.0.3", `{"type":"object","properties":{"a":{"type":"string","format":"uuid"},"b":{"type":"object"}}}`))), "")
	if err != nil {
		t.Fatal(err)
	}
	v := g.Root.Edges[0].To.Edge("response 200").Edge("media application/json").Edge("schema")
	p, err := NewPrinter(g)
	if err != nil {
		t.Fatal(err)
	}
	p.Shared = map[*graph.Vertex]string{v.Edge("property b"): "Other"}
	p.Omits = func(format string) bool { return format == "uuid" }
	got := textOf(t, p.Schema(v, "/x"))
	if p.Err != nil || strings.Contains(got, "uuid") || !strings.Contains(got, "#/components/schemas/Other") {
		t.Errorf("printed, with %v:\n%s", p.Err, got)
	}
	p.Most = 1
	if p.Schema(v, "/x"); !errors.Is(p.Err, ErrTooMuch) {
		t.Errorf("more than one value was printed: %v", p.Err)
	}
}
