package module_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
)

// TestPublicAPINamesNoInternalType: a user of a public package can name every type that
// its documentation shows.
func TestPublicAPINamesNoInternalType(t *testing.T) {
	t.Parallel()
	looked := 0
	for _, file := range trackedFiles(t) {
		name := file.Path()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.Contains(name, "internal/") || strings.Contains(name, "testdata/") || strings.HasPrefix(name, "cmd/") || strings.HasPrefix(name, "gen/") {
			continue
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		looked++
		for _, found := range internalNames(parsed) {
			t.Errorf("%s: the documentation shows %s, which no user can name", set.Position(found.Pos()), found.X.(*ast.Ident).Name+"."+found.Sel.Name)
		}
	}
	if looked < 50 {
		t.Errorf("only %d files were looked at", looked)
	}
}

// TestInternalNames: the test above finds an internal type wherever it can be shown.
func TestInternalNames(t *testing.T) {
	t.Parallel()
	for declared, want := range map[string]int{
		"type Copy struct { *modcopy.Copy }":                          1,
		"type Result struct { API []modcopy.Change }":                 1,
		"type result struct { API []modcopy.Change }":                 0,
		"type Copy struct { in *modcopy.Copy }":                       0,
		"func New() (*modcopy.Copy, error) { return nil, nil }":       1,
		"func made() *modcopy.Copy { return modcopy.New() }":          0,
		"func (c *Copy) With(m map[string]modcopy.Copy) {}":           1,
		"func (c *inner) With(m map[string]modcopy.Copy) {}":          0,
		"var Default modcopy.Copy":                                    1,
		"const Max = modcopy.Max":                                     0, // its value is shown, and its type has a name
		"type Made = modcopy.Copy":                                    1,
		"type Maker interface { Make(func(modcopy.Copy)); made() }":   1,
		"type List[T modcopy.Copy] []T":                               1,
		"func New() string { var c modcopy.Copy; return c.String() }": 0,
	} {
		parsed, err := parser.ParseFile(token.NewFileSet(), "a.go", "package a\nimport \"a/internal/modcopy\"\n"+declared, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if found := internalNames(parsed); len(found) != want {
			t.Errorf("%s: found %d names, want %d", declared, len(found), want)
		}
	}
}

// internalNames returns the names of internal packages in the types of what a file
// exports.
func internalNames(file *ast.File) (found []*ast.SelectorExpr) {
	internal := map[string]bool{}
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		if strings.Contains(path, "/internal/") {
			internal[path[strings.LastIndexByte(path, '/')+1:]] = true
		}
	}
	look := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field: // of a struct or an interface, or a parameter
			return len(n.Names) == 0 || len(exported(n.Names)) > 0 || !isMember(file, n)
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && internal[x.Name] {
				found = append(found, n)
			}
		}
		return true
	}
	for _, declared := range file.Decls {
		switch d := declared.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && (d.Recv == nil || ast.IsExported(receiver(d.Recv.List[0].Type))) {
				ast.Inspect(d.Type, look)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					if s.Name.IsExported() {
						ast.Inspect(s, look)
					}
				case *ast.ValueSpec:
					if len(exported(s.Names)) > 0 && s.Type != nil {
						ast.Inspect(s.Type, look)
					}
				}
			}
		}
	}
	return found
}

func exported(names []*ast.Ident) (out []*ast.Ident) {
	for _, name := range names {
		if name.IsExported() {
			out = append(out, name)
		}
	}
	return out
}

// isMember reports whether a field is one of a struct or an interface.
func isMember(file *ast.File, field *ast.Field) (member bool) {
	ast.Inspect(file, func(n ast.Node) bool {
		var list *ast.FieldList
		switch n := n.(type) {
		case *ast.StructType:
			list = n.Fields
		case *ast.InterfaceType:
			list = n.Methods
		default:
			return !member
		}
		for _, f := range list.List {
			member = member || f == field
		}
		return !member
	})
	return member
}

// receiver returns the name of the type that a method belongs to.
func receiver(of ast.Expr) string {
	switch of := of.(type) {
	case *ast.StarExpr:
		return receiver(of.X)
	case *ast.IndexExpr:
		return receiver(of.X)
	case *ast.Ident:
		return of.Name
	}
	return ""
}
