package drift

import (
	"encoding/json"
	"testing"
)

// schemaMutation is a change of one property of our document. The classes are
// written here from what a program would meet, not taken from the table.
type schemaMutation struct {
	kind              string
	before, after     string // of the property "probe"; "" if it is not there
	request, response Class
}

var schemaMutations = []schemaMutation{
	{"type-changed", `{"type":"string"}`, `{"type":"integer"}`, Breaking, Breaking},
	{"type-widened", `{"type":"integer"}`, `{"type":"number"}`, Additive, Breaking},
	{"type-narrowed", `{"type":"number"}`, `{"type":"integer"}`, Breaking, Additive},
	{"type-widened", `{"type":"string"}`, `{}`, Additive, Breaking},
	{"nullable-added", `{"type":"string"}`, `{"type":"string","nullable":true}`, Additive, Breaking},
	{"nullable-removed", `{"type":"string","nullable":true}`, `{"type":"string"}`, Breaking, Additive},
	{"value-forbidden", `{"type":"string"}`, `{"not":{}}`, Breaking, Breaking},
	{"value-allowed", `{"not":{}}`, `{"type":"string"}`, Additive, Additive},
	{"additional-properties-forbidden", `{"type":"object"}`, `{"type":"object","additionalProperties":false}`, Breaking, Additive},
	{"additional-properties-allowed", `{"type":"object","additionalProperties":false}`, `{"type":"object"}`, Additive, Additive},
	{"type-narrowed", `{"type":"object"}`, `{"type":"object","additionalProperties":{"type":"string"}}`, Breaking, Additive},
	{"property-removed", `{"type":"string"}`, ``, Breaking, Breaking},
	{"property-added", ``, `{"type":"string"}`, Additive, Additive},
	{"property-added-required", `{"type":"object"}`, `{"type":"object","required":["x"],"properties":{"x":{"type":"string"}}}`, Breaking, ""},
	{"property-required", `{"properties":{"x":{}}}`, `{"properties":{"x":{}},"required":["x"]}`, Breaking, Additive},
	{"property-optional", `{"properties":{"x":{}},"required":["x"]}`, `{"properties":{"x":{}}}`, Additive, Breaking},
	{"enum-added", `{"type":"string"}`, `{"type":"string","enum":["a"]}`, Breaking, Additive},
	{"enum-removed", `{"type":"string","enum":["a"]}`, `{"type":"string"}`, Additive, Additive},
	{"enum-value-removed", `{"enum":["a","b"]}`, `{"enum":["a"]}`, Breaking, Breaking},
	{"enum-value-added", `{"enum":["a"]}`, `{"enum":["b","a"]}`, Additive, Additive},
	{"enum-value-added", `{"type":"string","x-extensible-enum":["a"]}`, `{"type":"string","enum":["b","a"]}`, Additive, Additive},
	{"enum-value-removed", `{"type":"string","x-extensible-enum":["a","b"]}`, `{"type":"string","x-extensible-enum":["a"]}`, Breaking, Breaking},
	{"enum-contradicted", `{"enum":["a"]}`, `{"allOf":[{"enum":["a"]},{"enum":["b"]}]}`, Breaking, Breaking},
	{"maximum-tightened", `{"type":"number","maximum":2}`, `{"type":"number","maximum":1.5}`, Breaking, Additive},
	{"maximum-tightened", `{"type":"number","maximum":2}`, `{"type":"number","maximum":2,"exclusiveMaximum":true}`, Breaking, Additive},
	{"maximum-loosened", `{"type":"number","maximum":2}`, `{"type":"number"}`, Additive, Additive},
	{"minimum-tightened", `{"type":"number","minimum":-2}`, `{"type":"number","minimum":-1}`, Breaking, Additive},
	{"minimum-loosened", `{"type":"number","minimum":2}`, `{"type":"number","minimum":1e-1}`, Additive, Additive},
	{"max-length-tightened", `{"type":"string"}`, `{"type":"string","maxLength":9}`, Breaking, Additive},
	{"max-length-loosened", `{"type":"string","maxLength":9}`, `{"type":"string","maxLength":10}`, Additive, Additive},
	{"min-length-tightened", `{"type":"string"}`, `{"type":"string","minLength":1}`, Breaking, Additive},
	{"min-length-loosened", `{"type":"string","minLength":2}`, `{"type":"string","minLength":1}`, Additive, Additive},
	{"max-items-tightened", `{"type":"array","maxItems":5}`, `{"type":"array","maxItems":4}`, Breaking, Additive},
	{"max-items-loosened", `{"type":"array","maxItems":5}`, `{"type":"array","maxItems":6}`, Additive, Additive},
	{"min-items-tightened", `{"type":"array"}`, `{"type":"array","minItems":1}`, Breaking, Additive},
	{"min-items-loosened", `{"type":"array","minItems":1}`, `{"type":"array"}`, Additive, Additive},
	{"max-properties-tightened", `{"type":"object"}`, `{"type":"object","maxProperties":4}`, Breaking, Additive},
	{"max-properties-loosened", `{"type":"object","maxProperties":4}`, `{"type":"object"}`, Additive, Additive},
	{"min-properties-tightened", `{"type":"object"}`, `{"type":"object","minProperties":4}`, Breaking, Additive},
	{"min-properties-loosened", `{"type":"object","minProperties":4}`, `{"type":"object"}`, Additive, Additive},
	{"unique-items-added", `{"type":"array"}`, `{"type":"array","uniqueItems":true}`, Breaking, Additive},
	{"unique-items-removed", `{"type":"array","uniqueItems":true}`, `{"type":"array"}`, Additive, Additive},
	{"multiple-of-added", `{"type":"number"}`, `{"type":"number","multipleOf":0.5}`, Breaking, Additive},
	{"multiple-of-removed", `{"type":"number","multipleOf":0.5}`, `{"type":"number"}`, Additive, Additive},
	{"multiple-of-changed", `{"type":"number","multipleOf":0.5}`, `{"type":"number","multipleOf":0.3}`, Breaking, Additive},
	{"pattern-added", `{"type":"string"}`, `{"type":"string","pattern":"^a"}`, Breaking, Additive},
	{"pattern-removed", `{"type":"string","pattern":"^a"}`, `{"type":"string"}`, Additive, Additive},
	{"pattern-changed", `{"type":"string","pattern":"^a"}`, `{"type":"string","pattern":"^b"}`, Breaking, Additive},
	{"format-added", `{"type":"string"}`, `{"type":"string","format":"date"}`, Breaking, Additive},
	{"format-removed", `{"type":"string","format":"date"}`, `{"type":"string"}`, Additive, Breaking},
	{"format-changed", `{"type":"string","format":"date"}`, `{"type":"string","format":"date-time"}`, Breaking, Breaking},
	{"default-added", `{"type":"string"}`, `{"type":"string","default":"x"}`, Additive, Editorial},
	{"default-removed", `{"type":"string","default":"x"}`, `{"type":"string"}`, Breaking, Editorial},
	{"default-changed", `{"type":"string","default":"x"}`, `{"type":"string","default":"y"}`, Breaking, Editorial},
	{"read-only-added", `{"type":"string"}`, `{"type":"string","readOnly":true}`, Breaking, Editorial},
	{"read-only-removed", `{"type":"string","readOnly":true}`, `{"type":"string"}`, Additive, Editorial},
	{"write-only-added", `{"type":"string"}`, `{"type":"string","writeOnly":true}`, Editorial, Breaking},
	{"write-only-removed", `{"type":"string","writeOnly":true}`, `{"type":"string"}`, Editorial, Additive},
	{"deprecated", `{"type":"string"}`, `{"type":"string","deprecated":true}`, Editorial, Editorial},
	{"undeprecated", `{"type":"string","deprecated":true}`, `{"type":"string"}`, Editorial, Editorial},
	{"choice-added", `{}`, `{"oneOf":[{"type":"string"},{"type":"integer"}]}`, Breaking, Additive},
	{"choice-removed", `{"oneOf":[{"type":"string"},{"type":"integer"}]}`, `{}`, Additive, Breaking},
	{"choice-changed", `{"oneOf":[{"type":"string"},{"type":"integer"}]}`, `{"anyOf":[{"type":"string"},{"type":"integer"}]}`, Breaking, Breaking},
	{"alternative-added", `{"oneOf":[{"type":"string"},{"type":"integer"}]}`, `{"oneOf":[{"type":"string"},{"type":"integer"},{"type":"boolean"}]}`, Additive, Breaking},
	{"alternative-removed", `{"oneOf":[{"type":"string"},{"type":"integer"},{"type":"boolean"}]}`, `{"oneOf":[{"type":"string"},{"type":"integer"}]}`, Breaking, Breaking},
	{"max-length-loosened", `{"oneOf":[{"type":"string","maxLength":3},{"type":"integer"}]}`, `{"oneOf":[{"type":"integer"},{"type":"string","maxLength":4}]}`, Additive, Additive},
	{"exclusion-added", `{}`, `{"not":{"type":"string"}}`, Breaking, Additive},
	{"exclusion-removed", `{"not":{"type":"string"}}`, `{}`, Additive, Additive},
	{"exclusion-changed", `{"not":{"type":"string"}}`, `{"not":{"type":"array"}}`, Breaking, Breaking},
	{"condition-added", `{}`, `{"if":{"type":"string"},"then":{"minLength":1}}`, Breaking, Additive},
	{"condition-removed", `{"if":{"type":"string"},"then":{"minLength":1}}`, `{}`, Additive, Additive},
	{"condition-changed", `{"if":{"type":"string"},"then":{"minLength":1}}`, `{"if":{"type":"string"},"then":{"minLength":2}}`, Breaking, Breaking},
	{"contains-added", `{"type":"array"}`, `{"type":"array","contains":{"type":"string"}}`, Breaking, Additive},
	{"contains-removed", `{"type":"array","contains":{"type":"string"}}`, `{"type":"array"}`, Additive, Additive},
	{"contains-changed", `{"type":"array","contains":{"type":"string"}}`, `{"type":"array","contains":{"type":"string"},"minContains":2}`, Breaking, Breaking},
	{"dependent-required-added", `{}`, `{"dependentRequired":{"a":["b"]}}`, Breaking, Additive},
	{"dependent-required-removed", `{"dependentRequired":{"a":["b"]}}`, `{}`, Additive, Additive},
	{"content-encoding-changed", `{"type":"string"}`, `{"type":"string","contentEncoding":"base64"}`, Breaking, Breaking},
	{"content-media-type-changed", `{"type":"string"}`, `{"type":"string","contentMediaType":"image/png"}`, Breaking, Breaking},
	{"keyword-changed", `{"type":"string"}`, `{"type":"string","xml":{"attribute":true}}`, Breaking, Breaking},
	{"discriminator-added", `{"type":"object"}`, `{"type":"object","discriminator":{"propertyName":"x"}}`, Breaking, Additive},
	{"discriminator-removed", `{"type":"object","discriminator":{"propertyName":"x"}}`, `{"type":"object"}`, Breaking, Breaking},
	{"discriminator-changed", `{"type":"object","discriminator":{"propertyName":"x"}}`, `{"type":"object","discriminator":{"propertyName":"y"}}`, Breaking, Breaking},
	{"mapping-added", mapped(`"a"`), mapped(`"a","b"`), Additive, Additive},
	{"mapping-removed", mapped(`"a","b"`), mapped(`"a"`), Breaking, Breaking},
	// The same changes deeper in: what a list holds, under a pattern, behind
	// a reference that leads back.
	{"type-changed", `{"type":"array","items":{"type":"string"}}`, `{"type":"array","items":{"type":"boolean"}}`, Breaking, Breaking},
	{"max-length-tightened", `{"patternProperties":{"^x":{"type":"string"}}}`, `{"patternProperties":{"^x":{"type":"string","maxLength":3}}}`, Breaking, Additive},
	{"property-added", `{"properties":{"next":{"$ref":"#/components/schemas/Probe"}}}`, `{"properties":{"y":{"type":"string"},"next":{"$ref":"#/components/schemas/Probe"}}}`, Additive, Additive},
	{"additional-properties-allowed", `{"allOf":[{"properties":{"a":{}}},{"properties":{"b":{}},"additionalProperties":false}]}`, `{"allOf":[{"properties":{"a":{}}},{"properties":{"b":{}}}]}`, Additive, Additive},
}

