package contract

import (
	"context"
	"slices"
)

// Ability is something that a counterpart can do. A case that needs more than its
// counterpart can is skipped, and counted as such.
type Ability string

// The abilities.
const (
	Examples  Ability = "examples"         // answers with the example of the document that Prefer names, whatever was done before
	Pages     Ability = "pages"            // answers by example with a page too, though JSON was asked for
	Nobody    Ability = "nobody"           // answers by example those too who show no credentials
	MadeUp    Ability = "made up"          // answers with made-up content of the right form, under the status that Prefer names
	Memory    Ability = "memory"           // remembers what was done
	Own       Ability = "own zone"         // has a zone without certificates for each case, or one that each case may clean up
	Pending   Ability = "pending"          // takes a while to deploy and to delete, so that what happens meanwhile can be seen
	Lag       Ability = "lag"              // its lists lag
	Enabling  Ability = "enabling"         // the enablement may be changed
	Knows     Ability = "knows its tokens" // tells a token that it made from any other
	Strangers Ability = "strangers"        // takes one refused credential after the other
	Limit     Ability = "rate limit"       // has a limit that is reached soon

	// What a case does to the simulator in process, and could do to no other.
	makesTokens Ability = "tokens" // can make a token that lacks a permission
	failsAtWill Ability = "faults" // can be made to fail
)

// abilities are all that a target may be said to have.
var abilities = []Ability{Examples, Pages, Nobody, MadeUp, Memory, Own, Pending, Lag, Enabling, Knows, Strangers, Limit}

// Cell is a place in the coverage table: an operation of the document and an HTTP
// status.
type Cell struct {
	Operation string
	Status    int
}

// Step is a part of a case. Do returns what is not as it should be.
type Step struct {
	Name string
	Do   func(context.Context, *Scene) error
}

// Case is one promise of the API.
type Case struct {
	Name string
	Cell // what the promise is about; Status 0 if nothing may be sent
	// Promise says in a sentence what is promised and by whom; Seen says where.
	Promise, Seen string
	// Example is the example of the document that shows the answer, by its name
	// there. Counterparts that remember nothing answer with it.
	Example string
	// Shape is set where the promise is about the form of the answer alone.
	Shape bool
	// Beyond is set where the answer is one that no document describes, so that the
	// SDK alone is judged.
	Beyond bool
	// Needs is what a counterpart that remembers must be able to do besides.
	Needs []Ability
	// Told is what one that answers by example must be able to do besides.
	Told []Ability
	// Smaller names an ability with which a larger case does the same and more.
	Smaller Ability
	// Given makes things as they must be at first. It is left out where the
	// counterpart answers as it is told to.
	Given []Step
	// Then is what is promised.
	Then []Step
	// Also lists what else is met on the way.
	Also []Cell
}

// skip says why a counterpart cannot be held to a case, "" if it can.
func (c Case) skip(can []Ability) string {
	if lacks := c.missing(can); lacks != "" {
		return "the counterpart lacks: " + string(lacks)
	}
	if slices.Contains(can, c.Smaller) {
		return "a larger case does the same"
	}
	return ""
}

// missing returns what a counterpart lacks for a case, "" if nothing.
func (c Case) missing(can []Ability) Ability {
	switch {
	case slices.Contains(can, Examples):
		if c.Example == "" && c.Status != 0 {
			return Memory
		}
		return lacking(c.Told, can)
	case slices.Contains(can, MadeUp):
		if !c.Shape {
			return Memory
		}
		return ""
	}
	return lacking(append([]Ability{Memory}, c.Needs...), can)
}

// lacking returns the first need that is not met, "" if all are.
func lacking(needs, can []Ability) Ability {
	for _, need := range needs {
		if !slices.Contains(can, need) {
			return need
		}
	}
	return ""
}

// cells returns every cell that the case meets.
func (c Case) cells() []Cell {
	if c.Status == 0 {
		return c.Also
	}
	return append([]Cell{c.Cell}, c.Also...)
}
