package propose

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

// sibling gives a document one more operation, which is a copy of one that it has.
func sibling(doc drifttest.Tree, path, method string) {
	copied := drifttest.Clone(drifttest.Op(doc, path, method))
	copied["operationId"] = "other-things-of-which-the-name-is-long"
	item := drifttest.Tree{method: copied}
	if parameters := drifttest.Dig(doc, "paths", path)["parameters"]; parameters != nil {
		item["parameters"] = parameters
	}
	drifttest.Dig(doc, "paths")[path+"/other"] = item
}

// followed proposes a document with a new operation that is followed.
func followOperation(t *testing.T, c *drift.Config, doc drifttest.Tree) *Proposal {
	t.Helper()
	p := mustPropose(t, c, parseTree(t, doc))
	if len(p.Ignored) != 1 || len(p.Undecided)+len(p.Adopted) > 0 {
		t.Fatalf("before it is followed: %s", p.text())
	}
	return mustPropose(t, c, parseTree(t, doc), p.Ignored[0].ID)
}

// An operation that upstream writes as it writes its own becomes one as ours are,
// or is left to a person with the reason.
func TestProposeUpstreamSibling(t *testing.T) {
	t.Parallel()
	published := drifttest.ReadTree(t, upstreamFile(t, "2024-07-31.slice.json"))
	for name, test := range map[string]struct {
		path, method, correction string
		says                     []string // why it is open
		shared                   string   // the component of ours that it answers with
	}{
		"the list": {drifttest.ZonePath, "get", "", []string{".result.items.properties.private_key", "is a secret in our document"}, ""},
		"the list, corrected": {drifttest.ZonePath, "get", `
  - target: $.paths['` + drifttest.ZonePath + `/other'].get.responses['200'].content['application/json'].schema.properties.result.items.properties.private_key
    description: It is never returned.
    remove: true
`, nil, ""},
		"a certificate": {drifttest.ZonePath + "/{certificate_id}", "get", "", []string{".schema.properties.result", "does not say what it holds"}, ""},
		"the settings":  {drifttest.SettingsPath, "put", "", []string{".properties.result: it is one of several alternatives"}, ""},
		"a certificate, corrected": {drifttest.ZonePath + "/{certificate_id}", "get", `
  - target: $.paths['` + drifttest.ZonePath + `/{certificate_id}/other'].get.responses['200'].content['application/json'].schema.properties.result
    description: It answers with the certificate.
    copy: $.paths['` + drifttest.ZonePath + `'].get.responses['200'].content['application/json'].schema.properties.result.items
`, nil, "#/components/schemas/CertificateEnvelope"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs := drifttest.Clone(published)
			sibling(theirs, test.path, test.method)
			c := ourOwn(t, published)
			if test.correction != "" {
				drifttest.WriteFile(t, filepath.Join(c.Path(c.Corrections), "900-other.yaml"), "overlay: 1.1.0\ninfo: {title: Another one, version: 1.0.0}\nactions:"+test.correction)
			}
			p := followOperation(t, c, theirs)
			if test.says != nil {
				if len(p.Undecided) != 1 || p.Overlay != nil {
					t.Fatalf("it is not left open: %s", p.text())
				}
				for _, says := range test.says {
					if !strings.Contains(p.Undecided[0].Question, says) {
						t.Errorf("the reason does not say %q: %s", says, p.Undecided[0].Question)
					}
				}
				return
			}
			if test.shared == "" {
				requireOurEnvelope(t, p)
			} else if ref := document.NodeAt(p.tree, "/paths/"+document.EscapePointer(test.path+"/other")+"/"+test.method+"/responses/200/content/application~1json/schema/$ref"); ref == nil || ref.Value != test.shared {
				t.Errorf("its answer is not the one that ours has: %s", p.text())
			}
			if err := p.Apply(c, drifttest.SomeDay, "a test"); err != nil {
				t.Fatal(err)
			}
			if again := mustPropose(t, mustLoad(t, c.File()), parseTree(t, theirs)); again.summary() != "in step: nothing to propose" {
				t.Errorf("after it: %s", again.text())
			}
		})
	}
}

