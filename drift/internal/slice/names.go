package slice

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// NameParameters gives the parameters of paths the names that a slice of the scope gives
// them, where they are shown.
func NameParameters(g *graph.Graph, scope graph.Scope, alike ...*document.Document) {
	p := &Printer{graph: g, names: map[string]string{}, whole: map[string][]string{}}
	p.learnFrom(scope, alike)
	for _, e := range g.Root.Edges {
		method, path := p.address(e.Label, e.To)
		e.To.Title = strings.ToUpper(method) + " " + path
		t, err := document.ParseTemplate(path)
		if err != nil {
			continue // of a webhook
		}
		for i, name := range t.Names {
			if parameter := e.To.Edge("parameter path {" + strconv.Itoa(i+1) + "}"); parameter != nil {
				parameter.Title = "path parameter " + name
			}
		}
	}
}

// learnFrom notes the names of parameters in a scope and in documents.
func (p *Printer) learnFrom(scope graph.Scope, alike []*document.Document) {
	p.learnNames(scope.Prefix)
	for _, operation := range scope.Operations {
		_, path, _ := strings.Cut(operation, " ")
		p.learnNames(path)
	}
	for _, d := range alike {
		for _, path := range d.Top.Member("paths").List() {
			p.learnNames(path.Key)
		}
	}
}

// learnNames notes what the parameters of a path are called.
func (p *Printer) learnNames(path string) {
	t, err := document.ParseTemplate(path)
	if err != nil {
		return // the prefix may be empty
	}
	if _, known := p.whole[t.Wire]; !known {
		p.whole[t.Wire] = t.Names
	}
	wire := ""
	for i, piece := range strings.SplitAfter(t.Wire, "{}") {
		wire += piece
		if i < len(t.Names) {
			if _, known := p.names[wire]; !known {
				p.names[wire] = t.Names[i]
			}
		}
	}
}

// address returns the method and the path of an operation, with names for the
// parameters that are known from elsewhere, else those of the document.
func (p *Printer) address(label string, op *graph.Vertex) (method, path string) {
	method, _, _ = strings.Cut(label, " ")
	_, own, _ := strings.Cut(op.Title, " ")
	t, err := document.ParseTemplate(own)
	if err != nil || strings.Contains(label, " as /") {
		return strings.ToLower(method), own // a callback, or distinguished by names
	}
	pieces := strings.SplitAfter(t.Wire, "{}")
	names := p.parametersOf(t, pieces)
	for i, piece := range pieces {
		path += strings.TrimSuffix(piece, "{}")
		if i < len(names) {
			path += "{" + names[i] + "}"
		}
	}
	return strings.ToLower(method), path
}

// parametersOf returns the names of the parameters of a path. Where those that are known
// for its beginnings would be one name twice, they are those of one path as a whole.
func (p *Printer) parametersOf(t document.Template, pieces []string) []string {
	names := slices.Clone(t.Names)
	wire := ""
	for i := range names {
		wire += pieces[i]
		names[i] = cmp.Or(p.names[wire], names[i])
	}
	switch whole := p.whole[t.Wire]; {
	case isSet(names):
		return names
	case isSet(whole):
		return whole
	}
	return t.Names
}

// isSet reports whether there are names, and none is there twice.
func isSet(names []string) bool {
	return len(names) > 0 && len(document.SortedSet(slices.Clone(names))) == len(names)
}