// mapped makes a discriminator with a mapping of these values.
func mapped(values string) string {
	mapping := tree{}
	var list []string
	if err := json.Unmarshal([]byte("["+values+"]"), &list); err != nil {
		panic(err)
	}
	for _, value := range list {
		mapping[value] = "#/components/schemas/Mapped"
	}
	data, err := json.Marshal(tree{"type": "object", "discriminator": tree{"propertyName": "x", "mapping": mapping}})
	if err != nil {
		panic(err)
	}
	return string(data)
}

// withProbe returns our document with a property of this schema in what an
// upload sends or in a certificate, which four operations answer with.
func withProbe(t *testing.T, ours tree, dir Direction, schema string) *Document {
	t.Helper()
	return parseTree(t, probeTree(t, ours, dir, schema))
}

func probeTree(t *testing.T, ours tree, dir Direction, schema string) tree {
	t.Helper()
	doc := clone(ours)
	schemas := dig(doc, "components", "schemas")
	schemas["Mapped"] = tree{"type": "object"}
	name := "CertificateUpload"
	if dir == Response {
		name = "Certificate"
	}
	if schema != "" {
		var probe any
		if err := json.Unmarshal([]byte(schema), &probe); err != nil {
			t.Fatal(err)
		}
		schemas["Probe"] = probe
		dig(schemas, name, "properties")["probe"] = tree{"$ref": "#/components/schemas/Probe"}
	}
	return doc
}

