package originpull_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestConstantsAreExported requires a name in this package for every code and status
// that the document gains.
func TestConstantsAreExported(t *testing.T) {
	t.Parallel()
	generated := constants(t, "../gen/api/api.gen.go")
	exported := constants(t, "values.gen.go")
	if len(generated) < 30 {
		t.Fatalf("found %d constants in the generated code", len(generated))
	}
	for name := range generated {
		if !exported[name] {
			t.Errorf("users of the SDK cannot name %s: the overlay of its set has no x-go-constants", name)
		}
	}
}

// constants returns the codes and statuses that a file declares.
func constants(t *testing.T, file string) map[string]bool {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			for _, name := range spec.Names {
				if strings.HasPrefix(name.Name, "Code") || strings.HasPrefix(name.Name, "Status") {
					names[name.Name] = true
				}
			}
		}
		return true
	})
	return names
}

// TestCodesSayWhatTheyMean requires that a reader can distinguish two codes by their
// comments. Of the two rate limits no one has published more.
func TestCodesSayWhatTheyMean(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("values.gen.go")
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]string{}
	for _, line := range regexp.MustCompile(`api\.(Code\w+) +// \d+: (.+)`).FindAllStringSubmatch(string(source), -1) {
		name, says := line[1], line[2]
		if other, ok := by[says]; ok && says != "rate limited" {
			t.Errorf("%s and %s both say %q", other, name, says)
		}
		by[says] = name
	}
	if len(by) < 20 {
		t.Errorf("found %d codes: does the test still know how they are written?", len(by))
	}
}
