package drift

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

// Whoever maintains a document renames, moves and wraps its parts all the
// time. None of that may raise an alarm.
func TestRewritesAreNoFindings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file   string
		rounds int
		scope  Scope
	}{
		{ourSpec, 120, Scope{Prefix: "/zones"}},
		{"testdata/library.yaml", 240, Scope{}},
		{upstream + "/2024-07-31.slice.json", 120, Scope{Prefix: "/zones/{x}/origin_tls_client_auth"}},
	} {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			if strings.HasPrefix(c.file, upstream) {
				upstreamFile(t, "2024-07-31.slice.json")
			}
			original := drifttest.ReadTree(t, c.file)
			old := parseTree(t, original)
			want := mustFingerprint(t, old, c.scope)
			kinds := slices.Sorted(maps.Keys(drifttest.Rewrites))
			for seed := range rounds(c.rounds) {
				w := &drifttest.Rewriter{R: rand.New(rand.NewPCG(uint64(seed), 7)), Doc: drifttest.Clone(original)}
				var done []string
				for range 1 + w.R.IntN(6) {
					kind := kinds[w.R.IntN(len(kinds))]
					done = append(done, kind)
					drifttest.Rewrites[kind](w)
				}
				new := mustParse(t, w.Text(t))
				if findings := mustDiff(t, old, new, c.scope); len(findings) > 0 {
					t.Fatalf("seed %d: after %v, which change nothing: %s (%s → %s)", seed, done, findings[0].Change(), findings[0].Old, findings[0].New)
				}
				if got := mustFingerprint(t, new, c.scope); got != want {
					t.Fatalf("seed %d: after %v, which change nothing, the fingerprint is another", seed, done)
				}
			}
		})
	}
}

// A slice says what the document says, for any document.
func TestSliceMeansTheSame(t *testing.T) {
	t.Parallel()
	for _, file := range []string{ourSpec, "testdata/library.yaml"} {
		doc := mustRead(t, file)
		n, err := Slice(doc, Scope{})
		if err != nil {
			t.Fatal(err)
		}
		data, err := yaml.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		if findings := mustDiff(t, doc, mustParse(t, data), Scope{}); len(findings) > 0 {
			t.Errorf("the slice of %s differs from it: %s", file, findings[0].Change())
		}
		again, err := Slice(mustParse(t, data), Scope{})
		if err != nil {
			t.Fatal(err)
		}
		if second, err := yaml.Marshal(again); err != nil || !bytes.Equal(data, second) {
			t.Errorf("the slice of the slice of %s is another text (%v)", file, err)
		}
	}
}

// A slice says what the document says also however it is cut into components, and has
// them once each.
func TestSliceOfRewrites(t *testing.T) {
	t.Parallel()
	original := drifttest.ReadTree(t, "testdata/library.yaml")
	want := mustFingerprint(t, parseTree(t, original), Scope{})
	kinds := slices.Sorted(maps.Keys(drifttest.Rewrites))
	for seed := range rounds(60) {
		w := &drifttest.Rewriter{R: rand.New(rand.NewPCG(uint64(seed), 13)), Doc: drifttest.Clone(original)}
		for range 1 + w.R.IntN(6) {
			drifttest.Rewrites[kinds[w.R.IntN(len(kinds))]](w)
		}
		doc := mustParse(t, w.Text(t))
		n, err := Slice(doc, Scope{})
		if err != nil {
			t.Fatal(err)
		}
		data, err := yaml.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		if mustFingerprint(t, mustParse(t, data), Scope{}) != want {
			t.Fatalf("seed %d: the slice says something else:\n%s\nof\n%s", seed, data, w.Text(t))
		}
	}
}

// A finding keeps its id however the newer document is cut into components,
// or an acceptance would be lost with every rewrite upstream.
func TestRewritesKeepIDs(t *testing.T) {
	t.Parallel()
	original := drifttest.ReadTree(t, "testdata/library.yaml")
	changed := drifttest.Clone(original)
	schemas := drifttest.Dig(changed, "components", "schemas")
	drifttest.Dig(schemas, "Person", "properties", "name")["maxLength"] = 80
	drifttest.Dig(schemas, "Base", "properties")["language"] = drifttest.Tree{"type": "string"}
	delete(drifttest.Dig(schemas, "Loan", "properties"), "fee")
	old := parseTree(t, original)
	ids := func(doc *Document) []string {
		var out []string
		for _, f := range mustDiff(t, old, doc, Scope{}) {
			out = append(out, f.ID)
		}
		return out
	}
	want := ids(parseTree(t, changed))
	if len(want) != 7 {
		t.Fatalf("found %v, want a limit and two properties of two objects in both directions, and one property gone", want)
	}
	kinds := slices.Sorted(maps.Keys(drifttest.Rewrites))
	for seed := range rounds(150) {
		w := &drifttest.Rewriter{R: rand.New(rand.NewPCG(uint64(seed), 9)), Doc: drifttest.Clone(changed)}
		for range 1 + w.R.IntN(6) {
			drifttest.Rewrites[kinds[w.R.IntN(len(kinds))]](w)
		}
		if got := ids(mustParse(t, w.Text(t))); !slices.Equal(got, want) {
			t.Fatalf("seed %d: ids %v, want %v", seed, got, want)
		}
	}
}
