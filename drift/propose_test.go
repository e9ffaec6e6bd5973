package drift

import (
	"strings"
	"testing"
)

// proposed follows all of theirs, which is ours with a change.
func proposed(t testing.TB, ours tree, change func(theirs tree)) *Proposal {
	t.Helper()
	theirs := clone(ours)
	change(theirs)
	return mustPropose(t, ourHouse(t, ours), parseTree(t, theirs), "all")
}

// settle applies a proposal, after which there must be nothing left to propose.
func settle(t testing.TB, c *Config, doc *Document, p *Proposal) {
	t.Helper()
	if err := p.Apply(c, someDay, ""); err != nil {
		t.Fatal(err)
	}
	if again := mustPropose(t, c, doc); again.summary() != "in step: nothing to propose" {
		t.Errorf("after it: %s", again.text())
	}
}

func mustPropose(t testing.TB, c *Config, doc *Document, follow ...string) *Proposal {
	t.Helper()
	p, err := Propose(t.Context(), doc, c, someDay, follow)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A new property comes into our document in our words, at the component that
// all its uses share, and then the two agree.
func TestProposeProperty(t *testing.T) {
	t.Parallel()
	ours := readTree(t, ourSpec)
	c := ourHouse(t, ours)
	theirs := clone(ours)
	dig(theirs, "components", "schemas", "Certificate", "properties")["owner"] = tree{"type": "string", "maxLength": 80, "description": "Their own words."}
	doc := parseTree(t, theirs)
	p := mustPropose(t, c, doc)
	if len(p.Open) > 0 || len(p.Adopted) != 1 {
		t.Fatalf("open %v, adopted %v", p.Open, p.Adopted)
	}
	for _, want := range []string{"$.components.schemas.Certificate.properties", "is called owner and holds a text", "x-review: describe it", "x-source: a document of theirs"} {
		if !strings.Contains(string(p.Overlay), want) {
			t.Errorf("the overlay does not say %q:\n%s", want, p.Overlay)
		}
	}
	if strings.Contains(string(p.Overlay), "Their own words") {
		t.Error("the overlay holds their words")
	}
	if err := p.Apply(c, someDay, "theirs of today"); err != nil {
		t.Fatal(err)
	}
	r, err := Check(t.Context(), doc, c, someDay)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Findings) > 0 || r.Version == nil || r.Version.Source != "theirs of today" {
		t.Errorf("after it: %+v", r)
	}
	if again := mustPropose(t, c, doc); again.Overlay != nil || len(again.Adopted)+len(again.Open) > 0 {
		t.Errorf("there is still something to propose: %s", again.summary())
	}
}

// envelopeOf gives the answer of one operation an envelope and a certificate of
// its own, as a document does that says more of one place.
func envelopeOf(doc tree, path, method string) tree {
	schemas := dig(doc, "components", "schemas")
	certificate, envelope := clone(dig(schemas, "Certificate")), clone(dig(schemas, "CertificateEnvelope"))
	dig(envelope, "properties")["result"] = certificate
	dig(op(doc, path, method), "responses", "200", "content", "application/json")["schema"] = envelope
	return certificate
}

// What holds for one use of a component changes a copy of it, and of as few of
// those around it as will do; the other uses stay as they are.
func TestProposeAtThePlaceOfUse(t *testing.T) {
	t.Parallel()
	ours := readTree(t, ourSpec)
	for name, test := range map[string]struct {
		change func(doc tree)
		wants  []string
		copies int // components more than before
	}{
		"one answer has more": {func(d tree) {
			dig(envelopeOf(d, zonePath+"/{certificate_id}", "get"), "properties")["owner"] = tree{"type": "boolean"}
		}, []string{"GetCertificateCertificateEnvelope:", "CertificateEnvelopeResult:", "it was made from Certificate for one of its uses"}, 2},
		"the answers of one envelope can be null": {func(d tree) {
			certificate := clone(dig(d, "components", "schemas", "Certificate"))
			certificate["nullable"] = true
			dig(d, "components", "schemas", "CertificateEnvelope", "properties")["result"] = certificate
		}, []string{"$.components.schemas.CertificateEnvelope.properties.result", "CertificateEnvelopeResult:", "nullable: true"}, 1},
		"credentials of one operation": {func(d tree) {
			op(d, settingsPath, "get")["security"] = d["security"].([]any)[:1]
		}, []string{"$.paths['" + settingsPath + "'].get", "security:"}, 0},
		"a server of the same host": {func(d tree) {
			d["servers"] = append(d["servers"].([]any), tree{"url": "https://api.cloudflare.com/client/v5", "description": "Theirs."})
		}, []string{"target: $.servers\n", "https://api.cloudflare.com/client/v5", "Nobody has described it yet."}, 0},
		"a server with variables": {func(d tree) {
			d["servers"] = append(d["servers"].([]any), tree{"url": "https://api.cloudflare.com/{v}/{w}", "variables": tree{
				"v": tree{"default": "v5", "description": "Theirs.", "enum": []any{"v5", "v6"}}, "w": tree{"default": "x", "description": "Theirs."},
			}})
		}, []string{"default: v5\n", "- v6\n", "default: x\n"}, 0},
		"credentials that are described": {func(d tree) {
			scheme(tree{"type": "oauth2", "description": "Theirs.", "flows": tree{"clientCredentials": tree{
				"tokenUrl": "https://api.cloudflare.com/token", "description": "Theirs.", "scopes": tree{"read": "Theirs."},
			}}})(d)
			list := d["security"].([]any)
			list[len(list)-1] = tree{"fresh": []any{"read"}}
		}, []string{"tokenUrl: https://api.cloudflare.com/token", "Nobody has described it yet."}, 0},
		"a header of one answer": {func(d tree) {
			headersOf(d)["Cf-Ray"] = tree{"schema": tree{"type": "string", "maxLength": 10}}
		}, []string{"GetSettingsCfRay", "maxLength: 10"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs := clone(ours)
			test.change(theirs)
			c := ourHouse(t, ours)
			p := mustPropose(t, c, parseTree(t, theirs), "all")
			if len(p.Open) > 0 || len(p.Adopted) != 1 {
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
			schemas := field(field(unwrap(p.tree), "components"), "schemas")
			if more := len(schemas.Content)/2 - len(dig(ours, "components", "schemas")); more != test.copies {
				t.Errorf("%d copies of schemas, want %d", more, test.copies)
			}
		})
	}
}

// A security scheme goes with the last credentials that name it.
func TestProposeSchemes(t *testing.T) {
	t.Parallel()
	ours := readTree(t, ourSpec)
	for name, test := range map[string]struct {
		change func(doc tree)
		left   int
	}{
		"gone everywhere":        {func(d tree) { d["security"] = d["security"].([]any)[:1] }, 1},
		"gone for one operation": {func(d tree) { op(d, settingsPath, "get")["security"] = d["security"].([]any)[:1] }, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := proposed(t, ours, test.change)
			schemes := field(field(unwrap(p.tree), "components"), "securitySchemes")
			if left := len(schemes.Content) / 2; len(p.Open) > 0 || left != test.left {
				t.Errorf("%d security schemes are left, want %d:\n%s", left, test.left, p.text())
			}
		})
	}
}

