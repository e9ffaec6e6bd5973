package contract

import (
	"context"
	"slices"
)

// Capability is something that a provider can do. A case that needs a capability
// that its provider lacks is skipped and counted as skipped.
type Capability string

// The capabilities. A provider has exactly one of [Stateful], [Examples] and
// [Synthetic], which says how it makes its responses, and any of the others.
const (
	Stateful  Capability = "stateful"  // keeps state: what was uploaded can be read again
	Examples  Capability = "examples"  // responds with the example of the document that the request's Prefer header names
	Synthetic Capability = "synthetic" // responds with generated content of the right form, under the status that the Prefer header names

	// With Stateful.
	OwnZone         Capability = "own-zone"         // the zone is for the tests alone: cases may expect it empty and change everything in it
	Pending         Capability = "pending"          // deploys and deletes asynchronously, so that the pending statuses can be observed
	Lag             Capability = "lag"              // lists show a new certificate with a delay
	Settings        Capability = "settings"         // the zone may be enabled and disabled
	ValidatesTokens Capability = "validates-tokens" // refuses a token that it did not issue
	InvalidTokens   Capability = "invalid-tokens"   // may be sent one invalid token after the other
	OtherZone       Capability = "other-zone"       // has a second zone, Target.OtherZoneID, which is only looked at
	RateLimit       Capability = "rate-limit"       // has a rate limit that can be reached within 2000 requests

	// With Examples.
	HTMLErrors Capability = "html-errors" // can respond with an HTML example where JSON was asked for
	Anonymous  Capability = "anonymous"   // responds with an example also to a request without credentials

	// Capabilities of the simulator in process only.
	makesTokens   Capability = "tokens" // can issue a token that lacks a permission
	injectsFaults Capability = "faults" // can be made to fail
)

// capabilities are those that a target may have.
var capabilities = []Capability{Stateful, Examples, Synthetic, OwnZone, Pending, Lag, Settings, ValidatesTokens, InvalidTokens, OtherZone, RateLimit, HTMLErrors, Anonymous}

// Cell is a cell of the coverage table: an operation of the document and an HTTP
// status.
type Cell struct {
	Operation string `json:"operation"`
	Status    int    `json:"status"`
}

// step is a part of a case. Do returns an error that says what is wrong, nil if
// nothing is.
type step struct {
	name string
	do   func(context.Context, *scene) error
}

// Case is one claim about the behaviour of the API.
type Case struct {
	Name string
	Cell // the operation and the status that the claim is about; Status 0 if no request may be sent
	// Claim is a sentence that says what holds; Source says where that is known from.
	Claim, Source string
	// Example is the name of the document's example that shows the response.
	// Providers with [Examples] respond with it.
	Example string
	// Shape is set if the claim is about the form of the response only. Providers
	// with [Synthetic] run these cases alone.
	Shape bool
	// Undocumented is set if no document describes the response, so that only the
	// SDK is checked.
	Undocumented bool
	// Needs lists the capabilities that a provider needs besides [Stateful].
	Needs []Capability
	// ExampleNeeds lists the capabilities that a provider needs besides [Examples].
	ExampleNeeds []Capability
	// SupersededBy names a capability with which a larger case checks the same and
	// more, so that this one is skipped.
	SupersededBy Capability
	// Also lists the other cells that the case covers.
	Also []Cell

	given []step // prepare the zone; only providers with Stateful run them
	then  []step // check the claim
}

// skip returns why a provider with the capabilities does not run the case, "" if it
// does.
func (c Case) skip(have []Capability) string {
	if lacks := c.missing(have); lacks != "" {
		return "the provider lacks the capability " + string(lacks)
	}
	if slices.Contains(have, c.SupersededBy) {
		return "a larger case does the same"
	}
	return ""
}

// missing returns the capability that a provider lacks for the case, "" if none.
func (c Case) missing(have []Capability) Capability {
	switch {
	case slices.Contains(have, Examples):
		if c.Example == "" && c.Status != 0 {
			return Stateful
		}
		return lacking(c.ExampleNeeds, have)
	case slices.Contains(have, Synthetic):
		if !c.Shape {
			return Stateful
		}
		return ""
	}
	return lacking(append([]Capability{Stateful}, c.Needs...), have)
}

// lacking returns the first of the needs that is not among the capabilities, "" if
// all are.
func lacking(needs, have []Capability) Capability {
	for _, need := range needs {
		if !slices.Contains(have, need) {
			return need
		}
	}
	return ""
}

// cells returns all cells that the case covers.
func (c Case) cells() []Cell {
	if c.Status == 0 {
		return c.Also
	}
	return append([]Cell{c.Cell}, c.Also...)
}
