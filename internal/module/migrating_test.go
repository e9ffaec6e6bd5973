package module_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestMigratingCalls: each call in the tables of docs/migrating.md is one that a test runs on
// the simulator, or that is in a program of the documentation, which TestReadmeCode compiles.
func TestMigratingCalls(t *testing.T) {
	t.Parallel()
	page := readText(t, "docs/migrating.md")
	var ours strings.Builder
	ours.WriteString(readText(t, "originpull/operations_test.go"))
	for _, name := range []string{"README.md", "docs/migrating.md"} {
		for _, b := range blocksOf(t, name) {
			if b.language == "go" {
				ours.WriteString(b.text)
			}
		}
	}
	checked := 0
	for _, side := range []struct{ name, calls, compiled string }{
		{"v0", `\bapi\.(\w+)\(`, readText(t, "internal/foreign/v0/v0_test.go")},
		{"v7", `\bclient\.OriginTLSClientAuth\.(\w+\.\w+)\(`, readText(t, "internal/foreign/v7/v7_test.go")},
		{"originpull", `\b((?:zone|originpull|rotate)\.[\w.]+)\(`, ours.String()},
	} {
		for _, call := range regexp.MustCompile(side.calls).FindAllStringSubmatch(tablesOf(page), -1) {
			checked++
			if !strings.Contains(side.compiled, strings.TrimPrefix(call[1], "zone.")+"(") {
				t.Errorf("docs/migrating.md names %s of %s, which no test compiles: does it exist?", call[1], side.name)
			}
		}
	}
	if checked < 25 {
		t.Errorf("found %d calls in the tables of docs/migrating.md: does the test still know how it is written?", checked)
	}
}

func tablesOf(page string) string {
	var rows []string
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "|") {
			rows = append(rows, line)
		}
	}
	return strings.Join(rows, "")
}

// readText reads a file of the module. It does so by the absolute name: the go command does not
// know that TestMain has changed the folder, and would take a cached result for a page that has
// changed.
func readText(t *testing.T, file string) string {
	t.Helper()
	name, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
