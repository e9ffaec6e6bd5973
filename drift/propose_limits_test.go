package drift

import (
	"fmt"
	"strings"
	"testing"
)

// many returns properties that say next to nothing.
func many(n int, schema tree) tree {
	properties := tree{}
	for i := range n {
		properties[fmt.Sprint("p", i)] = schema
	}
	return properties
}

// Findings too many are no proposal but a mistake, which is said before anything
// is made of them; so are those that our own rules would add.
func TestProposeRefusesAnotherAPI(t *testing.T) {
	t.Parallel()
	ours := readTree(t, ourSpec)
	for name, test := range map[string]struct {
		change func(doc tree)
		says   string
	}{
		"findings": {func(d tree) {
			for name, schema := range many(maxProposed+1, tree{"type": "boolean"}) {
				property(d, name, schema.(tree))
			}
		}, "201 open findings"},
		"texts without a limit": {func(d tree) {
			property(d, "all", tree{"type": "object", "properties": many(maxProposed, tree{"type": "string"})})
		}, "201 open findings"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs := clone(ours)
			test.change(theirs)
			c := ourHouse(t, ours)
			c.Propose.MaxLength = 4096
			if name == "findings" {
				c.Touches.Code = []string{"nowhere"} // is not looked at before
			}
			if p, err := Propose(t.Context(), parseTree(t, theirs), c, someDay, nil); err == nil || !strings.Contains(err.Error(), test.says) {
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
	ours := readTree(t, ourSpec)
	for name, change := range map[string]func(doc tree){
		"an object": func(d tree) {
			property(d, "all", tree{"type": "object", "properties": many(maxWritten, tree{"type": "boolean"})})
		},
		"a set": func(d tree) {
			values := []any{}
			for i := range maxWritten {
				values = append(values, i)
			}
			property(d, "all", tree{"type": "integer", "enum": values})
		},
		"two that are too much together": func(d tree) {
			for name, kind := range map[string]string{"a": "boolean", "b": "integer"} {
				property(d, name, tree{"type": "object", "properties": many(maxWritten/15, tree{"type": kind})})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs := clone(ours)
			change(theirs)
			p := mustPropose(t, ourHouse(t, ours), parseTree(t, theirs))
			if len(p.Open) != 1 || !strings.Contains(p.Open[0].Decide, "more than 10000 values") {
				t.Errorf("open %v, adopted %d", p.Open, len(p.Adopted))
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
	ours := readTree(t, ourSpec)
	theirs := clone(ours)
	callback(seen(nil))(theirs)
	p := mustPropose(t, ourHouse(t, ours), parseTree(t, theirs))
	if kindsOf(p.Open) != "callback-added" || p.Overlay != nil || !strings.Contains(p.Open[0].Decide, "Are programs of ours to take these calls?") {
		t.Errorf("a callback that is not followed: %s", p.text())
	}

	dig(theirs, "paths")[zonePath+"/rotate"] = tree{"parameters": dig(theirs, "paths", zonePath)["parameters"], "post": clone(op(theirs, settingsPath, "put"))}
	op(theirs, zonePath+"/rotate", "post")["operationId"] = "rotate"
	delete(op(theirs, settingsPath, "put"), "callbacks")
	p = mustPropose(t, ourHouse(t, ours), parseTree(t, theirs), "all")
	if kindsOf(p.Open) != "operation-added" || p.Overlay != nil || !strings.Contains(p.Open[0].Decide, "it calls programs back") {
		t.Errorf("a new operation with one: %s", p.text())
	}
}
