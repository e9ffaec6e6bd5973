package compare

import (
	"testing"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// graphOf is that of a small document with this schema in its response.
func graphOf(t *testing.T, schema string) *graph.Graph {
	t.Helper()
	doc, err := document.Parse(drifttest.WithSchema("3.0.3", schema))
	if err != nil {
		t.Fatal(err)
	}
	g, err := graph.Build(doc, "")
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// What no other kind describes is found where it is, beside whatever else
// differs, and by an id that is another one when the difference is.
func TestUnhandledIsNotMasked(t *testing.T) {
	t.Parallel()
	unhandled := func(value string) Finding {
		old, new := graphOf(t, `{"properties":{"a":{},"b":{}}}`), graphOf(t, `{"properties":{"a":{},"b":{"maxLength":3}}}`)
		for _, g := range []*graph.Graph{old, new} { // a set that the walk knows nothing of
			schema := g.Root.Edges[0].To.Edge("response 200").Edge("media application/json").Edge("schema").Edge("property a")
			member := &graph.Vertex{Kind: "schema", Dir: graph.Response}
			if g == new {
				member.Say("type", nil, value)
			}
			schema.Collect("unknown", []*graph.Vertex{member})
			g.Vertices = append(g.Vertices, member)
		}
		findings, err := Graphs(t.Context(), old, new, nil)
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
