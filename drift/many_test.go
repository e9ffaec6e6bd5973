package drift

import (
	"fmt"
	"slices"
	"testing"

	"github.com/originpull/originpull-go/drift/internal/drifttest"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// manyValues is our document with more values of a certificate's status.
func manyValues(ours drifttest.Tree, n int) drifttest.Tree {
	theirs := drifttest.Clone(ours)
	status := drifttest.Dig(theirs, "components", "schemas", "CertificateStatus")
	for i := range n {
		status[graph.OpenSet] = append(status[graph.OpenSet].([]any), fmt.Sprintf("status_%d", i))
	}
	return theirs
}

// TestValueIsPointedAt: a finding on a value of a set leads to that value, and on the
// side that has it not to the set, not to all the other values.
func TestValueIsPointedAt(t *testing.T) {
	t.Parallel()
	old := mustParse(t, drifttest.WithSchema("3.0.3", `{"type":"string","enum":["a","b"]}`))
	new := mustParse(t, drifttest.WithSchema("3.0.3", `{"type":"string","enum":["c","b"]}`))
	for _, f := range mustDiff(t, old, new, Scope{}) {
		set := "/paths/~1a/get/responses/200/content/application~1json/schema/enum"
		wantOld, wantNew := set, set
		if f.After == `"c"` {
			wantNew += "/0"
		} else {
			wantOld += "/0"
		}
		if !slices.Equal(f.Old, []string{wantOld}) || !slices.Equal(f.New, []string{wantNew}) {
			t.Errorf("%s points to %v and %v, want %s and %s", f.ID, f.Old, f.New, wantOld, wantNew)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	c, err := LoadConfig("../drift.yaml")
	if err != nil {
		b.Fatal(err)
	}
	ours := drifttest.ReadTree(b, ourSpec)
	for _, values := range []int{1, 100, 1000, 10_000} {
		doc := parseTree(b, manyValues(ours, values))
		b.Run(fmt.Sprintf("%d new values", values), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r, err := Check(b.Context(), doc, c, drifttest.SomeDay)
				all := func(f Finding) bool { return len(f.Parts()) >= values }
				if err != nil || !slices.ContainsFunc(r.Findings, all) {
					b.Fatalf("%d findings, %v", len(r.Findings), err)
				}
			}
		})
	}
}

// TestDiffOfOne: a document can be compared with itself, though its parts are parsed
// when they are needed.
func TestDiffOfOne(t *testing.T) {
	t.Parallel()
	doc := parseTree(t, drifttest.ReadTree(t, ourSpec))
	if findings := mustDiff(t, doc, doc, Scope{}); len(findings) > 0 {
		t.Errorf("a document differs from itself: %v", findings)
	}
}

// TestPlacesStay: a finding about schemas that say nothing stands at the same place
// however often the documents are compared.
func TestPlacesStay(t *testing.T) {
	t.Parallel()
	before := mustParse(t, drifttest.WithSchema("3.0.3", `{"type":"object","properties":{"d":{},"c":{},"b":{},"a":{}}}`))
	after := mustParse(t, drifttest.WithSchema("3.0.3", `{"type":"object","properties":{"d":{"type":"string"},"c":{"type":"string"},"b":{"type":"string"},"a":{"type":"string"}}}`))
	want := mustDiff(t, before, after, Scope{})[0]
	for range 10 {
		if got := mustDiff(t, before, after, Scope{})[0]; !slices.Equal(got.Old, want.Old) {
			t.Fatalf("%s is at %v, and in another run at %v", got.ID, want.Old, got.Old)
		}
	}
}
