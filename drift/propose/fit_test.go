package propose

import (
	"slices"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// rotating gives a document an operation whose answer holds what a property of the
// settings would.
func rotating(status string, result drifttest.Tree) func(drifttest.Tree) {
	return func(d drifttest.Tree) {
		exported(d, drifttest.ZonePath+"/rotate", "rotate")
		item := drifttest.Dig(d, "paths", drifttest.ZonePath+"/rotate")
		item["parameters"] = drifttest.Dig(d, "paths", drifttest.ZonePath)["parameters"]
		delete(drifttest.Dig(item, "get"), "parameters")
		responses := drifttest.Dig(item, "get", "responses")
		envelope := drifttest.Clone(drifttest.Dig(d, "components", "schemas", "SettingsEnvelope"))
		drifttest.Dig(envelope, "properties")["result"] = result
		answer := drifttest.Clone(drifttest.Dig(responses, "200"))
		delete(responses, "200")
		drifttest.Dig(answer, "content", "application/json")["schema"] = envelope
		responses[status] = answer
	}
}

// What generated code cannot hold of something new is left open, with the place on
// the wire and the reason, and names no component that is nowhere.
func TestProposeWhatCodeCannotHold(t *testing.T) {
	t.Parallel()
	ours := drifttest.ReadTree(t, ourSpec)
	text := drifttest.Tree{"type": "string", "maxLength": 9}
	several := drifttest.Tree{"oneOf": []any{text, drifttest.Tree{"type": "boolean"}}}
	const holds, lists, one = "theirs does not say what it holds", "theirs does not say what it lists", "it is one of several alternatives"
	for name, test := range map[string]struct {
		change func(doc drifttest.Tree)
		says   string
	}{
		"an object":    {func(d drifttest.Tree) { drifttest.Property(d, "meta", drifttest.Tree{"type": "object"}) }, "$.components.schemas.Certificate.properties.meta: " + holds},
		"anything":     {func(d drifttest.Tree) { drifttest.Property(d, "meta", drifttest.Tree{}) }, "$.components.schemas.Certificate.properties.meta: " + holds},
		"a list":       {func(d drifttest.Tree) { drifttest.Property(d, "meta", drifttest.Tree{"type": "array"}) }, "$.components.schemas.Certificate.properties.meta: " + lists},
		"alternatives": {func(d drifttest.Tree) { drifttest.Property(d, "meta", several) }, "$.components.schemas.Certificate.properties.meta: " + one},
		"an object in an object": {func(d drifttest.Tree) {
			drifttest.Property(d, "meta", drifttest.Tree{"type": "object", "properties": drifttest.Tree{"a": drifttest.Tree{}}})
		}, "$.components.schemas.Certificate.properties.meta.properties.a: " + holds},
		"an answer":            {rotating("200", drifttest.Tree{"type": "object", "properties": drifttest.Tree{"a": several}}), ".schema.properties.result.properties.a: " + one},
		"no answer for 200":    {rotating("201", drifttest.Tree{"type": "object", "properties": drifttest.Tree{"a": text}}), "rotate'].get: it has no answer for 200"},
		"a set in a parameter": {drifttest.Parameter(drifttest.Tree{"name": "Status", "in": "query", "schema": drifttest.Tree{"type": "string", "enum": []any{"active", "deleted"}}}), "a set of values that stands in no component"},
		"a set in a header": {func(d drifttest.Tree) {
			drifttest.HeadersOf(d)["X-Status"] = drifttest.Tree{"schema": drifttest.Tree{"type": "string", "enum": []any{"active"}}}
		}, "headers['x-status'].schema: a set of values that stands in no component"},
		"a number in a set": {func(d drifttest.Tree) {
			newStatus("5")(d)
			drifttest.Dig(d, "components", "schemas", "CertificateStatus")[graph.OpenSet].([]any)[0] = "initializing"
			setLast(d, 5)
		}, "the value 5 is none of the type of the set"},
		"null in a set": {func(d drifttest.Tree) { newStatus("null")(d); setLast(d, nil) }, "the value null is none of the type of the set"},
		"a link":        {drifttest.Link(drifttest.Tree{"operationId": "SetSettings"}), `links.next: it leads to "SetSettings" of theirs, and nothing is generated of a link`},
		"a link in another place": {func(d drifttest.Tree) {
			rotating("200", drifttest.Tree{"type": "object", "properties": drifttest.Tree{"a": text}})(d)
			drifttest.Dig(d, "paths", drifttest.ZonePath+"/rotate", "get", "responses", "200")["links"] = drifttest.Tree{"next": drifttest.Tree{"operationId": "SetSettings"}}
		}, `links.next: it leads to "SetSettings" of theirs`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs := drifttest.Clone(ours)
			test.change(theirs)
			follow := []string{"all"}
			if strings.HasSuffix(name, "in a set") { // the type is another finding, which is not followed
				follow = nil
			}
			p := mustPropose(t, ourHouse(t, ours), parseTree(t, theirs), follow...)
			if p.Overlay != nil || !slices.ContainsFunc(p.Undecided, func(o Undecided) bool { return strings.Contains(o.Question, test.says) }) {
				t.Errorf("it is not left open with a reason that says %q: %s", test.says, p.text())
			}
		})
	}
}

