package main

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/internal/cli"
)

// directed is a kind with the direction before it, where it has one.
func directed(k drift.Kind) map[string]drift.Class {
	if k.Any != "" {
		return map[string]drift.Class{k.Name: k.Any}
	}
	return map[string]drift.Class{"request-" + k.Name: k.Request, "response-" + k.Name: k.Response}
}

// TestDocsHaveTheKinds: the table that docs/drift.md refers to, as text and as JSON, is
// the table that the comparison goes by, and the guide names no other kind.
func TestDocsHaveTheKinds(t *testing.T) {
	t.Parallel()
	var text, data, errs strings.Builder
	cli.Run(t.Context(), newCommand(), []string{"kinds"}, &text, &errs)
	cli.Run(t.Context(), newCommand(), []string{"kinds", "-o", "json"}, &data, &errs)
	var listed []struct{ Kind, Class, Meaning string }
	if err := json.Unmarshal([]byte(data.String()), &listed); err != nil || errs.Len() > 0 {
		t.Fatalf("%v: %s", err, &errs)
	}
	rows := strings.Split(strings.TrimSpace(text.String()), "\n")[1:]
	n := 0
	var names []string
	for _, k := range drift.Kinds() {
		for name, class := range directed(k) {
			n++
			names = append(names, name)
			row := regexp.MustCompile("^" + regexp.QuoteMeta(name) + " +" + string(class) + " +" + regexp.QuoteMeta(k.Meaning) + "$")
			if !slices.ContainsFunc(rows, row.MatchString) {
				t.Errorf("drift kinds does not list %s as %s: %s", name, class, k.Meaning)
			}
			if !slices.Contains(listed, struct{ Kind, Class, Meaning string }{name, string(class), k.Meaning}) {
				t.Errorf("drift kinds -o json does not list %s as %s: %s", name, class, k.Meaning)
			}
		}
	}
	if len(rows) != n || len(listed) != n {
		t.Errorf("drift kinds lists %d kinds as text and %d as JSON, want %d", len(rows), len(listed), n)
	}
	guide, err := os.ReadFile("../../docs/drift.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(guide), "`drift kinds`") {
		t.Error("docs/drift.md does not name the command that prints the kinds")
	}
	for _, named := range regexp.MustCompile("`((?:request|response|operation|correction|known)-[a-z-]+[a-z])`").FindAllStringSubmatch(string(guide), -1) {
		if !slices.Contains(names, named[1]) {
			t.Errorf("docs/drift.md names the kind %s, which does not exist", named[1])
		}
	}
}
