package propose

import (
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// Every kind of finding that can break a program has a question of its own, and
// no question is about a kind that there is not.
func TestQuestionsAreForKinds(t *testing.T) {
	t.Parallel()
	asked := map[string]int{}
	for _, q := range questions {
		for name := range strings.FieldsSeq(q.kinds) {
			asked[name]++
			if _, ok := compare.KindWithID(compare.KindNamed(name).ID(graph.Request)); !ok {
				t.Errorf("there is no kind %s", name)
			}
		}
	}
	for _, k := range drift.Kinds() {
		breaks := k.Any == drift.Breaking || k.Request == drift.Breaking || k.Response == drift.Breaking
		if want := breaks || k.Name == "correction-unmatched"; (asked[k.Name] > 0) != want || asked[k.Name] > 1 {
			t.Errorf("%s has %d questions, and it is %v that a person has to decide on it", k.Name, asked[k.Name], want)
		}
	}
}

// What breaks programs is left to a person, who reads what it means, and
// nothing is written.
func TestBreakingIsLeftOpen(t *testing.T) {
	t.Parallel()
	ours := ourTree(t)
	for kind, says := range map[string]string{
		"security-removed":                 "Do programs of ours still authorise in this way",
		"server-removed":                   "Does the service still do it?",
		"operation-removed":                "Does the service still do it?",
		"request-parameter-added-required": "Does the service refuse a request without it?",
		"response-status-removed":          "what uses it no longer compiles",
	} {
		for _, m := range drifttest.OperationMutations {
			if m.Kind != kind {
				continue
			}
			before, after := drifttest.Clone(ours), drifttest.Clone(ours)
			m.Before(before)
			m.After(after)
			c := ourHouse(t, before)
			p := mustPropose(t, c, parseTree(t, after))
			if len(p.Undecided) != 1 || len(p.Adopted) > 0 || p.Overlay != nil {
				t.Errorf("%s: open %v, adopted %v", kind, p.Undecided, p.Adopted)
				continue
			}
			if decide := p.Undecided[0].Question; !strings.Contains(decide, says) || strings.Contains(decide, "--follow "+p.Undecided[0].Finding.ID) != isWritten(p.Undecided[0].Finding) {
				t.Errorf("%s: it says %q", kind, decide)
			}
			if err := p.Apply(c, drifttest.SomeDay, ""); err == nil {
				t.Errorf("%s: it is applied all the same", kind)
			}
			if _, err := Propose(t.Context(), parseTree(t, after), c, drifttest.SomeDay, []string{"no-such"}); err == nil || !strings.Contains(err.Error(), `"no-such"`) {
				t.Errorf("an id of no finding is followed: %v", err)
			}
		}
	}
}
