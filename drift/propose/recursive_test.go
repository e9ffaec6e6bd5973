package propose

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// filters is a document of searches whose filters hold conditions, which hold filters.
func filters(operations int) drifttest.Tree {
	ref := func(name string) drifttest.Tree { return drifttest.Tree{"$ref": "#/components/schemas/" + name} }
	either := func(of ...any) drifttest.Tree { return drifttest.Tree{"anyOf": of} }
	list := func(of drifttest.Tree) drifttest.Tree { return drifttest.Tree{"type": "array", "items": of} }
	object := func(properties drifttest.Tree) drifttest.Tree {
		return drifttest.Tree{"type": "object", "properties": properties}
	}
	text := drifttest.Tree{"type": "string", "maxLength": 90}
	number := drifttest.Tree{"type": "integer", "minimum": 0, "maximum": 1000}
	schemas := drifttest.Tree{
		"Filter": object(drifttest.Tree{
			"must": either(ref("Condition"), list(ref("Condition"))), "should": either(ref("Condition"), list(ref("Condition"))),
			"must_not": either(ref("Condition"), list(ref("Condition"))), "at_least": ref("AtLeast")}),
		"AtLeast":   object(drifttest.Tree{"conditions": list(ref("Condition")), "count": number}),
		"Condition": either(ref("Field"), ref("Empty"), ref("Nested"), ref("Filter"), ref("Near")),
		"Field":     object(drifttest.Tree{"key": text, "match": ref("Match"), "range": ref("Range"), "count": ref("Range")}),
		"Match":     either(ref("MatchText"), ref("MatchAny"), ref("MatchExcept")),
		"MatchText": object(drifttest.Tree{"text": text}), "MatchAny": object(drifttest.Tree{"any": list(text)}),
		"MatchExcept": object(drifttest.Tree{"except": list(text), "unless": ref("Condition")}),
		"Range":       object(drifttest.Tree{"gt": number, "lt": number}),
		"Empty":       object(drifttest.Tree{"is_empty": object(drifttest.Tree{"key": text})}),
		"Nested":      object(drifttest.Tree{"nested": object(drifttest.Tree{"key": text, "filter": ref("Filter")})}),
		"Near":        object(drifttest.Tree{"near": ref("Search"), "limit": number}),
		"Search":      object(drifttest.Tree{"prefetch": list(ref("Search")), "filter": ref("Filter"), "limit": number, "with": ref("With"), "query": ref("Query")}),
		"Query":       either(text, object(drifttest.Tree{"nearest": text, "limit": number}), object(drifttest.Tree{"recommend": ref("Search")})),
		"With":        object(drifttest.Tree{"payload": drifttest.Tree{"type": "boolean"}, "vectors": list(text), "order": drifttest.Tree{"type": "string", "enum": []any{"asc", "desc"}}}),
		"Result":      object(drifttest.Tree{"id": text, "score": number, "found": list(ref("Result")), "of": ref("Search"), "with": ref("With")}),
	}
	paths := drifttest.Tree{}
	for i := range operations {
		body := drifttest.Tree{"content": drifttest.Tree{"application/json": drifttest.Tree{"schema": ref([]string{"Search", "Filter", "Near"}[i%3])}}}
		response := drifttest.Tree{"description": "", "content": drifttest.Tree{"application/json": drifttest.Tree{"schema": object(drifttest.Tree{"time": number, "result": ref("Result")})}}}
		paths[fmt.Sprint("/searches/", i)] = drifttest.Tree{"post": drifttest.Tree{"operationId": fmt.Sprint("search", i), "requestBody": body, "responses": drifttest.Tree{"200": response}}}
	}
	return drifttest.Tree{"openapi": "3.0.3", "info": drifttest.Tree{"title": "", "version": ""}, "paths": paths, "components": drifttest.Tree{"schemas": schemas}}
}

// moreFilters changes filters in as many ways as an overlay can follow, in some that it
// cannot, and in one operation alone.
func moreFilters(operations int) drifttest.Tree {
	d := filters(operations)
	schemas := drifttest.Dig(d, "components", "schemas")
	for i, name := range []string{"Field", "Range", "MatchText", "MatchAny", "With", "Result", "Near", "Search", "AtLeast"} {
		properties := drifttest.Dig(schemas, name, "properties")
		properties["added"] = drifttest.Tree{"type": "string", "maxLength": 10 + i}
		properties["more"] = drifttest.Tree{"type": "object", "properties": drifttest.Tree{"limit": drifttest.Tree{"type": "integer", "maximum": i}}}
	}
	drifttest.Dig(schemas, "Empty", "properties")["only"] = drifttest.Tree{"$ref": "#/components/schemas/Condition"}
	delete(drifttest.Dig(schemas, "Field", "properties"), "count")
	drifttest.Dig(schemas, "MatchAny", "properties", "any")["items"] = drifttest.Tree{"type": "string", "maxLength": 80}
	drifttest.Dig(schemas, "With", "properties", "order")["enum"] = []any{"asc", "desc", "any"}
	response := drifttest.Dig(d, "paths", "/searches/1", "post", "responses", "200", "content", "application/json", "schema", "properties")
	own := drifttest.Clone(drifttest.Dig(schemas, "Result"))
	drifttest.Dig(own, "properties")["alone"] = drifttest.Tree{"type": "boolean"}
	response["result"] = own
	return d
}

// Findings in schemas that contain each other are adopted together: each change of an
// alternative names the places in it otherwise, and to compare for each takes long. What
// cannot be adopted stays undecided, also where it is named otherwise now.
func TestProposeInRecursiveSchemas(t *testing.T) {
	t.Parallel()
	c := ourHouse(t, filters(40))
	c.Prefix = "/searches"
	p, err := newProposer(t.Context(), parseTree(t, moreFilters(40)), c, drifttest.SomeDay, nil)
	if err != nil {
		t.Fatal(err)
	}
	compared, compareNew := 0, p.theirs.CompareNew
	p.theirs.CompareNew = func(ctx context.Context, ours *graph.Graph, look func(*compare.Walk)) ([]drift.Finding, error) {
		compared++
		return compareNew(ctx, ours, look)
	}
	for _, step := range []func() error{p.load, p.run, p.finish} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	const undecided = "request-property-removed request-max-length-tightened response-property-removed request-property-added response-max-length-tightened response-property-added"
	if got := kindsOf(p.out.Undecided); !sameWords(got, undecided) || len(p.out.Adopted) != 37 {
		t.Errorf("adopted %d, undecided %s, want 37 and %s:\n%s", len(p.out.Adopted), got, undecided, p.out.text())
	}
	for _, u := range p.out.Undecided {
		if !slices.ContainsFunc(p.out.Report.Findings, func(f drift.Finding) bool { return f.ID == u.Finding.ID }) {
			t.Errorf("%s is undecided, which no open finding is called", u.Finding.ID)
		}
	}

	if compared > 12 {
		t.Errorf("%d findings took %d comparisons", len(p.out.Report.Findings), compared)
	}
	left := mustDiff(t, parseYAML(t, p.out.tree), parseTree(t, moreFilters(40)), c.Scope())
	if len(left) != len(p.out.Undecided) {
		t.Errorf("%d findings are left, %d undecided", len(left), len(p.out.Undecided))
	}
}

// sameWords reports whether two texts have the same words.
func sameWords(a, b string) bool {
	x, y := strings.Fields(a), strings.Fields(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

func parseYAML(t *testing.T, n *yaml.Node) *drift.Document { return mustParse(t, encodeYAML(n)) }
