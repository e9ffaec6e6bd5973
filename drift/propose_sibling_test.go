package drift

import (
	"path/filepath"
	"strings"
	"testing"
)

// sibling gives a document one more operation, which is a copy of one that it has.
func sibling(doc tree, path, method string) {
	copied := clone(op(doc, path, method))
	copied["operationId"] = "other-things-of-which-the-name-is-long"
	item := tree{method: copied}
	if parameters := dig(doc, "paths", path)["parameters"]; parameters != nil {
		item["parameters"] = parameters
	}
	dig(doc, "paths")[path+"/other"] = item
}

// followed proposes a document with a new operation that is followed.
func followOperation(t *testing.T, c *Config, doc tree) *Proposal {
	t.Helper()
	p := mustPropose(t, c, parseTree(t, doc))
	if len(p.Known) != 1 || len(p.Open)+len(p.Adopted) > 0 {
		t.Fatalf("before it is followed: %s", p.text())
	}
	return mustPropose(t, c, parseTree(t, doc), p.Known[0].ID)
}

// An operation that upstream writes as it writes its own becomes one as ours are,
// or is left to a person with the reason.
func TestProposeUpstreamSibling(t *testing.T) {
	t.Parallel()
	published := readTree(t, upstreamFile(t, "2024-07-31.slice.json"))
	for name, test := range map[string]struct {
		path, method, correction string
		says                     []string // why it is open
		shared                   string   // the component of ours that it answers with
	}{
		"the list": {zonePath, "get", "", []string{".result.items.properties.private_key", "is a secret in our document"}, ""},
		"the list, corrected": {zonePath, "get", `
  - target: $.paths['` + zonePath + `/other'].get.responses['200'].content['application/json'].schema.properties.result.items.properties.private_key
    description: It is never returned.
    remove: true
`, nil, ""},
		"a certificate": {zonePath + "/{certificate_id}", "get", "", []string{".schema.properties.result", "does not say what it holds"}, ""},
		"the settings":  {settingsPath, "put", "", []string{".properties.result: it is one of several alternatives"}, ""},
		"a certificate, corrected": {zonePath + "/{certificate_id}", "get", `
  - target: $.paths['` + zonePath + `/{certificate_id}/other'].get.responses['200'].content['application/json'].schema.properties.result
    description: It answers with the certificate.
    copy: $.paths['` + zonePath + `'].get.responses['200'].content['application/json'].schema.properties.result.items
`, nil, "#/components/schemas/CertificateEnvelope"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs := clone(published)
			sibling(theirs, test.path, test.method)
			c := ourOwn(t, published)
			if test.correction != "" {
				writeFile(t, filepath.Join(c.path(c.Corrections), "900-other.yaml"), "overlay: 1.1.0\ninfo: {title: Another one, version: 1.0.0}\nactions:"+test.correction)
			}
			p := followOperation(t, c, theirs)
			if test.says != nil {
				if len(p.Open) != 1 || p.Overlay != nil {
					t.Fatalf("it is not left open: %s", p.text())
				}
				for _, says := range test.says {
					if !strings.Contains(p.Open[0].Decide, says) {
						t.Errorf("the reason does not say %q: %s", says, p.Open[0].Decide)
					}
				}
				return
			}
			if test.shared == "" {
				requireOurEnvelope(t, p)
			} else if ref := nodeAt(p.tree, "/paths/"+escapePointer(test.path+"/other")+"/"+test.method+"/responses/200/content/application~1json/schema/$ref"); ref == nil || ref.Value != test.shared {
				t.Errorf("its answer is not the one that ours has: %s", p.text())
			}
			if err := p.Apply(c, someDay, "a test"); err != nil {
				t.Fatal(err)
			}
			if again := mustPropose(t, mustLoad(t, c.file), parseTree(t, theirs)); again.summary() != "in step: nothing to propose" {
				t.Errorf("after it: %s", again.text())
			}
		})
	}
}

