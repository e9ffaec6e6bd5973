package graph

import (
	"slices"

	"github.com/originpull/originpull-go/drift/internal/document"
)

// Formats that speak of texts alone, or of texts and numbers: an int64 can be written as
// a text. Of other formats it is not known.
var (
	textFormats = []string{
		"date-time", "date", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri", "uri-reference",
		"iri", "iri-reference", "uuid", "uri-template", "json-pointer", "relative-json-pointer", "regex", "byte", "binary", SecretFormat,
	}
	numberFormats = []string{"int32", "int64", "float", "double"}
)

// isIdle reports whether a format says nothing of values of these types. One with the name
// of a type says what the type says.
func isIdle(format *document.Node, types TypeSet) bool {
	name := format.Str()
	switch {
	case format.Kind != document.StringNode || types == 0:
		return false
	case slices.Contains(textFormats, name):
		return types&StringType == 0
	case slices.Contains(numberFormats, name):
		return types&(StringType|integerType) == 0
	}
	return name == "" || slices.Equal((types&^NullType).names(), []string{name})
}

// isRestated reports whether a format says how programs read a value of these types anyway,
// or no more than how a program that asks for it hides it.
func isRestated(formats []string, types TypeSet) bool {
	return slices.Equal(formats, []string{restated[types&^NullType]})
}

var restated = map[TypeSet]string{integerType: "int64", integerType | fractionType: "double", StringType: SecretFormat}
