package compare

import (
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// Class tells what a change means for a program that uses the API today.
type Class string

// The classes, most severe first.
const (
	// Breaking: the program may fail, read something else or no longer compile.
	Breaking Class = "breaking"
	// Additive: the program goes on unchanged.
	Additive Class = "additive"
	// Editorial: nothing on the wire changes.
	Editorial Class = "editorial"
)

// Classes lists the classes, most severe first.
var Classes = []Class{Breaking, Additive, Editorial}

// Kind is one way in which a document can change. Where it matters who sends
// the value, Request and Response hold the class, and findings are named
// "request-" or "response-" and the name; else Any holds it.
type Kind struct {
	Name              string
	Any               Class
	Request, Response Class
	Meaning           string // completes "in the newer document, …"
}

// class returns the class in a direction.
func (k Kind) class(dir graph.Direction) Class {
	switch {
	case k.Any != "":
		return k.Any
	case dir == graph.Request:
		return k.Request
	}
	return k.Response
}

// ID returns the name of the kind in a direction.
func (k Kind) ID(dir graph.Direction) string {
	if k.Any != "" {
		return k.Name
	}
	return string(dir) + "-" + k.Name
}

// Kinds returns the table of all kinds and their classes.
func Kinds() []Kind { return append([]Kind(nil), kinds...) }

// Short names, so that the table can be read as one.
const (
	brk = Breaking
	add = Additive
	edi = Editorial
)

// kinds holds for each kind the class in a request and in a response. The
// reasoning: sets in answers are open, so more or looser there is additive;
// what is taken from the SDK's user (a field, a constant, a variant) is
// breaking since his program no longer compiles.
var kinds = []Kind{
	{"operation-removed", brk, "", "", "an operation is gone"},
	{"operation-added", add, "", "", "there is an operation that was not there"},
	{"operation-id-changed", edi, "", "", "an operation is called otherwise"},
	{"operation-deprecated", edi, "", "", "an operation is marked as deprecated"},
	{"operation-undeprecated", edi, "", "", "an operation is no longer marked as deprecated"},
	{"path-parameter-renamed", edi, "", "", "a parameter of the path is called otherwise"},
	{"server-removed", brk, "", "", "the API is no longer served at this address"},
	{"server-added", add, "", "", "the API is also served at this address"},
	{"security-removed", brk, "", "", "these credentials no longer authorise"},
	{"security-added", add, "", "", "these credentials authorise as well"},
	{"callback-removed", brk, "", "", "the API no longer calls back here"},
	{"callback-added", add, "", "", "the API can call back here"},
	{"link-removed", brk, "", "", "a link to another operation is gone"},
	{"link-added", add, "", "", "there is a link to another operation"},
	{"link-changed", brk, "", "", "a link leads elsewhere or passes other values"},

	{"parameter-removed", "", brk, brk, "a parameter is gone"},
	{"parameter-added", "", add, add, "there is an optional parameter that was not there"},
	{"parameter-added-required", "", brk, add, "there is a required parameter that was not there"},
	{"parameter-required", "", brk, add, "a parameter must now be sent"},
	{"parameter-optional", "", add, brk, "a parameter may now be left out"},
	{"style-changed", "", brk, brk, "a value is written in another style"},
	{"explode-changed", "", brk, brk, "lists and objects are written apart where they were together, or the reverse"},
	{"allow-reserved-added", "", add, brk, "reserved characters may stand unescaped"},
	{"allow-reserved-removed", "", brk, add, "reserved characters must be escaped"},
	{"allow-empty-value-added", "", add, brk, "a parameter may stand without a value"},
	{"allow-empty-value-removed", "", brk, add, "a parameter may no longer stand without a value"},
	{"body-removed", "", brk, brk, "the operation takes no body any more"},
	{"body-added", "", add, add, "the operation takes an optional body"},
	{"body-added-required", "", brk, add, "the operation wants a body"},
	{"body-required", "", brk, add, "the body must now be sent"},
	{"body-optional", "", add, brk, "the body may now be left out"},
	{"media-type-removed", "", brk, brk, "a media type is gone"},
	{"media-type-added", "", add, add, "there is a media type that was not there"},
	{"status-removed", "", brk, brk, "a status is gone"},
	{"status-added", "", add, add, "there is a status that was not there"},
	{"header-removed", "", brk, brk, "a header is gone"},
	{"header-added", "", add, add, "there is a header that was not there"},
	{"header-added-required", "", brk, add, "there is a required header that was not there"},
	{"header-required", "", brk, add, "a header is now always there"},
	{"header-optional", "", add, brk, "a header may now be missing"},
	{"encoding-removed", "", brk, brk, "a part of a form is no longer encoded in a way of its own"},
	{"encoding-added", "", brk, brk, "a part of a form is encoded in a way of its own"},
	{"encoding-content-type-changed", "", brk, brk, "a part of a form has another content type"},

	{"type-changed", "", brk, brk, "a value is of another type"},
	{"type-widened", "", add, brk, "a value can be of more types"},
	{"type-narrowed", "", brk, add, "a value can be of fewer types"},
	{"nullable-added", "", add, brk, "a value can be null"},
	{"nullable-removed", "", brk, add, "a value can no longer be null"},
	{"value-forbidden", "", brk, brk, "no value is allowed any more"},
	{"value-allowed", "", add, add, "a value is allowed where none was"},
	{"additional-properties-forbidden", "", brk, add, "properties that are not declared are forbidden"},
	{"additional-properties-allowed", "", add, add, "properties that are not declared are allowed"},
	{"property-removed", "", brk, brk, "a property is gone"},
	{"property-added", "", add, add, "there is a property that was not there"},
	{"property-added-required", "", brk, add, "there is a required property that was not there"},
	{"property-required", "", brk, add, "a property must now be there"},
	{"property-optional", "", add, brk, "a property may now be missing"},
	{"enum-added", "", brk, add, "only certain values are left where any was allowed"},
	{"enum-removed", "", add, add, "any value is allowed where certain ones were"},
	{"enum-value-removed", "", brk, brk, "a value of a set is gone"},
	{"enum-value-added", "", add, add, "a set has one more value"},
	{"enum-contradicted", "", brk, brk, "what is said of a set of values contradicts itself, or does so no longer"},
	{"maximum-tightened", "", brk, add, "the largest number is smaller"},
	{"maximum-loosened", "", add, add, "the largest number is larger"},
	{"minimum-tightened", "", brk, add, "the smallest number is larger"},
	{"minimum-loosened", "", add, add, "the smallest number is smaller"},
	{"max-length-tightened", "", brk, add, "a text must be shorter"},
	{"max-length-loosened", "", add, add, "a text may be longer"},
	{"min-length-tightened", "", brk, add, "a text must be longer"},
	{"min-length-loosened", "", add, add, "a text may be shorter"},
	{"max-items-tightened", "", brk, add, "a list must be shorter"},
	{"max-items-loosened", "", add, add, "a list may be longer"},
	{"min-items-tightened", "", brk, add, "a list must be longer"},
	{"min-items-loosened", "", add, add, "a list may be shorter"},
	{"max-properties-tightened", "", brk, add, "an object must have fewer properties"},
	{"max-properties-loosened", "", add, add, "an object may have more properties"},
	{"min-properties-tightened", "", brk, add, "an object must have more properties"},
	{"min-properties-loosened", "", add, add, "an object may have fewer properties"},
	{"unique-items-added", "", brk, add, "a list must not repeat a value"},
	{"unique-items-removed", "", add, add, "a list may repeat a value"},
	{"multiple-of-added", "", brk, add, "only multiples of a number are allowed"},
	{"multiple-of-removed", "", add, add, "no longer only multiples of a number are allowed"},
	{"multiple-of-changed", "", brk, add, "only multiples of another number are allowed"},
	{"pattern-added", "", brk, add, "a text must match a pattern"},
	{"pattern-removed", "", add, add, "a text need not match a pattern any more"},
	{"pattern-changed", "", brk, add, "a text must match another pattern"},
	{"format-added", "", brk, add, "a value has a format"},
	{"format-removed", "", add, brk, "a value no longer has a certain format"},
	{"format-changed", "", brk, brk, "a value has another format"},
	{"default-added", "", add, edi, "it is said what a missing value stands for"},
	{"default-removed", "", brk, edi, "it is no longer said what a missing value stands for"},
	{"default-changed", "", brk, edi, "a missing value stands for something else"},
	{"read-only-added", "", brk, edi, "a property can no longer be sent"},
	{"read-only-removed", "", add, edi, "a property can now be sent"},
	{"write-only-added", "", edi, brk, "a property is no longer returned"},
	{"write-only-removed", "", edi, add, "a property can now be returned"},
	{"deprecated", "", edi, edi, "something is marked as deprecated"},
	{"undeprecated", "", edi, edi, "something is no longer marked as deprecated"},
	{"discriminator-added", "", brk, add, "a property tells the alternatives apart"},
	{"discriminator-removed", "", brk, brk, "no property tells the alternatives apart any more"},
	{"discriminator-changed", "", brk, brk, "another property tells the alternatives apart"},
	{"mapping-removed", "", brk, brk, "a value of the discriminator is gone"},
	{"mapping-added", "", add, add, "there is a value of the discriminator that was not there"},
	{"choice-added", "", brk, add, "a value must be one of some alternatives"},
	{"choice-removed", "", add, brk, "a value need not be one of some alternatives any more"},
	{"choice-changed", "", brk, brk, "exactly one alternative must hold where several could, or the reverse"},
	{"alternative-removed", "", brk, brk, "an alternative is gone"},
	{"alternative-added", "", add, brk, "there is an alternative that was not there"},
	{"exclusion-added", "", brk, add, "some values are excluded (not)"},
	{"exclusion-removed", "", add, add, "some values are no longer excluded (not)"},
	{"exclusion-changed", "", brk, brk, "other values are excluded (not)"},
	{"condition-added", "", brk, add, "a condition holds (if, then, else)"},
	{"condition-removed", "", add, add, "a condition no longer holds (if, then, else)"},
	{"condition-changed", "", brk, brk, "another condition holds (if, then, else)"},
	{"contains-added", "", brk, add, "a list must contain something"},
	{"contains-removed", "", add, add, "a list need not contain something any more"},
	{"contains-changed", "", brk, brk, "a list must contain something else"},
	{"dependent-required-added", "", brk, add, "a property is required beside another"},
	{"dependent-required-removed", "", add, add, "a property is no longer required beside another"},
	{"content-encoding-changed", "", brk, brk, "a text is encoded otherwise"},
	{"content-media-type-changed", "", brk, brk, "a text holds another media type"},
	{"keyword-changed", "", brk, brk, "a keyword that this table does not know is another"},

	{"unhandled", brk, "", "", "something is different that no other kind describes"},
	{"correction-unmatched", add, "", "", "a correction finds nothing to correct"},
	{"correction-obsolete", add, "", "", "a correction is no longer needed: the document says it by itself"},
	{"known-operation-gone", edi, "", "", "an operation listed as known is no longer there"},
}

// KindNamed returns the kind of a name. The tables of this package name only
// kinds that exist, as a test makes sure.
func KindNamed(name string) Kind {
	for _, k := range kinds {
		if k.Name == name {
			return k
		}
	}
	return Kind{Name: name, Any: Breaking, Meaning: "something is different"}
}

// KindWithID returns the kind that findings of this id are of.
func KindWithID(id string) (Kind, bool) {
	for _, k := range kinds {
		if k.ID(graph.Request) == id || k.ID(graph.Response) == id {
			return k, true
		}
	}
	return Kind{}, false
}
