package originpulltest_test

import (
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every test that docs/simulator.md names exists, and it names every test.
func TestFactsHaveTests(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/simulator.md")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, name := range regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(string(doc), -1) {
		named[name[1]] = true
	}
	there := map[string]bool{}
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`).FindAllStringSubmatch(string(text), -1) {
			there[name[1]] = true
		}
	}
	for name := range maps.Keys(named) {
		if !there[name] {
			t.Errorf("docs/simulator.md names %s, which does not exist", name)
		}
	}
	for name := range maps.Keys(there) {
		if !named[name] {
			t.Errorf("docs/simulator.md does not name %s", name)
		}
	}
}

// What both SDK and simulator got wrong no test would find.
func TestImports(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, imported := range parsed.Imports {
			// These use the SDK as users do, or have it judge key pairs.
			if !slices.Contains([]string{"example_test.go", "sdk_test.go", "keypair_test.go"}, file) && strings.HasSuffix(imported.Path.Value, `/originpull-go/originpull"`) {
				t.Errorf("%s imports the SDK", file)
			}
		}
	}
}
