package propose

import (
	"slices"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// A new operation that differs in a part from what ours has in its place is
// written of our components but for that part, whose objects get a name.
func TestProposeOperationApart(t *testing.T) {
	t.Parallel()
	ours := drifttest.ReadTree(t, ourSpec)
	itsPath := drifttest.ZonePath + "/{certificate_id}"
	spec := func(doc drifttest.Tree) (rotate drifttest.Tree, item drifttest.Tree) {
		rotate, item = drifttest.Clone(drifttest.Op(doc, itsPath, "get")), drifttest.Clone(drifttest.Dig(doc, "paths", itsPath))
		drifttest.Dig(doc, "paths")[itsPath+"/rotate"] = drifttest.Tree{"parameters": item["parameters"], "post": rotate}
		return rotate, drifttest.Dig(doc, "paths", itsPath+"/rotate")
	}
	shared := []string{
		"/components/parameters/ZoneID", "/components/parameters/CertificateID", "/components/schemas/CertificateEnvelope",
		"/components/schemas/FailureEnvelope", "/components/responses/RateLimited",
	}
	for name, test := range map[string]struct {
		change     func(doc, rotate, item drifttest.Tree)
		not, other []string // what is not shared, and what there is in its place
		review     string
	}{
		"no part": {func(_, _, _ drifttest.Tree) {}, nil, nil, ""},
		"a parameter of the path": {func(_, _, item drifttest.Tree) {
			item["parameters"].([]any)[1] = drifttest.Tree{"name": "certificate_id", "in": "path", "required": true, "schema": drifttest.Tree{"type": "string", "minLength": 1, "maxLength": 32, "pattern": "^[0-9A-Za-z_-]+$"}}
		}, []string{"/components/parameters/CertificateID"}, []string{"/components/parameters/CertificateID2"}, "maxLength decreased, at path parameter certificate_id: 36 → 32"},
		"an answer": {func(doc, rotate, _ drifttest.Tree) {
			envelope := drifttest.Clone(drifttest.Dig(doc, "components", "schemas", "CertificateEnvelope"))
			drifttest.Dig(envelope, "properties")["result"] = drifttest.Tree{"type": "object", "properties": drifttest.Tree{"old": drifttest.Tree{"$ref": "#/components/schemas/Certificate"}, "done": drifttest.Tree{"type": "boolean"}}}
			drifttest.Dig(rotate, "responses", "200", "content", "application/json")["schema"] = envelope
		}, []string{"/components/schemas/CertificateEnvelope"}, []string{"/components/schemas/RotateCertificateAnswer", "/components/schemas/RotateCertificateAnswerResult", "/components/schemas/Certificate", "/components/schemas/Message"}, ""},
		"a body that holds itself": {func(_, rotate, _ drifttest.Tree) {
			drifttest.Dig(rotate, "requestBody", "content", "application/json")["schema"] = drifttest.Tree{"type": "object", "properties": drifttest.Tree{"next": drifttest.Tree{"$ref": "#/components/schemas/Ring"}, "a": drifttest.Tree{"type": "boolean"}}}
		}, nil, []string{"/components/schemas/RotateCertificateRequest", "/components/schemas/RotateCertificateRequestNext"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs := drifttest.Clone(ours)
			drifttest.Dig(theirs, "components", "schemas")["Ring"] = drifttest.Tree{"type": "object", "properties": drifttest.Tree{"next": drifttest.Tree{"$ref": "#/components/schemas/Ring"}}}
			rotate, item := spec(theirs)
			rotate["operationId"] = "rotateCertificate"
			test.change(theirs, rotate, item)
			doc, c := parseTree(t, theirs), ourHouse(t, ours)
			p := mustPropose(t, c, doc, "all")
			if len(p.Undecided) > 0 || len(p.Adopted) != 1 {
				t.Fatal(p.text())
			}
			for _, ref := range shared {
				if want := !slices.Contains(test.not, ref); strings.Contains(string(p.Overlay), "$ref: '#"+ref+"'") != want {
					t.Errorf("it shares %s: %v, want %v", ref, !want, want)
				}
			}
			for _, ref := range test.other {
				if !strings.Contains(string(p.Overlay), "$ref: '#"+ref+"'") {
					t.Errorf("it has no %s", ref)
				}
			}
			if !strings.Contains(p.Adopted[0].Review[0], test.review) {
				t.Errorf("the reviewer is told %q, want %q", p.Adopted[0].Review[0], test.review)
			}
			for _, review := range p.Adopted[0].Review[1:] {
				if strings.Contains(review, ".schema.properties") {
					t.Errorf("an object in it has no name: %s", review)
				}
			}
			if t.Failed() {
				t.Logf("%s", p.Overlay)
			}
			changed, err := drift.Parse(encodeYAML(p.tree))
			if err != nil {
				t.Fatal(err)
			}
			if mustFingerprint(t, changed, c.Scope()) != mustFingerprint(t, doc, c.Scope()) {
				t.Error("the fingerprints differ still")
			}
		})
	}
}

// The reviewer reads some of what differs, not a page of it.
func TestApartReview(t *testing.T) {
	t.Parallel()
	parts := apart{{}: "", {}: ""}
	if got := parts.review(); got != "" {
		t.Errorf("of nothing that differs it says %q", got)
	}
	for _, change := range []string{"a", "b", "c", "d", "e"} {
		parts[&graph.Vertex{}] = change
	}
	if got := parts.review(); !strings.Contains(got, ": a; b; c; 2 more. If") {
		t.Errorf("it says %q", got)
	}
}
