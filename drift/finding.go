package drift

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/internal/overlay"
)

// Finding is one change, however many operations share it. What changed alike in several
// values of one enum or discriminator is one change.
type Finding struct {
	// ID is the same whenever the same change is found in the same places,
	// whatever the documents call their components.
	ID string `json:"id"`
	// Kind is the name of a [Kind], with "request-" or "response-" before it if the
	// class depends on the direction, such as "response-property-removed".
	Kind string `json:"kind"`
	// Class is that of the kind, unless a [Config] gives it another one.
	Class Class `json:"class"`
	// Direction says who sends the value, empty where it does not matter.
	Direction Direction `json:"direction,omitempty"`
	// Meaning is the Meaning of the [Kind], such as "property removed"; of several Values
	// in the plural.
	Meaning string `json:"meaning"`
	// Where lists the places that differ.
	Where []Where `json:"where"`
	// Before and After say what the older and the newer document have there. Before is
	// empty if it was added, After if it was removed.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	// Values are the values if there are several, which Before or After has as one text.
	Values []Value `json:"values,omitempty"`
	// Old and New are JSON pointers into the two documents: to what differs
	// or, on a side that does not have it, to what would hold it. More than one
	// where a document says the same thing in several places.
	Old []string `json:"old,omitempty"`
	New []string `json:"new,omitempty"`
	// Affected lists files of ours that mention what changed, some with a line number. Only
	// [Check] fills it in.
	Affected []string `json:"affected,omitempty"`
	// Reason is that of the [Override] that gave the class, if one did.
	Reason string `json:"reason,omitempty"`
	// Accepted is the acceptance of the finding, nil if it was not accepted. It can have
	// expired.
	Accepted *Acceptance `json:"accepted,omitempty"`

	parts      []Finding        // on each of the Values
	found      *compare.Finding // of the first of the parts, if there are some
	correction *overlay.Action  // that a finding on corrections is about
}

// Where is a place on the wire in the operations that have it there. Of several places in
// one operation that share a schema it is the one with the shortest path.
type Where struct {
	// Place is where in the operations, such as "response 200 .result.issuer"; empty for
	// the operations as a whole, and "elsewhere" for operations that share a schema in
	// too many ways to follow each. docs/drift.md explains the notation.
	Place string `json:"place"`
	// Operations are methods and paths, such as "GET /books".
	Operations []string `json:"operations"`
}

// Correction returns the overlay file of the correction that a finding is about, relative
// to the configuration, and the number of the action in it, from 1. It returns "" and 0
// if the finding is not about a correction.
func (f Finding) Correction() (file string, action int) {
	if f.correction == nil {
		return "", 0
	}
	return f.correction.File, f.correction.Index
}

// findingOf returns a finding as it is shown.
func findingOf(f compare.Finding) Finding {
	out := Finding{
		ID: f.ID, Kind: f.Kind, Class: Class(f.Class), Direction: Direction(f.Direction), Meaning: f.Meaning,
		Before: f.Before, After: f.After, Where: whereOf(f.Places()), Old: f.Old, New: f.New, found: &f,
	}
	if f.Sides != ([2]string{}) {
		out.Before, out.After = f.Sides[0], f.Sides[1]
	}
	return out
}

func whereOf(list []compare.Where) []Where {
	out := []Where{}
	for _, w := range list {
		if w.Operations == nil {
			w.Operations = []string{}
		}
		out = append(out, Where{Place: w.Place, Operations: w.Operations})
	}
	return out
}

func findingsOf(list []compare.Finding) []Finding {
	out := make([]Finding, len(list))
	for i, f := range list {
		out[i] = findingOf(f)
	}
	disambiguate(out)
	return out
}

// sortFindings puts the most severe first, then orders by place and id.
func sortFindings(list []Finding) {
	slices.SortStableFunc(list, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Class.rank(), b.Class.rank()), cmp.Compare(a.found.FirstPlace(), b.found.FirstPlace()), cmp.Compare(a.ID, b.ID))
	})
}

// Change describes in one line where a finding is and what it changes.
func (f Finding) Change() string {
	var places []string
	for _, w := range f.Where {
		place := w.Place
		if place == "" {
			place = strings.Join(w.Operations, ", ")
		}
		places = append(places, place)
	}
	const most = 2
	if len(places) > most {
		places = append(places[:most], fmt.Sprintf("%d more", len(places)-most))
	}
	text := f.Meaning
	if len(places) > 0 {
		text += ", at " + strings.Join(places, ", ")
	}
	return document.Line(text + f.values())
}

// values says what a finding changes into what, after a colon.
func (f Finding) values() string {
	before, after := f.sides()
	switch {
	case before != "" && after != "":
		return ": " + before + " → " + after
	case before+after != "":
		return ": " + before + after
	}
	return ""
}