func TestSchemaMutations(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes long")
	}
	ours := readTree(t, ourSpec)
	for _, m := range schemaMutations {
		for dir, class := range map[Direction]Class{Request: m.request, Response: m.response} {
			if class == "" {
				continue
			}
			old, new := withProbe(t, ours, dir, m.before), withProbe(t, ours, dir, m.after)
			f := oneFinding(t, string(dir)+"-"+m.kind, class, old, new)
			if dir == Response && len(f.Where) > 0 && len(f.Where[0].Operations) == 0 {
				t.Errorf("%s: names no operation", f.ID)
			}
			if len(f.Old) == 0 || len(f.New) == 0 {
				t.Errorf("%s: lacks a pointer: old %v, new %v", f.ID, f.Old, f.New)
			}
		}
	}
}

// oneFinding makes sure that a change is found once, and as what it is.
func oneFinding(t *testing.T, kind string, class Class, old, new *Document) Finding {
	t.Helper()
	findings := mustDiff(t, old, new, Scope{Prefix: "/zones"})
	if len(findings) != 1 {
		t.Errorf("%s: one change makes %d findings", kind, len(findings))
		for _, f := range findings {
			t.Logf("  %s: %s", f.ID, f.Change())
		}
		return Finding{}
	}
	f := findings[0]
	if f.Kind != kind || f.Class != class {
		t.Errorf("want %s, %s; found %s, %s: %s", kind, class, f.Kind, f.Class, f.Change())
	}
	same := mustFingerprint(t, old, Scope{Prefix: "/zones"}) == mustFingerprint(t, new, Scope{Prefix: "/zones"})
	if same != (class == Editorial) {
		t.Errorf("%s is %s, but it is %v that the fingerprints are equal", kind, class, same)
	}
	return f
}
