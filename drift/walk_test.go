package drift

import (
	"slices"
	"strings"
	"testing"
)

// parts has two versions of each object of OpenAPI, which differ on the wire.
var parts = map[string][2]string{
	"schema":      {`{type: string}`, `{type: integer}`},
	"media":       {`{schema: {type: string}}`, `{schema: {type: integer}}`},
	"content":     {`{text/plain: {schema: {type: string}}}`, `{text/plain: {schema: {type: integer}}}`},
	"header":      {`{schema: {type: string}}`, `{schema: {type: integer}}`},
	"parameter":   {`{name: q, in: query, schema: {type: string}}`, `{name: q, in: query, schema: {type: integer}}`},
	"body":        {`{content: {text/plain: {schema: {type: string}}}}`, `{content: {text/plain: {schema: {type: integer}}}}`},
	"response":    {`{description: d, content: {text/plain: {schema: {type: string}}}}`, `{description: d, content: {text/plain: {schema: {type: integer}}}}`},
	"responses":   {`{"200": {description: d}}`, `{"201": {description: d}}`},
	"link":        {`{operationId: one}`, `{operationId: other}`},
	"callback":    {`{"{$url}": {post: {responses: {"200": {description: d}}}}}`, `{"{$url}": {post: {responses: {"201": {description: d}}}}}`},
	"item":        {`{get: {responses: {"200": {description: d}}}}`, `{get: {responses: {"201": {description: d}}}}`},
	"operation":   {`{responses: {"200": {description: d}}}`, `{responses: {"201": {description: d}}}`},
	"encoding":    {`{contentType: image/png}`, `{contentType: image/gif}`},
	"scheme":      {`{type: apiKey, in: header, name: X-One}`, `{type: apiKey, in: header, name: X-Other}`},
	"flows":       {`{implicit: {authorizationUrl: "https://one.example", scopes: {}}}`, `{implicit: {authorizationUrl: "https://other.example", scopes: {}}}`},
	"flow":        {`{authorizationUrl: "https://one.example", scopes: {}}`, `{authorizationUrl: "https://other.example", scopes: {}}`},
	"server":      {`{url: "https://one.example"}`, `{url: "https://other.example"}`},
	"variable":    {`{default: one}`, `{default: other}`},
	"properties":  {`{a: {type: string}}`, `{a: {type: integer}}`},
	"dependency":  {`[a]`, `[b]`},
	"requirement": {`{key: [one]}`, `{key: [other]}`},
}

