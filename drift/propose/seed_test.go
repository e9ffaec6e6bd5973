package propose

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// seededChanges change one schema, wherever it stands.
var seededChanges = []func(r *rand.Rand, schema drifttest.Tree){
	func(r *rand.Rand, s drifttest.Tree) {
		drifttest.Dig(s, "properties")[fmt.Sprint("fresh", r.IntN(3))] = drifttest.Tree{"type": "boolean"}
	},
	func(r *rand.Rand, s drifttest.Tree) {
		properties := drifttest.Dig(s, "properties")
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			if r.IntN(2) == 0 {
				delete(properties, name)
			}
		}
	},
	func(r *rand.Rand, s drifttest.Tree) { s["maxLength"] = r.IntN(100) },
	func(r *rand.Rand, s drifttest.Tree) { s["nullable"] = true },
	func(r *rand.Rand, s drifttest.Tree) {
		s["type"] = []string{"string", "integer", "object", "array", "boolean"}[r.IntN(5)]
	},
	func(r *rand.Rand, s drifttest.Tree) { delete(s, "required") },
	func(r *rand.Rand, s drifttest.Tree) { s["required"] = []any{"id", "code"} },
	func(r *rand.Rand, s drifttest.Tree) { delete(s, "type") },
	func(r *rand.Rand, s drifttest.Tree) { s["deprecated"] = true },
	func(r *rand.Rand, s drifttest.Tree) { s["type"], s["enum"] = "string", []any{"a", "b"} },
	func(r *rand.Rand, s drifttest.Tree) { delete(s, "items") },
	func(r *rand.Rand, s drifttest.Tree) { s["additionalProperties"] = false },
	func(r *rand.Rand, s drifttest.Tree) { s["format"] = "date" },
	func(r *rand.Rand, s drifttest.Tree) { s["pattern"] = "^x" },
	func(r *rand.Rand, s drifttest.Tree) {
		s["anyOf"] = []any{drifttest.Tree{"type": "string", "maxLength": 7}, drifttest.Tree{"type": "object", "minProperties": 1}}
	},
}

// unheldBecause is said of what generated code, or our document, cannot hold.
var unheldBecause = regexp.MustCompile("it is an object without a name|a set of values that stands in no component|nullable apart from the type")

// TestProposeSeeds changes our document, cut into parts in some way or other,
// in places that chance picks. Each time the proposal, followed in all, brings
// the two together, save for what cannot be held, and says so; where chance
// contradicts itself, it says so.
func TestProposeSeeds(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes long")
	}
	const wanted, most = 60, 200
	tried, contradictory := 0, 0
	var unheld atomic.Int32
	t.Cleanup(func() {
		if n := unheld.Load(); n == 0 || n > wanted/6 {
			t.Errorf("of %d seeds %d are what generated code cannot hold, want some and few", wanted, n)
		}
	})
	for seed := uint64(0); tried < wanted; seed++ {
		if seed == most {
			t.Fatalf("of %d seeds only %d change something, and %d contradict themselves; want %d that are tried", most, tried, contradictory, wanted)
		}
		ours, theirs := seeded(t, seed)
		if len(mustDiff(t, parseTree(t, ours), parseTree(t, theirs), drift.Scope{Prefix: "/zones"})) == 0 {
			continue // what was changed means nothing on the wire
		}
		if contradictsItself(t, theirs) {
			contradictory++
			if p, err := Propose(t.Context(), parseTree(t, theirs), ourHouse(t, ours), drifttest.SomeDay, []string{"all"}); !contradicts(err) {
				t.Errorf("seed %d contradicts itself, and the proposal is %v, %v", seed, p, err)
			}
			continue
		}
		tried++
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			p := mustPropose(t, ourHouse(t, ours), parseTree(t, theirs), "all")
			if len(p.Undecided) > 0 && !slices.ContainsFunc(p.Undecided, func(o Undecided) bool { return !unheldBecause.MatchString(o.Question) }) {
				unheld.Add(1)
				return
			}
			followMutation(t, ours, theirs)
		})
	}
	if contradictory == 0 {
		t.Error("no seed contradicts itself: what is said of those is not looked at any more")
	}
}

// contradictsItself tells whether a set of a document holds a text where no text
// is allowed.
func contradictsItself(t *testing.T, doc drifttest.Tree) bool {
	parsed, err := document.Parse(drifttest.EncodeJSON(t, doc))
	if err != nil {
		t.Fatal(err)
	}
	g, err := graph.Build(parsed, "/zones")
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(g.Vertices, func(v *graph.Vertex) bool {
		values := v.Fact("enum").List()
		return v.Types()&graph.StringType == 0 && slices.ContainsFunc(values, func(value string) bool { return strings.HasPrefix(value, `"`) })
	})
}

// seeded returns our document and a changed one.
func seeded(t *testing.T, seed uint64) (before, after drifttest.Tree) {
	r := rand.New(rand.NewPCG(seed, 9))
	ours := &drifttest.Rewriter{R: r, Doc: drifttest.WithoutExamples(drifttest.ReadTree(t, ourSpec))}
	for range r.IntN(3) {
		[]func(*drifttest.Rewriter){(*drifttest.Rewriter).Inline, (*drifttest.Rewriter).Outline, (*drifttest.Rewriter).Split, (*drifttest.Rewriter).Wrap}[r.IntN(4)](ours)
	}
	theirs := &drifttest.Rewriter{R: r, Doc: drifttest.Clone(ours.Doc)}
	spots := theirs.Spots()
	for range 1 + r.IntN(3) {
		if schema, ok := spots[r.IntN(len(spots))].Get().(drifttest.Tree); ok && schema["$ref"] == nil {
			seededChanges[r.IntN(len(seededChanges))](r, schema)
		}
	}
	return ours.Doc, theirs.Doc
}
