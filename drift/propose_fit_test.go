package drift

import (
	"slices"
	"strings"
	"testing"
)

// rotating gives a document an operation whose answer holds what a property of the
// settings would.
func rotating(status string, result tree) func(tree) {
	return func(d tree) {
		exported(d, zonePath+"/rotate", "rotate")
		item := dig(d, "paths", zonePath+"/rotate")
		item["parameters"] = dig(d, "paths", zonePath)["parameters"]
		delete(dig(item, "get"), "parameters")
		responses := dig(item, "get", "responses")
		envelope := clone(dig(d, "components", "schemas", "SettingsEnvelope"))
		dig(envelope, "properties")["result"] = result
		answer := clone(dig(responses, "200"))
		delete(responses, "200")
		dig(answer, "content", "application/json")["schema"] = envelope
		responses[status] = answer
	}
}

// What generated code cannot hold of something new is left open, with the place on
// the wire and the reason, and names no component that is nowhere.
func TestProposeWhatCodeCannotHold(t *testing.T) {
	t.Parallel()
	ours := readTree(t, ourSpec)
	text := tree{"type": "string", "maxLength": 9}
	several := tree{"oneOf": []any{text, tree{"type": "boolean"}}}
	const holds, lists, one = "theirs does not say what it holds", "theirs does not say what it lists", "it is one of several alternatives"
	for name, test := range map[string]struct {
		change func(doc tree)
		says   string
	}{
		"an object":              {func(d tree) { property(d, "meta", tree{"type": "object"}) }, "$.components.schemas.Certificate.properties.meta: " + holds},
		"anything":               {func(d tree) { property(d, "meta", tree{}) }, "$.components.schemas.Certificate.properties.meta: " + holds},
		"a list":                 {func(d tree) { property(d, "meta", tree{"type": "array"}) }, "$.components.schemas.Certificate.properties.meta: " + lists},
		"alternatives":           {func(d tree) { property(d, "meta", several) }, "$.components.schemas.Certificate.properties.meta: " + one},
		"an object in an object": {func(d tree) { property(d, "meta", tree{"type": "object", "properties": tree{"a": tree{}}}) }, "$.components.schemas.Certificate.properties.meta.properties.a: " + holds},
		"an answer":              {rotating("200", tree{"type": "object", "properties": tree{"a": several}}), ".schema.properties.result.properties.a: " + one},
		"no answer for 200":      {rotating("201", tree{"type": "object", "properties": tree{"a": text}}), "rotate'].get: it has no answer for 200"},
		"a set in a parameter":   {parameter(tree{"name": "Status", "in": "query", "schema": tree{"type": "string", "enum": []any{"active", "deleted"}}}), "a set of values that stands in no component"},
		"a set in a header": {func(d tree) {
			headersOf(d)["X-Status"] = tree{"schema": tree{"type": "string", "enum": []any{"active"}}}
		}, "headers['x-status'].schema: a set of values that stands in no component"},
		"a number in a set": {func(d tree) {
			newStatus("5")(d)
			dig(d, "components", "schemas", "CertificateStatus")[openSet].([]any)[0] = "initializing"
			setLast(d, 5)
		}, "the value 5 is none of the type of the set"},
		"null in a set": {func(d tree) { newStatus("null")(d); setLast(d, nil) }, "the value null is none of the type of the set"},
		"a link":        {link(tree{"operationId": "SetSettings"}), `links.next: it leads to "SetSettings" of theirs, and nothing is generated of a link`},
		"a link in another place": {func(d tree) {
			rotating("200", tree{"type": "object", "properties": tree{"a": text}})(d)
			dig(d, "paths", zonePath+"/rotate", "get", "responses", "200")["links"] = tree{"next": tree{"operationId": "SetSettings"}}
		}, `links.next: it leads to "SetSettings" of theirs`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs := clone(ours)
			test.change(theirs)
			follow := []string{"all"}
			if strings.HasSuffix(name, "in a set") { // the type is another finding, which is not followed
				follow = nil
			}
			p := mustPropose(t, ourHouse(t, ours), parseTree(t, theirs), follow...)
			if p.Overlay != nil || !slices.ContainsFunc(p.Open, func(o Open) bool { return strings.Contains(o.Decide, test.says) }) {
				t.Errorf("it is not left open with a reason that says %q: %s", test.says, p.text())
			}
		})
	}
}