// Places where OpenAPI and JSON Schema have an object, a schema or a reference,
// and those where documents have a reference without leave.
var walked = []struct {
	since string // the version
	part  string
	text  string // the document below its version, with HERE for the part
}{
	{"3.0", "item", `paths: {/a: HERE}`},
	{"3.0", "operation", `paths: {/a: {get: HERE}}`},
	{"3.0", "parameter", `paths: {/a: {parameters: [HERE], get: {responses: {}}}}`},
	{"3.0", "server", `paths: {/a: {servers: [HERE], get: {responses: {}}}}`},
	{"3.0", "server", inOperation(`servers: [HERE]`)},
	{"3.0", "server", `servers: [HERE]` + "\n" + inOperation(`tags: []`)},
	{"3.0", "variable", inOperation(`servers: [{url: "https://{v}.example", variables: {v: HERE}}]`)},
	{"3.0", "parameter", inOperation(`parameters: [HERE]`)},
	{"3.0", "schema", inOperation(`parameters: [{name: q, in: query, schema: HERE}]`)},
	{"3.0", "content", inOperation(`parameters: [{name: q, in: query, content: HERE}]`)},
	{"3.0", "schema", inOperation(`parameters: [{name: q, in: query, content: {text/plain: {schema: {}}}, schema: HERE}]`)},
	{"3.0", "media", inOperation(`parameters: [{name: q, in: query, content: {text/plain: HERE}}]`)},
	{"3.0", "body", inOperation(`requestBody: HERE`)},
	{"3.0", "content", inOperation(`requestBody: {content: HERE}`)},
	{"3.0", "media", inOperation(`requestBody: {content: {text/plain: HERE}}`)},
	{"3.0", "schema", inOperation(`requestBody: {content: {text/plain: {schema: HERE}}}`)},
	{"3.0", "encoding", inOperation(`requestBody: {content: {multipart/form-data: {encoding: {a: HERE}}}}`)},
	{"3.0", "header", inOperation(`requestBody: {content: {multipart/form-data: {encoding: {a: {headers: {H: HERE}}}}}}`)},
	{"3.0", "responses", inOperation(`responses: HERE`)},
	{"3.0", "response", inOperation(`responses: {default: HERE}`)},
	{"3.0", "header", inResponse(`headers: {H: HERE}`)},
	{"3.0", "schema", inResponse(`headers: {H: {schema: HERE}}`)},
	{"3.0", "media", inResponse(`headers: {H: {content: {text/plain: HERE}}}`)},
	{"3.0", "link", inResponse(`links: {l: HERE}`)},
	{"3.0", "server", inResponse(`links: {l: {operationId: a, server: HERE}}`)},
	{"3.0", "media", inResponse(`content: {text/plain: HERE}`)},
	{"3.0", "callback", inOperation(`callbacks: {c: HERE}`)},
	{"3.0", "item", inOperation(`callbacks: {c: {"{$url}": HERE}}`)},
	{"3.0", "operation", inOperation(`callbacks: {c: {"{$url}": {post: HERE}}}`)},
	{"3.0", "server", inOperation(`callbacks: {c: {"{$url}": {post: {servers: [HERE], responses: {}}}}}`)},
	{"3.0", "scheme", inOperation(`security: [{key: []}]`) + "\ncomponents: {securitySchemes: {key: HERE}}"},
	{"3.0", "flows", inOperation(`security: [{key: []}]`) + "\ncomponents: {securitySchemes: {key: {type: oauth2, flows: HERE}}}"},
	{"3.0", "flow", inOperation(`security: [{key: []}]`) + "\ncomponents: {securitySchemes: {key: {type: oauth2, flows: {implicit: HERE}}}}"},
	{"3.0", "requirement", inOperation(`security: [HERE]`) + "\ncomponents: {securitySchemes: {key: {type: openIdConnect, openIdConnectUrl: u}}}"},
	{"3.0", "parameter", component("parameters", inOperation(`parameters: [{$ref: "#/components/parameters/C"}]`))},
	{"3.0", "body", component("requestBodies", inOperation(`requestBody: {$ref: "#/components/requestBodies/C"}`))},
	{"3.0", "response", component("responses", inOperation(`responses: {default: {$ref: "#/components/responses/C"}}`))},
	{"3.0", "header", component("headers", inResponse(`headers: {H: {$ref: "#/components/headers/C"}}`))},
	{"3.0", "link", component("links", inResponse(`links: {l: {$ref: "#/components/links/C"}}`))},
	{"3.0", "callback", component("callbacks", inOperation(`callbacks: {c: {$ref: "#/components/callbacks/C"}}`))},
	{"3.0", "schema", component("schemas", inSchema(`{$ref: "#/components/schemas/C"}`))},
	{"3.0", "schema", component("schemas", inSchema(`{discriminator: {propertyName: k, mapping: {a: C}}}`))},
	{"3.0", "schema", component("schemas", inSchema(`{oneOf: [{$ref: "#/components/schemas/C"}, {type: boolean}], discriminator: {propertyName: k}}`))},
	{"3.0", "schema", inSchema(`{allOf: [HERE, {description: d}]}`)},
	{"3.0", "schema", inSchema(`{oneOf: [HERE, {type: boolean}]}`)},
	{"3.0", "schema", inSchema(`{anyOf: [HERE, {type: boolean}]}`)},
	{"3.0", "schema", inSchema(`{not: HERE}`)},
	{"3.0", "schema", inSchema(`{type: array, items: HERE}`)},
	{"3.0", "properties", inSchema(`{type: object, properties: HERE}`)},
	{"3.0", "schema", inSchema(`{type: object, properties: {a: HERE}}`)},
	{"3.0", "schema", inSchema(`{type: object, properties: {$ref: HERE}}`)},
	{"3.0", "schema", inSchema(`{type: object, additionalProperties: HERE}`)},
	{"3.1", "item", component("pathItems", `paths: {/a: {$ref: "#/components/pathItems/C"}}`)},
	{"3.1", "item", "webhooks: {w: HERE}\n" + inOperation(`tags: []`)},
	{"3.1", "operation", "webhooks: {w: {post: HERE}}\n" + inOperation(`tags: []`)},
	{"3.1", "item", "webhooks: {w: HERE}"},
	{"3.1", "operation", "paths: {}\nwebhooks: {w: {post: HERE}}"},
	{"3.1", "item", component("pathItems", `webhooks: {w: {$ref: "#/components/pathItems/C"}}`)},
	{"3.1", "schema", "webhooks: {w: {post: {requestBody: {content: {text/plain: {schema: HERE}}}}}}"},
	{"3.1", "schema", inSchema(`{$ref: "#/x-any", allOf: [HERE]}`)},
	{"3.1", "schema", inSchema(`{type: object, patternProperties: {a: HERE}}`)},
	{"3.1", "schema", inSchema(`{type: object, patternProperties: {$ref: HERE}}`)},
	{"3.1", "properties", inSchema(`{type: object, patternProperties: HERE}`)},
	{"3.1", "schema", inSchema(`{type: object, propertyNames: HERE}`)},
	{"3.1", "schema", inSchema(`{type: object, unevaluatedProperties: HERE}`)},
	{"3.1", "schema", inSchema(`{type: object, dependentSchemas: {a: HERE}}`)},
	{"3.1", "dependency", inSchema(`{type: object, dependentRequired: {a: HERE}}`)},
	{"3.1", "schema", inSchema(`{type: object, dependencies: {a: HERE}}`)},
	{"3.1", "schema", inSchema(`{type: array, prefixItems: [HERE]}`)},
	{"3.1", "schema", inSchema(`{type: array, items: [{}], additionalItems: HERE}`)},
	{"3.1", "schema", inSchema(`{type: array, unevaluatedItems: HERE}`)},
	{"3.1", "schema", inSchema(`{type: array, contains: HERE}`)},
	{"3.1", "schema", inSchema(`{if: HERE, then: {maxLength: 1}}`)},
	{"3.1", "schema", inSchema(`{if: {minLength: 1}, then: HERE}`)},
	{"3.1", "schema", inSchema(`{if: {minLength: 1}, else: HERE}`)},
	{"3.1", "schema", inSchema(`{type: string, contentMediaType: text/plain, contentSchema: HERE}`)},
	{"3.1", "schema", inSchema(`{$ref: "#/paths/~1a/get/responses/default/content/text~1plain/schema/$defs/d", $defs: {d: HERE}}`)},
	{"3.1", "schema", inSchema(`{$ref: "#d", $defs: {d: {$anchor: d, allOf: [HERE]}}}`)},
	{"3.1", "schema", inSchema(`{$dynamicRef: "#d", $defs: {d: {$dynamicAnchor: d, allOf: [HERE]}}}`)},
	{"3.2", "operation", `paths: {/a: {get: {responses: {}}, query: HERE}}`},
	{"3.2", "operation", `paths: {/a: {get: {responses: {}}, additionalOperations: {COPY: HERE}}}`},
	{"3.2", "media", component("mediaTypes", inResponse(`content: {text/plain: {$ref: "#/components/mediaTypes/C"}}`))},
	{"3.2", "schema", inResponse(`content: {application/jsonl: {itemSchema: HERE}}`)},
	{"3.2", "encoding", inResponse(`content: {multipart/mixed: {itemEncoding: HERE}}`)},
	{"3.2", "encoding", inResponse(`content: {multipart/mixed: {prefixEncoding: [HERE]}}`)},
	{"3.2", "encoding", inResponse(`content: {multipart/mixed: {encoding: {a: {encoding: {b: HERE}}}}}`)},
	{"3.2", "encoding", inResponse(`content: {multipart/mixed: {encoding: {a: {itemEncoding: HERE}}}}`)},
	{"3.2", "encoding", inResponse(`content: {multipart/mixed: {encoding: {a: {prefixEncoding: [HERE]}}}}`)},
	{"3.2", "schema", component("schemas", inSchema(`{oneOf: [{type: object}, {type: boolean}], discriminator: {propertyName: k, defaultMapping: C}}`))},
	{"3.2", "flow", inOperation(`security: [{key: []}]`) + "\ncomponents: {securitySchemes: {key: {type: oauth2, flows: {deviceAuthorization: HERE}}}}"},
	{"3.2", "content", inOperation(`parameters: [{name: q, in: querystring, content: HERE}]`)},
}

