package propose

import (
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

// Nullable stands beside the type in what is proposed, or nothing is: apart from
// it OpenAPI 3.0.3 gives it no meaning, and our own rules refuse it.
func TestProposeNullable(t *testing.T) {
	t.Parallel()
	enablement := drifttest.Tree{"type": "object", "required": []any{"enabled"}, "properties": drifttest.Tree{"enabled": drifttest.Tree{"type": "boolean"}}}
	beside := drifttest.Clone(enablement)
	beside["nullable"] = true
	for name, test := range map[string]struct {
		result drifttest.Tree
		open   string
	}{
		"beside the type":     {beside, ""},
		"apart from the type": {drifttest.Tree{"allOf": []any{enablement}, "nullable": true}, "apart from the type"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours := ourTree(t)
			theirs := drifttest.Clone(ours)
			drifttest.Dig(theirs, "components", "schemas", "SettingsEnvelope", "properties")["result"] = test.result
			p := mustPropose(t, ourHouse(t, ours), parseTree(t, theirs), "all")
			if test.open == "" && len(p.Undecided) > 0 || test.open != "" && (len(p.Undecided) != 1 || !strings.Contains(p.Undecided[0].Question, test.open)) {
				t.Errorf("open are %+v, want one that says %q", p.Undecided, test.open)
			}
			if test.open != "" {
				return
			}
			if text := p.text(); !strings.Contains(text, "nullable: true") || strings.Contains(text, "- nullable: true") {
				t.Errorf("proposed is\n%s", text)
			}
		})
	}
}
