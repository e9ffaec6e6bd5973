package propose

import (
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

// proposed follows all of theirs, which is ours with a change.
func proposed(t testing.TB, ours drifttest.Tree, change func(theirs drifttest.Tree)) *Proposal {
	t.Helper()
	theirs := drifttest.Clone(ours)
	change(theirs)
	return mustPropose(t, ourHouse(t, ours), parseTree(t, theirs), "all")
}

// settle applies a proposal, after which there must be nothing left to propose.
func settle(t testing.TB, c *drift.Config, doc *drift.Document, p *Proposal) {
	t.Helper()
	if err := p.Apply(c, drifttest.SomeDay, ""); err != nil {
		t.Fatal(err)
	}
	if again := mustPropose(t, c, doc); again.summary() != "in step: nothing to propose" {
		t.Errorf("after it: %s", again.text())
	}
}

func mustPropose(t testing.TB, c *drift.Config, doc *drift.Document, follow ...string) *Proposal {
	t.Helper()
	p, err := Propose(t.Context(), doc, c, drifttest.SomeDay, follow)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A new property comes into our document in our words, at the component that
// all its uses share, and then the two agree.
func TestProposeProperty(t *testing.T) {
	t.Parallel()
	ours := drifttest.ReadTree(t, ourSpec)
	c := ourHouse(t, ours)
	theirs := drifttest.Clone(ours)
	drifttest.Dig(theirs, "components", "schemas", "Certificate", "properties")["owner"] = drifttest.Tree{"type": "string", "maxLength": 80, "description": "Their own words."}
	doc := parseTree(t, theirs)
	p := mustPropose(t, c, doc)
	if len(p.Undecided) > 0 || len(p.Adopted) != 1 {
		t.Fatalf("open %v, adopted %v", p.Undecided, p.Adopted)
	}
	for _, want := range []string{"$.components.schemas.Certificate.properties", "is called owner and holds a text", "x-review: describe it", "x-source: a document of theirs"} {
		if !strings.Contains(string(p.Overlay), want) {
			t.Errorf("the overlay does not say %q:\n%s", want, p.Overlay)
		}
	}
	if strings.Contains(string(p.Overlay), "Their own words") {
		t.Error("the overlay holds their words")
	}
	if err := p.Apply(c, drifttest.SomeDay, "theirs of today"); err != nil {
		t.Fatal(err)
	}
	r, err := drift.Check(t.Context(), doc, c, drifttest.SomeDay)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Findings) > 0 || r.Version == nil || r.Version.Source != "theirs of today" {
		t.Errorf("after it: %+v", r)
	}
	if again := mustPropose(t, c, doc); again.Overlay != nil || len(again.Adopted)+len(again.Undecided) > 0 {
		t.Errorf("there is still something to propose: %s", again.summary())
	}
}

// envelopeOf gives the answer of one operation an envelope and a certificate of
// its own, as a document does that says more of one place.
func envelopeOf(doc drifttest.Tree, path, method string) drifttest.Tree {
	schemas := drifttest.Dig(doc, "components", "schemas")
	certificate, envelope := drifttest.Clone(drifttest.Dig(schemas, "Certificate")), drifttest.Clone(drifttest.Dig(schemas, "CertificateEnvelope"))
	drifttest.Dig(envelope, "properties")["result"] = certificate
	drifttest.Dig(drifttest.Op(doc, path, method), "responses", "200", "content", "application/json")["schema"] = envelope
	return certificate
}

// What holds for one use of a component changes a copy of it, and of as few of
// those around it as will do; the other uses stay as they are.
func TestProposeAtThePlaceOfUse(t *testing.T) {
	t.Parallel()
	ours := drifttest.ReadTree(t, ourSpec)
	for name, test := range map[string]struct {
		change func(doc drifttest.Tree)
		wants  []string
		copies int // components more than before
	}{
		"one answer has more": {func(d drifttest.Tree) {
			drifttest.Dig(envelopeOf(d, drifttest.ZonePath+"/{certificate_id}", "get"), "properties")["owner"] = drifttest.Tree{"type": "boolean"}
		}, []string{"GetCertificateCertificateEnvelope:", "CertificateEnvelopeResult:", "it was made from Certificate for one of its uses"}, 2},
		"the answers of one envelope can be null": {func(d drifttest.Tree) {
			certificate := drifttest.Clone(drifttest.Dig(d, "components", "schemas", "Certificate"))
			certificate["nullable"] = true
			drifttest.Dig(d, "components", "schemas", "CertificateEnvelope", "properties")["result"] = certificate
		}, []string{"$.components.schemas.CertificateEnvelope.properties.result", "CertificateEnvelopeResult:", "nullable: true"}, 1},
		"credentials of one operation": {func(d drifttest.Tree) {
			drifttest.Op(d, drifttest.SettingsPath, "get")["security"] = d["security"].([]any)[:1]
		}, []string{"$.paths['" + drifttest.SettingsPath + "'].get", "security:"}, 0},
		"a server of the same host": {func(d drifttest.Tree) {
			d["servers"] = append(d["servers"].([]any), drifttest.Tree{"url": "https://api.cloudflare.com/client/v5", "description": "Theirs."})
		}, []string{"target: $.servers\n", "https://api.cloudflare.com/client/v5", "Nobody has described it yet."}, 0},
		"a server with variables": {func(d drifttest.Tree) {
			d["servers"] = append(d["servers"].([]any), drifttest.Tree{"url": "https://api.cloudflare.com/{v}/{w}", "variables": drifttest.Tree{
				"v": drifttest.Tree{"default": "v5", "description": "Theirs.", "enum": []any{"v5", "v6"}}, "w": drifttest.Tree{"default": "x", "description": "Theirs."},
			}})
		}, []string{"default: v5\n", "- v6\n", "default: x\n"}, 0},
		"credentials that are described": {func(d drifttest.Tree) {
			scheme(drifttest.Tree{"type": "oauth2", "description": "Theirs.", "flows": drifttest.Tree{"clientCredentials": drifttest.Tree{
				"tokenUrl": "https://api.cloudflare.com/token", "description": "Theirs.", "scopes": drifttest.Tree{"read": "Theirs."},
			}}})(d)
			list := d["security"].([]any)
			list[len(list)-1] = drifttest.Tree{"fresh": []any{"read"}}
		}, []string{"tokenUrl: https://api.cloudflare.com/token", "Nobody has described it yet."}, 0},
		"a header of one answer": {func(d drifttest.Tree) {
			drifttest.HeadersOf(d)["Cf-Ray"] = drifttest.Tree{"schema": drifttest.Tree{"type": "string", "maxLength": 10}}
		}, []string{"GetSettingsCfRay", "maxLength: 10"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs := drifttest.Clone(ours)
			test.change(theirs)
			c := ourHouse(t, ours)
			p := mustPropose(t, c, parseTree(t, theirs), "all")
			if len(p.Undecided) > 0 || len(p.Adopted) != 1 {
				t.Fatalf("%s", p.text())
			}
			for _, want := range test.wants {
				if !strings.Contains(string(p.Overlay), want) {
					t.Errorf("the overlay does not say %q:\n%s", want, p.Overlay)
				}
			}
			if strings.Contains(string(p.Overlay), "Theirs.") {
				t.Errorf("the overlay holds their words:\n%s", p.Overlay)
			}
			schemas := document.Field(document.Field(document.Unwrap(p.tree), "components"), "schemas")
			if more := len(schemas.Content)/2 - len(drifttest.Dig(ours, "components", "schemas")); more != test.copies {
				t.Errorf("%d copies of schemas, want %d", more, test.copies)
			}
		})
	}
}

// A security scheme goes with the last credentials that name it.
func TestProposeSchemes(t *testing.T) {
	t.Parallel()
	ours := drifttest.ReadTree(t, ourSpec)
	for name, test := range map[string]struct {
		change func(doc drifttest.Tree)
		left   int
	}{
		"gone everywhere": {func(d drifttest.Tree) { d["security"] = d["security"].([]any)[:1] }, 1},
		"gone for one operation": {func(d drifttest.Tree) {
			drifttest.Op(d, drifttest.SettingsPath, "get")["security"] = d["security"].([]any)[:1]
		}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := proposed(t, ours, test.change)
			schemes := document.Field(document.Field(document.Unwrap(p.tree), "components"), "securitySchemes")
			if left := len(schemes.Content) / 2; len(p.Undecided) > 0 || left != test.left {
				t.Errorf("%d security schemes are left, want %d:\n%s", left, test.left, p.text())
			}
		})
	}
}

