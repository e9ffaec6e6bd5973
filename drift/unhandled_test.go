package drift

import (
	"testing"
)

// graphOf is that of a small document with this schema in its response.
func graphOf(t *testing.T, schema string) *graph {
	t.Helper()
	doc, err := Parse(withSchema("3.0.3", schema))
	if err != nil {
		t.Fatal(err)
	}
	g, err := build(doc, Scope{})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// What no other kind describes is found where it is, beside whatever else
// differs, and by an id that is another one when the difference is.
func TestUnhandledIsNotMasked(t *testing.T) {
	t.Parallel()
	unhandled := func(value string) diffFinding {
		old, new := graphOf(t, `{"properties":{"a":{},"b":{}}}`), graphOf(t, `{"properties":{"a":{},"b":{"maxLength":3}}}`)
		for _, g := range []*graph{old, new} { // a set that the walk knows nothing of
			schema := g.root.edges[0].to.edge("response 200").edge("media application/json").edge("schema").edge("property a")
			member := &vertex{kind: "schema", dir: Response}
			if g == new {
				member.say("type", nil, value)
			}
			schema.collect("unknown", []*vertex{member})
			g.vertices = append(g.vertices, member)
		}
		findings, err := compareGraphs(t.Context(), old, new)
		if err != nil {
			t.Fatal(err)
		}
		if len(findings) != 2 || findings[0].Kind != "unhandled" || findings[1].Kind != "response-max-length-tightened" {
			t.Fatalf("found %+v, want what is unhandled and a limit", findings)
		}
		return findings[0]
	}
	one, other := unhandled("string"), unhandled("array")
	if one.ID == other.ID || len(one.Where) != 1 || one.Where[0].Place != "response 200 .a" {
		t.Errorf("found %s and %s at %+v, want two ids, at response 200 .a", one.ID, other.ID, one.Where)
	}
}
