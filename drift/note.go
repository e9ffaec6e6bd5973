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

// notesOn returns what could not be compared under a prefix.
func notesOn(prefix string, old, new side) ([]Note, error) {
	var notes []Note
	add := func(text string, old, new []*document.Node) {
		if n := (Note{text, pointersTo(old), pointersTo(new)}); n.Old != nil || n.New != nil {
			notes = append(notes, n)
		}
	}
	add("discriminator values without a schema in the document, compared as they are written", old.graph.Dangling(), new.graph.Dangling())
	add("discriminators that name no alternative: what extends their schemas by allOf is compared only where something refers to it", old.graph.Open(), new.graph.Open())
	if strings.Trim(prefix, "/") == "" {
		return notes, nil
	}
	oldHooks, err := old.webhooks()
	if err != nil {
		return nil, err
	}
	newHooks, err := new.webhooks()
	if err != nil {
		return nil, err
	}
	add("webhooks, which are under no path: they are compared with the prefix / alone", oldHooks, newHooks)
	return notes, nil
}

// webhooks returns the webhooks of the document, if it has some.
func (s side) webhooks() ([]*document.Node, error) {
	n, err := s.doc.Member("webhooks")
	if err != nil || n == nil || len(n.Kids) == 0 {
		return nil, err
	}
	return []*document.Node{n}, nil
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