// A new operation is known from then on; followed, it is written as the others
// are, of their components, with the answers that all of them have.
func TestProposeOperation(t *testing.T) {
	t.Parallel()
	ours := drifttest.ReadTree(t, ourSpec)
	theirs := drifttest.Clone(ours)
	export := drifttest.Clone(drifttest.Op(theirs, drifttest.ZonePath, "get"))
	export["operationId"] = "export-all-that-there-is-of-certificates"
	export["parameters"] = []any{drifttest.Tree{"name": "since", "in": "query", "schema": drifttest.Tree{"type": "string", "format": "date"}}}
	drifttest.Dig(theirs, "paths")[drifttest.ZonePath+"/{certificate_id}/export"] = drifttest.Tree{
		"parameters": drifttest.Dig(theirs, "paths", drifttest.ZonePath+"/{certificate_id}")["parameters"], "get": export,
	}
	doc, c := parseTree(t, theirs), ourHouse(t, ours)
	c.Propose.OperationID = 22
	p := mustPropose(t, c, doc)
	if len(p.Ignored) != 1 || p.Overlay != nil {
		t.Fatalf("a new operation is not ignored:\n%s", p.text())
	}
	id := p.Ignored[0].ID
	if err := p.Apply(c, drifttest.SomeDay, ""); err != nil {
		t.Fatal(err)
	}
	want := "# What is compared.\nprefix: /zones\n"
	if config := drifttest.ReadFile(t, c.File()); !strings.HasPrefix(config, want) || !strings.HasSuffix(config, "ignored:\n  - GET "+drifttest.ZonePath+"/{certificate_id}/export\n") {
		t.Errorf("the configuration is now:\n%s", config)
	}

	p = mustPropose(t, c, doc, id)
	for _, want := range []string{
		"operationId: GetExport", "- Certificates\n", "x-permission: SSL and Certificates Read",
		"$ref: '#/components/parameters/CertificateID'", "$ref: '#/components/responses/RateLimited'", "$ref: '#/components/responses/Unavailable'",
		"$ref: '#/components/schemas/CertificateListEnvelope'", "$ref: '#/components/headers/CfRay'", "$ref: '#/components/parameters/Since'",
	} {
		if !strings.Contains(string(p.Overlay), want) {
			t.Errorf("the operation lacks %q:\n%s", want, p.Overlay)
		}
	}
	if len(p.Undecided) > 0 || len(p.Accepted) != 1 || p.Accepted[0].Finding.Kind != "operation-id-changed" {
		t.Errorf("%s", p.text())
	}
}

