package drift

import (
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

// withProbe returns our document with a property of this schema in what an
// upload sends or in a certificate, which four operations return.
func withProbe(t *testing.T, ours drifttest.Tree, dir Direction, schema string) *Document {
	t.Helper()
	return parseTree(t, drifttest.ProbeTree(t, ours, string(dir), schema))
}

func TestSchemaMutations(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes long")
	}
	ours := drifttest.Abridged(drifttest.ReadTree(t, ourSpec))
	for _, m := range drifttest.SchemaMutations {
		for dir, class := range map[Direction]Class{Request: Class(m.Request), Response: Class(m.Response)} {
			if class == "" {
				continue
			}
			old, new := withProbe(t, ours, dir, m.Before), withProbe(t, ours, dir, m.After)
			f := oneFinding(t, string(dir)+"-"+m.Kind, class, old, new)
			if dir == Response && len(f.Where) > 0 && len(f.Where[0].Operations) == 0 {
				t.Errorf("%s: names no operation", f.ID)
			}
			if len(f.Old) == 0 || len(f.New) == 0 {
				t.Errorf("%s: lacks a pointer: old %v, new %v", f.ID, f.Old, f.New)
			}
		}
	}
}

// oneFinding makes sure that a change is found once, and as what it is.
func oneFinding(t *testing.T, kind string, class Class, old, new *Document) Finding {
	t.Helper()
	findings := mustDiff(t, old, new, Scope{Prefix: "/zones"})
	if len(findings) != 1 {
		t.Errorf("%s: one change makes %d findings", kind, len(findings))
		for _, f := range findings {
			t.Logf("  %s: %s", f.ID, f.Change())
		}
		return Finding{}
	}
	f := findings[0]
	if f.Kind != kind || f.Class != class {
		t.Errorf("want %s, %s; found %s, %s: %s", kind, class, f.Kind, f.Class, f.Change())
	}
	same := mustFingerprint(t, old, Scope{Prefix: "/zones"}) == mustFingerprint(t, new, Scope{Prefix: "/zones"})
	// An alternative whose values another one allows anyway is no difference on the wire,
	// and yet one in the document that programs may have been made from.
	if same != (class == Editorial) && !strings.HasSuffix(kind, "-covered") {
		t.Errorf("%s is %s, but it is %v that the fingerprints are equal", kind, class, same)
	}
	return f
}