// A new operation is known from then on; followed, it is written as the others
// are, of their components, with the answers that all of them have.
func TestProposeOperation(t *testing.T) {
	t.Parallel()
	ours := readTree(t, ourSpec)
	theirs := clone(ours)
	export := clone(op(theirs, zonePath, "get"))
	export["operationId"] = "export-all-that-there-is-of-certificates"
	export["parameters"] = []any{tree{"name": "since", "in": "query", "schema": tree{"type": "string", "format": "date"}}}
	dig(theirs, "paths")[zonePath+"/{certificate_id}/export"] = tree{
		"parameters": dig(theirs, "paths", zonePath+"/{certificate_id}")["parameters"], "get": export,
	}
	doc, c := parseTree(t, theirs), ourHouse(t, ours)
	c.Propose.OperationID = 22
	p := mustPropose(t, c, doc)
	if len(p.Known) != 1 || p.Overlay != nil {
		t.Fatalf("a new operation is not known:\n%s", p.text())
	}
	id := p.Known[0].ID
	if err := p.Apply(c, someDay, ""); err != nil {
		t.Fatal(err)
	}
	want := "# What is compared.\nprefix: /zones\n"
	if config := readFile(t, c.file); !strings.HasPrefix(config, want) || !strings.HasSuffix(config, "known:\n  - GET "+zonePath+"/{certificate_id}/export\n") {
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
	if len(p.Open) > 0 || len(p.Accepted) != 1 || p.Accepted[0].Finding.Kind != "operation-id-changed" {
		t.Errorf("%s", p.text())
	}
}

// Every text of ours has a limit; that theirs has none is recorded with it.
func TestProposeBoundsTexts(t *testing.T) {
	t.Parallel()
	ours := readTree(t, ourSpec)
	theirs := clone(ours)
	property(theirs, "owner", tree{"type": "object", "properties": tree{"names": tree{"type": "array", "items": tree{"type": "string"}}}})
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
	ours := readTree(t, ourSpec)
	dig(op(ours, settingsPath, "put"), "requestBody", "content", "application/json")["schema"] = tree{"$ref": "#/components/schemas/SettingsEnvelope"}
	theirs := clone(ours)
	dig(theirs, "components", "schemas", "Message", "properties", "documentation_url")["maxLength"] = 100
	c := ourHouse(t, ours)
	p := mustPropose(t, c, parseTree(t, theirs))
	if kinds := kindsOf(p.Open); kinds != "request-max-length-tightened" || len(p.Adopted) != 1 {
		t.Errorf("open is %q, adopted %v", kinds, p.Adopted)
	}
	changed, err := fromYAML(p.tree)
	if err != nil {
		t.Fatal(err)
	}
	if left := mustDiff(t, changed, parseTree(t, theirs), c.Scope()); len(left) != 1 || left[0].Kind != "request-max-length-tightened" {
		t.Errorf("the proposal leaves %v, want what is open: it would break programs", left)
	}
	if all := mustPropose(t, c, parseTree(t, theirs), "all"); len(all.Open) > 0 || len(all.Adopted) != 2 {
		t.Errorf("followed together they need a decision still: %s", all.text())
	}
}