func inOperation(member string) string {
	if !strings.HasPrefix(member, "responses") {
		member += ", responses: {}"
	}
	return `paths: {/a: {get: {` + member + `}}}`
}

func inResponse(member string) string {
	return inOperation(`responses: {default: {description: d, ` + member + `}}`)
}

func inSchema(schema string) string {
	return inResponse(`content: {text/plain: {schema: ` + schema + `}}`)
}

func component(section, paths string) string {
	return paths + "\ncomponents: {" + section + ": {C: HERE}}"
}

// What differs only in one part of a document is found, or the document is refused,
// wherever the part is: in its place, behind a reference, or behind two. A
// reference out of the document is refused everywhere.
func TestNothingPassesInSilence(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"3.0", "3.1", "3.2"} {
		for _, w := range walked {
			if w.since > version {
				continue
			}
			// Refused is what has no reference by the specifications and in documents, and
			// what is new in 3.2 and not compared.
			refused := slices.Contains([]string{"server", "variable", "flows", "flow", "requirement", "dependency"}, w.part) ||
				strings.Contains(w.text, "dependencies") || w.since == "3.2" && w.part != "media"
			with := func(here, there string) (*Document, error) {
				text := "openapi: " + version + ".0\n" + strings.Replace(w.text, "HERE", here, 1)
				return Parse([]byte(text + "\nx-any: {}\nx-there: {one: {$ref: '#/x-there/part'}, part: " + there + "}\n"))
			}
			differ := func(here, there, otherHere, otherThere string) bool {
				old, err := with(here, there)
				if err != nil {
					t.Fatalf("%s: %v", w.text, err)
				}
				new, err := with(otherHere, otherThere)
				if err != nil {
					t.Fatalf("%s: %v", w.text, err)
				}
				findings, err := Diff(t.Context(), old, new, Scope{})
				if err != nil && !refused {
					t.Errorf("%s: %s: refused, though %s is allowed here: %v", version, w.text, here, err)
				}
				return len(findings) > 0 || err != nil
			}
			part := parts[w.part]
			if !differ(part[0], "{}", part[1], "{}") {
				t.Errorf("%s: %s: nothing is said of another %s in its place", version, w.text, w.part)
			}
			for _, ref := range []string{"{$ref: '#/x-there/part'}", "{$ref: '#/x-there/one'}"} {
				if !differ(ref, part[0], ref, part[1]) {
					t.Errorf("%s: %s: nothing is said of another %s behind %s", version, w.text, w.part, ref)
				}
			}
			outside, err := with("{$ref: 'other.yaml'}", "{}")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Fingerprint(outside, Scope{}); err == nil {
				t.Errorf("%s: %s: what leads out of the document is not refused", version, w.text)
			}
		}
	}
}
