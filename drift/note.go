package drift

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// Note is what could not be compared, or only as it is written. It is not a finding: it
// may be the same in both documents, and does not count for [Report.AtLeast].
type Note struct {
	// Text says what it is.
	Text string `json:"text"`
	// Old and New are JSON pointers into the two documents, as those of a [Finding].
	Old []string `json:"old,omitempty"`
	New []string `json:"new,omitempty"`
}

// side is one of the two documents of a comparison, and what is compared of it.
type side struct {
	doc   *document.Document
	graph *graph.Graph
}

// notesOn returns what could not be compared in a scope.
func notesOn(scope Scope, old, new side) ([]Note, error) {
	var notes []Note
	add := func(text string, old, new []*document.Node) {
		if n := (Note{text, pointersTo(old), pointersTo(new)}); n.Old != nil || n.New != nil {
			notes = append(notes, n)
		}
	}
	add("discriminator values without a schema in the document, compared as they are written", old.graph.Dangling(), new.graph.Dangling())
	add("discriminators that name no alternative: what extends their schemas by allOf is compared only where something refers to it", old.graph.Open(), new.graph.Open())
	for _, m := range []struct {
		key, text string
		left      func(*document.Node) bool // whether it is left out of the comparison
	}{
		{"webhooks", "webhooks, which are under no path: they are compared with the prefix /, or where they are listed", scope.leavesOut},
		{"jsonSchemaDialect", "schemas of a dialect that is not read: they are compared as if they were of OpenAPI's own", foreignDialect},
	} {
		oldAt, err := old.member(m.key, m.left)
		if err != nil {
			return nil, err
		}
		newAt, err := new.member(m.key, m.left)
		if err != nil {
			return nil, err
		}
		add(m.text, oldAt, newAt)
	}
	return notes, nil
}

// leavesOut reports whether some of the webhooks of a document are out of scope.
func (s Scope) leavesOut(webhooks *document.Node) bool {
	if strings.Trim(s.Prefix, "/") == "" && (s.Prefix != "" || len(s.Operations) == 0) {
		return false
	}
	return slices.ContainsFunc(webhooks.Keys, func(name string) bool {
		return !slices.ContainsFunc(s.Operations, func(operation string) bool { return strings.HasSuffix(operation, " "+graph.Webhook+name) })
	})
}

// member returns a member of the document, if it is there and left out.
func (s side) member(key string, left func(*document.Node) bool) ([]*document.Node, error) {
	n, err := s.doc.Member(key)
	if err != nil || n == nil || !left(n) {
		return nil, err
	}
	return []*document.Node{n}, nil
}

// foreignDialect reports whether keywords may mean something else than in OpenAPI, whose
// dialect is that of JSON Schema 2020-12 with keywords of its own.
func foreignDialect(n *document.Node) bool {
	return !strings.HasPrefix(n.Str(), "https://spec.openapis.org/oas/3.") && n.Str() != "https://json-schema.org/draft/2020-12/schema"
}

func pointersTo(nodes []*document.Node) []string {
	var out []string
	for _, n := range nodes {
		out = append(out, n.Pointer())
	}
	return document.SortedSet(out)
}

// WriteNotes writes the notes as the text of the report shows them.
func (r *Report) WriteNotes(w io.Writer) {
	for _, n := range r.Notes {
		fmt.Fprintf(w, "note         %s\n", r.line(n))
	}
}

// line is a note in one line.
func (r *Report) line(n Note) string {
	if slices.Equal(n.Old, n.New) {
		return document.Line(n.Text + ": in both " + list(n.Old))
	}
	old, new := r.sides()
	var at []string
	if len(n.Old) > 0 {
		at = append(at, "in "+old+" "+list(n.Old))
	}
	if len(n.New) > 0 {
		at = append(at, "in "+new+" "+list(n.New))
	}
	return document.Line(n.Text + ": " + strings.Join(at, "; "))
}
