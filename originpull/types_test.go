package originpull_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// The doc comment of an aliased struct lists its fields, since go doc does not show
// them. One that a program took over from upstream's document need not be there until a
// person has described it.
func TestTypesListFields(t *testing.T) {
	t.Parallel()
	undescribed := undescribedFields(t)
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
				if field := alias.Field(i).Name; !undescribed[alias.Name()+"."+field] {
					fields = append(fields, field)
				}
			}
			if !slices.Equal(listed[name], fields) {
				t.Errorf("%s: the comment of %s lists the fields %v, it has %v", file, name, listed[name], fields)
			}
		}
	}
}

// undescribedFields returns the fields of generated types that no person has described, as
// Type.Field.
func undescribedFields(t *testing.T) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../gen/api/api.gen.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	undescribed := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if made, ok := spec.Type.(*ast.StructType); ok {
			for _, field := range made.Fields.List {
				for _, name := range field.Names {
					undescribed[spec.Name.Name+"."+name.Name] = strings.Contains(field.Doc.Text(), " is undocumented upstream")
				}
			}
		}
		return true
	})
	return undescribed
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
