package propose

import (
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/internal/overlay"
)

// TestActionsFor requires that the actions of a difference, applied to the one tree, make
// the other, and how many they are.
func TestActionsFor(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before, after string
		actions       int
	}{
		"a value of another kind":      {"a: {b: '5', c: null, d: 1}", "a: {b: 5, c: text, d: 1.5}", 1},
		"nothing but another writing":  {"a: [2024-01-01, 0x10, ~]", "a: ['2024-01-01', 16, null]", 0},
		"a value becomes a list":       {"a: {b: c}", "a: {b: [c]}", 2},
		"values of a list go":          {"a: [0x10, 2024-01-01, True, ~, \"it's\\n\\\\\", '5', x]", "a: [x]", 6},
		"a text goes, its number not":  {"a: ['5', 5]", "a: [5]", 1},
		"names that must be escaped":   {"\"it's\\t\\\\\": {\"a\\nb\": {c: d}}", "\"it's\\t\\\\\": {\"a\\nb\": {c: e}}", 1},
		"a name goes that is escaped":  {"a: {\"b\\u001b\": c, d: e}", "a: {d: e}", 1},
		"a list gains at its end":      {"a: [x]", "a: [x, '5', 5]", 1},
		"a list of numbers with point": {"a: [1.5, x]", "a: [x]", 2},
	} {
		var before, after yaml.Node
		if err := yaml.Unmarshal([]byte(test.before), &before); err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal([]byte(test.after), &after); err != nil {
			t.Fatal(err)
		}
		actions := actionsFor(&before, &after, drift.Finding{Kind: "request-property-added", Meaning: "why"})
		if len(actions) != test.actions {
			t.Errorf("%s: %d actions, want %d: %+v", name, len(actions), test.actions, actions)
		}
		if len(actions) == 0 {
			continue
		}
		got := overlay.Clone(&before)
		if err := applyActions(got, actions); err != nil || !document.EqualTrees(got, &after) {
			text, _ := overlay.Encode(got)
			t.Errorf("%s: the actions make (%v)\n%s", name, err, text)
		}
	}
}
