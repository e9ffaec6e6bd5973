package contract

import (
	"fmt"
	"slices"
)

// Side is one of the three that every exchange compares.
type Side string

// The sides.
const (
	SDK      Side = "the SDK"
	Document Side = "the document"
	Provider Side = "the provider"
)

// Violation says which side is at fault, and what is wrong.
type Violation struct {
	Side Side   `json:"side"`
	What string `json:"what"`
}

// String returns the violation in one line.
func (v Violation) String() string { return fmt.Sprintf("%s is at fault: %s", v.Side, v.What) }

// evidence is what was found while a case ran.
type evidence struct {
	requestForm    []string // what is wrong with the form of a request, whatever the document says
	requestFaults  []string // what the document forbids of a request whose form is right
	responseFaults []string // what the document forbids of a response
	responseForm   []string // what is wrong with the form of a response, whatever the document says
	refused        []string // responses that the SDK refuses though it should not
	misread        []string // responses that the SDK misreads
	recorded       []string // what is wrong with the request of a recording, which another client made
	broken         error    // how the claim is broken, nil if it holds
}

// verdict returns the violations: the side that disagrees with the other two is at
// fault.
func (e evidence) verdict() (found []Violation) {
	add := func(side Side, lines ...string) {
		for _, line := range lines {
			if v := (Violation{side, line}); !slices.Contains(found, v) {
				found = append(found, v)
			}
		}
	}
	add(SDK, e.requestForm...)
	add(SDK, e.misread...)
	add(Document, e.requestFaults...)
	add(Provider, e.recorded...)
	add(Provider, e.responseForm...)
	switch {
	case len(found) > 0 && len(e.responseFaults) == 0:
		// What the SDK refused, and the broken claim, follow from it.
	case len(e.responseFaults) == 0:
		add(SDK, e.refused...)
	case len(e.refused) == 0 && len(e.responseForm) == 0 && e.broken == nil:
		// The claim holds, and the SDK reads the response.
		add(Document, e.responseFaults...)
	default:
		add(Provider, e.responseFaults...)
		add(Provider, e.refused...)
	}
	if e.broken != nil && len(found) == 0 {
		add(Provider, e.broken.Error())
	}
	return found
}
