package main

import (
	"context"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/drift"
)

// root is the root of the module.
const root = "../../.."

// check compares the fake document, with a change, with our document.
func check(t *testing.T, change ...string) *drift.Report {
	t.Helper()
	var text strings.Builder
	if err := run(change, &text); err != nil {
		t.Fatal(err)
	}
	doc, err := drift.Parse([]byte(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	c, err := drift.LoadConfig("drift.yaml")
	if err != nil {
		t.Fatal(err)
	}
	r, err := drift.Check(context.Background(), doc, c, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var update = flag.Bool("update", false, "take what is here for what the changes are made to")

// frozen is our document, and what is compared with it, before any change was
// followed.
const frozen = "testdata/ours"

// TestChanges holds each change to the findings that it is there for. Without the
// credentials that removed-credentials takes out there would be none left.
func TestChanges(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	if *update {
		freeze(t)
	}
	t.Chdir(copied(t))
	want := map[string][]string{
		"editorial":           {"operation-id-changed"},
		"hostile":             nil, // it says nothing on the wire
		"new-code":            {"response-enum-value-added"},
		"new-field":           {"response-property-added"},
		"new-operation":       {"operation-added"},
		"new-sibling":         {"operation-added"},
		"new-status":          {"response-enum-value-added"},
		"nullable-result":     {"response-nullable-added"},
		"removed-credentials": {"security-removed", "correction-obsolete", "correction-obsolete"},
		"renamed-parameter":   {"path-parameter-renamed"},
	}
	for _, f := range check(t, unchanged).Findings {
		t.Errorf("the fake document is not in step: %s", f.Change())
	}
	for _, change := range changes() {
		var kinds []string
		for _, f := range check(t, change).Findings {
			kinds = append(kinds, f.Kind)
		}
		if found, listed := want[change]; !listed || !slices.Equal(kinds, found) {
			t.Errorf("%s makes the findings %v, want %v", change, kinds, found)
		}
	}
	if got := len(changes()); got != len(want) {
		t.Errorf("there are %d changes, want %d", got, len(want))
	}
}

// copied is a folder with what the comparison reads.
func copied(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(frozen)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"overlays/go", "gen/api", "originpull"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(root, name))); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// freeze copies what is compared as it is now.
func freeze(t *testing.T) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(frozen), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(frozen, name), data, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestHelp: without arguments the program prints how it is used, as all programs do.
func TestHelp(t *testing.T) {
	for _, args := range [][]string{nil, {"--help"}, {"-h"}, {"new-field", "--help"}} {
		var stdout, stderr strings.Builder
		if got := status(args, &stdout, &stderr); got != 0 || !strings.Contains(stdout.String(), "Usage:") || !strings.Contains(stdout.String(), "\n  new-field\n") || stderr.Len() > 0 {
			t.Errorf("fakeupstream %q exits with %d and prints %q, %q; want the usage and the names of the changes", args, got, stdout.String(), stderr.String())
		}
	}
}

func TestVersion(t *testing.T) {
	var stdout, stderr strings.Builder
	if got := status([]string{"--version"}, &stdout, &stderr); got != 0 || !strings.HasPrefix(stdout.String(), "fakeupstream version ") || stderr.Len() > 0 {
		t.Errorf("fakeupstream --version exits with %d and prints %q, %q; want its version", got, stdout.String(), stderr.String())
	}
}

// TestErrors: what is not a change is a usage error, wherever the program runs.
func TestErrors(t *testing.T) {
	t.Chdir(t.TempDir()) // no document is here
	for name, test := range map[string]struct {
		args []string
		says string
		help bool // whether it names the help
	}{
		"an unknown change":     {[]string{"new-field", "bogus"}, `"bogus" is not a change: want unchanged or some of`, true},
		"an unknown flag":       {[]string{"--bogus"}, `"--bogus"`, true},
		"unchanged and changed": {[]string{unchanged, "new-field"}, `"unchanged"`, true},
		"a wrong folder":        {[]string{"new-field"}, specFile, false},
	} {
		var stdout, stderr strings.Builder
		got := status(test.args, &stdout, &stderr)
		if got != 2 || !strings.Contains(stderr.String(), test.says) || strings.HasSuffix(stderr.String(), "\nSee 'fakeupstream --help'.\n") != test.help || stdout.Len() > 0 {
			t.Errorf("%s: fakeupstream %q exits with %d and prints %q, %q", name, test.args, got, stdout.String(), stderr.String())
		}
	}
}
