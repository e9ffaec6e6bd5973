package graph

// factTypes and edgeTypes have the types of values that a keyword speaks of. Of others
// it says nothing: a maxLength means nothing for an integer.
var (
	factTypes = map[string]TypeSet{
		"maxLength": StringType, "minLength": StringType, "pattern": StringType,
		"contentEncoding": StringType, "contentMediaType": StringType,
		"maximum": integerType | fractionType, "minimum": integerType | fractionType, "multipleOf": integerType | fractionType,
		"maxItems": arrayType, "minItems": arrayType, "uniqueItems": arrayType,
		"maxProperties": objectType, "minProperties": objectType, "required": objectType, "dependentRequired": objectType,
	}
	edgeTypes = map[string]TypeSet{
		"contentSchema": StringType,
		"items":         arrayType, "prefixItems": arrayType, "additionalItems": arrayType, "unevaluatedItems": arrayType, "contains": arrayType,
		"property": objectType, "pattern": objectType, "additionalProperties": objectType, "unevaluatedProperties": objectType,
		"propertyNames": objectType, "dependent": objectType,
	}
)

// speaksOf reports whether what has this name can say anything of values of these
// types. Where claims contradict one another all of it counts.
func speaksOf(name string, types TypeSet, of map[string]TypeSet) bool {
	only, ok := of[FirstWord(name)]
	return !ok || types == 0 || types&only != 0
}
