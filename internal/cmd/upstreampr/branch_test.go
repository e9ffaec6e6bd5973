package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// edit is a patch of one file.
func edit(name, from, to string) string {
	return "diff --git a/" + name + " b/" + name + "\n--- a/" + name + "\n+++ b/" + name + "\n@@ -1 +1 @@\n-" + from + "\n+" + to + "\n"
}

// TestPatchIsVetted: a patch changes the text of files that make sync may change, and
// nothing else gets into the repository.
func TestPatchIsVetted(t *testing.T) {
	t.Parallel()
	dir, _ := small(t)
	spec := edit("spec/openapi.yaml", "a: 1", "a: 2")
	for name, test := range map[string]struct {
		patch string
		files string // that the report names
		want  string // in the error, "" for none
	}{
		"a file that may change": {spec, "spec/openapi.yaml", ""},
		"a correction removed":   {"diff --git a/overlays/upstream/one.yaml b/overlays/upstream/one.yaml\ndeleted file mode 100644\n--- a/overlays/upstream/one.yaml\n+++ /dev/null\n@@ -1 +0,0 @@\n-one: 1\n", "overlays/upstream/one.yaml", ""},
		"generated code removed": {"diff --git a/gen/api/api.gen.go b/gen/api/api.gen.go\ndeleted file mode 100644\n--- a/gen/api/api.gen.go\n+++ /dev/null\n@@ -1 +0,0 @@\n-package api\n", "gen/api/api.gen.go", "(D, mode 100644 to 000000)"},
		"generated code":         {edit("gen/api/api.gen.go", "package api", "package apis"), "gen/api/api.gen.go", ""},
		"code":                   {edit("main.go", "package main", "package x"), "main.go", `"main.go" is not a file that make sync may change`},
		"a workflow":             {spec + edit(".github/workflows/ci.yaml", "on: push", "on: fork"), ".github/workflows/ci.yaml spec/openapi.yaml", `".github/workflows/ci.yaml" is not a file`},
		"generated code is new":  {"diff --git a/x.gen.go b/x.gen.go\nnew file mode 100644\n--- /dev/null\n+++ b/x.gen.go\n@@ -0,0 +1 @@\n+package x\n", "x.gen.go", "only text files that were there before"},
		"a mode":                 {"diff --git a/spec/openapi.yaml b/spec/openapi.yaml\nold mode 100644\nnew mode 100755\n", "spec/openapi.yaml", "mode 100644 to 100755"},
		"a symbolic link": {"diff --git a/spec/openapi.yaml b/spec/openapi.yaml\ndeleted file mode 100644\n--- a/spec/openapi.yaml\n+++ /dev/null\n@@ -1 +0,0 @@\n-a: 1\n" +
			"diff --git a/spec/openapi.yaml b/spec/openapi.yaml\nnew file mode 120000\n--- /dev/null\n+++ b/spec/openapi.yaml\n@@ -0,0 +1 @@\n+/etc/passwd\n\\ No newline at end of file\n", "spec/openapi.yaml", "mode 100644 to 120000"},
		"a submodule":           {"diff --git a/x.gen.go b/x.gen.go\nnew file mode 160000\n--- /dev/null\n+++ b/x.gen.go\n@@ -0,0 +1 @@\n+Subproject commit 0123456789012345678901234567890123456789\n", "x.gen.go", "mode 000000 to 160000"},
		"renamed to what may":   {"diff --git a/main.go b/x.gen.go\nsimilarity index 100%\nrename from main.go\nrename to x.gen.go\n", "main.go x.gen.go", `"main.go" is not a file`},
		"renamed from what may": {"diff --git a/overlays/upstream/one.yaml b/run.go\nsimilarity index 100%\nrename from overlays/upstream/one.yaml\nrename to run.go\n", "overlays/upstream/one.yaml run.go", `"run.go" is not a file`},
		"copied":                {"diff --git a/main.go b/x.gen.go\nsimilarity index 100%\ncopy from main.go\ncopy to x.gen.go\n", "x.gen.go", "only text files"},
		"another name within":   {"diff --git a/spec/openapi.yaml b/spec/openapi.yaml\n--- a/main.go\n+++ b/main.go\n@@ -1 +1 @@\n-package main\n+package x\n", "spec/openapi.yaml", "the patch is refused"},
		"out of the repository": {edit("../x.gen.go", "a", "b"), "../x.gen.go", "the patch is refused"},
		"what git keeps":        {"diff --git a/.git/x.gen.go b/.git/x.gen.go\nnew file mode 100644\n--- /dev/null\n+++ b/.git/x.gen.go\n@@ -0,0 +1 @@\n+x\n", ".git/x.gen.go", "the patch is refused"},
		"binary":                {"diff --git a/spec/openapi.yaml b/spec/openapi.yaml\nindex a8926a52d8dcba5c4386945476ab6a2ad008afd4..1a23e4be731d2f539deeea324686d000ccdfbfcd 100644\nGIT binary patch\nliteral 4\nLcmYdfNa6wj0#*Rd\n\nliteral 5\nMcmYeaQZVEK00W)?_W%F@\n\n", "spec/openapi.yaml", "would not be a text file"},
		"a NUL":                 {edit("spec/openapi.yaml", "a: 1", "a: \x00"), "spec/openapi.yaml", "would not be a text file"},
		"not UTF-8":             {edit("spec/openapi.yaml", "a: 1", "a: \xff"), "spec/openapi.yaml", "would not be a text file"},
		"a name of two lines":   {"diff --git \"a/x\\ny.gen.go\" \"b/x\\ny.gen.go\"\nnew file mode 100644\n--- /dev/null\n+++ \"b/x\\ny.gen.go\"\n@@ -0,0 +1 @@\n+x\n", "x\ny.gen.go", `"x\ny.gen.go": only text files`},
		"of other files":        {edit("spec/openapi.yaml", "a: 3", "a: 2"), "spec/openapi.yaml", "the patch is refused"},
		"less than the report":  {spec, "drift.yaml spec/openapi.yaml", `the report says ["drift.yaml" "spec/openapi.yaml"]`},
		"nothing":               {"", "spec/openapi.yaml", "the patch is refused"},
		"no patch":              {"hello\n", "spec/openapi.yaml", "the patch is refused"},
	} {
		t.Run(name, func(t *testing.T) {
			files := strings.Split(test.files, " ")
			tree, err := clone{dir}.patched(t.Context(), []byte(test.patch), files)
			if test.want == "" && (err != nil || tree == "") || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("the error is %v, want %q", err, test.want)
			}
		})
	}
	if status := git(t, dir, "status", "--porcelain"); status != "" {
		t.Errorf("a patch has changed the working tree:\n%s", status)
	}
	if _, err := os.Stat(filepath.Join(dir, "../x.gen.go")); err == nil {
		t.Error("a patch has written out of the repository")
	}
}

// TestRefusedPatchChangesNothing: a patch that is refused reaches neither the branch nor
// GitHub.
func TestRefusedPatchChangesNothing(t *testing.T) {
	t.Parallel()
	n := newNight(t)
	r, _ := document("1", "2026-01-02")
	if log, err := n.run(r, edit("main.go", "package main", "package x")); err == nil || log != "" || len(n.writes) > 0 || n.branch(branch) != "" {
		t.Errorf("the program says %q, does %q, the branch is %q: %v", log, n.writes, n.branch(branch), err)
	}
}
