package drift

import (
	"slices"
	"testing"
)

const (
	zonePath     = "/zones/{zone_id}/origin_tls_client_auth"
	settingsPath = zonePath + "/settings"
)

// operationMutation is a change of our document other than of a schema. The
// first function prepares the older document, the second makes the newer one.
type operationMutation struct {
	kind          string
	class         Class
	before, after func(doc tree)
}

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

var operationMutations = []operationMutation{
	{"operation-removed", Breaking, nothing, func(d tree) { delete(dig(d, "paths", settingsPath), "put") }},
	{"operation-added", Additive, nothing, func(d tree) { op(d, settingsPath, "patch")["responses"] = tree{"200": tree{"description": ""}} }},
	{"operation-added", Additive, nothing, func(d tree) {
		op(d, zonePath+"/hostnames", "get")["responses"] = tree{"200": tree{"description": ""}}
	}},
	{"operation-id-changed", Editorial, nothing, inGet("operationId", "other")},
	{"operation-deprecated", Editorial, nothing, inGet("deprecated", true)},
	{"operation-undeprecated", Editorial, inGet("deprecated", true), nothing},
	{"server-removed", Breaking, func(d tree) {
		d["servers"] = []any{tree{"url": "https://a.example"}, tree{"url": "https://b.example"}}
	}, func(d tree) { d["servers"] = []any{tree{"url": "https://a.example"}} }},
	{"server-added", Additive, func(d tree) { d["servers"] = []any{tree{"url": "https://a.example"}} }, func(d tree) {
		d["servers"] = []any{tree{"url": "https://b.example"}, tree{"url": "https://A.example/"}}
	}},
	{"security-removed", Breaking, nothing, func(d tree) { d["security"] = slices.Delete(d["security"].([]any), 0, 1) }},
	{"security-added", Additive, nothing, func(d tree) { d["security"] = append(d["security"].([]any), tree{}) }},
	{"callback-added", Additive, nothing, callback(seen(nil))},
	{"callback-removed", Breaking, callback(seen(nil)), nothing},
	{"link-added", Additive, nothing, link(tree{"operationId": "SetSettings"})},
	{"link-removed", Breaking, link(tree{"operationId": "SetSettings"}), nothing},
	{"link-changed", Breaking, link(tree{"operationId": "SetSettings"}), link(tree{"operationId": "GetSettings"})},

	{"request-parameter-added", Additive, nothing, query(nil)},
	{"request-parameter-added-required", Breaking, nothing, query(tree{"required": true})},
	{"request-parameter-removed", Breaking, query(nil), nothing},
	{"request-parameter-required", Breaking, query(nil), query(tree{"required": true})},
	{"request-parameter-optional", Additive, query(tree{"required": true}), query(nil)},
	{"request-style-changed", Breaking, query(tree{"explode": false}), query(tree{"explode": false, "style": "pipeDelimited"})},
	{"request-explode-changed", Breaking, query(nil), query(tree{"explode": false})},
	{"request-allow-reserved-added", Additive, query(nil), query(tree{"allowReserved": true})},
	{"request-allow-reserved-removed", Breaking, query(tree{"allowReserved": true}), query(nil)},
	{"request-allow-empty-value-added", Additive, query(nil), query(tree{"allowEmptyValue": true})},
	{"request-allow-empty-value-removed", Breaking, query(tree{"allowEmptyValue": true}), query(nil)},
	{"request-deprecated", Editorial, query(nil), query(tree{"deprecated": true})},
	{"request-parameter-added", Additive, nothing, parameter(tree{"name": "c", "in": "cookie", "schema": tree{"type": "string"}})},
	{"request-max-length-tightened", Breaking, nothing, func(d tree) {
		dig(d, "components", "parameters", "CertificateID", "schema")["maxLength"] = 32
	}},
	{"request-body-added", Additive, nothing, body(false)},
	{"request-body-added-required", Breaking, nothing, body(true)},
	{"request-body-removed", Breaking, body(false), nothing},
	{"request-body-required", Breaking, body(false), body(true)},
	{"request-body-optional", Additive, body(true), body(false)},
	{"request-media-type-added", Additive, nothing, form(nil)},
	{"request-media-type-removed", Breaking, form(nil), nothing},
	{"request-encoding-added", Breaking, form(nil), form(tree{"contentType": "image/png"})},
	{"request-encoding-removed", Breaking, form(tree{"contentType": "image/png"}), form(nil)},
	{"request-encoding-content-type-changed", Breaking, form(tree{"contentType": "image/png"}), form(tree{"contentType": "image/gif"})},
	{"request-header-added", Additive, form(tree{}), form(tree{"headers": tree{"X-A": tree{"schema": tree{"type": "string"}}}})},
	{"request-header-added-required", Breaking, form(tree{}), form(tree{"headers": tree{"X-A": tree{"required": true, "schema": tree{"type": "string"}}}})},
	{"request-header-removed", Breaking, form(tree{"headers": tree{"X-A": tree{"schema": tree{}}}}), form(tree{})},

	{"response-media-type-added", Additive, nothing, func(d tree) {
		dig(op(d, settingsPath, "get"), "responses", "200", "content", "text/csv")["schema"] = tree{"type": "string"}
	}},
	{"response-media-type-removed", Breaking, nothing, func(d tree) {
		delete(dig(op(d, settingsPath, "get"), "responses", "200", "content"), "application/json")
	}},
	{"response-status-added", Additive, nothing, func(d tree) { dig(op(d, settingsPath, "get"), "responses")["202"] = tree{"description": ""} }},
	{"response-status-removed", Breaking, nothing, func(d tree) { delete(dig(op(d, settingsPath, "get"), "responses"), "4XX") }},
	{"response-header-added", Additive, nothing, header(tree{"schema": tree{"type": "string"}})},
	{"response-header-removed", Breaking, header(tree{"schema": tree{"type": "string"}}), nothing},
	{"response-header-required", Additive, header(tree{"schema": tree{}}), header(tree{"required": true, "schema": tree{}})},
	{"response-header-optional", Breaking, header(tree{"required": true, "schema": tree{}}), header(tree{"schema": tree{}})},
	{"response-explode-changed", Breaking, header(tree{"schema": tree{}}), header(tree{"explode": true, "schema": tree{}})},

	// In a callback the program is the one that answers.
	{"response-body-added", Additive, callback(seen(nil)), callback(seen(tree{"requestBody": tree{"content": tree{}}}))},
	{"response-parameter-removed", Breaking, callback(seen(tree{"parameters": []any{tree{"name": "q", "in": "query", "schema": tree{}}}})), callback(seen(nil))},
	{"request-status-removed", Breaking, callback(tree{"responses": tree{"204": tree{"description": ""}, "200": tree{"description": ""}}}), callback(seen(nil))},
}

