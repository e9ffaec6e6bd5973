package graph

import (
	"slices"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

func build(t *testing.T, text []byte, under string) (*Graph, error) {
	t.Helper()
	doc, err := document.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return Build(doc, under)
}

// schemaOf returns what a schema in a response becomes.
func schemaOf(t *testing.T, schema string) *Vertex {
	t.Helper()
	g, err := build(t, drifttest.WithSchema("3.1.0", schema), "")
	if err != nil {
		t.Fatalf("%s: %v", schema, err)
	}
	return g.Root.Edges[0].To.Edge("response 200").Edge("media application/json").Edge("schema")
}

// A schema becomes all that holds of one value, wherever the document says it.
func TestBuildGathersWhatHolds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ schema, facts string }{
		{`{}`, ""},
		{`{"type":"string","maxLength":5,"description":"A name."}`, "maxLength=5 type=string"},
		{`{"allOf":[{"type":"string"},{"maxLength":5},{"maxLength":3}]}`, "maxLength=3 type=string"},
		{`{"allOf":[{"minimum":1},{"minimum":2}]}`, "minimum=2"},
		{`{"oneOf":[{"type":"string"}]}`, "type=string"},
		{`{"allOf":[{"enum":["a","b"]},{"enum":["b","c"]}]}`, `enum="b" type=string`},
		{`{"type":["string","null"]}`, "type=null,string"},
		{`{"type":"integer","x-extensible-enum":[1]}`, "enum=1 type=integer"},
		{`{"required":["b","a"]}`, "required=a,b"},
		{`false`, "never=true"},
	} {
		var facts []string
		for _, f := range schemaOf(t, test.schema).Facts {
			facts = append(facts, f.Name+"="+strings.Join(f.Values, ","))
		}
		if got := strings.Join(facts, " "); got != test.facts {
			t.Errorf("%s: holds %q, want %q", test.schema, got, test.facts)
		}
	}
}

// What is in a schema is found by its label, and stands where the document has it.
func TestVertexLeadsOn(t *testing.T) {
	t.Parallel()
	v := schemaOf(t, `{"type":"object","properties":{"list":{"type":"array","items":{"type":"integer"}}}}`)
	items := v.Edge("property list").Edge("items")
	if items.Value("type") != "integer" || items.Dir != Response {
		t.Errorf("the items are %+v, want integers of a response", items)
	}
	if want := "/paths/~1a/get/responses/200/content/application~1json/schema/properties/list/items"; items.Pointer() != want {
		t.Errorf("the items are at %s, want %s", items.Pointer(), want)
	}
	if v.Edge("property other") != nil || v.Fact("format") != nil || v.Set("choice") != nil || v.Fact("format").List() != nil {
		t.Error("something is found that the document does not have")
	}
}

// What is said in the same words of two types is told apart, and a schema that holds
// itself is one vertex.
func TestRefineTellsApart(t *testing.T) {
	t.Parallel()
	same := func(a, b *Vertex, classes []Class) bool { return classes[a.Index] == classes[b.Index] }
	g, err := build(t, []byte(`{"openapi":"3.1.0","paths":{"/a":{"get":{"responses":{"200":{"description":"","content":{"a/b":{"schema":{
		"type":"object","properties":{
			"one":{"$ref":"#/components/schemas/Tree"},"two":{"$ref":"#/components/schemas/Copy"},
			"text":{"type":"string"},"old":{"type":"string","deprecated":true}}}}}}}}}},
		"components":{"schemas":{
			"Tree":{"type":"array","items":{"$ref":"#/components/schemas/Tree"}},
			"Copy":{"type":"array","items":{"type":"array","items":{"$ref":"#/components/schemas/Copy"}}}}}}`), "")
	if err != nil {
		t.Fatal(err)
	}
	v := g.Root.Edges[0].To.Edge("response 200").Edge("media a/b").Edge("schema")
	one, two, text, old := v.Edge("property one"), v.Edge("property two"), v.Edge("property text"), v.Edge("property old")
	for _, whole := range []bool{true, false} {
		classes, err := Refine(whole, g)
		if err != nil {
			t.Fatal(err)
		}
		if one.Edge("items") != one || !same(one, two, classes) || !same(two, two.Edge("items"), classes) {
			t.Error("two ways to write one recursive schema are told apart")
		}
		if same(one, text, classes) {
			t.Error("a list and a string are taken for the same")
		}
		if same(text, old, classes) == whole {
			t.Errorf("whole %v: what is deprecated is the same as what is not: %v", whole, !whole)
		}
	}
}

