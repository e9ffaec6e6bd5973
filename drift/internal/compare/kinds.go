package compare

import (
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// Class says what a change means for a program that uses the API today.
type Class string

// The classes, most severe first.
const (
	// Breaking: the program may fail, read something else or no longer compile.
	Breaking Class = "breaking"
	// Additive: the program continues to work unchanged.
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
	Meaning           string // what has changed in the newer document
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
// reasoning: sets in responses are open, so more or looser there is additive;
// what is taken from the SDK's user (a field, a constant, a variant) is
// breaking since his program no longer compiles.
var kinds = []Kind{
	{"operation-removed", brk, "", "", "operation removed"},
	{"operation-added", add, "", "", "operation added"},
	{"operation-id-changed", edi, "", "", "operationId changed"},
	{"operation-deprecated", edi, "", "", "operation deprecated"},
	{"operation-undeprecated", edi, "", "", "operation no longer deprecated"},
	{"path-parameter-renamed", edi, "", "", "path parameter renamed"},
	{"server-removed", brk, "", "", "server removed"},
	{"server-added", add, "", "", "server added"},
	{"security-removed", brk, "", "", "security requirement removed"},
	{"security-loosened", add, "", "", "fewer credentials or scopes needed"},
	{"security-added", add, "", "", "security requirement added"},
	{"callback-removed", brk, "", "", "callback removed"},
	{"callback-added", add, "", "", "callback added"},
	{"link-removed", brk, "", "", "link removed"},
	{"link-added", add, "", "", "link added"},
	{"link-changed", brk, "", "", "link leads to another operation or passes other values"},

	{"parameter-removed", "", brk, brk, "parameter removed"},
	{"parameter-added", "", add, add, "optional parameter added"},
	{"parameter-added-required", "", brk, add, "required parameter added"},
	{"parameter-required", "", brk, add, "parameter is now required"},
	{"parameter-optional", "", add, brk, "parameter is now optional"},
	{"style-changed", "", brk, brk, "style changed"},
	{"explode-changed", "", brk, brk, "explode changed"},
	{"allow-reserved-added", "", add, brk, "reserved characters may be sent unescaped (allowReserved)"},
	{"allow-reserved-removed", "", brk, add, "reserved characters must be escaped (allowReserved)"},
	{"allow-empty-value-added", "", add, brk, "parameter may be sent without a value (allowEmptyValue)"},
	{"allow-empty-value-removed", "", brk, add, "parameter must have a value (allowEmptyValue)"},
	{"body-removed", "", brk, brk, "request body removed"},
	{"body-added", "", add, add, "optional request body added"},
	{"body-added-required", "", brk, add, "required request body added"},
	{"body-required", "", brk, add, "request body is now required"},
	{"body-optional", "", add, brk, "request body is now optional"},
	{"media-type-removed", "", brk, brk, "media type removed"},
	{"media-type-added", "", add, add, "media type added"},
	{"status-removed", "", brk, brk, "status removed"},
	{"status-added", "", add, add, "status added"},
	{"header-removed", "", brk, brk, "header removed"},
	{"header-added", "", add, add, "optional header added"},
	{"header-added-required", "", brk, add, "required header added"},
	{"header-required", "", brk, add, "header is now required"},
	{"header-optional", "", add, brk, "header is now optional"},
	{"encoding-content-type-added", "", add, add, "one more content type of a form part"},
	{"encoding-content-type-removed", "", brk, brk, "one content type less of a form part"},
	{"encoding-content-type-changed", "", brk, brk, "content type of a form part changed"},

	{"type-changed", "", brk, brk, "type changed"},
	{"type-widened", "", add, brk, "more types allowed"},
	{"type-narrowed", "", brk, add, "fewer types allowed"},
	{"nullable-added", "", add, brk, "null allowed"},
	{"nullable-removed", "", brk, add, "null no longer allowed"},
	{"value-forbidden", "", brk, brk, "no value allowed any more"},
	{"value-allowed", "", add, add, "value allowed where none was"},
	{"additional-properties-forbidden", "", brk, add, "undeclared properties forbidden (additionalProperties)"},
	{"additional-properties-allowed", "", add, add, "undeclared properties allowed (additionalProperties)"},
	{"property-removed", "", brk, brk, "property removed"},
	{"property-added", "", add, add, "property added"},
	{"property-added-required", "", brk, add, "required property added"},
	{"property-required", "", brk, add, "property is now required"},
	{"property-optional", "", add, brk, "property is now optional"},
	{"enum-added", "", brk, add, "enum added"},
	{"enum-removed", "", add, add, "enum removed"},
	{"enum-value-removed", "", brk, brk, "enum value removed"},
	{"enum-value-added", "", add, add, "enum value added"},
	{"enum-contradicted", "", brk, brk, "enums contradict each other, or no longer do"},
	{"maximum-tightened", "", brk, add, "maximum decreased"},
	{"maximum-loosened", "", add, add, "maximum increased"},
	{"minimum-tightened", "", brk, add, "minimum increased"},
	{"minimum-loosened", "", add, add, "minimum decreased"},
	{"max-length-tightened", "", brk, add, "maxLength decreased"},
	{"max-length-loosened", "", add, add, "maxLength increased"},
	{"min-length-tightened", "", brk, add, "minLength increased"},
	{"min-length-loosened", "", add, add, "minLength decreased"},
	{"max-items-tightened", "", brk, add, "maxItems decreased"},
	{"max-items-loosened", "", add, add, "maxItems increased"},
	{"min-items-tightened", "", brk, add, "minItems increased"},
	{"min-items-loosened", "", add, add, "minItems decreased"},
	{"max-properties-tightened", "", brk, add, "maxProperties decreased"},
	{"max-properties-loosened", "", add, add, "maxProperties increased"},
	{"min-properties-tightened", "", brk, add, "minProperties increased"},
	{"min-properties-loosened", "", add, add, "minProperties decreased"},
	{"unique-items-added", "", brk, add, "uniqueItems added"},
	{"unique-items-removed", "", add, add, "uniqueItems removed"},
	{"multiple-of-added", "", brk, add, "multipleOf added"},
	{"multiple-of-removed", "", add, add, "multipleOf removed"},
	{"multiple-of-changed", "", brk, add, "multipleOf changed"},
	{"pattern-added", "", brk, add, "pattern added"},
	{"pattern-removed", "", add, add, "pattern removed"},
	{"pattern-changed", "", brk, add, "pattern changed"},
	{"format-added", "", brk, add, "format added"},
	{"format-removed", "", add, brk, "format removed"},
	{"format-changed", "", brk, brk, "format changed"},
	{"format-restated", "", edi, edi, "format that the type says anyway (int64, double), or password"},
	{"default-added", "", add, edi, "default added"},
	{"default-removed", "", brk, edi, "default removed"},
	{"default-changed", "", brk, edi, "default changed"},
	{"read-only-added", "", brk, edi, "property can no longer be sent (readOnly)"},
	{"read-only-removed", "", add, edi, "property can now be sent (readOnly)"},
	{"write-only-added", "", edi, brk, "property is no longer returned (writeOnly)"},
	{"write-only-removed", "", edi, add, "property can now be returned (writeOnly)"},
	{"deprecated", "", edi, edi, "deprecated"},
	{"undeprecated", "", edi, edi, "no longer deprecated"},
	{"discriminator-added", "", brk, add, "discriminator added"},
	{"discriminator-removed", "", brk, brk, "discriminator removed"},
	{"discriminator-changed", "", brk, brk, "discriminator changed to another property"},
	{"mapping-removed", "", brk, brk, "discriminator value removed"},
	{"mapping-added", "", add, add, "discriminator value added"},
	{"choice-added", "", brk, add, "value must be one of several alternatives (oneOf, anyOf)"},
	{"choice-removed", "", add, brk, "value need no longer be one of several alternatives (oneOf, anyOf)"},
	{"choice-tightened", "", brk, add, "value must be one alternative and no other: anyOf became oneOf"},
	{"choice-loosened", "", add, add, "value may be several alternatives: oneOf became anyOf"},
	{"alternative-removed", "", brk, brk, "alternative removed (oneOf, anyOf)"},
	{"alternative-added", "", add, brk, "alternative added (oneOf, anyOf)"},
	{"alternative-added-alike", "", add, add, "alternative added that programs can read as another one (oneOf, anyOf)"},
	{"alternative-removed-alike", "", add, add, "alternative removed whose values are taken anyway (oneOf, anyOf)"},
	{"alternative-added-covered", "", edi, edi, "alternative added that another one allows anyway (anyOf)"},
	{"alternative-removed-covered", "", edi, edi, "alternative removed that another one allows anyway (anyOf)"},
	{"exclusion-added", "", brk, add, "some values excluded (not)"},
	{"exclusion-removed", "", add, add, "some values no longer excluded (not)"},
	{"exclusion-changed", "", brk, brk, "other values excluded (not)"},
	{"condition-added", "", brk, add, "condition added (if, then, else)"},
	{"condition-removed", "", add, add, "condition removed (if, then, else)"},
	{"condition-changed", "", brk, brk, "condition changed (if, then, else)"},
	{"contains-added", "", brk, add, "contains added"},
	{"contains-removed", "", add, add, "contains removed"},
	{"contains-changed", "", brk, brk, "contains changed"},
	{"dependent-required-added", "", brk, add, "property required beside another (dependentRequired)"},
	{"dependent-required-removed", "", add, add, "property no longer required beside another (dependentRequired)"},
	{"content-encoding-changed", "", brk, brk, "contentEncoding changed"},
	{"content-media-type-changed", "", brk, brk, "contentMediaType changed"},
	{"keyword-changed", "", brk, brk, "keyword changed that this table does not know"},

	{"unhandled", brk, "", "", "difference that no other kind describes"},
	{"correction-unmatched", add, "", "", "correction finds nothing to correct"},
	{"correction-obsolete", add, "", "", "correction no longer needed: the document is right by itself"},
	{"known-operation-gone", edi, "", "", "ignored operation no longer in the document"},
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
