package originpull_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// The doc comment of an aliased struct lists its fields, since go doc does not show
// them.
func TestTypesListFields(t *testing.T) {
	t.Parallel()
	for file, aliases := range map[string]map[string]reflect.Type{
		"types.go": {
			"Certificate":   reflect.TypeFor[originpull.Certificate](),
			"Settings":      reflect.TypeFor[originpull.Settings](),
			"Message":       reflect.TypeFor[originpull.Message](),
			"ChainedError":  reflect.TypeFor[originpull.ChainedError](),
			"MessageSource": reflect.TypeFor[originpull.MessageSource](),
		},
		"originpulltest/state.go": {"Certificate": reflect.TypeFor[originpulltest.Certificate]()},
	} {
		listed := listedFields(t, file)
		for name, alias := range aliases {
			var fields []string
			for i := range alias.NumField() {
				fields = append(fields, alias.Field(i).Name)
			}
			if !slices.Equal(listed[name], fields) {
				t.Errorf("%s: the comment of %s lists the fields %v, it has %v", file, name, listed[name], fields)
			}
		}
	}
}

// listedFields returns the fields that the comments of the types of a file list.
func listedFields(t *testing.T, name string) map[string][]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string][]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok {
			for _, field := range regexp.MustCompile(`(?m)^\t(\w+) +\S+ +//`).FindAllStringSubmatch(spec.Doc.Text(), -1) {
				listed[spec.Name.Name] = append(listed[spec.Name.Name], field[1])
			}
		}
		return true
	})
	return listed
}
