package propose

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// seededChanges change one schema, wherever it stands. Those that are written into
// ours come first.
var seededChanges = []func(r *rand.Rand, schema drifttest.Tree){
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
	func(r *rand.Rand, s drifttest.Tree) { delete(s, "required") },
	func(r *rand.Rand, s drifttest.Tree) { s["required"] = []any{"id", "code"} },
	func(r *rand.Rand, s drifttest.Tree) { s["deprecated"] = true },
	func(r *rand.Rand, s drifttest.Tree) { s["format"] = "date" },
	func(r *rand.Rand, s drifttest.Tree) { s["pattern"] = "^x" },
	// These are not.
	func(r *rand.Rand, s drifttest.Tree) {
		drifttest.Dig(s, "properties")[fmt.Sprint("fresh", r.IntN(3))] = drifttest.Tree{"type": "boolean"}
	},
	func(r *rand.Rand, s drifttest.Tree) {
		s["type"] = []string{"string", "integer", "object", "array", "boolean"}[r.IntN(5)]
	},
	func(r *rand.Rand, s drifttest.Tree) { delete(s, "type") },
	func(r *rand.Rand, s drifttest.Tree) { s["type"], s["enum"] = "string", []any{"a", "b"} },
	func(r *rand.Rand, s drifttest.Tree) { s["type"], s["enum"] = "integer", []any{"a", "b"} }, // contradicts itself
	func(r *rand.Rand, s drifttest.Tree) { delete(s, "items") },
	func(r *rand.Rand, s drifttest.Tree) { s["additionalProperties"] = false },
	func(r *rand.Rand, s drifttest.Tree) {
		s["anyOf"] = []any{drifttest.Tree{"type": "string", "maxLength": 7}, drifttest.Tree{"type": "object", "minProperties": 1}}
	},
}

var seeds = flag.Int("seeds", 20, "how many seeds TestProposeSeeds tries")

// TestProposeSeeds changes a copy of our document, cut into parts in some way or other,
// in places that chance picks. Each time the proposal, followed in all, brings
// the two together, save for what is not written, and says so; where chance
// contradicts itself, it says so.
func TestProposeSeeds(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes long")
	}
	wanted, most := *seeds, 4**seeds
	tried, contradictory := 0, 0
	var left atomic.Int32
	t.Cleanup(func() {
		if n := int(left.Load()); n == 0 || n > 3*wanted/4 {
			t.Errorf("of %d seeds %d leave something to a person, want some and not nearly all", wanted, n)
		}
	})
	for seed := uint64(0); tried < wanted || contradictory == 0; seed++ {
		if seed == uint64(most) {
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
			if followMutation(t, ours, theirs) {
				left.Add(1)
			}
		})
	}
}

// TestProposeNullableSeed has a nullable apart from its type in theirs: it is left to a
// person, although a nullable is written elsewhere.
func TestProposeNullableSeed(t *testing.T) {
	t.Parallel()
	if ours, theirs := seeded(t, 184); !followMutation(t, ours, theirs) {
		t.Error("a nullable without a meaning is followed")
	}
}

// contradictsItself reports whether a set of a document holds a text where no text
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

const writtenChanges = 8

// frozenSpec is a copy of our document that stays as it is, so that a seed means the
// same after the document has changed.
const frozenSpec = "../../internal/cmd/fakeupstream/testdata/ours/spec/openapi.yaml"

// seeded returns our document and a changed one, of which every other one has only
// changes that are written.
func seeded(t *testing.T, seed uint64) (before, after drifttest.Tree) {
	r := rand.New(rand.NewPCG(seed, 9))
	ours := &drifttest.Rewriter{R: r, Doc: drifttest.WithoutExamples(drifttest.ReadTree(t, frozenSpec))}
	for range r.IntN(3) {
		[]func(*drifttest.Rewriter){(*drifttest.Rewriter).Inline, (*drifttest.Rewriter).Outline, (*drifttest.Rewriter).Split, (*drifttest.Rewriter).Wrap}[r.IntN(4)](ours)
	}
	theirs := &drifttest.Rewriter{R: r, Doc: drifttest.Clone(ours.Doc)}
	spots := theirs.Spots()
	changes := seededChanges
	if seed%2 == 0 {
		changes = changes[:writtenChanges]
	}
	for range 1 + r.IntN(3) {
		if schema, ok := spots[r.IntN(len(spots))].Get().(drifttest.Tree); ok && schema["$ref"] == nil {
			changes[r.IntN(len(changes))](r, schema)
		}
	}
	return ours.Doc, theirs.Doc
}
