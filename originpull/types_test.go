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
)

// The doc comment of an aliased struct lists its fields, since go doc does not show
// them.
func TestTypesListFields(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "types.go", nil, parser.ParseComments)
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
	for name, alias := range map[string]reflect.Type{
		"Certificate":   reflect.TypeFor[originpull.Certificate](),
		"Settings":      reflect.TypeFor[originpull.Settings](),
		"Message":       reflect.TypeFor[originpull.Message](),
		"ChainedError":  reflect.TypeFor[originpull.ChainedError](),
		"MessageSource": reflect.TypeFor[originpull.MessageSource](),
	} {
		var fields []string
		for i := range alias.NumField() {
			fields = append(fields, alias.Field(i).Name)
		}
		if !slices.Equal(listed[name], fields) {
			t.Errorf("the comment of %s lists the fields %v, it has %v", name, listed[name], fields)
		}
	}
}
