package gen_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// limits is what a generated file may hold.
type limits struct {
	imports    []string
	directives []string // comments that the go command obeys
	lines      int      // at most; 0 for any number
	plain      bool     // reads like Go written by hand
	by         string   // its header; empty for that of oapi-codegen
}

// check returns what in a file is not allowed, each with its line.
type check func(source []byte, l limits) ([]string, error)

// safe finds what must not be compiled. The generator's input can come from outside,
// so what it makes is not trusted: code that would run at the start of a program, or
// reach out of its package, is refused.
func safe(source []byte, l limits) ([]string, error) {
	c, file, err := parse(source)
	if err != nil {
		return nil, err
	}
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil || !slices.Contains(l.imports, path) {
			c.add(spec, "import %s is not in the list of this file in gen/gen_test.go: have the document say it without, or, if it does no harm there, add it", spec.Path.Value)
		}
	}
	for _, group := range file.Comments {
		for _, comment := range group.List {
			if directive(comment.Text) && !slices.Contains(l.directives, comment.Text) {
				c.add(comment, "directive %s, which is not in the list of this file in gen/gen_test.go", comment.Text)
			}
		}
	}
	for _, decl := range file.Decls {
		c.start(decl)
	}
	return c.found, nil
}

// plain finds what does no harm, but is not plain: what no one would write by hand.
func plain(source []byte, l limits) ([]string, error) {
	c, file, err := parse(source)
	if err != nil {
		return nil, err
	}
	if n := strings.Count(string(source), "\n"); l.lines > 0 && n > l.lines {
		c.add(file, "%d lines, want at most %d", n, l.lines)
	}
	if l.plain {
		c.plain(file)
	}
	return c.found, nil
}

func parse(source []byte) (*checker, *ast.File, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", source, parser.ParseComments|parser.SkipObjectResolution)
	return &checker{fset: fset}, file, err
}

// directive reports whether the go command or the compiler obeys a comment.
func directive(comment string) bool {
	return strings.HasPrefix(comment, "//go:") || strings.HasPrefix(comment, "//line ") ||
		strings.HasPrefix(comment, "/*line ") || strings.HasPrefix(comment, "//export ")
}

type checker struct {
	fset  *token.FileSet
	found []string
}

func (c *checker) add(at ast.Node, format string, args ...any) {
	c.found = append(c.found, fmt.Sprintf("line %d: ", c.fset.Position(at.Pos()).Line)+fmt.Sprintf(format, args...))
}

// start finds what would run at the start of the program: init, and package
// variables whose value takes more than putting it there.
func (c *checker) start(decl ast.Decl) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if decl.Recv == nil && decl.Name.Name == "init" {
			c.add(decl, "func init")
		}
	case *ast.GenDecl:
		if decl.Tok != token.VAR {
			return
		}
		for _, spec := range decl.Specs {
			for _, value := range spec.(*ast.ValueSpec).Values {
				c.constant(value)
			}
		}
	}
}

// constant finds, in the value of a package variable, what is more than literals
// put together: anything else runs, and can fail, before main does.
func (c *checker) constant(value ast.Expr) {
	switch value := value.(type) {
	case *ast.BasicLit, *ast.Ident, *ast.FuncLit, nil:
	case *ast.CompositeLit:
		for _, element := range value.Elts {
			c.constant(element)
		}
	case *ast.KeyValueExpr:
		c.constant(value.Key)
		c.constant(value.Value)
	case *ast.UnaryExpr:
		if value.Op == token.ARROW {
			c.add(value, "a package variable waits for a channel")
		}
		c.constant(value.X)
	case *ast.ParenExpr:
		c.constant(value.X)
	case *ast.SelectorExpr:
		c.constant(value.X)
	case *ast.CallExpr:
		c.add(value, "a package variable calls a function")
	default:
		c.add(value, "a package variable is worked out at the start")
	}
}

// longest is how many characters a name may have.
const longest = 40

var wrongInitialism = regexp.MustCompile(`(Id|Url|Uri|Uuid|Json|Html|Http|Https|Pem|Tls|Api|Ip)($|[A-Z0-9])`)

// plain finds it in types and names.
func (c *checker) plain(file *ast.File) {
	named := map[*ast.StructType]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.TypeSpec:
			if s, ok := n.Type.(*ast.StructType); ok {
				named[s] = true
			}
		case *ast.StructType:
			if !named[n] {
				c.add(n, "an anonymous struct")
			}
			for _, field := range n.Fields.List {
				if holdsAny(field.Type) {
					c.add(field, "a field of type any")
				}
			}
		case *ast.InterfaceType:
			if len(n.Methods.List) == 0 {
				c.add(n, "interface{}")
			}
		case *ast.StarExpr:
			if list, ok := n.X.(*ast.ArrayType); ok && list.Len == nil {
				c.add(n, "a pointer to a slice")
			}
		case *ast.Ident:
			if wrongInitialism.MatchString(n.Name) {
				c.add(n, "the name %s has an initialism in small letters", n.Name)
			}
			if len(n.Name) > longest {
				c.add(n, "the name %s has %d characters, want at most %d", n.Name, len(n.Name), longest)
			}
		}
		return true
	})
}

// holdsAny reports whether any stands somewhere in a type.
func holdsAny(expr ast.Expr) bool {
	found := false
	ast.Inspect(expr, func(n ast.Node) bool {
		if name, ok := n.(*ast.Ident); ok && name.Name == "any" {
			found = true
		}
		return !found
	})
	return found
}
