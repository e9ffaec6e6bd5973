package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/propose"
)

// check compares the stand-in, with a change, with our document.
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

// TestChanges holds each change to the findings that it is there for, after others
// have been followed and were taken back. Without the credentials that
// removed-credentials takes out there would be none left.
func TestChanges(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	t.Chdir(copied(t))
	takeBack(t)
	follow(t, "editorial", "new-code", "new-field", "new-operation", "new-sibling", "new-status", "nullable-result")
	follow(t, "renamed-parameter")
	spec, err := os.ReadFile(specFile)
	if err != nil || !strings.Contains(string(spec), "nobody has described it yet") {
		t.Fatalf("following the changes leaves our document as it is: %v", err)
	}
	takeBack(t)
	if spec, err = os.ReadFile(specFile); err != nil || strings.Contains(string(spec), "x-review") {
		t.Errorf("what was taken back still waits for a reviewer: %v", err)
	}
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
	for _, f := range check(t).Findings {
		t.Errorf("the stand-in is not in step: %s", f.Change())
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

func takeBack(t *testing.T) {
	t.Helper()
	if err := run([]string{"-undo"}, io.Discard); err != nil {
		t.Fatal(err)
	}
}

// copied is a folder with what the comparison reads.
func copied(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"spec", "overlays", "gen/api", "originpull"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join("../..", name))); err != nil {
			t.Fatal(err)
		}
	}
	config, err := os.ReadFile("../../" + configFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, configFile), config, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// follow has our document follow changes.
func follow(t *testing.T, changes ...string) {
	t.Helper()
	doc, err := parsed(changes...)
	if err != nil {
		t.Fatal(err)
	}
	c, err := drift.LoadConfig(configFile)
	if err != nil {
		t.Fatal(err)
	}
	p, err := propose.Propose(t.Context(), doc, c, time.Now(), []string{"all"})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Apply(c, time.Now(), ""); err != nil {
		t.Fatal(err)
	}
}

func TestUnknownChange(t *testing.T) {
	t.Chdir("../..")
	err := run([]string{"nothing-of-ours"}, os.Stdout)
	if err == nil || !strings.Contains(err.Error(), `"nothing-of-ours"`) || !strings.Contains(err.Error(), "new-field") {
		t.Errorf("error %v, want one that lists what there is", err)
	}
}
