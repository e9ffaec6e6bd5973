package propose

import (
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

// Actions that do not make the change that is meant are not proposed, also where
// no finding says.
func TestTryLooksAtAll(t *testing.T) {
	t.Parallel()
	c := ourHouse(t, ourTree(t))
	ours, err := c.ReadSpec(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ key, fails string }{
		"a member that is there, a second time": {"title", "the overlay does not make the change that is meant"},
		"a member that is not":                  {"x-title", ""},
	} {
		p, err := newProposer(t.Context(), ours, c, drifttest.SomeDay, nil)
		if err == nil {
			err = p.load()
		}
		if err != nil {
			t.Fatal(err)
		}
		e := newEditor(p, drift.Finding{Meaning: "what is meant"})
		info := e.draft.at("/info")
		info.Content = append(info.Content, document.Text(test.key), document.Text("Another"))
		actions := actionsFor(p.now.tree, e.tree, e.finding)
		_, err = p.try(e.tree, actions)
		if test.fails == "" && (err != nil || len(actions) != 1) || test.fails != "" && (err == nil || !strings.Contains(err.Error(), test.fails)) {
			t.Errorf("%s: %v, %v", name, actions, err)
		}
	}
}

// A value becomes one of another type, though it is written with the same letters.
func TestProposeAnotherTypeOfValue(t *testing.T) {
	t.Parallel()
	ours := ourTree(t)
	drifttest.Parameter(drifttest.Tree{"name": "n", "in": "query", "schema": drifttest.Tree{"default": "1"}})(ours)
	theirs := drifttest.Clone(ours)
	drifttest.Parameter(drifttest.Tree{"name": "n", "in": "query", "schema": drifttest.Tree{"default": 1}})(theirs)
	c := ourHouse(t, ours)
	p := mustPropose(t, c, parseTree(t, theirs), "all")
	if len(p.Undecided) > 0 || len(p.Adopted) != 1 {
		t.Fatal(p.text())
	}
	changed, err := drift.Parse(encodeYAML(p.tree))
	if err != nil {
		t.Fatal(err)
	}
	if mustFingerprint(t, changed, c.Scope()) != mustFingerprint(t, parseTree(t, theirs), c.Scope()) {
		t.Errorf("the fingerprints differ still:\n%s", p.Overlay)
	}
}

// Ours as it is was compared by the check: it is not compared a second time.
func TestProposeGoesOnFromTheCheck(t *testing.T) {
	t.Parallel()
	ours := ourTree(t)
	p, err := newProposer(t.Context(), parseTree(t, ours), ourHouse(t, ours), drifttest.SomeDay, nil)
	if err == nil {
		err = p.load()
	}
	if err == nil {
		err = p.run()
	}
	if err != nil {
		t.Fatal(err)
	}
	if p.now.graph != p.theirs.Ours || p.now.shared == nil || p.now.tree == nil {
		t.Error("a document that is in step is compared again")
	}
}
