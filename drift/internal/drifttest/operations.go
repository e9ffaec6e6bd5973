package drifttest

import (
	"slices"
)

// Paths of our document.
const (
	ZonePath     = "/zones/{zone_id}/origin_tls_client_auth"
	SettingsPath = ZonePath + "/settings"
)

// Op returns an operation.
func Op(doc Tree, path, method string) Tree { return Dig(doc, "paths", path, method) }

// Parameter returns a function that puts a parameter into GetSettings.
func Parameter(p Tree) func(Tree) {
	return func(doc Tree) { Op(doc, SettingsPath, "get")["parameters"] = []any{p} }
}

func query(more Tree) func(Tree) {
	p := Tree{"name": "q", "in": "query", "schema": Tree{"type": "array", "items": Tree{"type": "string"}}}
	for key, v := range more {
		p[key] = v
	}
	return Parameter(p)
}

// Header returns a function that gives the response of GetSettings a header.
func Header(h Tree) func(Tree) {
	return func(doc Tree) { Dig(Op(doc, SettingsPath, "get"), "responses", "200", "headers")["X-Probe"] = h }
}

// Form returns a function that lets SetSettings take a form.
func Form(encoding Tree) func(Tree) {
	return func(doc Tree) {
		media := Tree{"schema": Tree{"type": "object", "properties": Tree{"file": Tree{"type": "string"}}}}
		if encoding != nil {
			media["encoding"] = Tree{"file": encoding}
		}
		Dig(Op(doc, SettingsPath, "put"), "requestBody", "content")["multipart/form-data"] = media
	}
}

// Callback returns a function that has SetSettings call back.
func Callback(operation Tree) func(Tree) {
	return func(doc Tree) {
		Op(doc, SettingsPath, "put")["callbacks"] = Tree{"done": Tree{"{$request.body#/url}": Tree{"post": operation}}}
	}
}

// Seen returns the operation of a callback.
func Seen(more Tree) Tree {
	out := Tree{"responses": Tree{"204": Tree{"description": ""}}}
	for key, v := range more {
		out[key] = v
	}
	return out
}

// Link returns a function that gives the response of GetSettings a link.
func Link(l Tree) func(Tree) {
	return func(doc Tree) { Dig(Op(doc, SettingsPath, "get"), "responses", "200")["links"] = Tree{"next": l} }
}

func body(required bool) func(Tree) {
	return func(doc Tree) {
		Op(doc, SettingsPath, "get")["requestBody"] = Tree{"required": required, "content": Tree{"application/json": Tree{"schema": Tree{"type": "string"}}}}
	}
}

func inGet(key string, v any) func(Tree) {
	return func(doc Tree) { Op(doc, SettingsPath, "get")[key] = v }
}

func nothing(Tree) {}

// operationMutation is a change of our document other than of a schema. The
// first function prepares the older document, the second makes the newer one.
type operationMutation struct {
	Kind          string
	Class         string
	Before, After func(doc Tree)
}