// requireOurEnvelope requires that a new operation is adopted, that what its answer
// shares with ours is written as ours is, and that people are told of the rest.
func requireOurEnvelope(t *testing.T, p *Proposal) {
	t.Helper()
	if len(p.Open) > 0 || len(p.Adopted) != 1 {
		t.Fatal(p.text())
	}
	properties := nodeAt(p.tree, "/components/schemas/GetOtherAnswer/properties")
	if properties == nil {
		t.Fatalf("its answer is no component:\n%s", p.Overlay)
	}
	for _, name := range []string{"success", "errors", "messages"} {
		if want := nodeAt(p.tree, "/components/schemas/CertificateEnvelope/properties/"+name); !equalNodes(field(properties, name), want) {
			t.Errorf("%s is written otherwise than ours:\n%s", name, encodeYAML(field(properties, name)))
		}
	}
	if review := p.Adopted[0].Review[0]; !strings.Contains(review, "no component of ours says what these say, which were made for it: GetOtherAnswer") {
		t.Errorf("the reviewer is not told that nothing is shared: %s", review)
	}
}

// The same with a document of our own in that style, whose sets have been accepted.
func TestProposeSibling(t *testing.T) {
	t.Parallel()
	ours := readTree(t, ourSpec)
	c := ourHouse(t, ours)
	c.Propose.Envelope, c.Propose.OperationID = []string{"success", "errors", "messages"}, 22
	theirs := clone(ours)
	for _, schema := range dig(theirs, "components", "schemas") {
		if properties, ok := schema.(tree)["properties"].(tree); ok && properties["success"] != nil {
			dig(properties, "success")["enum"] = []any{true}
		}
	}
	delete(dig(theirs, "components", "schemas", "Message", "properties"), "source")
	accept(t, c, theirs)
	sibling(theirs, settingsPath, "get")
	media := dig(op(theirs, settingsPath+"/other", "get"), "responses", "200", "content", "application/json")
	media["schema"] = tree{"allOf": []any{media["schema"], tree{"type": "object", "properties": tree{"result": tree{"type": "object", "properties": tree{"since": tree{"type": "object", "properties": tree{"day": tree{"type": "string", "maxLength": 9}}, "additionalProperties": false}}}}}}}
	requireOurEnvelope(t, followOperation(t, c, theirs))

	t.Run("two of them", func(t *testing.T) {
		both := clone(theirs)
		sibling(both, zonePath+"/{certificate_id}", "get")
		p := mustPropose(t, c, parseTree(t, both), "all")
		if len(p.Open) > 0 || len(p.Adopted) != 2 {
			t.Fatal(p.text())
		}
		for at, want := range map[string]string{
			settingsPath + "/other/get/responses/4XX":              "FailureEnvelope",
			zonePath + "/{certificate_id}/other/get/responses/4XX": "FailureEnvelope",
			zonePath + "/{certificate_id}/other/get/responses/200": "CertificateEnvelope",
		} {
			path, rest, _ := strings.Cut(at, "/get")
			ref := nodeAt(p.tree, "/paths/"+escapePointer(path)+"/get"+rest+"/content/application~1json/schema/$ref")
			if ref == nil || ref.Value != "#/components/schemas/"+want {
				t.Errorf("%s does not share %s:\n%s", at, want, p.Overlay)
			}
		}
	})
	t.Run("an envelope that ours has not", func(t *testing.T) {
		other := *c
		other.Propose.Envelope = []string{"result", "since"}
		dig(media["schema"].(tree)["allOf"].([]any)[1].(tree), "properties")["since"] = tree{"type": "boolean"}
		p := followOperation(t, &other, theirs)
		if len(p.Open) != 1 || !strings.Contains(p.Open[0].Decide, `no answer of ours has "since"`) {
			t.Errorf("nobody is told: %s", p.text())
		}
	})
}

// accept records all that differs.
func accept(t *testing.T, c *Config, theirs tree) {
	t.Helper()
	r, err := Check(t.Context(), parseTree(t, theirs), c, someDay)
	if err != nil {
		t.Fatal(err)
	}
	lock, err := c.ReadLock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.Accept(r, nil, Acceptance{Accepted: "2026-11-24", Source: "a test", Reason: "It is so."}); err != nil {
		t.Fatal(err)
	}
	if err := c.WriteLock(lock); err != nil {
		t.Fatal(err)
	}
}
