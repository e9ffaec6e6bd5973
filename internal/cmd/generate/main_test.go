package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestArguments: only "run" writes files. What is not understood is a usage error, not
// passed over.
func TestArguments(t *testing.T) {
	t.Chdir(t.TempDir()) // nothing is here that it could read
	for name, test := range map[string]struct {
		args           []string
		want           int
		stdout, stderr string // what they hold
	}{
		"none":                  {nil, 0, "Usage:\n  generate run ", ""},
		"--help":                {[]string{"--help"}, 0, "Usage:\n  generate run ", ""},
		"-h":                    {[]string{"-h"}, 0, "Usage:\n  generate run ", ""},
		"help of the command":   {[]string{"run", "--help"}, 0, "Usage:\n  generate run ", ""},
		"--version":             {[]string{"--version"}, 0, "generate version ", ""},
		"an unknown command":    {[]string{"bogus"}, 2, "", "generate: unknown command \"bogus\"\nSee 'generate --help'.\n"},
		"an unknown flag":       {[]string{"--bogus"}, 2, "", "\nSee 'generate --help'.\n"},
		"an argument too many":  {[]string{"run", "bogus"}, 2, "", "generate: unexpected argument \"bogus\": want \"generate run\"\nSee 'generate --help'.\n"},
		"run in a wrong folder": {[]string{"run"}, 1, "", "generate: open " + specFile},
	} {
		var stdout, stderr strings.Builder
		if got := run(test.args, &stdout, &stderr); got != test.want {
			t.Errorf("%s: generate exits with %d, want %d", name, got, test.want)
		}
		for _, output := range []struct{ what, have, want string }{{"standard output", stdout.String(), test.stdout}, {"standard error", stderr.String(), test.stderr}} {
			if !strings.Contains(output.have, output.want) || (output.want == "") != (output.have == "") {
				t.Errorf("%s: generate prints %q on %s, want %q", name, output.have, output.what, output.want)
			}
		}
	}
}

// TestRun makes the files of this module again, in a copy without them, and nothing else.
func TestRun(t *testing.T) {
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for _, dir := range []string{"spec", overlayDir} {
		if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, dir))); err != nil {
			t.Fatal(err)
		}
	}
	made := []string{outputFile, valuesFile}
	for _, file := range made {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	var stderr strings.Builder
	if status := run([]string{"run"}, &stderr, &stderr); status != 0 {
		t.Fatalf("generate run exits with %d: %s", status, stderr.String())
	}
	for _, file := range made {
		have, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if want, err := os.ReadFile(filepath.Join(root, file)); err != nil || string(have) != string(want) {
			t.Errorf("%s is not what is committed (%v): make generate", file, err)
		}
		entries, err := fs.ReadDir(os.DirFS("."), filepath.Dir(file))
		if err != nil || len(entries) != 1 {
			t.Errorf("%s holds %v (%v), want the one file", filepath.Dir(file), entries, err)
		}
	}
}
