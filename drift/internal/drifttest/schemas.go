package drifttest

import (
	"encoding/json"
	"testing"
)

// The classes, as a report spells them.
const (
	brkClass = "breaking"
	addClass = "additive"
	ediClass = "editorial"
)

// schemaMutation is a change of one property of our document. The classes are
// written here from what a program would meet, not taken from the table.
type schemaMutation struct {
	Kind              string
	Before, After     string // of the property "probe"; "" if it is not there
	Request, Response string
}

// SchemaMutations has at least one mutation for each kind that is of a schema.
var SchemaMutations = []schemaMutation{
	{"type-changed", `{"type":"string"}`, `{"type":"integer"}`, brkClass, brkClass},
	{"type-widened", `{"type":"integer"}`, `{"type":"number"}`, addClass, brkClass},
	{"type-narrowed", `{"type":"number"}`, `{"type":"integer"}`, brkClass, addClass},
	{"type-widened", `{"type":"string"}`, `{}`, addClass, brkClass},
	{"nullable-added", `{"type":"string"}`, `{"type":"string","nullable":true}`, addClass, brkClass},
	{"nullable-removed", `{"type":"string","nullable":true}`, `{"type":"string"}`, brkClass, addClass},
	{"value-forbidden", `{"type":"string"}`, `{"not":{}}`, brkClass, brkClass},
	{"value-allowed", `{"not":{}}`, `{"type":"string"}`, addClass, addClass},
	{"additional-properties-forbidden", `{"type":"object"}`, `{"type":"object","additionalProperties":false}`, brkClass, addClass},
	{"additional-properties-allowed", `{"type":"object","additionalProperties":false}`, `{"type":"object"}`, addClass, addClass},
	{"type-narrowed", `{"type":"object"}`, `{"type":"object","additionalProperties":{"type":"string"}}`, brkClass, addClass},
	{"property-removed", `{"type":"string"}`, ``, brkClass, brkClass},
	{"property-added", ``, `{"type":"string"}`, addClass, addClass},
	{"property-added-required", `{"type":"object"}`, `{"type":"object","required":["x"],"properties":{"x":{"type":"string"}}}`, brkClass, ""},
	{"property-required", `{"properties":{"x":{}}}`, `{"properties":{"x":{}},"required":["x"]}`, brkClass, addClass},
	{"property-optional", `{"properties":{"x":{}},"required":["x"]}`, `{"properties":{"x":{}}}`, addClass, brkClass},
	{"enum-added", `{"type":"string"}`, `{"type":"string","enum":["a"]}`, brkClass, addClass},
	{"enum-removed", `{"type":"string","enum":["a"]}`, `{"type":"string"}`, addClass, addClass},
	{"enum-value-removed", `{"enum":["a","b"]}`, `{"enum":["a"]}`, brkClass, brkClass},
	{"enum-value-added", `{"enum":["a"]}`, `{"enum":["b","a"]}`, addClass, addClass},
	{"enum-value-added", `{"type":"string","x-extensible-enum":["a"]}`, `{"type":"string","enum":["b","a"]}`, addClass, addClass},
	{"enum-value-removed", `{"type":"string","x-extensible-enum":["a","b"]}`, `{"type":"string","x-extensible-enum":["a"]}`, brkClass, brkClass},
	{"enum-contradicted", `{"enum":["a"]}`, `{"allOf":[{"enum":["a"]},{"enum":["b"]}]}`, brkClass, brkClass},
	{"maximum-tightened", `{"type":"number","maximum":2}`, `{"type":"number","maximum":1.5}`, brkClass, addClass},
	{"maximum-tightened", `{"type":"number","maximum":2}`, `{"type":"number","maximum":2,"exclusiveMaximum":true}`, brkClass, addClass},
	{"maximum-loosened", `{"type":"number","maximum":2}`, `{"type":"number"}`, addClass, addClass},
	{"minimum-tightened", `{"type":"number","minimum":-2}`, `{"type":"number","minimum":-1}`, brkClass, addClass},
	{"minimum-loosened", `{"type":"number","minimum":2}`, `{"type":"number","minimum":1e-1}`, addClass, addClass},
	{"max-length-tightened", `{"type":"string"}`, `{"type":"string","maxLength":9}`, brkClass, addClass},
	{"max-length-loosened", `{"type":"string","maxLength":9}`, `{"type":"string","maxLength":10}`, addClass, addClass},
	{"min-length-tightened", `{"type":"string"}`, `{"type":"string","minLength":1}`, brkClass, addClass},
	{"min-length-loosened", `{"type":"string","minLength":2}`, `{"type":"string","minLength":1}`, addClass, addClass},
	{"max-items-tightened", `{"type":"array","maxItems":5}`, `{"type":"array","maxItems":4}`, brkClass, addClass},
	{"max-items-loosened", `{"type":"array","maxItems":5}`, `{"type":"array","maxItems":6}`, addClass, addClass},
	{"min-items-tightened", `{"type":"array"}`, `{"type":"array","minItems":1}`, brkClass, addClass},
	{"min-items-loosened", `{"type":"array","minItems":1}`, `{"type":"array"}`, addClass, addClass},
	{"max-properties-tightened", `{"type":"object"}`, `{"type":"object","maxProperties":4}`, brkClass, addClass},
	{"max-properties-loosened", `{"type":"object","maxProperties":4}`, `{"type":"object"}`, addClass, addClass},
	{"min-properties-tightened", `{"type":"object"}`, `{"type":"object","minProperties":4}`, brkClass, addClass},
	{"min-properties-loosened", `{"type":"object","minProperties":4}`, `{"type":"object"}`, addClass, addClass},
	{"unique-items-added", `{"type":"array"}`, `{"type":"array","uniqueItems":true}`, brkClass, addClass},
	{"unique-items-removed", `{"type":"array","uniqueItems":true}`, `{"type":"array"}`, addClass, addClass},
	{"multiple-of-added", `{"type":"number"}`, `{"type":"number","multipleOf":0.5}`, brkClass, addClass},
	{"multiple-of-removed", `{"type":"number","multipleOf":0.5}`, `{"type":"number"}`, addClass, addClass},
	{"multiple-of-changed", `{"type":"number","multipleOf":0.5}`, `{"type":"number","multipleOf":0.3}`, brkClass, addClass},
	{"pattern-added", `{"type":"string"}`, `{"type":"string","pattern":"^a"}`, brkClass, addClass},
	{"pattern-removed", `{"type":"string","pattern":"^a"}`, `{"type":"string"}`, addClass, addClass},
	{"pattern-changed", `{"type":"string","pattern":"^a"}`, `{"type":"string","pattern":"^b"}`, brkClass, addClass},
	{"format-added", `{"type":"string"}`, `{"type":"string","format":"date"}`, brkClass, addClass},
	{"format-removed", `{"type":"string","format":"date"}`, `{"type":"string"}`, addClass, brkClass},
	{"format-restated", `{"type":"integer"}`, `{"type":"integer","format":"int64"}`, ediClass, ediClass},
	{"format-removed", `{"type":"integer","format":"int32"}`, `{"type":"integer","format":"int64"}`, addClass, brkClass},
	{"format-changed", `{"type":"string","format":"date"}`, `{"type":"string","format":"date-time"}`, brkClass, brkClass},
	{"default-added", `{"type":"string"}`, `{"type":"string","default":"x"}`, addClass, ediClass},
	{"default-removed", `{"type":"string","default":"x"}`, `{"type":"string"}`, brkClass, ediClass},
	{"default-changed", `{"type":"string","default":"x"}`, `{"type":"string","default":"y"}`, brkClass, ediClass},
	{"read-only-added", `{"type":"string"}`, `{"type":"string","readOnly":true}`, brkClass, ediClass},
	{"read-only-removed", `{"type":"string","readOnly":true}`, `{"type":"string"}`, addClass, ediClass},
	{"write-only-added", `{"type":"string"}`, `{"type":"string","writeOnly":true}`, ediClass, brkClass},
	{"write-only-removed", `{"type":"string","writeOnly":true}`, `{"type":"string"}`, ediClass, addClass},
	{"deprecated", `{"type":"string"}`, `{"type":"string","deprecated":true}`, ediClass, ediClass},
	{"undeprecated", `{"type":"string","deprecated":true}`, `{"type":"string"}`, ediClass, ediClass},
	{"choice-added", `{}`, `{"oneOf":[{"type":"string"},{"type":"integer"}]}`, brkClass, addClass},
	{"choice-removed", `{"oneOf":[{"type":"string"},{"type":"integer"}]}`, `{}`, addClass, brkClass},
	{"choice-loosened", `{"oneOf":[{"type":"string"},{"type":"integer"}]}`, `{"anyOf":[{"type":"string"},{"type":"integer"}]}`, addClass, addClass},
	{"choice-tightened", `{"anyOf":[{"type":"string"},{"type":"integer"}]}`, `{"oneOf":[{"type":"string"},{"type":"integer"}]}`, brkClass, addClass},
	{"alternative-added", `{"oneOf":[{"type":"string"},{"type":"integer"}]}`, `{"oneOf":[{"type":"string"},{"type":"integer"},{"type":"boolean"}]}`, addClass, brkClass},
	{"alternative-removed", `{"oneOf":[{"type":"string"},{"type":"integer"},{"type":"boolean"}]}`, `{"oneOf":[{"type":"string"},{"type":"integer"}]}`, brkClass, brkClass},
	{"alternative-added", `{"type":"string"}`, `{"oneOf":[{"type":"string"},{"type":"object"}]}`, addClass, brkClass},
	{"alternative-removed", `{"oneOf":[{"type":"string"},{"type":"object"}]}`, `{"type":"string"}`, brkClass, brkClass},
	{"alternative-added-alike", `{"type":"object","properties":{"k":{"enum":["a"]}}}`, `{"oneOf":[{"type":"object","properties":{"k":{"enum":["a"]}}},{"type":"object","properties":{"k":{"enum":["b"]},"b":{"type":"string"}}}]}`, "", addClass},
	{"alternative-removed-alike", `{"oneOf":[{"type":"string"},{"type":"string","maxLength":3}]}`, `{"type":"string"}`, addClass, ""},
	{"alternative-added-covered", `{"type":"string"}`, `{"anyOf":[{"type":"string"},{"enum":["a"]}]}`, ediClass, ediClass},
	{"alternative-removed-covered", `{"anyOf":[{"type":"string"},{"enum":["a"]}]}`, `{"type":"string"}`, ediClass, ediClass},
	{"max-length-loosened", `{"oneOf":[{"type":"string","maxLength":3},{"type":"integer"}]}`, `{"oneOf":[{"type":"integer"},{"type":"string","maxLength":4}]}`, addClass, addClass},
	{"exclusion-added", `{}`, `{"not":{"type":"string"}}`, brkClass, addClass},
	{"exclusion-removed", `{"not":{"type":"string"}}`, `{}`, addClass, addClass},
	{"exclusion-changed", `{"not":{"type":"string"}}`, `{"not":{"type":"array"}}`, brkClass, brkClass},
	{"condition-added", `{}`, `{"if":{"type":"string"},"then":{"minLength":1}}`, brkClass, addClass},
	{"condition-removed", `{"if":{"type":"string"},"then":{"minLength":1}}`, `{}`, addClass, addClass},
	{"condition-changed", `{"if":{"type":"string"},"then":{"minLength":1}}`, `{"if":{"type":"string"},"then":{"minLength":2}}`, brkClass, brkClass},
	{"contains-added", `{"type":"array"}`, `{"type":"array","contains":{"type":"string"}}`, brkClass, addClass},
	{"contains-removed", `{"type":"array","contains":{"type":"string"}}`, `{"type":"array"}`, addClass, addClass},
	{"contains-changed", `{"type":"array","contains":{"type":"string"}}`, `{"type":"array","contains":{"type":"string"},"minContains":2}`, brkClass, brkClass},
	{"dependent-required-added", `{}`, `{"dependentRequired":{"a":["b"]}}`, brkClass, addClass},
	{"dependent-required-removed", `{"dependentRequired":{"a":["b"]}}`, `{}`, addClass, addClass},
	{"content-encoding-changed", `{"type":"string"}`, `{"type":"string","contentEncoding":"base64"}`, brkClass, brkClass},
	{"content-media-type-changed", `{"type":"string"}`, `{"type":"string","contentMediaType":"image/png"}`, brkClass, brkClass},
	{"keyword-changed", `{"type":"string"}`, `{"type":"string","xml":{"attribute":true}}`, brkClass, brkClass},
	{"discriminator-added", `{"type":"object"}`, `{"type":"object","discriminator":{"propertyName":"x"}}`, brkClass, addClass},
	{"discriminator-removed", `{"type":"object","discriminator":{"propertyName":"x"}}`, `{"type":"object"}`, brkClass, brkClass},
	{"discriminator-changed", `{"type":"object","discriminator":{"propertyName":"x"}}`, `{"type":"object","discriminator":{"propertyName":"y"}}`, brkClass, brkClass},
	{"mapping-added", mapped(`"a"`), mapped(`"a","b"`), addClass, addClass},
	{"mapping-removed", mapped(`"a","b"`), mapped(`"a"`), brkClass, brkClass},
	// The same changes deeper in: what a list holds, under a pattern, behind
	// a reference that leads back.
	{"type-changed", `{"type":"array","items":{"type":"string"}}`, `{"type":"array","items":{"type":"boolean"}}`, brkClass, brkClass},
	{"max-length-tightened", `{"patternProperties":{"^x":{"type":"string"}}}`, `{"patternProperties":{"^x":{"type":"string","maxLength":3}}}`, brkClass, addClass},
	{"property-added", `{"properties":{"next":{"$ref":"#/components/schemas/Probe"}}}`, `{"properties":{"y":{"type":"string"},"next":{"$ref":"#/components/schemas/Probe"}}}`, addClass, addClass},
	{"additional-properties-allowed", `{"allOf":[{"properties":{"a":{}}},{"properties":{"b":{}},"additionalProperties":false}]}`, `{"allOf":[{"properties":{"a":{}}},{"properties":{"b":{}}}]}`, addClass, addClass},
}

// mapped makes a discriminator with a mapping of these values.
func mapped(values string) string {
	mapping := Tree{}
	var list []string
	if err := json.Unmarshal([]byte("["+values+"]"), &list); err != nil {
		panic(err)
	}
	for _, value := range list {
		mapping[value] = "#/components/schemas/Mapped"
	}
	data, err := json.Marshal(Tree{"type": "object", "discriminator": Tree{"propertyName": "x", "mapping": mapping}})
	if err != nil {
		panic(err)
	}
	return string(data)
}

// ProbeTree returns our document with a property of this schema in what an upload sends,
// or in a certificate.
func ProbeTree(t *testing.T, ours Tree, dir string, schema string) Tree {
	t.Helper()
	doc := Clone(ours)
	schemas := Dig(doc, "components", "schemas")
	schemas["Mapped"] = Tree{"type": "object"}
	name := "CertificateUpload"
	if dir == "response" {
		name = "Certificate"
	}
	if schema != "" {
		var probe any
		if err := json.Unmarshal([]byte(schema), &probe); err != nil {
			t.Fatal(err)
		}
		schemas["Probe"] = probe
		Dig(schemas, name, "properties")["probe"] = Tree{"$ref": "#/components/schemas/Probe"}
	}
	return doc
}
