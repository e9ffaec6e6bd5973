package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
)

// Scope says of what part of a document a graph is made: of the operations under a
// path, and of those that are listed. Without either that is all.
type Scope struct {
	// Prefix is a path: it and every path that continues it by a segment are in scope,
	// whatever their parameters are called. "/" takes all, also webhooks.
	Prefix string
	// Operations are methods and paths, such as "GET /books/{id}".
	Operations []string
	// Printing makes a graph that is to be printed: schemas have no direction, so that
	// what requests and responses share is one vertex, and Names are given. Such a graph
	// must not be compared.
	Printing bool
}

// OperationKey reads "GET /path" to what is the same on the wire.
func OperationKey(s string) (string, error) {
	method, path, ok := strings.Cut(s, " ")
	if strings.HasPrefix(path, Webhook) {
		return strings.ToUpper(method) + " " + path, nil
	}
	t, err := document.ParseTemplate(path)
	if !ok || err != nil {
		return "", fmt.Errorf("%q: want a method and a path, such as GET /things/{id}", s)
	}
	return strings.ToUpper(method) + " " + t.Wire, nil
}

// selection is a Scope as it is compared with a path.
type selection struct {
	prefix *document.Template // nil for none
	listed map[string]bool    // operations by their keys
}

func (s Scope) selection() (selection, error) {
	out := selection{listed: map[string]bool{}}
	for _, operation := range s.Operations {
		key, err := OperationKey(operation)
		if err != nil {
			return out, fmt.Errorf("operations: %w", err)
		}
		out.listed[key] = true
	}
	if s.Prefix == "" && len(s.Operations) > 0 {
		return out, nil
	}
	prefix, err := document.ParseTemplate("/" + strings.TrimPrefix(s.Prefix, "/"))
	if err != nil {
		return out, fmt.Errorf("prefix: %w", err)
	}
	out.prefix = &prefix
	return out, nil
}

// holds reports whether an operation is in scope, by the path and what it is on the wire.
func (s selection) holds(path document.Template, key string) bool {
	if s.listed[key] {
		return true
	}
	return s.prefix != nil && (path.Under(*s.prefix) || s.prefix.Text == "/")
}

// holdsSome reports whether an operation of a path can be in scope.
func (s selection) holdsSome(path document.Template) bool {
	for _, method := range Methods {
		if s.listed[strings.ToUpper(method)+" "+path.Wire] {
			return true
		}
	}
	return s.holds(path, "")
}

// holdsWebhooks reports whether a webhook can be in scope.
func (s selection) holdsWebhooks() bool {
	for key := range s.listed {
		if _, path, _ := strings.Cut(key, " "); strings.HasPrefix(path, Webhook) {
			return true
		}
	}
	return s.prefix != nil && s.prefix.Text == "/"
}

// none is the error on a scope in which the document has no operation.
func (s selection) none() error {
	if s.prefix != nil {
		return fmt.Errorf("the document has no operation under %s", s.prefix.Text)
	}
	return nil
}

// Require returns an error that names the operations of a scope which none of the graphs
// has, each of one document.
func (s Scope) Require(graphs ...*Graph) error {
	var absent []string
	for _, operation := range s.Operations {
		key, err := OperationKey(operation)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(graphs, func(g *Graph) bool { return g.Root.Edge(key) != nil }) {
			absent = append(absent, operation)
		}
	}
	switch {
	case len(absent) == 0:
		return nil
	case len(graphs) > 1:
		return fmt.Errorf("operations: neither document has %s", strings.Join(absent, ", "))
	}
	return fmt.Errorf("operations: the document has no %s", strings.Join(absent, ", "))
}
