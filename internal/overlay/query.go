package overlay

import (
	"errors"
	"fmt"
	"iter"
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/theory/jsonpath"
	"github.com/theory/jsonpath/registry"
	"github.com/theory/jsonpath/spec"
	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/yamlnode"
)

// place is a node that a JSONPath selects, and the one that holds it, nil for the root.
type place struct{ node, parent *yaml.Node }

// query returns what a JSONPath selects, each node once.
func query(doc *yaml.Node, path *jsonpath.Path) []place {
	root := doc
	if root.Kind == yaml.DocumentNode && len(root.Content) == 1 {
		root = root.Content[0]
	}
	if root.IsZero() || root.Kind == yaml.DocumentNode {
		return nil
	}
	e := evaluation{root: root, values: map[*yaml.Node]any{}, roots: map[*spec.FilterSelector]any{}}
	places := []place{{node: root}}
	for _, segment := range path.Query().Segments() {
		places = e.segment(places, segment)
	}
	return places
}

// evaluation selects nodes. Only what a filter looks at becomes a value of the library:
// to convert a document for each target would take longer than all else.
type evaluation struct {
	root   *yaml.Node
	values map[*yaml.Node]any           // of objects and lists that filters looked at
	roots  map[*spec.FilterSelector]any // what stands for the root in filters
}

// segment selects from each place, each node once.
func (e *evaluation) segment(from []place, segment *spec.Segment) []place {
	var out []place
	seen, visited := map[*yaml.Node]bool{}, map[*yaml.Node]bool{}
	var visit func(*yaml.Node)
	visit = func(node *yaml.Node) {
		if visited[node] {
			return
		}
		visited[node] = true
		for _, selector := range segment.Selectors() {
			for key, child := range children(node) {
				if !seen[child] && e.selects(selector, key, child) {
					seen[child] = true
					out = append(out, place{child, node})
				}
			}
		}
		if segment.IsDescendant() {
			for _, child := range children(node) {
				visit(child)
			}
		}
	}
	for _, p := range from {
		visit(p.node)
	}
	return out
}

// children returns the members of an object by their keys, or the elements of a list
// without keys.
func children(node *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, child *yaml.Node) bool) {
		for i, child := range node.Content {
			switch {
			case node.Kind == yaml.SequenceNode:
				if !yield(nil, child) {
					return
				}
			case node.Kind == yaml.MappingNode && i%2 == 1:
				if !yield(node.Content[i-1], child) {
					return
				}
			}
		}
	}
}

// selects reports whether a selector selects a child. There are no others in a path
// without positions.
func (e *evaluation) selects(selector spec.Selector, key, child *yaml.Node) bool {
	switch selector := selector.(type) {
	case spec.Name:
		return key != nil && key.Value == string(selector)
	case spec.WildcardSelector:
		return true
	case *spec.FilterSelector:
		root, known := e.roots[selector]
		if !known && readsRoot(selector) {
			root = e.value(e.root)
		}
		e.roots[selector] = root
		return selector.Eval(e.value(child), root)
	}
	return false
}

// value returns what a reader of JSON gets.
func (e *evaluation) value(n *yaml.Node) any {
	if n.Kind == yaml.ScalarNode {
		return yamlnode.Value(n)
	}
	if known, ok := e.values[n]; ok {
		return known
	}
	e.values[n] = yamlnode.Value(n)
	return e.values[n]
}

// formOf returns a part of a path as the library writes it, with names and texts left out.
func formOf(part fmt.Stringer) string { return quoted.ReplaceAllString(part.String(), `""`) }

// readsRoot reports whether a filter looks at more of the document than below what it selects.
func readsRoot(filter *spec.FilterSelector) bool { return strings.Contains(formOf(filter), "$") }

// errPosition is the error on a path that names an element by its position.
var errPosition = errors.New("position")

// In a path as the library writes it, names and texts are in double quotes. In what is
// left, position finds an index or a slice, such as [0], [-1] or [1:], and order each
// comparison by order that the library gets right.
var (
	quoted   = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	position = regexp.MustCompile(`[\[,](?:-?\d+|-?\d*:[-\d:]*\d|-?\d+:)[\],]`)
	order    = regexp.MustCompile(`(?:<=|>=?) `)
	ordered  = regexp.MustCompile(`(?:<=|>=?) (?:""|null|-?\d)|[[?(! ](?:""|null|-?\d[-+.\de]*) (?:<=|>=?) `)
)

// parsePath reads a JSONPath as RFC 9535 has it, without the extensions that others
// know, and without positions.
func parsePath(text string) (*jsonpath.Path, error) {
	path, err := jsonpath.NewParser(jsonpath.WithRegistry(functions())).Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s is not a JSONPath of RFC 9535: %w", text, err)
	}
	form := formOf(path)
	if position.MatchString(form) {
		return nil, errPosition
	}
	// The library takes true for greater than false, and one list for greater than another.
	if len(order.FindAllString(form, -1)) != len(ordered.FindAllString(form, -1)) {
		return nil, fmt.Errorf("%s: <=, > and >= need a number or a text on one side: write a > b as b < a", text)
	}
	return path, nil
}

// functions returns the functions that paths may call. The library's match and search
// panic where the document lacks the pattern, and anchor only the first and the last of
// the alternatives of a|b. A pattern that the path writes out has to be one.
func functions() *registry.Registry {
	known := registry.New()
	for _, name := range []string{"match", "search"} {
		function := known.Get(name)
		theirs := *function
		*function = *spec.Extension(name, spec.FuncLogical, func(args []spec.FuncExprArg) error {
			if err := theirs.Validate(args); err != nil {
				return err
			}
			if written, ok := args[1].(*spec.LiteralArg); ok {
				return checkPattern(written.Value())
			}
			return nil
		}, func(args []spec.PathValue) spec.PathValue {
			value := spec.ValueFrom(args[1])
			if value == nil || checkPattern(value.Value()) != nil {
				return spec.LogicalFalse
			}
			return theirs.Evaluate([]spec.PathValue{args[0], spec.Value("(?:" + value.Value().(string) + ")")})
		})
	}
	return known
}

// escape matches an escape of RFC 9485, and \$. Go knows more, and classes such as
// [[:alpha:]], also without its flags for Perl.
var escape = regexp.MustCompile(`\\[-()*+.?\[\\\]^nrt{|}pP$]`)

// checkPattern refuses what is not a regular expression of RFC 9485, such as \d.
func checkPattern(value any) error {
	pattern, ok := value.(string)
	if !ok {
		return fmt.Errorf("the pattern %v is not a text", value)
	}
	rest := escape.ReplaceAllString(pattern, "")
	if strings.Contains(rest, `\`) || strings.Contains(rest, "[[:") {
		return fmt.Errorf("the pattern %q is not one of RFC 9485: write characters and classes out, without [[:name:]] and such as \\x41", pattern)
	}
	if _, err := syntax.Parse(pattern, syntax.ClassNL|syntax.OneLine|syntax.UnicodeGroups); err != nil {
		return fmt.Errorf("the pattern %q is not one of RFC 9485: %w", pattern, err)
	}
	return nil
}
