package drift

import (
	"context"
	"fmt"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
	"github.com/originpull/originpull-go/drift/internal/slice"
)

// MaxSize is the size in bytes up to which a document is read: 64 MiB.
const MaxSize = document.MaxSize

// Document is an OpenAPI document. Make it with [Read] or [Parse]. Its paths and
// components are parsed when they are needed, so a Document must not be used from several
// goroutines at once.
type Document struct{ in *document.Document }

// Source returns where [Read] read the document from, "" for a parsed text.
func (d *Document) Source() string { return d.in.Source() }

// Parse reads the text of an OpenAPI document, 3.0, 3.1 or 3.2, JSON or YAML: JSON
// if it begins with a brace. It fails if the text is truncated or malformed, is not an
// OpenAPI document or has neither paths nor webhooks. It does not validate the document beyond that:
// real documents are seldom valid in every detail.
func Parse(text []byte) (*Document, error) {
	return documentOf(document.Parse(text))
}

// Read reads a document from a file, from standard input (source "-") or from
// an https URL, and parses it as [Parse] does. Of a URL only scheme, host and
// path are kept and shown, since the rest may be a secret; one that names a user
// is refused. A document over [MaxSize], a response other than 200, a redirect
// away from https and a truncated response are errors that name the source. A
// download ends when ctx ends, and after a minute at the latest.
func Read(ctx context.Context, source string) (*Document, error) {
	return documentOf(document.Read(ctx, source))
}

func documentOf(in *document.Document, err error) (*Document, error) {
	if err != nil {
		return nil, err
	}
	return &Document{in}, nil
}

// Scope says which part of a document is compared. The zero Scope means all.
type Scope struct {
	// Prefix is a path; it and all paths below it are in scope, whatever the names of
	// their parameters. "/" means all. Empty means none if there are Operations, else all.
	Prefix string
	// Operations are in scope too, as "GET /books/{id}". The names of parameters do not
	// matter.
	Operations []string
}

// in returns the scope as the packages below know it.
func (s Scope) in() graph.Scope { return graph.Scope{Prefix: s.Prefix, Operations: s.Operations} }

// build makes the graph of what is in scope.
func (s Scope) build(doc *Document) (*graph.Graph, error) {
	g, err := graph.BuildScope(doc.in, s.in())
	if err != nil {
		return nil, err
	}
	return g, s.in().Require(g)
}

// Fingerprint returns a hash of what is in scope, 32 hexadecimal digits: the same for
// two documents exactly if nothing on the wire differs. It fails if nothing is under the
// prefix, if the document lacks an operation that the scope lists, and if something in
// scope cannot be read, such as a reference that leads nowhere.
func Fingerprint(doc *Document, scope Scope) (string, error) {
	g, err := scope.build(doc)
	if err != nil {
		return "", err
	}
	return g.Fingerprint()
}

// Slice returns what is in scope as an OpenAPI document of its own, with the components
// that it needs under the names that the document gives them. allOf is merged, and
// documentation is left out. What has several names has one of them; what the document
// has no component for, and would be written more than once, gets one.
//
// Path parameters have the names that the prefix of the scope and the documents
// alike, if any, give them. So places keep their names when the document renames its
// parameters. Slice fails where [Fingerprint] fails.
func Slice(doc *Document, scope Scope, alike ...*Document) (*yaml.Node, error) {
	in := make([]*document.Document, len(alike))
	for i, d := range alike {
		in[i] = d.in
	}
	return slice.Slice(doc.in, scope.in(), in...)
}

// Diff lists what changed on the wire, and editorially, from one document to a
// newer one, each change once, the most severe first. An empty list means that
// the two say the same. It fails where [Fingerprint] fails, save that an operation which
// the scope lists may be in one of the two alone; for documents that differ too much to be
// compared; and when ctx ends.
func Diff(ctx context.Context, old, new *Document, scope Scope) ([]Finding, error) {
	before, after, err := buildBoth(old, new, scope)
	if err != nil {
		return nil, err
	}
	found, err := compare.Graphs(ctx, before, after, nil)
	return grouped(findingsOf(found)), err
}

// buildBoth builds the graphs of two documents at the same time, unless they are one.
func buildBoth(old, new *Document, scope Scope) (before, after *graph.Graph, err error) {
	var newErr error
	var wait sync.WaitGroup
	wait.Go(func() { after, newErr = graph.BuildScope(new.in, scope.in()) })
	if old.in == new.in {
		wait.Wait()
	}
	before, err = graph.BuildScope(old.in, scope.in())
	wait.Wait()
	if err != nil {
		return nil, nil, inDocument(old, "the older document", err)
	}
	if newErr != nil {
		return nil, nil, inDocument(new, "the newer document", newErr)
	}
	return before, after, scope.in().Require(before, after)
}

func inDocument(d *Document, source string, err error) error {
	if d.Source() != "" {
		source = d.Source()
	}
	return fmt.Errorf("%s: %w", source, err)
}
