package drift

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// seededChanges change one schema, wherever it stands.
var seededChanges = []func(r *rand.Rand, schema tree){
	func(r *rand.Rand, s tree) {
		dig(s, "properties")[fmt.Sprint("fresh", r.IntN(3))] = tree{"type": "boolean"}
	},
	func(r *rand.Rand, s tree) {
		properties := dig(s, "properties")
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			if r.IntN(2) == 0 {
				delete(properties, name)
			}
		}
	},
	func(r *rand.Rand, s tree) { s["maxLength"] = r.IntN(100) },
	func(r *rand.Rand, s tree) { s["nullable"] = true },
	func(r *rand.Rand, s tree) {
		s["type"] = []string{"string", "integer", "object", "array", "boolean"}[r.IntN(5)]
	},
	func(r *rand.Rand, s tree) { delete(s, "required") },
	func(r *rand.Rand, s tree) { s["required"] = []any{"id", "code"} },
	func(r *rand.Rand, s tree) { delete(s, "type") },
	func(r *rand.Rand, s tree) { s["deprecated"] = true },
	func(r *rand.Rand, s tree) { s["type"], s["enum"] = "string", []any{"a", "b"} },
	func(r *rand.Rand, s tree) { delete(s, "items") },
	func(r *rand.Rand, s tree) { s["additionalProperties"] = false },
	func(r *rand.Rand, s tree) { s["format"] = "date" },
	func(r *rand.Rand, s tree) { s["pattern"] = "^x" },
	func(r *rand.Rand, s tree) {
		s["anyOf"] = []any{tree{"type": "string", "maxLength": 7}, tree{"type": "object", "minProperties": 1}}
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
		if len(mustDiff(t, parseTree(t, ours), parseTree(t, theirs), Scope{Prefix: "/zones"})) == 0 {
			continue // what was changed means nothing on the wire
		}
		if contradictsItself(t, theirs) {
			contradictory++
			if p, err := Propose(t.Context(), parseTree(t, theirs), ourHouse(t, ours), someDay, []string{"all"}); !contradicts(err) {
				t.Errorf("seed %d contradicts itself, and the proposal is %v, %v", seed, p, err)
			}
			continue
		}
		tried++
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			p := mustPropose(t, ourHouse(t, ours), parseTree(t, theirs), "all")
			if len(p.Open) > 0 && !slices.ContainsFunc(p.Open, func(o Open) bool { return !unheldBecause.MatchString(o.Decide) }) {
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
func contradictsItself(t *testing.T, doc tree) bool {
	g, err := build(parseTree(t, doc), Scope{Prefix: "/zones"})
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(g.vertices, func(v *vertex) bool {
		values := v.fact("enum").list()
		return v.types()&stringType == 0 && slices.ContainsFunc(values, func(value string) bool { return strings.HasPrefix(value, `"`) })
	})
}

// seeded returns our document and a changed one.
func seeded(t *testing.T, seed uint64) (before, after tree) {
	r := rand.New(rand.NewPCG(seed, 9))
	ours := &rewriter{r: r, doc: withoutExamples(readTree(t, ourSpec))}
	for range r.IntN(3) {
		[]func(*rewriter){(*rewriter).inline, (*rewriter).outline, (*rewriter).split, (*rewriter).wrap}[r.IntN(4)](ours)
	}
	theirs := &rewriter{r: r, doc: clone(ours.doc)}
	spots := theirs.spots()
	for range 1 + r.IntN(3) {
		if schema, ok := spots[r.IntN(len(spots))].get().(tree); ok && schema["$ref"] == nil {
			seededChanges[r.IntN(len(seededChanges))](r, schema)
		}
	}
	return ours.doc, theirs.doc
}
