package try

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/propose"
	"github.com/originpull/originpull-go/internal/modcopy"
)

// TestMayChange: neither code written by hand nor what runs on a machine changes by
// following a document.
func TestMayChange(t *testing.T) {
	t.Parallel()
	c, err := drift.LoadConfig(root + "/drift.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		"spec/openapi.yaml": true, "spec/upstream.lock": true, "drift.yaml": true, "CHANGELOG.md": true, "gen/openapi.yaml": true,
		"gen/api/api.gen.go": true, "originpull/values.gen.go": true, "overlays/upstream/deletion.yaml": true,
		"overlays/go/10-names.yaml": false, "overlays/upstream/more/x.yaml": false, "overlays/upstream/x.go": false, "overlays/upstream/../x.yaml": false,
		"originpull/client.go": false, "gen/cfg.yaml": false, "go.mod": false, "Makefile": false, ".github/workflows/ci.yaml": false, ".ci/run": false, "": false, ".": false,
	} {
		if MayChange(c, name) != want {
			t.Errorf("%q may change: %t, want %t", name, !want, want)
		}
	}
}

// TestOthersAreRefused: what was compiled and run of a document may have written to any
// file of the copy, and nothing of that is kept.
func TestOthersAreRefused(t *testing.T) {
	t.Parallel()
	c := copyOf(t, small(t))
	set(t, c.module.Dir, "drift.yaml", "prefix: /x\nspec: spec/a.yaml\n")
	config, err := drift.LoadConfig(filepath.Join(c.module.Dir, "drift.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	change(t, c)
	if err := os.Remove(filepath.Join(c.module.Dir, "spec/a.yaml")); err != nil {
		t.Fatal(err)
	}
	trial := &trial{Copy: c, config: config, result: &Result{Verdict: Additive, Version: "minor"}}
	if err := trial.finish(); err != nil {
		t.Fatal(err)
	}
	var reasons []string
	for _, reason := range trial.result.Reasons {
		reasons = append(reasons, reason.Text)
	}
	mention(t, "reasons", reasons, "b.txt: ", "new/c.txt: ", "spec/a.yaml: ")
	if changed, err := c.module.Changed(); trial.result.Verdict != Refused || trial.result.Version != "none" || len(changed) > 0 || err != nil {
		t.Errorf("the verdict is %s, %s, and %d files stay changed: %v", trial.result.Verdict, trial.result.Version, len(changed), err)
	}
}

// TestPatch: git apply makes of the tree what the trial has left, whatever the settings
// of git of who makes the patch.
func TestPatch(t *testing.T) {
	root := small(t)
	home := t.TempDir()
	set(t, home, ".gitconfig", "[diff]\n\tnoprefix = true\n\texternal = false\n[core]\n\tautocrlf = true\n\texcludesFile = ~/ignored\n[color]\n\tui = always\n")
	set(t, home, "ignored", "*.txt\n")
	t.Setenv("HOME", home)
	c := copyOf(t, root)
	change(t, c)
	set(t, c.module.Dir, "spec/a.yaml", "no line end,\r\nand others")
	patch, err := c.Patch(t.Context(), &Result{Verdict: Additive})
	if err != nil {
		t.Fatal(err)
	}
	set(t, home, ".gitconfig", "")
	file := filepath.Join(home, "patch")
	if err := os.WriteFile(file, patch, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := modcopy.Git(t.Context(), root, "apply", file); err != nil {
		t.Fatalf("%v\n%s", err, patch)
	}
	for name, want := range map[string]string{"spec/a.yaml": "no line end,\r\nand others", "new/c.txt": "c", "b.txt": "none", "go.mod": "module m\n"} {
		if got := get(root, name); got != want {
			t.Errorf("%s holds %q, want %q", name, got, want)
		}
	}
}

// TestNoPatch: there is none of what is not kept, and an empty one of no change.
func TestNoPatch(t *testing.T) {
	t.Parallel()
	c := copyOf(t, small(t))
	if patch, err := c.Patch(t.Context(), &Result{Verdict: Safe}); err != nil || len(patch) > 0 {
		t.Errorf("nothing has changed, and the patch is %q, %v", patch, err)
	}
	change(t, c)
	for _, r := range []*Result{{Verdict: Refused}, {Verdict: Breaking, Undecided: true}} {
		if patch, err := c.Patch(t.Context(), r); err == nil || !strings.HasPrefix(err.Error(), "nothing is written: ") || len(patch) > 0 {
			t.Errorf("%s: the patch is %q, %v", r.Verdict, patch, err)
		}
	}
}

func TestInStep(t *testing.T) {
	t.Parallel()
	none, some := &propose.Proposal{Report: &drift.Report{}}, &propose.Proposal{Report: &drift.Report{Findings: make([]drift.Finding, 1)}}
	for name, test := range map[string]struct {
		result Result
		want   bool
	}{
		"nothing differs":   {Result{Verdict: Safe, Proposal: none}, true},
		"something differs": {Result{Verdict: Safe, Proposal: some}, false},
		"refused":           {Result{Verdict: Refused}, false},
		"refused, made":     {Result{Verdict: Refused, Proposal: none}, false},
	} {
		if got := test.result.InStep(); got != test.want {
			t.Errorf("%s: in step: %t, want %t", name, got, test.want)
		}
	}
}