// setLast changes the last value of the statuses.
func setLast(d tree, value any) {
	status := dig(d, "components", "schemas", "CertificateStatus")
	list := status[openSet].([]any)
	list[len(list)-1] = value
	if value == nil {
		status["nullable"] = true
		return
	}
	delete(status, "type")
	status["anyOf"] = []any{tree{"type": "string"}, tree{"type": "integer"}}
}

// The objects of something new become components, so that their types have names,
// and each of them once.
func TestProposeNamesNewObjects(t *testing.T) {
	t.Parallel()
	ours := readTree(t, ourSpec)
	label := tree{"type": "object", "properties": tree{"label": tree{"type": "string", "maxLength": 9}}}
	tests := map[string]struct {
		change func(doc tree)
		made   string // the components
	}{
		"an object":              {func(d tree) { property(d, "geo", label) }, "CertificateGeo"},
		"one that is in another": {func(d tree) { property(d, "geo", tree{"type": "object", "properties": tree{"deep": label}}) }, "CertificateGeo CertificateGeoDeep"},
		"a list":                 {func(d tree) { property(d, "hosts", tree{"type": "array", "items": label}) }, "CertificateHostsItem"},
		"a map":                  {func(d tree) { property(d, "hosts", tree{"type": "object", "additionalProperties": label}) }, "CertificateHostsValue"},
		"one that holds itself": {func(d tree) {
			dig(d, "components", "schemas")["Tree"] = tree{"type": "object", "properties": tree{"kid": tree{"$ref": "#/components/schemas/Tree"}, "a": tree{"type": "boolean"}}}
			property(d, "chain", tree{"type": "object", "properties": tree{"top": tree{"$ref": "#/components/schemas/Tree"}}})
		}, "CertificateChain CertificateChainTop"},
		"a body": {func(d tree) {
			op(d, zonePath+"/{certificate_id}", "delete")["requestBody"] = tree{"content": tree{"application/json": tree{"schema": label}}}
		}, "DeleteCertificateRequest"},
		"an answer": {func(d tree) {
			dig(op(d, zonePath, "post"), "responses")["202"] = tree{"description": "", "content": tree{"application/json": tree{"schema": label}}}
		}, "UploadCertificateAnswer202"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := proposed(t, ours, test.change)
			if len(p.Open) > 0 || len(p.Adopted) != 1 {
				t.Fatal(p.text())
			}
			var made []string
			for name := range members(nodeAt(p.tree, "/components/schemas")) {
				if nodeAt(p.original, "/components/schemas/"+name) == nil {
					made = append(made, name)
				}
			}
			if got := strings.Join(sorted(made), " "); got != test.made {
				t.Errorf("the new components are %q, want %q:\n%s", got, test.made, p.Overlay)
			}
		})
	}
}

// A new set of an answer is open, as ours are, and has a type; one that is sent is
// closed.
func TestProposeOpensSetsOfAnswers(t *testing.T) {
	t.Parallel()
	ours := readTree(t, ourSpec)
	set := tree{"type": "string", "maxLength": 9, "enum": []any{"rsa", "ecdsa"}}
	tests := map[string]struct {
		change func(doc tree)
		at     string // of the set
		values string // what they stand under
	}{
		"a property":                 {func(d tree) { property(d, "key_type", set) }, "/components/schemas/CertificateKeyType", openSet},
		"a list":                     {func(d tree) { property(d, "key_types", tree{"type": "array", "items": set}) }, "/components/schemas/CertificateKeyTypesItem", openSet},
		"an answer of a new one":     {rotating("200", tree{"type": "object", "properties": tree{"key_type": set}}), "/components/schemas/RotateAnswerResultKeyType", openSet},
		"what is sent":               {func(d tree) { upload(d)["key_type"] = set }, "/components/schemas/CertificateUpload/properties/key_type", "enum"},
		"what is no text nor number": {func(d tree) { property(d, "done", tree{"type": "boolean", "enum": []any{true}}) }, "/components/schemas/Certificate/properties/done", "enum"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := proposed(t, ours, test.change)
			n := nodeAt(p.tree, test.at)
			if len(p.Open) > 0 || n == nil || field(n, test.values) == nil {
				t.Fatalf("there is no %s at %s: %s", test.values, test.at, p.text())
			}
			if told := strings.Contains(p.text(), "has no alias in the public package yet"); told != (test.values == openSet) {
				t.Errorf("the reviewer is told of the alias: %v: %s", told, p.text())
			}
		})
	}
}
