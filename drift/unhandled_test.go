package drift

import (
	"strings"
	"testing"
)

// withSchema is a small document with this schema in its answer.
func withSchema(t testing.TB, version, schema string) *Document {
	t.Helper()
	text := strings.Replace(small, "3.0.3", version, 1)
	return mustParse(t, []byte(strings.Replace(text, `"description":""`, `"description":"","content":{"application/json":{"schema":`+schema+`}}`, 1)))
}

// What no other kind describes is found where it is, beside whatever else
// differs, and by an id that is another one when the difference is.
func TestUnhandledIsNotMasked(t *testing.T) {
	t.Parallel()
	unhandled := func(value string) diffFinding {
		old, err := build(withSchema(t, "3.0.3", `{"properties":{"a":{},"b":{}}}`), Scope{})
		if err != nil {
			t.Fatal(err)
		}
		new, err := build(withSchema(t, "3.0.3", `{"properties":{"a":{},"b":{"maxLength":3}}}`), Scope{})
		if err != nil {
			t.Fatal(err)
		}
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
