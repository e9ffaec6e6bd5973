package propose

import (
	"fmt"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

// many returns properties that say next to nothing.
func many(n int, schema drifttest.Tree) drifttest.Tree {
	properties := drifttest.Tree{}
	for i := range n {
		properties[fmt.Sprint("p", i)] = schema
	}
	return properties
}

// Findings too many are not a proposal but a mistake, which is said before anything
// is made of them; so are those that our own rules would add.
func TestProposeRefusesAnotherAPI(t *testing.T) {
	t.Parallel()
	ours := ourTree(t)
	for name, test := range map[string]struct {
		change func(doc drifttest.Tree)
		says   string
	}{
		"findings": {func(d drifttest.Tree) {
			for name, schema := range many(maxProposed+1, drifttest.Tree{"type": "boolean"}) {
				drifttest.Property(d, name, schema.(drifttest.Tree))
			}
		}, "201 open findings"},
		"texts without a limit": {func(d drifttest.Tree) {
			drifttest.Property(d, "all", drifttest.Tree{"type": "object", "properties": many(maxProposed, drifttest.Tree{"type": "string"})})
		}, "201 open findings"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs := drifttest.Clone(ours)
			test.change(theirs)
			c := ourHouse(t, ours)
			c.Propose.MaxLength = 4096
			if name == "findings" {
				c.Affected.Code = []string{"nowhere"} // is not looked at before
			}
			if p, err := Propose(t.Context(), parseTree(t, theirs), c, drifttest.SomeDay, nil); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v, want one that says %q: %v", err, test.says, p)
			}
		})
	}
}

// What would fill our document is left to a person.
func TestProposeBoundsWhatItWrites(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes long")
	}
	ours := drifttest.Abridged(ourTree(t))
	for name, change := range map[string]func(doc drifttest.Tree){
		"an object": func(d drifttest.Tree) {
			drifttest.Property(d, "all", drifttest.Tree{"type": "object", "properties": many(maxWritten, drifttest.Tree{"type": "boolean"})})
		},
		"a set": func(d drifttest.Tree) {
			values := []any{}
			for i := range maxWritten {
				values = append(values, i)
			}
			drifttest.Property(d, "all", drifttest.Tree{"type": "integer", "enum": values})
		},
		"two that are too much together": func(d drifttest.Tree) {
			for name, kind := range map[string]string{"a": "boolean", "b": "integer"} {
				drifttest.Property(d, name, drifttest.Tree{"type": "object", "properties": many(maxWritten/15, drifttest.Tree{"type": kind})})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs := drifttest.Clone(ours)
			change(theirs)
			p := mustPropose(t, ourHouse(t, ours), parseTree(t, theirs))
			if len(p.Undecided) != 1 || !strings.Contains(p.Undecided[0].Question, "more than 10000 values") {
				t.Errorf("open %v, adopted %d", p.Undecided, len(p.Adopted))
			}
			if len(p.Overlay) > 1<<20 {
				t.Errorf("the overlay has %d bytes", len(p.Overlay))
			}
		})
	}
}

// Nothing is generated for calls of the API, so a person decides on them.
func TestProposeLeavesCallbacksOpen(t *testing.T) {
	t.Parallel()
	ours := ourTree(t)
	theirs := drifttest.Clone(ours)
	drifttest.Callback(drifttest.Seen(nil))(theirs)
	p := mustPropose(t, ourHouse(t, ours), parseTree(t, theirs))
	if kindsOf(p.Undecided) != "callback-added" || p.Overlay != nil || !strings.Contains(p.Undecided[0].Question, "No code is generated for a callback") {
		t.Errorf("a callback that is not followed: %s", p.text())
	}

	drifttest.Dig(theirs, "paths")[drifttest.ZonePath+"/rotate"] = drifttest.Tree{"parameters": drifttest.Dig(theirs, "paths", drifttest.ZonePath)["parameters"], "post": drifttest.Clone(drifttest.Op(theirs, drifttest.SettingsPath, "put"))}
	drifttest.Op(theirs, drifttest.ZonePath+"/rotate", "post")["operationId"] = "rotate"
	delete(drifttest.Op(theirs, drifttest.SettingsPath, "put"), "callbacks")
	p = mustPropose(t, ourHouse(t, ours), parseTree(t, theirs), "all")
	if kindsOf(p.Undecided) != "operation-added" || p.Overlay != nil || !strings.Contains(p.Undecided[0].Question, "An operation needs a method") {
		t.Errorf("a new operation with one: %s", p.text())
	}
}
