package drift

import (
	"slices"

	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// Class says what a change means for a program that uses the API today.
type Class string

// The classes, most severe first.
const (
	// Breaking: the program may fail, read something else or no longer compile.
	Breaking = Class(compare.Breaking)
	// Additive: the program continues to work unchanged.
	Additive = Class(compare.Additive)
	// Editorial: nothing on the wire changes.
	Editorial = Class(compare.Editorial)
)

// AtLeast reports whether the class is as severe as another, or more so.
func (c Class) AtLeast(o Class) bool { return c.rank() <= o.rank() }

// rank is the place of a class in their order, -1 for what is not a class.
func (c Class) rank() int { return slices.Index(compare.Classes, compare.Class(c)) }

// Direction says who sends the value that a finding is about. What is neither,
// such as an operation that is gone, has the empty Direction.
type Direction string

// The directions.
const (
	Request  = Direction(graph.Request)  // the program sends it
	Response = Direction(graph.Response) // the program reads it
)

// Kind is one way in which a document can change.
type Kind struct {
	// Name is the name of the kind, such as "property-removed". If the kind has a class
	// for each direction, the Kind of a [Finding] has "request-" or "response-" before it.
	Name string
	// Any is the class if the direction does not matter, else empty.
	Any Class
	// Request and Response are the classes if the direction matters.
	Request, Response Class
	// Meaning says what has changed in the newer document.
	Meaning string
}

// Kinds returns all kinds, with the classes that they have unless a [Config] overrides
// them.
func Kinds() []Kind {
	table := compare.Kinds()
	kinds := make([]Kind, len(table))
	for i, k := range table {
		kinds[i] = Kind{Name: k.Name, Any: Class(k.Any), Request: Class(k.Request), Response: Class(k.Response), Meaning: k.Meaning}
	}
	return kinds
}
