package propose

import (
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

// A parameter that the generated code does not send stays out of our document:
// an optional one is done without, and a required one is left to a person.
func TestProposeParameters(t *testing.T) {
	t.Parallel()
	ours := ourTree(t)
	page := drifttest.Tree{"name": "page", "in": "query", "schema": drifttest.Tree{"type": "integer"}}
	header := drifttest.Tree{"name": "X-Page", "in": "header", "schema": drifttest.Tree{"type": "integer"}}
	required := drifttest.Tree{"name": "page", "in": "query", "required": true, "schema": drifttest.Tree{"type": "integer"}}
	for name, test := range map[string]struct {
		change                  func(doc drifttest.Tree)
		adopted, accepted, open string // kinds
	}{
		"optional, of the query":  {drifttest.Parameter(page), "", "request-parameter-added", ""},
		"optional, of the header": {drifttest.Parameter(header), "", "request-parameter-added", ""},
		"required":                {drifttest.Parameter(required), "", "", "request-parameter-added-required"},
		"optional, with something else": {func(d drifttest.Tree) {
			drifttest.Parameter(page)(d)
			drifttest.Property(d, "owner", drifttest.Tree{"type": "boolean"})
		}, "response-property-added", "request-parameter-added", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs := drifttest.Clone(ours)
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
			if strings.Join(adopted, " ") != test.adopted || strings.Join(accepted, " ") != test.accepted || kindsOf(p.Undecided) != test.open {
				t.Fatalf("adopted %v, accepted %v, open %q: %s", adopted, accepted, kindsOf(p.Undecided), p.text())
			}
			if strings.Contains(strings.ToLower(string(p.Overlay)), "name: page") {
				t.Errorf("the overlay brings it in:\n%s", p.Overlay)
			}
			for _, o := range p.Undecided {
				if !strings.Contains(o.Question, "propose.parameters") {
					t.Errorf("it does not say why it is not followed: %q", o.Question)
				}
			}
			if len(p.Undecided) > 0 {
				return
			}
			settle(t, c, doc, p)
		})
	}
}