// Every text of ours has a limit; that theirs has none is recorded with it.
func TestProposeBoundsTexts(t *testing.T) {
	t.Parallel()
	ours := drifttest.ReadTree(t, ourSpec)
	theirs := drifttest.Clone(ours)
	drifttest.Property(theirs, "owner", drifttest.Tree{"type": "object", "properties": drifttest.Tree{"names": drifttest.Tree{"type": "array", "items": drifttest.Tree{"type": "string"}}}})
	doc, c := parseTree(t, theirs), ourHouse(t, ours)
	c.Propose.MaxLength = 4096
	p := mustPropose(t, c, doc)
	if !strings.Contains(string(p.Overlay), "maxLength: 4096") || len(p.Accepted) != 1 || p.Accepted[0].Finding.Kind != "response-max-length-loosened" {
		t.Fatalf("%s", p.text())
	}
	settle(t, c, doc, p)
}

// What breaks programs does not come along with what is additive, though one
// schema of ours says both; the places of use part.
func TestProposeKeepsRequestsApart(t *testing.T) {
	t.Parallel()
	ours := drifttest.ReadTree(t, ourSpec)
	drifttest.Dig(drifttest.Op(ours, drifttest.SettingsPath, "put"), "requestBody", "content", "application/json")["schema"] = drifttest.Tree{"$ref": "#/components/schemas/SettingsEnvelope"}
	theirs := drifttest.Clone(ours)
	drifttest.Dig(theirs, "components", "schemas", "Message", "properties", "documentation_url")["maxLength"] = 100
	c := ourHouse(t, ours)
	p := mustPropose(t, c, parseTree(t, theirs))
	if kinds := kindsOf(p.Undecided); kinds != "request-max-length-tightened" || len(p.Adopted) != 1 {
		t.Errorf("open is %q, adopted %v", kinds, p.Adopted)
	}
	changed, err := drift.Parse(encodeYAML(p.tree))
	if err != nil {
		t.Fatal(err)
	}
	if left := mustDiff(t, changed, parseTree(t, theirs), c.Scope()); len(left) != 1 || left[0].Kind != "request-max-length-tightened" {
		t.Errorf("the proposal leaves %v, want what is open: it would break programs", left)
	}
	if all := mustPropose(t, c, parseTree(t, theirs), "all"); len(all.Undecided) > 0 || len(all.Adopted) != 2 {
		t.Errorf("followed together they need a decision still: %s", all.text())
	}
}
