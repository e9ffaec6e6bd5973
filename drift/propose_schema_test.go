package drift

import (
	"strings"
	"testing"
)

// Nullable stands beside the type in what is proposed, or nothing is: apart from
// it OpenAPI 3.0.3 gives it no meaning, and our own rules refuse it.
func TestProposeNullable(t *testing.T) {
	t.Parallel()
	enablement := tree{"type": "object", "required": []any{"enabled"}, "properties": tree{"enabled": tree{"type": "boolean"}}}
	beside := clone(enablement)
	beside["nullable"] = true
	for name, test := range map[string]struct {
		result tree
		open   string
	}{
		"beside the type":     {beside, ""},
		"apart from the type": {tree{"allOf": []any{enablement}, "nullable": true}, "apart from the type"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours := readTree(t, ourSpec)
			theirs := clone(ours)
			dig(theirs, "components", "schemas", "SettingsEnvelope", "properties")["result"] = test.result
			p := mustPropose(t, ourHouse(t, ours), parseTree(t, theirs), "all")
			if test.open == "" && len(p.Open) > 0 || test.open != "" && (len(p.Open) != 1 || !strings.Contains(p.Open[0].Decide, test.open)) {
				t.Errorf("open are %+v, want one that says %q", p.Open, test.open)
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
