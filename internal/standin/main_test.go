package main

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/drift"
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

// TestChanges holds each change to the findings that it is there for.
func TestChanges(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	t.Chdir("../..")
	spec, err := os.ReadFile(specFile)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(spec, []byte("x-review:")) {
		t.Skip("our document holds something that is still to be reviewed, perhaps one of the changes")
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

func TestUnknownChange(t *testing.T) {
	t.Chdir("../..")
	err := run([]string{"nothing-of-ours"}, os.Stdout)
	if err == nil || !strings.Contains(err.Error(), `"nothing-of-ours"`) || !strings.Contains(err.Error(), "new-field") {
		t.Errorf("error %v, want one that lists what there is", err)
	}
}