// requireOurEnvelope requires that a new operation is adopted, that what its answer
// shares with ours is written as ours is, and that people are told of the rest.
func requireOurEnvelope(t *testing.T, p *Proposal) {
	t.Helper()
	if len(p.Undecided) > 0 || len(p.Adopted) != 1 {
		t.Fatal(p.text())
	}
	properties := document.NodeAt(p.tree, "/components/schemas/GetOtherAnswer/properties")
	if properties == nil {
		t.Fatalf("its answer is no component:\n%s", p.Overlay)
	}
	for _, name := range []string{"success", "errors", "messages"} {
		if want := document.NodeAt(p.tree, "/components/schemas/CertificateEnvelope/properties/"+name); !document.EqualNodes(document.Field(properties, name), want) {
			t.Errorf("%s is written otherwise than ours:\n%s", name, encodeYAML(document.Field(properties, name)))
		}
	}
	if review := p.Adopted[0].Review[0]; !strings.Contains(review, "no component of ours says what these say, which were made for it: GetOtherAnswer") {
		t.Errorf("the reviewer is not told that nothing is shared: %s", review)
	}
}

// The same with a document of our own in that style, whose sets have been accepted.
func TestProposeSibling(t *testing.T) {
	t.Parallel()
	ours := drifttest.ReadTree(t, ourSpec)
	c := ourHouse(t, ours)
	c.Propose.Envelope, c.Propose.OperationID = []string{"success", "errors", "messages"}, 22
	theirs := drifttest.Clone(ours)
	for _, schema := range drifttest.Dig(theirs, "components", "schemas") {
		if properties, ok := schema.(drifttest.Tree)["properties"].(drifttest.Tree); ok && properties["success"] != nil {
			drifttest.Dig(properties, "success")["enum"] = []any{true}
		}
	}
	delete(drifttest.Dig(theirs, "components", "schemas", "Message", "properties"), "source")
	accept(t, c, theirs)
	sibling(theirs, drifttest.SettingsPath, "get")
	media := drifttest.Dig(drifttest.Op(theirs, drifttest.SettingsPath+"/other", "get"), "responses", "200", "content", "application/json")
	media["schema"] = drifttest.Tree{"allOf": []any{media["schema"], drifttest.Tree{"type": "object", "properties": drifttest.Tree{"result": drifttest.Tree{"type": "object", "properties": drifttest.Tree{"since": drifttest.Tree{"type": "object", "properties": drifttest.Tree{"day": drifttest.Tree{"type": "string", "maxLength": 9}}, "additionalProperties": false}}}}}}}
	requireOurEnvelope(t, followOperation(t, c, theirs))

	t.Run("two of them", func(t *testing.T) {
		both := drifttest.Clone(theirs)
		sibling(both, drifttest.ZonePath+"/{certificate_id}", "get")
		p := mustPropose(t, c, parseTree(t, both), "all")
		if len(p.Undecided) > 0 || len(p.Adopted) != 2 {
			t.Fatal(p.text())
		}
		for at, want := range map[string]string{
			drifttest.SettingsPath + "/other/get/responses/4XX":              "FailureEnvelope",
			drifttest.ZonePath + "/{certificate_id}/other/get/responses/4XX": "FailureEnvelope",
			drifttest.ZonePath + "/{certificate_id}/other/get/responses/200": "CertificateEnvelope",
		} {
			path, rest, _ := strings.Cut(at, "/get")
			ref := document.NodeAt(p.tree, "/paths/"+document.EscapePointer(path)+"/get"+rest+"/content/application~1json/schema/$ref")
			if ref == nil || ref.Value != "#/components/schemas/"+want {
				t.Errorf("%s does not share %s:\n%s", at, want, p.Overlay)
			}
		}
	})
	t.Run("an envelope that ours has not", func(t *testing.T) {
		other := *c
		other.Propose.Envelope = []string{"result", "since"}
		drifttest.Dig(media["schema"].(drifttest.Tree)["allOf"].([]any)[1].(drifttest.Tree), "properties")["since"] = drifttest.Tree{"type": "boolean"}
		p := followOperation(t, &other, theirs)
		if len(p.Undecided) != 1 || !strings.Contains(p.Undecided[0].Question, `no answer of ours has "since"`) {
			t.Errorf("nobody is told: %s", p.text())
		}
	})
}

// accept records all that differs.
func accept(t *testing.T, c *drift.Config, theirs drifttest.Tree) {
	t.Helper()
	r, err := drift.Check(t.Context(), parseTree(t, theirs), c, drifttest.SomeDay)
	if err != nil {
		t.Fatal(err)
	}
	lock, err := c.ReadLock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.Accept(r, nil, drift.Acceptance{Accepted: "2026-11-24", Source: "a test", Reason: "It is so."}); err != nil {
		t.Fatal(err)
	}
	if err := c.WriteLock(lock); err != nil {
		t.Fatal(err)
	}
}
