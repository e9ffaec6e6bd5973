package drift

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// An acceptance of one change is not one of another, at the same place or at one
// that reads like it: each of a pair is open where the other was accepted.
func TestAcceptanceCoversNothingElse(t *testing.T) {
	t.Parallel()
	objects := func(one, other string) string {
		return fmt.Sprintf(`{"anyOf":[{"type":"object","properties":{"a":{},"b":{},"c":{%s},"d":{}}},{"type":"object","properties":{"a":{},"b":{},"c":{%s},"e":{}}}]}`, one, other)
	}
	choices := func(one, other string) string {
		return fmt.Sprintf(`{"allOf":[{%q:[{"type":"string"},{"type":"integer"}]},{%q:[{"type":"string"},{"type":"boolean"}]}]}`, one, other)
	}
	for name, test := range map[string]struct{ ours, one, other string }{
		"another list":                {`{"type":"object"}`, `{"type":"array","items":{"type":"string"}}`, `{"type":"array","items":{"type":"number"}}`},
		"another object":              {`{"type":"string"}`, `{"type":"object","required":["a"],"properties":{"a":{}}}`, `{"type":"object","properties":{"a":{}}}`},
		"other values excluded":       {`{"not":{"enum":["a"]}}`, `{"not":{"enum":["b"]}}`, `{"not":{"enum":["c"]}}`},
		"another condition":           {`{"if":{"type":"string"},"then":{"minLength":1}}`, `{"if":{"type":"string"},"then":{"minLength":2}}`, `{"if":{"type":"string"},"then":{"minLength":3}}`},
		"another item wanted":         {`{"type":"array","contains":{"type":"string"}}`, `{"type":"array","contains":{"type":"integer"}}`, `{"type":"array","contains":{"type":"boolean"}}`},
		"another value allowed":       {`{"not":{}}`, `{"type":"object","properties":{"a":{"type":"string"}}}`, `{"type":"object","properties":{"a":{"type":"integer"}}}`},
		"another alternative":         {objects(``, ``), objects(`"type":"string"`, ``), objects(``, `"type":"string"`)},
		"both alternatives":           {objects(``, ``), objects(`"type":"string"`, ``), objects(`"type":"string"`, `"type":"string"`)},
		"another choice":              {choices("oneOf", "oneOf"), choices("anyOf", "oneOf"), choices("oneOf", "anyOf")},
		"another name with a dot":     {`{"properties":{"a.b":{},"a":{"properties":{"b":{}}}}}`, `{"properties":{"a.b":{"type":"string"},"a":{"properties":{"b":{}}}}}`, `{"properties":{"a.b":{},"a":{"properties":{"b":{"type":"string"}}}}}`},
		"a name that is a star":       {`{"properties":{"*":{}}}`, `{"properties":{"*":{"type":"string"}}}`, `{"properties":{"*":{}},"additionalProperties":{"type":"string"}}`},
		"a name that is a list":       {`{"properties":{"a[]":{},"a":{"items":{}}}}`, `{"properties":{"a[]":{"type":"string"},"a":{"items":{}}}}`, `{"properties":{"a[]":{},"a":{"items":{"type":"string"}}}}`},
		"a name that is a pattern":    {`{"properties":{"/x/":{}}}`, `{"properties":{"/x/":{"type":"string"}}}`, `{"properties":{"/x/":{}},"patternProperties":{"x":{"type":"string"}}}`},
		"an empty name":               {`{"properties":{"":{},"a":{"properties":{"":{}}}}}`, `{"properties":{"":{"type":"string"},"a":{"properties":{"":{}}}}}`, `{"properties":{"":{},"a":{"properties":{"":{"type":"string"}}}}}`},
		"gone, but required":          {`{"properties":{"a":{},"b":{}}}`, `{"properties":{"a":{}}}`, `{"properties":{"a":{}},"required":["b"]}`},
		"another keyword":             {`{"type":"string"}`, `{"type":"string","xml":true}`, `{"type":"string","unheard":true}`},
		"another property in return":  {`{}`, `{"dependentRequired":{"a":["b"]}}`, `{"dependentRequired":{"c":["b"]}}`},
		"one pattern or two":          {`{"type":"string"}`, `{"type":"string","pattern":"a, b"}`, `{"allOf":[{"type":"string","pattern":"a"},{"type":"string","pattern":"b"}]}`},
		"nothing wanted, after null":  {`{"type":"string"}`, `{"anyOf":[{"type":"string"},{"type":"null"}]}`, `{}`},
		"another alternative to null": {`{"type":"string"}`, `{"anyOf":[{"type":"string"},{"type":"null"}]}`, `{"anyOf":[{"type":"integer"},{"type":"null"}]}`},
		"nothing wanted, after one":   {`{"oneOf":[{"type":"string"},{"type":"integer"}]}`, `{"type":"string"}`, `{}`},
		"nothing excluded":            {`{"type":"integer"}`, `{"not":{"type":"object"}}`, `{}`},
		"other properties besides": {
			`{"allOf":[{"properties":{"a":{}}},{"properties":{"b":{}}}]}`,
			`{"allOf":[{"properties":{"a":{}},"additionalProperties":{"type":"string"}},{"properties":{"b":{}}}]}`,
			`{"allOf":[{"properties":{"a":{}}},{"properties":{"b":{}},"additionalProperties":{"type":"string"}}]}`},
		"what is shared, once more": {
			`{"properties":{"a":{"properties":{"x":{}}},"b":{"properties":{"x":{}}}}}`,
			`{"properties":{"a":{"properties":{"x":{"type":"string"}}},"b":{"properties":{"x":{}}}}}`,
			`{"properties":{"a":{"properties":{"x":{"type":"string"}}},"b":{"properties":{"x":{"type":"string"}}}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, dir := range []Direction{Request, Response} {
				ours := probed(t, dir, test.ours)
				one, other := mustDiff(t, ours, probed(t, dir, test.one), Scope{}), mustDiff(t, ours, probed(t, dir, test.other), Scope{})
				if len(one) == 0 || len(other) == 0 {
					t.Fatalf("%s: %d and %d findings", dir, len(one), len(other))
				}
				if !covered(one, one) {
					t.Errorf("%s: what was accepted is open: %s", dir, one[0].Change())
				}
				if covered(one, other) && other[0].Class == Breaking {
					t.Errorf("%s: %s\n  was accepted, and covers: %s", dir, one[0].Change(), other[0].Change())
				}
			}
		})
	}
}

// probed is a document of one operation with this schema as a property of what
// it takes or returns; without the property if it is empty.
func probed(t testing.TB, dir Direction, schema string) *Document {
	t.Helper()
	object := func(d Direction) string {
		if d != dir || schema == "" {
			return `{"schema":{"type":"object"}}`
		}
		return `{"schema":{"type":"object","properties":{"probe":{"$ref":"#/components/schemas/Probe"}}}}`
	}
	if schema == "" {
		schema = `{}`
	}
	return mustParse(t, []byte(fmt.Sprintf(`{"openapi":"3.0.3","paths":{"/a":{"post":{
		"requestBody":{"content":{"application/json":%s}},
		"responses":{"200":{"description":"","content":{"application/json":%s}}}}}},
		"components":{"schemas":{"Mapped":{"type":"object"},"Probe":%s}}}`, object(Request), object(Response), schema)))
}

// covered reports whether findings are quiet once others were accepted.
func covered(accepted, findings []Finding) bool {
	lock := &Lock{Findings: map[string]Acceptance{}}
	for _, f := range accepted {
		maps.Copy(lock.Findings, f.Accept(Acceptance{Accepted: "2026-01-01", Reason: "A reason."}))
	}
	on := lock.on(drifttest.SomeDay)
	return !slices.ContainsFunc(findings, func(f Finding) bool {
		return slices.ContainsFunc(f.Parts(), func(part Finding) bool {
			_, _, holds := on.of(part)
			return !holds
		})
	})
}

// Whatever ours says, two documents of which each is quiet once the other was
// accepted say the same.
func TestAcceptancesTellSchemasApart(t *testing.T) {
	t.Parallel()
	var schemas []string
	for _, m := range drifttest.SchemaMutations {
		schemas = append(schemas, m.Before, m.After)
	}
	for _, nested := range []string{
		`{"type":"array","items":%s}`, `{"type":"object","properties":{"a":%s}}`, `{"type":"object","required":["a"],"properties":{"a":%s}}`,
		`{"type":"object","additionalProperties":%s}`, `{"not":%s}`, `{"anyOf":[{"type":"boolean"},%s]}`, `{"oneOf":[{"type":"boolean"},%s]}`,
		`{"type":"object","properties":{"a.b":%s}}`, `{"type":"object","properties":{"a":{"type":"object","properties":{"b":%s}}}}`, `{"type":"object","patternProperties":{"a":%s}}`,
	} {
		for _, inner := range []string{`{"type":"string"}`, `{"type":"integer"}`, `{"type":"array","items":{"type":"string"}}`, `{"type":"array","items":{"type":"integer"}}`} {
			schemas = append(schemas, fmt.Sprintf(nested, inner))
		}
	}
	schemas = document.SortedSet(schemas)
	every := len(schemas) / rounds(50)
	for _, dir := range []Direction{Request, Response} {
		t.Run(string(dir), func(t *testing.T) {
			t.Parallel()
			theirs := make([]*graph.Graph, len(schemas))
			for i, schema := range schemas {
				theirs[i] = graphOf(t, probed(t, dir, schema))
			}
			for i := 0; i < len(schemas); i += every {
				if distinct := distinguish(t, "ours "+schemas[i], theirs[i], theirs, func(j int) string { return schemas[j] }); distinct < len(schemas)/3 {
					t.Errorf("ours %s: only %d of %d schemas are distinguished", schemas[i], distinct, len(schemas))
				}
			}
		})
	}
}

func TestAcceptancesTellOperationsApart(t *testing.T) {
	t.Parallel()
	ours := drifttest.Abridged(drifttest.ReadTree(t, ourSpec))
	theirs := []*graph.Graph{graphOf(t, parseTree(t, ours))}
	for _, m := range drifttest.OperationMutations {
		for _, change := range []func(drifttest.Tree){m.Before, m.After} {
			doc := drifttest.Clone(ours)
			change(doc)
			theirs = append(theirs, graphOf(t, parseTree(t, doc)))
		}
	}
	every := len(theirs) / max(rounds(8), 1)
	for i := 0; i < len(theirs); i += every {
		distinguish(t, fmt.Sprintf("ours number %d", i), theirs[i], theirs, func(j int) string {
			if j == 0 {
				return "nothing"
			}
			return fmt.Sprintf("%s, %d", drifttest.OperationMutations[(j-1)/2].Kind, (j-1)%2)
		})
	}
}

// graphOf and mustDiffGraphs are the two halves of Diff: a document that is compared
// with many others is made a graph once.
func graphOf(t testing.TB, doc *Document) *graph.Graph {
	t.Helper()
	g, err := graph.Build(doc.in, "")
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func mustDiffGraphs(t testing.TB, old, new *graph.Graph) []Finding {
	t.Helper()
	found, err := compare.Graphs(t.Context(), old, new, nil)
	if err != nil {
		t.Fatal(err)
	}
	return findingsOf(found)
}

// distinguish accepts each of some documents, looks whether another is quiet, and
// returns how many are distinguished by what is found alone, wherever it is.
func distinguish(t *testing.T, about string, ours *graph.Graph, theirs []*graph.Graph, name func(int) string) int {
	t.Helper()
	alike := map[string][]int{} // what a lock knows their findings by
	findings := make([][]Finding, len(theirs))
	for i, doc := range theirs {
		findings[i] = mustDiffGraphs(t, ours, doc)
		var same []string
		isNew := false
		for _, f := range findings[i] {
			same = append(same, f.same())
			isNew = isNew || f.Kind == "operation-added"
		}
		if isNew { // it is not asked what such an operation holds
			continue
		}
		key := strings.Join(document.SortedSet(same), " ")
		alike[key] = append(alike[key], i)
	}
	for _, list := range alike {
		for n, i := range list {
			for _, j := range list[n+1:] {
				if !covered(findings[i], findings[j]) || !covered(findings[j], findings[i]) {
					continue
				}
				// What is editorial of something new is not distinguished.
				if differ := mustDiffGraphs(t, theirs[i], theirs[j]); len(differ) > 0 && differ[0].Class != Editorial {
					t.Errorf("%s: whoever accepted %s has accepted %s, though there: %s", about, name(i), name(j), differ[0].Change())
				}
			}
		}
	}
	return len(alike)
}
