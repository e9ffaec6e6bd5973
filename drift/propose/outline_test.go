package propose

import (
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
	"github.com/originpull/originpull-go/drift/internal/graph"
	"github.com/originpull/originpull-go/internal/yamlnode"
)

// The objects of something new become components, so that their types have names,
// and each of them once.
func TestProposeNamesNewObjects(t *testing.T) {
	t.Parallel()
	ours := ourTree(t)
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
		"a response": {func(d drifttest.Tree) {
			drifttest.Dig(drifttest.Op(d, drifttest.ZonePath, "post"), "responses")["202"] = drifttest.Tree{"description": "", "content": drifttest.Tree{"application/json": drifttest.Tree{"schema": label}}}
		}, "UploadCertificateResponse202"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := proposed(t, ours, test.change)
			if len(p.Undecided) > 0 || len(p.Adopted) != 1 {
				t.Fatal(p.text())
			}
			var made []string
			for name := range yamlnode.Members(document.NodeAt(p.tree, "/components/schemas")) {
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

// A new set of a response is open, as ours are, and has a type; one that is sent is
// closed.
func TestProposeOpensSetsOfAnswers(t *testing.T) {
	t.Parallel()
	ours := ourTree(t)
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
		"what is sent": {func(d drifttest.Tree) { upload(d)["key_type"] = set }, "/components/schemas/CertificateUpload/properties/key_type", "enum"},
		"what is neither a string nor a number": {func(d drifttest.Tree) {
			drifttest.Property(d, "done", drifttest.Tree{"type": "boolean", "enum": []any{true}})
		}, "/components/schemas/Certificate/properties/done", "enum"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := proposed(t, ours, test.change)
			n := document.NodeAt(p.tree, test.at)
			if len(p.Undecided) > 0 || n == nil || yamlnode.Field(n, test.values) == nil {
				t.Fatalf("there is no %s at %s: %s", test.values, test.at, p.text())
			}
			if mentioned := strings.Contains(p.text(), "has no alias in the public package yet"); mentioned != (test.values == graph.OpenSet) {
				t.Errorf("the reviewer reads of the alias: %v: %s", mentioned, p.text())
			}
		})
	}
}