// setLast changes the last value of the statuses.
func setLast(d drifttest.Tree, value any) {
	status := drifttest.Dig(d, "components", "schemas", "CertificateStatus")
	list := status[graph.OpenSet].([]any)
	list[len(list)-1] = value
	if value == nil {
		status["nullable"] = true
		return
	}
	delete(status, "type")
	status["anyOf"] = []any{drifttest.Tree{"type": "string"}, drifttest.Tree{"type": "integer"}}
}

// The objects of something new become components, so that their types have names,
// and each of them once.
func TestProposeNamesNewObjects(t *testing.T) {
	t.Parallel()
	ours := drifttest.ReadTree(t, ourSpec)
	label := drifttest.Tree{"type": "object", "properties": drifttest.Tree{"label": drifttest.Tree{"type": "string", "maxLength": 9}}}
	tests := map[string]struct {
		change func(doc drifttest.Tree)
		made   string // the components
	}{
		"an object": {func(d drifttest.Tree) { drifttest.Property(d, "geo", label) }, "CertificateGeo"},
		"one that is in another": {func(d drifttest.Tree) {
			drifttest.Property(d, "geo", drifttest.Tree{"type": "object", "properties": drifttest.Tree{"deep": label}})
		}, "CertificateGeo CertificateGeoDeep"},
		"a list": {func(d drifttest.Tree) {
			drifttest.Property(d, "hosts", drifttest.Tree{"type": "array", "items": label})
		}, "CertificateHostsItem"},
		"a map": {func(d drifttest.Tree) {
			drifttest.Property(d, "hosts", drifttest.Tree{"type": "object", "additionalProperties": label})
		}, "CertificateHostsValue"},
		"one that holds itself": {func(d drifttest.Tree) {
			drifttest.Dig(d, "components", "schemas")["Tree"] = drifttest.Tree{"type": "object", "properties": drifttest.Tree{"kid": drifttest.Tree{"$ref": "#/components/schemas/Tree"}, "a": drifttest.Tree{"type": "boolean"}}}
			drifttest.Property(d, "chain", drifttest.Tree{"type": "object", "properties": drifttest.Tree{"top": drifttest.Tree{"$ref": "#/components/schemas/Tree"}}})
		}, "CertificateChain CertificateChainTop"},
		"a body": {func(d drifttest.Tree) {
			drifttest.Op(d, drifttest.ZonePath+"/{certificate_id}", "delete")["requestBody"] = drifttest.Tree{"content": drifttest.Tree{"application/json": drifttest.Tree{"schema": label}}}
		}, "DeleteCertificateRequest"},
		"an answer": {func(d drifttest.Tree) {
			drifttest.Dig(drifttest.Op(d, drifttest.ZonePath, "post"), "responses")["202"] = drifttest.Tree{"description": "", "content": drifttest.Tree{"application/json": drifttest.Tree{"schema": label}}}
		}, "UploadCertificateAnswer202"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := proposed(t, ours, test.change)
			if len(p.Undecided) > 0 || len(p.Adopted) != 1 {
				t.Fatal(p.text())
			}
			var made []string
			for name := range document.Members(document.NodeAt(p.tree, "/components/schemas")) {
				if document.NodeAt(p.original, "/components/schemas/"+name) == nil {
					made = append(made, name)
				}
			}
			if got := strings.Join(document.SortedSet(made), " "); got != test.made {
				t.Errorf("the new components are %q, want %q:\n%s", got, test.made, p.Overlay)
			}
		})
	}
}

// A new set of an answer is open, as ours are, and has a type; one that is sent is
// closed.
func TestProposeOpensSetsOfAnswers(t *testing.T) {
	t.Parallel()
	ours := drifttest.ReadTree(t, ourSpec)
	set := drifttest.Tree{"type": "string", "maxLength": 9, "enum": []any{"rsa", "ecdsa"}}
	tests := map[string]struct {
		change func(doc drifttest.Tree)
		at     string // of the set
		values string // what they stand under
	}{
		"a property": {func(d drifttest.Tree) { drifttest.Property(d, "key_type", set) }, "/components/schemas/CertificateKeyType", graph.OpenSet},
		"a list": {func(d drifttest.Tree) {
			drifttest.Property(d, "key_types", drifttest.Tree{"type": "array", "items": set})
		}, "/components/schemas/CertificateKeyTypesItem", graph.OpenSet},
		"an answer of a new one": {rotating("200", drifttest.Tree{"type": "object", "properties": drifttest.Tree{"key_type": set}}), "/components/schemas/RotateAnswerResultKeyType", graph.OpenSet},
		"what is sent":           {func(d drifttest.Tree) { upload(d)["key_type"] = set }, "/components/schemas/CertificateUpload/properties/key_type", "enum"},
		"what is no text nor number": {func(d drifttest.Tree) {
			drifttest.Property(d, "done", drifttest.Tree{"type": "boolean", "enum": []any{true}})
		}, "/components/schemas/Certificate/properties/done", "enum"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := proposed(t, ours, test.change)
			n := document.NodeAt(p.tree, test.at)
			if len(p.Undecided) > 0 || n == nil || document.Field(n, test.values) == nil {
				t.Fatalf("there is no %s at %s: %s", test.values, test.at, p.text())
			}
			if told := strings.Contains(p.text(), "has no alias in the public package yet"); told != (test.values == graph.OpenSet) {
				t.Errorf("the reviewer is told of the alias: %v: %s", told, p.text())
			}
		})
	}
}
