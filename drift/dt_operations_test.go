package drift

import "slices"

const (
	zonePath     = "/zones/{zone_id}/origin_tls_client_auth"
	settingsPath = zonePath + "/settings"
)

func op(doc tree, path, method string) tree { return dig(doc, "paths", path, method) }

// parameter returns a function that puts a parameter into GetSettings.
func parameter(p tree) func(tree) {
	return func(doc tree) { op(doc, settingsPath, "get")["parameters"] = []any{p} }
}

func query(more tree) func(tree) {
	p := tree{"name": "q", "in": "query", "schema": tree{"type": "array", "items": tree{"type": "string"}}}
	for key, v := range more {
		p[key] = v
	}
	return parameter(p)
}

// header returns a function that gives the answer of GetSettings a header.
func header(h tree) func(tree) {
	return func(doc tree) { dig(op(doc, settingsPath, "get"), "responses", "200", "headers")["X-Probe"] = h }
}

// form returns a function that lets SetSettings take a form.
func form(encoding tree) func(tree) {
	return func(doc tree) {
		media := tree{"schema": tree{"type": "object", "properties": tree{"file": tree{"type": "string"}}}}
		if encoding != nil {
			media["encoding"] = tree{"file": encoding}
		}
		dig(op(doc, settingsPath, "put"), "requestBody", "content")["multipart/form-data"] = media
	}
}

// callback returns a function that has SetSettings call back.
func callback(operation tree) func(tree) {
	return func(doc tree) {
		op(doc, settingsPath, "put")["callbacks"] = tree{"done": tree{"{$request.body#/url}": tree{"post": operation}}}
	}
}

func seen(more tree) tree {
	out := tree{"responses": tree{"204": tree{"description": ""}}}
	for key, v := range more {
		out[key] = v
	}
	return out
}

func link(l tree) func(tree) {
	return func(doc tree) { dig(op(doc, settingsPath, "get"), "responses", "200")["links"] = tree{"next": l} }
}

func body(required bool) func(tree) {
	return func(doc tree) {
		op(doc, settingsPath, "get")["requestBody"] = tree{"required": required, "content": tree{"application/json": tree{"schema": tree{"type": "string"}}}}
	}
}

func inGet(key string, v any) func(tree) {
	return func(doc tree) { op(doc, settingsPath, "get")[key] = v }
}

func nothing(tree) {}

// operationMutation is a change of our document other than of a schema. The
// first function prepares the older document, the second makes the newer one.
type operationMutation struct {
	kind          string
	class         string
	before, after func(doc tree)
}

