package propose

import (
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

// A format of which a code generator would make a type of another module stays
// out of our document: it is left out of what is new, accepted where it breaks
// nothing, and else left to a person.
func TestProposeFormats(t *testing.T) {
	t.Parallel()
	ours := ourTree(t)
	for name, test := range map[string]struct {
		change                  func(doc drifttest.Tree)
		adopted, accepted, open string // kinds
		overlay, not            string
	}{
		"a new text with one": {
			func(d drifttest.Tree) {
				drifttest.Property(d, "owner", drifttest.Tree{"type": "string", "format": "uuid"})
			},
			"response-property-added", "response-format-added response-max-length-loosened", "", "maxLength: 4096", "format"},
		"a new text in a request": {
			func(d drifttest.Tree) {
				drifttest.Property(d, "owner", drifttest.Tree{"type": "string", "format": "binary", "maxLength": 9})
				upload(d)["owner"] = drifttest.Tree{"type": "string", "format": "byte", "maxLength": 9}
			},
			"request-property-added response-property-added", "request-format-added response-format-added", "", "owner:", "format"},
		"a new one that is listed": {
			func(d drifttest.Tree) {
				drifttest.Property(d, "owner", drifttest.Tree{"type": "string", "format": "date-time"})
			},
			"response-property-added", "", "", "format: date-time", "maxLength"},
		"one more in a response": {
			func(d drifttest.Tree) { drifttest.Dig(drifttest.Certificate(d), "properties", "id")["format"] = "uuid" },
			"", "response-format-added", "", "", "format"},
		"one that is listed, more in a response": {
			func(d drifttest.Tree) {
				drifttest.Dig(drifttest.Certificate(d), "properties", "issuer")["format"] = "date-time"
			},
			"response-format-added", "", "", "format: date-time", "uuid"},
		"one more in a request": {
			func(d drifttest.Tree) { drifttest.Dig(upload(d), "certificate")["format"] = "byte" },
			"", "", "request-format-added", "", "format"},
		"another in a response": {
			func(d drifttest.Tree) {
				drifttest.Dig(drifttest.Certificate(d), "properties", "expires_on")["format"] = "date"
			},
			"", "", "response-format-changed", "", "format"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs := drifttest.Clone(ours)
			test.change(theirs)
			doc, c := parseTree(t, theirs), ourHouse(t, ours)
			c.Propose.MaxLength, c.Propose.Formats = 4096, []string{"date-time", "int32", "double"}
			p := mustPropose(t, c, doc, "all")
			var adopted, accepted []string
			for _, a := range p.Adopted {
				adopted = append(adopted, a.Finding.Kind)
			}
			for _, a := range p.Accepted {
				accepted = append(accepted, a.Finding.Kind)
			}
			if strings.Join(document.SortedSet(adopted), " ") != test.adopted || strings.Join(accepted, " ") != test.accepted || kindsOf(p.Undecided) != test.open {
				t.Fatalf("adopted %v, accepted %v, open %q: %s", adopted, accepted, kindsOf(p.Undecided), p.text())
			}
			if overlay := string(p.Overlay); !strings.Contains(overlay, test.overlay) || strings.Contains(withoutReasons(overlay), test.not) {
				t.Errorf("the overlay does not say %q, or says %q:\n%s", test.overlay, test.not, overlay)
			}
			for _, o := range p.Undecided {
				if !strings.Contains(o.Question, "propose.formats") {
					t.Errorf("it does not say why it is not followed: %q", o.Question)
				}
			}
			if len(p.Undecided) > 0 {
				return
			}
			settle(t, c, doc, p)
		})
	}
}

// upload returns the properties of what is sent to upload a certificate.
func upload(doc drifttest.Tree) drifttest.Tree {
	return drifttest.Dig(doc, "components", "schemas", "CertificateUpload", "properties")
}

// withoutReasons takes the lines out of an overlay that say what is proposed.
func withoutReasons(overlay string) string {
	var lines []string
	for line := range strings.SplitSeq(overlay, "\n") {
		if !strings.HasPrefix(strings.TrimSpace(line), "description:") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// A text of ours keeps a limit where theirs has none any more: the one that every
// text of ours has.
func TestProposeKeepsTextsBounded(t *testing.T) {
	t.Parallel()
	ours := ourTree(t)
	for name, test := range map[string]struct {
		limit             int
		adopted, accepted string
	}{
		"the one that it has":  {4096, "", "response-max-length-loosened"},
		"one that is narrower": {100, "response-max-length-loosened", "response-max-length-loosened"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours, theirs := drifttest.Clone(ours), drifttest.Clone(ours)
			drifttest.Property(ours, "note", drifttest.Tree{"type": "string", "maxLength": test.limit})
			drifttest.Property(theirs, "note", drifttest.Tree{"type": "string"})
			doc, c := parseTree(t, theirs), ourHouse(t, ours)
			c.Propose.MaxLength = 4096
			p := mustPropose(t, c, doc)
			var adopted, accepted []string
			for _, a := range p.Adopted {
				adopted = append(adopted, a.Finding.Kind)
			}
			for _, a := range p.Accepted {
				accepted = append(accepted, a.Finding.Kind)
			}
			limit := document.NodeAt(p.tree, "/components/schemas/Certificate/properties/note/maxLength")
			if strings.Join(adopted, " ") != test.adopted || strings.Join(accepted, " ") != test.accepted || limit == nil || limit.Value != "4096" {
				t.Errorf("adopted %v, accepted %v, the limit is %v: %s", adopted, accepted, limit, p.text())
			}
		})
	}
}