func TestOperationMutations(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes long")
	}
	ours := readTree(t, ourSpec)
	for _, m := range operationMutations {
		old, new := clone(ours), clone(ours)
		m.before(old)
		m.after(new)
		oneFinding(t, m.kind, m.class, parseTree(t, old), parseTree(t, new))
	}
}

// A parameter of a path is a place, not a name.
func TestPathParameterRenamed(t *testing.T) {
	t.Parallel()
	old, new := readTree(t, ourSpec), readTree(t, ourSpec)
	paths := dig(new, "paths")
	paths[zonePath[:len("/zones/{")]+"zone"+zonePath[len("/zones/{zone_id"):]] = paths[zonePath]
	delete(paths, zonePath)
	item := dig(paths, "/zones/{zone}/origin_tls_client_auth")
	parameter := clone(dig(new, "components", "parameters", "ZoneID"))
	parameter["name"] = "zone"
	item["parameters"] = []any{parameter}
	f := oneFinding(t, "path-parameter-renamed", Editorial, parseTree(t, old), parseTree(t, new))
	if f.Before != "zone_id" || f.After != "zone" || len(f.Where) != 1 || len(f.Where[0].Operations) != 2 {
		t.Errorf("found %+v", f)
	}
}

// Every kind that the table names is one that some change makes.
func TestEveryKindIsTried(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{"path-parameter-renamed": true}
	for _, m := range schemaMutations {
		tried[m.kind] = true
	}
	for _, m := range operationMutations {
		kind, ok := kindWithID(m.kind)
		if !ok {
			t.Errorf("there is no kind %s", m.kind)
		}
		tried[kind.Name] = true
	}
	elsewhere := []string{"unhandled", "correction-unmatched", "correction-obsolete", "known-operation-gone"}
	for _, k := range Kinds() {
		if !tried[k.Name] && !slices.Contains(elsewhere, k.Name) {
			t.Errorf("no change here makes %s", k.Name)
		}
	}
	if len(tried) < 80 {
		t.Errorf("only %d kinds of change are tried", len(tried))
	}
}