var operationMutations = []operationMutation{
	{"operation-removed", brkClass, nothing, func(d tree) { delete(dig(d, "paths", settingsPath), "put") }},
	{"operation-added", addClass, nothing, func(d tree) { op(d, settingsPath, "patch")["responses"] = tree{"200": tree{"description": ""}} }},
	{"operation-added", addClass, nothing, func(d tree) {
		op(d, zonePath+"/hostnames", "get")["responses"] = tree{"200": tree{"description": ""}}
	}},
	{"operation-id-changed", ediClass, nothing, inGet("operationId", "other")},
	{"operation-deprecated", ediClass, nothing, inGet("deprecated", true)},
	{"operation-undeprecated", ediClass, inGet("deprecated", true), nothing},
	{"server-removed", brkClass, func(d tree) {
		d["servers"] = []any{tree{"url": "https://a.example"}, tree{"url": "https://b.example"}}
	}, func(d tree) { d["servers"] = []any{tree{"url": "https://a.example"}} }},
	{"server-added", addClass, func(d tree) { d["servers"] = []any{tree{"url": "https://a.example"}} }, func(d tree) {
		d["servers"] = []any{tree{"url": "https://b.example"}, tree{"url": "https://A.example/"}}
	}},
	{"security-removed", brkClass, nothing, func(d tree) { d["security"] = slices.Delete(d["security"].([]any), 0, 1) }},
	{"security-added", addClass, nothing, func(d tree) { d["security"] = append(d["security"].([]any), tree{}) }},
	{"callback-added", addClass, nothing, callback(seen(nil))},
	{"callback-removed", brkClass, callback(seen(nil)), nothing},
	{"link-added", addClass, nothing, link(tree{"operationId": "SetSettings"})},
	{"link-removed", brkClass, link(tree{"operationId": "SetSettings"}), nothing},
	{"link-changed", brkClass, link(tree{"operationId": "SetSettings"}), link(tree{"operationId": "GetSettings"})},

	{"request-parameter-added", addClass, nothing, query(nil)},
	{"request-parameter-added-required", brkClass, nothing, query(tree{"required": true})},
	{"request-parameter-removed", brkClass, query(nil), nothing},
	{"request-parameter-required", brkClass, query(nil), query(tree{"required": true})},
	{"request-parameter-optional", addClass, query(tree{"required": true}), query(nil)},
	{"request-style-changed", brkClass, query(tree{"explode": false}), query(tree{"explode": false, "style": "pipeDelimited"})},
	{"request-explode-changed", brkClass, query(nil), query(tree{"explode": false})},
	{"request-allow-reserved-added", addClass, query(nil), query(tree{"allowReserved": true})},
	{"request-allow-reserved-removed", brkClass, query(tree{"allowReserved": true}), query(nil)},
	{"request-allow-empty-value-added", addClass, query(nil), query(tree{"allowEmptyValue": true})},
	{"request-allow-empty-value-removed", brkClass, query(tree{"allowEmptyValue": true}), query(nil)},
	{"request-deprecated", ediClass, query(nil), query(tree{"deprecated": true})},
	{"request-parameter-added", addClass, nothing, parameter(tree{"name": "c", "in": "cookie", "schema": tree{"type": "string"}})},
	{"request-max-length-tightened", brkClass, nothing, func(d tree) {
		dig(d, "components", "parameters", "CertificateID", "schema")["maxLength"] = 32
	}},
	{"request-body-added", addClass, nothing, body(false)},
	{"request-body-added-required", brkClass, nothing, body(true)},
	{"request-body-removed", brkClass, body(false), nothing},
	{"request-body-required", brkClass, body(false), body(true)},
	{"request-body-optional", addClass, body(true), body(false)},
	{"request-media-type-added", addClass, nothing, form(nil)},
	{"request-media-type-removed", brkClass, form(nil), nothing},
	{"request-encoding-added", brkClass, form(nil), form(tree{"contentType": "image/png"})},
	{"request-encoding-removed", brkClass, form(tree{"contentType": "image/png"}), form(nil)},
	{"request-encoding-content-type-changed", brkClass, form(tree{"contentType": "image/png"}), form(tree{"contentType": "image/gif"})},
	{"request-header-added", addClass, form(tree{}), form(tree{"headers": tree{"X-A": tree{"schema": tree{"type": "string"}}}})},
	{"request-header-added-required", brkClass, form(tree{}), form(tree{"headers": tree{"X-A": tree{"required": true, "schema": tree{"type": "string"}}}})},
	{"request-header-removed", brkClass, form(tree{"headers": tree{"X-A": tree{"schema": tree{}}}}), form(tree{})},

	{"response-media-type-added", addClass, nothing, func(d tree) {
		dig(op(d, settingsPath, "get"), "responses", "200", "content", "text/csv")["schema"] = tree{"type": "string"}
	}},
	{"response-media-type-removed", brkClass, nothing, func(d tree) {
		delete(dig(op(d, settingsPath, "get"), "responses", "200", "content"), "application/json")
	}},
	{"response-status-added", addClass, nothing, func(d tree) { dig(op(d, settingsPath, "get"), "responses")["202"] = tree{"description": ""} }},
	{"response-status-removed", brkClass, nothing, func(d tree) { delete(dig(op(d, settingsPath, "get"), "responses"), "4XX") }},
	{"response-header-added", addClass, nothing, header(tree{"schema": tree{"type": "string"}})},
	{"response-header-removed", brkClass, header(tree{"schema": tree{"type": "string"}}), nothing},
	{"response-header-required", addClass, header(tree{"schema": tree{}}), header(tree{"required": true, "schema": tree{}})},
	{"response-header-optional", brkClass, header(tree{"required": true, "schema": tree{}}), header(tree{"schema": tree{}})},
	{"response-explode-changed", brkClass, header(tree{"schema": tree{}}), header(tree{"explode": true, "schema": tree{}})},

	// In a callback the program is the one that answers.
	{"response-body-added", addClass, callback(seen(nil)), callback(seen(tree{"requestBody": tree{"content": tree{}}}))},
	{"response-parameter-removed", brkClass, callback(seen(tree{"parameters": []any{tree{"name": "q", "in": "query", "schema": tree{}}}})), callback(seen(nil))},
	{"request-status-removed", brkClass, callback(tree{"responses": tree{"204": tree{"description": ""}, "200": tree{"description": ""}}}), callback(seen(nil))},
}