// OperationMutations has at least one mutation for each kind that is not of a schema.
var OperationMutations = []operationMutation{
	{"operation-removed", brkClass, nothing, func(d Tree) { delete(Dig(d, "paths", SettingsPath), "put") }},
	{"operation-added", addClass, nothing, func(d Tree) { Op(d, SettingsPath, "patch")["responses"] = Tree{"200": Tree{"description": ""}} }},
	{"operation-added", addClass, nothing, func(d Tree) {
		Op(d, ZonePath+"/hostnames", "get")["responses"] = Tree{"200": Tree{"description": ""}}
	}},
	{"operation-id-changed", ediClass, nothing, inGet("operationId", "other")},
	{"operation-deprecated", ediClass, nothing, inGet("deprecated", true)},
	{"operation-undeprecated", ediClass, inGet("deprecated", true), nothing},
	{"server-removed", brkClass, func(d Tree) {
		d["servers"] = []any{Tree{"url": "https://a.example"}, Tree{"url": "https://b.example"}}
	}, func(d Tree) { d["servers"] = []any{Tree{"url": "https://a.example"}} }},
	{"server-added", addClass, func(d Tree) { d["servers"] = []any{Tree{"url": "https://a.example"}} }, func(d Tree) {
		d["servers"] = []any{Tree{"url": "https://b.example"}, Tree{"url": "https://A.example/"}}
	}},
	{"security-removed", brkClass, nothing, func(d Tree) { d["security"] = slices.Delete(d["security"].([]any), 0, 1) }},
	{"security-loosened", addClass, nothing, func(d Tree) { d["security"] = []any{Tree{}, d["security"].([]any)[1]} }},
	{"security-added", addClass, nothing, func(d Tree) { d["security"] = append(d["security"].([]any), Tree{}) }},
	{"callback-added", addClass, nothing, Callback(Seen(nil))},
	{"callback-removed", brkClass, Callback(Seen(nil)), nothing},
	{"link-added", addClass, nothing, Link(Tree{"operationId": "SetSettings"})},
	{"link-removed", brkClass, Link(Tree{"operationId": "SetSettings"}), nothing},
	{"link-changed", brkClass, Link(Tree{"operationId": "SetSettings"}), Link(Tree{"operationId": "GetSettings"})},

	{"request-parameter-added", addClass, nothing, query(nil)},
	{"request-parameter-added-required", brkClass, nothing, query(Tree{"required": true})},
	{"request-parameter-removed", brkClass, query(nil), nothing},
	{"request-parameter-required", brkClass, query(nil), query(Tree{"required": true})},
	{"request-parameter-optional", addClass, query(Tree{"required": true}), query(nil)},
	{"request-style-changed", brkClass, query(Tree{"explode": false}), query(Tree{"explode": false, "style": "pipeDelimited"})},
	{"request-explode-changed", brkClass, query(nil), query(Tree{"explode": false})},
	{"request-allow-reserved-added", addClass, query(nil), query(Tree{"allowReserved": true})},
	{"request-allow-reserved-removed", brkClass, query(Tree{"allowReserved": true}), query(nil)},
	{"request-allow-empty-value-added", addClass, query(nil), query(Tree{"allowEmptyValue": true})},
	{"request-allow-empty-value-removed", brkClass, query(Tree{"allowEmptyValue": true}), query(nil)},
	{"request-deprecated", ediClass, query(nil), query(Tree{"deprecated": true})},
	{"request-parameter-added", addClass, nothing, Parameter(Tree{"name": "c", "in": "cookie", "schema": Tree{"type": "string"}})},
	{"request-max-length-tightened", brkClass, nothing, func(d Tree) {
		Dig(d, "components", "parameters", "CertificateID", "schema")["maxLength"] = 32
	}},
	{"request-body-added", addClass, nothing, body(false)},
	{"request-body-added-required", brkClass, nothing, body(true)},
	{"request-body-removed", brkClass, body(false), nothing},
	{"request-body-required", brkClass, body(false), body(true)},
	{"request-body-optional", addClass, body(true), body(false)},
	{"request-media-type-added", addClass, nothing, Form(nil)},
	{"request-media-type-removed", brkClass, Form(nil), nothing},
	{"request-encoding-content-type-changed", brkClass, Form(nil), Form(Tree{"contentType": "image/png"})},
	{"request-encoding-content-type-changed", brkClass, Form(Tree{"contentType": "image/png"}), Form(nil)},
	{"request-encoding-content-type-changed", brkClass, Form(Tree{"contentType": "image/png"}), Form(Tree{"contentType": "image/gif"})},
	{"request-encoding-content-type-added", addClass, Form(Tree{"contentType": "image/png"}), Form(Tree{"contentType": "image/gif, image/png"})},
	{"request-encoding-content-type-removed", brkClass, Form(Tree{"contentType": "image/gif, image/png"}), Form(Tree{"contentType": "image/png"})},
	{"request-header-added", addClass, Form(Tree{}), Form(Tree{"headers": Tree{"X-A": Tree{"schema": Tree{"type": "string"}}}})},
	{"request-header-added-required", brkClass, Form(Tree{}), Form(Tree{"headers": Tree{"X-A": Tree{"required": true, "schema": Tree{"type": "string"}}}})},
	{"request-header-removed", brkClass, Form(Tree{"headers": Tree{"X-A": Tree{"schema": Tree{}}}}), Form(Tree{})},

	{"response-media-type-added", addClass, nothing, func(d Tree) {
		Dig(Op(d, SettingsPath, "get"), "responses", "200", "content", "text/csv")["schema"] = Tree{"type": "string"}
	}},
	{"response-media-type-removed", brkClass, nothing, func(d Tree) {
		delete(Dig(Op(d, SettingsPath, "get"), "responses", "200", "content"), "application/json")
	}},
	{"response-status-added", addClass, nothing, func(d Tree) { Dig(Op(d, SettingsPath, "get"), "responses")["202"] = Tree{"description": ""} }},
	{"response-status-removed", brkClass, nothing, func(d Tree) { delete(Dig(Op(d, SettingsPath, "get"), "responses"), "4XX") }},
	{"response-header-added", addClass, nothing, Header(Tree{"schema": Tree{"type": "string"}})},
	{"response-header-removed", brkClass, Header(Tree{"schema": Tree{"type": "string"}}), nothing},
	{"response-header-required", addClass, Header(Tree{"schema": Tree{}}), Header(Tree{"required": true, "schema": Tree{}})},
	{"response-header-optional", brkClass, Header(Tree{"required": true, "schema": Tree{}}), Header(Tree{"schema": Tree{}})},
	{"response-explode-changed", brkClass, Header(Tree{"schema": Tree{}}), Header(Tree{"explode": true, "schema": Tree{}})},

	// In a callback the program is the one that responds.
	{"response-body-added", addClass, Callback(Seen(nil)), Callback(Seen(Tree{"requestBody": Tree{"content": Tree{}}}))},
	{"response-parameter-removed", brkClass, Callback(Seen(Tree{"parameters": []any{Tree{"name": "q", "in": "query", "schema": Tree{}}}})), Callback(Seen(nil))},
	{"request-status-removed", brkClass, Callback(Tree{"responses": Tree{"204": Tree{"description": ""}, "200": Tree{"description": ""}}}), Callback(Seen(nil))},
}
