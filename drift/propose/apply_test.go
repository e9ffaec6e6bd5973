package propose

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

// Lines that people wrote stay as they are, also their remarks; only actions
// that are not needed go, and a file with its last.
func TestWithoutActions(t *testing.T) {
	t.Parallel()
	const file = `overlay: 1.1.0
info: {title: A, version: 1.0.0}
actions:
  # The first.
  - target: $.a
    description: One.
    update: {x: 1}

  - target: $.b
    description: Two.
    remove: true
  - target: $.c
    description: Three.
    update:
      y: 1 # what the service says
`
	one, two, three := "  - target: $.a\n    description: One.\n    update: {x: 1}\n\n", "  - target: $.b\n    description: Two.\n    remove: true\n", "  - target: $.c\n    description: Three.\n    update:\n      y: 1 # what the service says\n"
	head, _, _ := strings.Cut(file, one)
	for _, test := range []struct {
		actions []int
		want    string
	}{
		{[]int{1}, head + two + three},
		{[]int{2}, head + one + three},
		{[]int{3}, head + one + two},
		{[]int{3, 1}, head + two},
		{[]int{1, 2, 3}, ""},
	} {
		got, err := withoutActions([]byte(file), test.actions)
		if err != nil || string(got) != test.want {
			t.Errorf("without %v: %v\n%s", test.actions, err, got)
		}
	}
	if _, err := withoutActions([]byte("actions: [{target: $.a}, {target: $.b}]\n"), []int{1}); err == nil {
		t.Error("an action that shares its line is taken out of it")
	}
}

// The list of known operations is changed line by line.
func TestApplyKnown(t *testing.T) {
	t.Parallel()
	added := drift.Finding{Kind: "operation-added", After: "PATCH /a"}
	gone := Obsolete{Finding: drift.Finding{Kind: "known-operation-gone", Before: "GET /b"}}
	for name, test := range map[string]struct {
		config, want string
		proposal     Proposal
		fails        bool
	}{
		"to a list":           {"ignored: # why\n    - GET /b\n    - GET /c # also\n\nspec: x\n", "ignored: # why\n    - GET /b\n    - GET /c # also\n    # New in theirs, 2026-01-02\n    - PATCH /a\n\nspec: x\n", Proposal{Ignored: []drift.Finding{added}}, false},
		"where none is":       {"# A.\nspec: x", "# A.\nspec: x\nignored:\n  # New in theirs, 2026-01-02\n  - PATCH /a\n", Proposal{Ignored: []drift.Finding{added}}, false},
		"one comes, one goes": {"ignored:\n- GET /b\n- GET /c\nspec: x\n", "ignored:\n- GET /c\n# New in theirs, 2026-01-02\n- PATCH /a\nspec: x\n", Proposal{Ignored: []drift.Finding{added}, Obsolete: []Obsolete{gone}}, false},
		"a new one goes":      {"ignored:\n- GET /c\n# New in x, 2026-01-02\n- GET /b\nspec: x\n", "ignored:\n- GET /c\nspec: x\n", Proposal{Obsolete: []Obsolete{gone}}, false},
		"two come":            {"ignored:\n- GET /c\n", "ignored:\n- GET /c\n# New in theirs, 2026-01-02\n- PATCH /a\n# New in theirs, 2026-01-02\n- PATCH /a\n", Proposal{Ignored: []drift.Finding{added, added}}, false},
		"the last goes":       {"spec: x\nignored:\n  - GET /b\n", "spec: x\n", Proposal{Obsolete: []Obsolete{gone}}, false},
		"on one line":         {"ignored: [GET /b]\n", "", Proposal{Ignored: []drift.Finding{added}}, true},
	} {
		const prefix = "prefix: /\n"
		file := filepath.Join(t.TempDir(), "drift.yaml")
		drifttest.WriteFile(t, file, prefix+test.config)
		c := mustLoad(t, file)
		files := map[string][]byte{}
		err := test.proposal.applyIgnored(c, files, "# New in theirs, 2026-01-02")
		if (err != nil) != test.fails || !test.fails && string(files[c.File()]) != prefix+test.want {
			t.Errorf("%s: %v\n%s", name, err, files[c.File()])
		}
	}
}

// The last correction of all is for a person to take out: a configuration that
// names a folder without corrections is refused.
func TestApplyLeavesACorrection(t *testing.T) {
	t.Parallel()
	ours := ourTree(t)
	c := ourHouse(t, ours)
	c.Corrections = "."
	drifttest.WriteFile(t, c.Path("010-x.yaml"), "overlay: 1.1.0\ninfo: {title: A, version: 1.0.0}\nactions:\n  - {target: $.info, description: Why., update: {title: Slice}}\n")
	p := &Proposal{Report: &drift.Report{}, Obsolete: []Obsolete{{File: "010-x.yaml", Action: 1}}}
	files := map[string][]byte{}
	for _, other := range []string{"ours.yaml", "drift.yaml"} { // the folder of the test holds them too
		files[c.Path(other)] = nil
	}
	if err := p.applyObsolete(c, files); err == nil || !strings.Contains(err.Error(), "no correction would be left") {
		t.Errorf("%v", err)
	}
}
