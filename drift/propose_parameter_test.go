package drift

import (
	"strings"
	"testing"
)

// A parameter that the generated code does not send stays out of our document:
// an optional one is done without, and a required one is left to a person.
func TestProposeParameters(t *testing.T) {
	t.Parallel()
	ours := readTree(t, ourSpec)
	export := func(wanted tree) func(tree) {
		return func(d tree) {
			exported(d, zonePath+"/export", "getExport")
			dig(d, "paths", zonePath+"/export", "get")["parameters"] = []any{wanted}
			dig(d, "paths", zonePath+"/export")["parameters"] = dig(d, "paths", zonePath)["parameters"]
		}
	}
	page := tree{"name": "page", "in": "query", "schema": tree{"type": "integer"}}
	header := tree{"name": "X-Page", "in": "header", "schema": tree{"type": "integer"}}
	required := tree{"name": "page", "in": "query", "required": true, "schema": tree{"type": "integer"}}
	for name, test := range map[string]struct {
		change                  func(doc tree)
		adopted, accepted, open string // kinds
	}{
		"optional, of the query":        {parameter(page), "", "request-parameter-added", ""},
		"optional, of the header":       {parameter(header), "", "request-parameter-added", ""},
		"required":                      {parameter(required), "", "", "request-parameter-added-required"},
		"optional, of a new operation":  {export(page), "operation-added", "request-parameter-added", ""},
		"required, of a new operation":  {export(required), "", "", "operation-added"},
		"optional, with something else": {func(d tree) { parameter(page)(d); property(d, "owner", tree{"type": "boolean"}) }, "response-property-added", "request-parameter-added", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs := clone(ours)
			test.change(theirs)
			doc, c := parseTree(t, theirs), ourHouse(t, ours)
			c.Propose.Parameters = []string{"path"}
			p := mustPropose(t, c, doc, "all")
			var adopted, accepted []string
			for _, a := range p.Adopted {
				adopted = append(adopted, a.Finding.Kind)
			}
			for _, a := range p.Accepted {
				if a.Finding.Kind != "operation-id-changed" {
					accepted = append(accepted, a.Finding.Kind)
				}
			}
			if strings.Join(adopted, " ") != test.adopted || strings.Join(accepted, " ") != test.accepted || kindsOf(p.Open) != test.open {
				t.Fatalf("adopted %v, accepted %v, open %q: %s", adopted, accepted, kindsOf(p.Open), p.text())
			}
			if strings.Contains(strings.ToLower(string(p.Overlay)), "name: page") {
				t.Errorf("the overlay brings it in:\n%s", p.Overlay)
			}
			for _, o := range p.Open {
				if !strings.Contains(o.Decide, "propose.parameters") {
					t.Errorf("it does not say why it is not followed: %q", o.Decide)
				}
			}
			if len(p.Open) > 0 {
				return
			}
			settle(t, c, doc, p)
		})
	}
}