// The fingerprint is that of the meaning: names of components, order and prose leave
// it as it is.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	print := func(schema string) string {
		g, err := build(t, drifttest.WithSchema("3.1.0", schema), "/")
		if err != nil {
			t.Fatal(err)
		}
		f, err := g.Fingerprint()
		if err != nil || len(f) != 32 {
			t.Fatalf("fingerprint %q, %v", f, err)
		}
		return f
	}
	want := print(`{"type":"object","required":["a","b"],"properties":{"a":{"enum":["x","y"]},"b":{}}}`)
	for schema, same := range map[string]bool{
		`{"properties":{"b":true,"a":{"enum":["y","x"]}},"required":["b","a"],"type":"object","title":"T"}`:              true,
		`{"type":"object","allOf":[{"required":["a"]},{"required":["b"],"properties":{"a":{"enum":["x","y"]},"b":{}}}]}`: true,
		`{"type":"object","required":["a"],"properties":{"a":{"enum":["x","y"]},"b":{}}}`:                                false,
		`{"type":"object","required":["a","b"],"properties":{"a":{"enum":["x"]},"b":{}}}`:                                false,
	} {
		if got := print(schema); (got == want) != same {
			t.Errorf("%s has the fingerprint %s, and the original %s; want the same: %v", schema, got, want, same)
		}
	}
}

// What cannot be compared is an error that says where, and never an empty graph.
func TestBuildRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, schema, under, says string }{
		{"nothing under the prefix", `{}`, "/b", "no operation under /b"},
		{"a prefix that is half of a name", `{}`, "/a/{", "prefix"},
		{"a reference to nothing", `{"$ref":"#/components/schemas/None"}`, "", "None"},
		{"a reference to itself", `{"$ref":"#/paths/~1a/get/responses/200/content/application~1json/schema"}`, "", "/paths/~1a"},
		{"properties in a list", `{"properties":[]}`, "", "properties"},
		{"a branch that is not a list", `{"allOf":{}}`, "", "allOf"},
	} {
		if g, err := build(t, drifttest.WithSchema("3.0.3", test.schema), test.under); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: graph %v, error %v; want an error that says %q", test.name, g != nil, err, test.says)
		}
	}
}

// A limit is as tight as what it leaves out.
func TestBoundTighter(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		bound, other   string
		lowerIsTighter bool
		want           bool
	}{
		{"5", "6", true, true}, {"6", "5", true, false}, {"6", "5", false, true}, {"5", "5.0", true, false},
	} {
		if got := ParseBound(test.bound).Tighter(ParseBound(test.other), test.lowerIsTighter); got != test.want {
			t.Errorf("%s is tighter than %s, lower is tighter %v: %v, want %v", test.bound, test.other, test.lowerIsTighter, got, test.want)
		}
	}
}

// What a document spells in several ways is spelled in one way on the wire.
func TestCanonicalNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ got, want string }{
		{CanonicalStatus("4xx"), "4XX"}, {CanonicalStatus("404"), "404"}, {CanonicalStatus("default"), "default"},
		{CanonicalMedia("Application/JSON"), "application/json"}, {CanonicalMedia("text/plain;Charset=utf-8"), "text/plain; charset=utf-8"},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}

// A part of a graph holds what can be reached from its root, and no more.
func TestSubgraph(t *testing.T) {
	t.Parallel()
	v := schemaOf(t, `{"properties":{"a":{"type":"string"},"b":{"type":"array","items":{"type":"boolean"}}}}`)
	part := Subgraph(v.Edge("property b"))
	if len(part.Vertices) != 2 || part.Root != v.Edge("property b") || slices.Contains(part.Vertices, v.Edge("property a")) {
		t.Errorf("the part of a list holds %d vertices, want the list and its items", len(part.Vertices))
	}
}
