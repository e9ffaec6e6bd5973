package main

import (
	"flag"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/foreign.go.golden again")

const (
	foreignFile   = "testdata/foreign.yaml"
	foreignGolden = "testdata/foreign.go.golden"
)

// TestForeignDocument makes Go code from a document that tries to break out of
// the template's strings and comments, by the command and the configuration
// that make gen/api.
func TestForeignDocument(t *testing.T) {
	t.Parallel()
	got := generateAPI(t, foreignFile)
	requireGo(t, got)
	if *update {
		if err := os.WriteFile(foreignGolden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(foreignGolden)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("the code made from %s has changed; if it should, run this test with -update and read the diff.\n%s", foreignFile, got)
	}
}

// generateAPI runs oapi-codegen on a document, as generate.go does for gen/api.
func generateAPI(t *testing.T, document string) []byte {
	t.Helper()
	config := string(readRoot(t, "gen/api/config.yaml"))
	output := filepath.Join(t.TempDir(), "api.gen.go")
	line := regexp.MustCompile(`(?m)^output: .*$`)
	if !line.MatchString(config) {
		t.Fatal("gen/api/config.yaml has no line output:")
	}
	configFile := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(configFile, []byte(line.ReplaceAllLiteralString(config, "output: "+output)), 0o644); err != nil {
		t.Fatal(err)
	}
	document, err := filepath.Abs(document)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen", "-config", configFile, document)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("oapi-codegen: %v\n%s", err, out)
	}
	code, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// requireGo fails unless code is a Go package by itself.
func requireGo(t *testing.T, code []byte) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "api.gen.go", code, parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("the code is not Go: %v\n%s", err, code)
	}
	config := types.Config{Importer: importer.Default()}
	if _, err := config.Check("api", fset, []*ast.File{file}, nil); err != nil {
		t.Fatalf("the code does not compile: %v\n%s", err, code)
	}
}
