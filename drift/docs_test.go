package drift

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// row is how docs/drift.md shows a kind.
func row(k Kind) string {
	if k.Any != "" {
		return fmt.Sprintf("| `%s` | %s | | %s |", k.Name, k.Any, k.Meaning)
	}
	return fmt.Sprintf("| `request-`, `response-` `%s` | %s | %s | %s |", k.Name, k.Request, k.Response, k.Meaning)
}

// The guide's table of kinds is the table that the program goes by.
func TestDocsHaveTheKinds(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../docs/drift.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(data), "| kind | request, or any | response | what has changed |\n|---|---|---|---|\n")
	if !ok {
		t.Fatal("docs/drift.md has no table of kinds")
	}
	var rows []string
	for _, k := range Kinds() {
		rows = append(rows, row(k))
	}
	table, _, _ = strings.Cut(table, "\n\n")
	if want := strings.Join(rows, "\n"); strings.TrimSpace(table) != want {
		t.Errorf("the table of kinds in docs/drift.md is not that of kinds.go, which is:\n%s", want)
	}
}
