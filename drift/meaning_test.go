package drift

import (
	"bytes"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

// What 3.0 and 3.1 say in different words is one thing.
func TestVersionsMeetInMeaning(t *testing.T) {
	t.Parallel()
	with := func(version, schema string) *Document {
		return mustParse(t, []byte(strings.Replace(strings.Replace(drifttest.Small, "3.0.3", version, 1), `"description":""`,
			`"description":"","content":{"application/json":{"schema":`+schema+`}}`, 1)))
	}
	for _, c := range [][2]string{
		{`{"type":"string","nullable":true}`, `{"type":["null","string"]}`},
		{`{"type":"integer","maximum":5,"exclusiveMaximum":true}`, `{"type":"integer","exclusiveMaximum":5.0}`},
		{`{"type":"string","enum":["a"]}`, `{"const":"a"}`},
		{`{"type":"array","items":{}}`, `{"type":"array","items":true}`},
		{`{"type":"object","additionalProperties":{"not":{}}}`, `{"type":"object","additionalProperties":false}`},
		{`{"minLength":0,"uniqueItems":false,"additionalProperties":true}`, `{}`},
		{`{"type":"array"}`, `{"type":"array","items":{"additionalProperties":true,"minLength":0}}`},
		{`{"type":"object","additionalProperties":{"nullable":false,"required":[]}}`, `{"type":"object"}`},
		{`{"type":"object","patternProperties":{"x":{}},"additionalProperties":{"items":{"deprecated":false}}}`, `{"type":"object"}`},
		{`{"not":{"nullable":false}}`, `{"not":{}}`},
		{`{"items":{"not":{"items":{"minItems":0}}}}`, `{"items":false}`},
		{`{"type":"string"}`, `{"type":"string","if":{"minLength":3},"then":{"minItems":0,"items":{}}}`},
		{`{"type":"string"}`, `{"type":"string","if":{"minLength":3},"else":{"minItems":0}}`},
		{`{"type":"integer","enum":[1,2e0]}`, `{"enum":[1,2]}`},
		{`{"type":"number","enum":[1.5]}`, `{"enum":[15e-1]}`},
		{`{"minimum":1e2}`, `{"minimum":100.0}`},
	} {
		if findings := mustDiff(t, with("3.0.3", c[0]), with("3.1.0", c[1]), Scope{}); len(findings) > 0 {
			t.Errorf("%s and %s differ: %s", c[0], c[1], findings[0].Change())
		}
	}
	// Beside a reference a keyword holds in 3.1 only.
	beside := `{"$ref":"#/paths/~1a/get/responses/200/x","maxLength":3}`
	withRef := func(version string) *Document {
		return mustParse(t, []byte(strings.Replace(strings.Replace(drifttest.Small, "3.0.3", version, 1), `"description":""`,
			`"description":"","x":{"type":"string"},"content":{"application/json":{"schema":`+beside+`}}`, 1)))
	}
	if findings := mustDiff(t, withRef("3.0.3"), withRef("3.1.0"), Scope{}); len(findings) != 1 || findings[0].Kind != "response-max-length-tightened" {
		t.Errorf("found %v", findings)
	}
}

// FuzzParse feeds the reader and all that follows. Whatever comes in, the
// program ends with a result or an error, and agrees with itself.
func FuzzParse(f *testing.F) {
	f.Add([]byte(drifttest.Small))
	f.Add([]byte("openapi: 3.1.0\npaths: {/a: {get: {responses: {'200': {content: {a/b: {schema: {oneOf: [{type: string}, {}]}}}}}}}}"))
	for _, schema := range []string{
		`{"$ref":"#/paths/~1a"}`, `{"allOf":[{"type":"string"},{"not":{}}]}`, `{"discriminator":{"propertyName":"x"}}`,
		`{"properties":{"a":{"enum":[null,1,{}]}},"additionalProperties":false,"required":["a"]}`, `{"if":{},"then":{"items":[{}]}}`,
	} {
		f.Add([]byte(strings.Replace(drifttest.Small, `"description":""`, `"content":{"a/b":{"schema":`+schema+`}}`, 1)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, err := Parse(bytes.Clone(text))
		if err != nil {
			return
		}
		fingerprint, err := Fingerprint(doc, Scope{})
		if err != nil {
			return
		}
		if findings := mustDiff(t, doc, doc, Scope{}); len(findings) > 0 {
			t.Fatalf("differs from itself: %s", findings[0].Change())
		}
		slice, err := Slice(doc, Scope{})
		if err != nil {
			return
		}
		again, err := documentOf(document.FromYAML(slice))
		if err != nil {
			t.Fatalf("the slice is not a document: %v", err)
		}
		if got := mustFingerprint(t, again, Scope{}); got != fingerprint {
			t.Fatalf("the slice has the fingerprint %s, the document %s", got, fingerprint)
		}
	})
}

// An open set says the same values as a closed one: one value
// more is a finding in either.
func TestOpenSetIsASet(t *testing.T) {
	t.Parallel()
	document := func(keyword string) *Document {
		return mustParse(t, []byte(`{"openapi":"3.0.3","paths":{"/a":{"get":{"responses":{"200":{"description":"","content":{"application/json":{"schema":{"type":"string","`+keyword+`":["x","y"]}}}}}}}}}`))
	}
	if findings := mustDiff(t, document("enum"), document("x-extensible-enum"), Scope{}); len(findings) != 0 {
		t.Errorf("the same values differ: %v", findings)
	}
	if findings := mustDiff(t, document("x-note"), document("x-extensible-enum"), Scope{}); len(findings) != 1 {
		t.Errorf("a set where none was makes %d findings", len(findings))
	}
}
