package contract

import (
	"fmt"
	"slices"
)

// Side is one of the three that must agree.
type Side string

// The sides.
const (
	SDK         Side = "the SDK"
	Document    Side = "the document"
	Counterpart Side = "the counterpart"
)

// Finding says which side is out of step, and in what.
type Finding struct {
	Side Side   `json:"side"`
	What string `json:"what"`
}

// String is the finding in one line.
func (f Finding) String() string { return fmt.Sprintf("%s is out of step: %s", f.Side, f.What) }

// evidence is what came up while a case ran.
type evidence struct {
	sent      []string // what is wrong with the form of a request, whatever the document says
	forbidden []string // what the document forbids of a request that is well formed
	answered  []string // what the document forbids of an answer
	unformed  []string // what is wrong with the form of an answer, whatever the document says
	refused   []string // answers that the SDK does not take though it should
	misread   []string // answers that the SDK reads otherwise than they are
	recorded  []string // what is wrong with the request of a recording, which another client made
	broken    error    // how the promise is broken, nil if it is kept
}

// verdict lets the three vote: who stands alone is out of step.
func (e evidence) verdict() (found []Finding) {
	add := func(side Side, lines ...string) {
		for _, line := range lines {
			if f := (Finding{side, line}); !slices.Contains(found, f) {
				found = append(found, f)
			}
		}
	}
	add(SDK, e.sent...)
	add(SDK, e.misread...)
	add(Document, e.forbidden...)
	add(Counterpart, e.recorded...)
	add(Counterpart, e.unformed...)
	switch {
	case len(found) > 0 && len(e.answered) == 0:
		// What the SDK refused, and the promise that is broken, follow from it.
	case len(e.answered) == 0:
		add(SDK, e.refused...)
	case len(e.refused) == 0 && len(e.unformed) == 0 && e.broken == nil:
		// The promise is kept, and the SDK reads the answer.
		add(Document, e.answered...)
	default:
		add(Counterpart, e.answered...)
		add(Counterpart, e.refused...)
	}
	if e.broken != nil && len(found) == 0 {
		add(Counterpart, e.broken.Error())
	}
	return found
}
