package module_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestLintSpec: a linter that did not run never passes for one that found nothing. Npx is
// a script here; $* is the package and its arguments. Not in parallel: a script that was
// just written cannot run while another test forks.
func TestLintSpec(t *testing.T) {
	const installed = `case "$*" in *--version) exit 0;; esac` + "\n"
	for name, test := range map[string]struct {
		npx    string
		passes bool
		says   string
	}{
		"no npx":              {"", true, "SKIPPED: no npx"},
		"no network":          {"echo npm error code EAI_AGAIN >&2; exit 1", true, "SKIPPED: npm cannot reach its registry"},
		"no such package":     {"echo npm error code E404 >&2; exit 1", false, "E404"},
		"node is too old":     {"echo SyntaxError: Unexpected token; exit 1", false, "Unexpected token"},
		"Spectral finds":      {installed + `case "$*" in *spectral*) echo a warning; exit 1;; esac`, false, "a warning"},
		"Redocly finds":       {installed + `case "$*" in *redocly*) echo a warning; exit 1;; esac`, false, "a warning"},
		"a finding of no one": {installed + `case "$*" in *spectral*) echo npm error code EAI_AGAIN; exit 1;; esac`, false, "EAI_AGAIN"},
		"Spectral is clean":   {installed + `echo "$*"`, true, " lint --fail-severity hint --ruleset spec/spectral.yaml spec/openapi.yaml gen/openapi.yaml\n"},
		"Redocly is clean":    {installed + `echo "$*"`, true, " lint --extends recommended-strict spec/openapi.yaml gen/openapi.yaml\n"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command("make", "lint-spec")
			cmd.Env = append(os.Environ(), "PATH="+pathWith(t, test.npx))
			out, err := cmd.CombinedOutput()
			if (err == nil) != test.passes || !strings.Contains(string(out), test.says) {
				t.Errorf("make lint-spec ends with %v, want it to pass: %t, and %q in\n%s", err, test.passes, test.says, out)
			}
			if strings.Contains(string(out), "SKIPPED") != strings.HasPrefix(test.says, "SKIPPED") {
				t.Errorf("make lint-spec does not say what it left out, or says it of what it did:\n%s", out)
			}
		})
	}
}

// pathWith returns a PATH with the programs of the task alone, and npx if there is a script.
func pathWith(t *testing.T, npx string) string {
	t.Helper()
	dir := t.TempDir()
	for _, program := range []string{"sh", "cat", "grep", "mktemp", "rm"} {
		file, err := exec.LookPath(program)
		if err != nil {
			t.Skipf("%s is missing", program)
		}
		if err := os.Symlink(file, filepath.Join(dir, program)); err != nil {
			t.Fatal(err)
		}
	}
	if npx != "" {
		if err := os.WriteFile(filepath.Join(dir, "npx"), []byte("#!/bin/sh\n"+npx+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
