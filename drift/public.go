package drift

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/internal/overlay"
)

// Finding is one change, however many operations share it.
type Finding struct {
	// ID is the same whenever the same change is found in the same places,
	// whatever the documents call their components.
	ID        string    `json:"id"`
	Kind      string    `json:"kind"` // of the table that [Kinds] returns
	Class     Class     `json:"class"`
	Direction Direction `json:"direction,omitempty"`
	Meaning   string    `json:"meaning"`
	Where     []Where   `json:"where"`
	Before    string    `json:"before,omitempty"` // empty if it was not there
	After     string    `json:"after,omitempty"`  // empty if it is no longer there
	// Old and New are JSON pointers into the two documents: to what differs
	// or, on a side that has it not, to what would hold it. More than one
	// where a document says the same thing in several places.
	Old []string `json:"old,omitempty"`
	New []string `json:"new,omitempty"`
	// Touches names files of ours that the change bears on, where known.
	Touches []string `json:"touches,omitempty"`
	// Reason says why the class is not that of the table, if it is not.
	Reason string `json:"reason,omitempty"`
	// Accepted is why and until when the finding was accepted before.
	Accepted *Acceptance `json:"accepted,omitempty"`

	found      *diffFinding
	correction *overlay.Action // that a finding on corrections is about
}

// Where is a place on the wire in the operations that share it.
type Where struct {
	Place      string   `json:"place"` // empty for the operation as a whole
	Operations []string `json:"operations"`
}

// findingOf returns a finding as it is shown.
func findingOf(f diffFinding) Finding {
	out := Finding{
		ID: f.ID, Kind: f.Kind, Class: f.Class, Direction: f.Direction, Meaning: f.Meaning,
		Before: f.Before, After: f.After, Old: f.Old, New: f.New, found: &f,
	}
	for _, w := range f.Where {
		out.Where = append(out.Where, Where{Place: w.Place, Operations: w.Operations})
	}
	return out
}

func findingsOf(list []diffFinding) []Finding {
	out := make([]Finding, len(list))
	for i, f := range list {
		out[i] = findingOf(f)
	}
	return out
}

// sortFindings puts the most severe first, then orders by place and id.
func sortFindings(list []Finding) {
	slices.SortStableFunc(list, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(classOrder[a.Class], classOrder[b.Class]), cmp.Compare(a.found.firstPlace(), b.found.firstPlace()), cmp.Compare(a.ID, b.ID))
	})
}

// Change says in one line where a finding is and what it changes.
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
	return printable(text + f.values())
}

// values says what a finding changes into what, after a colon.
func (f Finding) values() string {
	switch {
	case f.Before != "" && f.After != "":
		return ": " + f.Before + " → " + f.After
	case f.Before+f.After != "":
		return ": " + f.Before + f.After
	}
	return ""
}
