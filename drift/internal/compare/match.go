package compare

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// maxMatching bounds the work of one walk, in features looked at, for finding
// out which alternative of one document is which of the other; beyond it, what
// differs is gone and new.
const maxMatching = 20_000_000

// opaqueKinds names the change of what is not looked into.
var opaqueKinds = map[string]string{"not": "exclusion", "if": "condition", "contains": "contains"}

// compareSets finds for each member of a set its counterpart, and compares the
// two; what has none is gone or new.
func (w *Walk) compareSets(p *Pair) {
	for _, label := range []string{"choice", "branch", "not", "if", "contains"} {
		old, new := w.withoutEqual(p.Old.Set(label), p.New.Set(label), w.Whole)
		pairs := w.sameWire(&old, &new)
		switch label {
		case "branch":
			pairs = append(pairs, w.similar(&old, &new)...)
		case "choice":
			pairs = append(pairs, w.similar(&old, &new)...)
			for len(old) > 0 && len(new) > 0 {
				pairs = append(pairs, [2]*graph.Vertex{old[0], new[0]})
				old, new = old[1:], new[1:]
			}
		}
		for _, m := range pairs {
			if opaqueKinds[label] == "" {
				w.meet(p, label, w.which(p, label, m[0]), m[0], m[1])
			}
		}
		w.noteUnmatched(p, label, old, new)
	}
}

// which distinguishes a member of a set of ours from those with the same name.
func (w *Walk) which(p *Pair, label string, old *graph.Vertex) graph.Class {
	alike := func(v *graph.Vertex) bool { return v != old && branchName(v) == branchName(old) }
	if slices.ContainsFunc(p.Old.Set(label), alike) {
		return w.mark(old)
	}
	return graph.Class{}
}

func (w *Walk) noteUnmatched(p *Pair, label string, old, new []*graph.Vertex) {
	kind := opaqueKinds[label]
	if label == "choice" {
		kind = "choice"
	}
	note := func(suffix string, old, new *graph.Vertex) {
		if label == "branch" {
			others, chosen := p.New, p.Old
			if new != nil {
				others, chosen = p.Old, p.New
			}
			w.noteAlternative(p, graph.Case{Whole: old, Branch: old}, graph.Case{Whole: new, Branch: new}, others.Set("branch"), chosen.Value("choice"))
			return
		}
		// Without a choice a schema is what the rest of it leaves.
		w.note(p, Change{kind: kind + suffix, dir: p.Old.Dir, Label: label, Old: old, New: new, about: [2]*graph.Vertex{old, new}, whole: label == "choice"})
	}
	for len(old) > 0 && len(new) > 0 && opaqueKinds[label] != "" {
		note("-changed", old[0], new[0])
		old, new = old[1:], new[1:]
	}
	for _, v := range old {
		note("-removed", v, nil)
	}
	for _, v := range new {
		note("-added", nil, v)
	}
}

// withoutEqual leaves out the members that both sides have, and orders the
// rest by what they mean.
func (w *Walk) withoutEqual(old, new []*graph.Vertex, classes []graph.Class) (restOld, restNew []*graph.Vertex) {
	count := map[graph.Class]int{}
	for _, v := range new {
		count[classes[v.Index]]++
	}
	for _, v := range graph.ByClass(old, classes) {
		if count[classes[v.Index]] > 0 {
			count[classes[v.Index]]--
			continue
		}
		restOld = append(restOld, v)
	}
	for _, v := range graph.ByClass(new, classes) {
		if count[classes[v.Index]] > 0 {
			count[classes[v.Index]]--
			restNew = append(restNew, v)
		}
	}
	return restOld, restNew
}

// sameWire takes out the pairs that differ only in what is editorial.
func (w *Walk) sameWire(old, new *[]*graph.Vertex) (pairs [][2]*graph.Vertex) {
	*old = slices.DeleteFunc(*old, func(x *graph.Vertex) bool {
		i := slices.IndexFunc(*new, func(y *graph.Vertex) bool { return w.wire[x.Index] == w.wire[y.Index] })
		if i < 0 {
			return false
		}
		pairs = append(pairs, [2]*graph.Vertex{x, (*new)[i]})
		*new = slices.Delete(*new, i, i+1)
		return true
	})
	return pairs
}

// similar takes out pairs of alternatives, or of choices, that are most alike.
func (w *Walk) similar(old, new *[]*graph.Vertex) (pairs [][2]*graph.Vertex) {
	type match struct {
		old, new *graph.Vertex
		same     bool
		share    float64
	}
	olds, news := featuresOf(*old), featuresOf(*new)
	var matches []match
	for i, x := range *old {
		for j, y := range *new {
			if w.matching += 1 + len(olds[i].names) + len(news[j].names); w.matching > maxMatching {
				return nil
			}
			share, same := likeness(olds[i], news[j])
			if share > 0 {
				matches = append(matches, match{x, y, same, share})
			}
		}
	}
	slices.SortStableFunc(matches, func(m, n match) int {
		mo, mn := w.wire[m.old.Index], w.wire[m.new.Index]
		no, nn := w.wire[n.old.Index], w.wire[n.new.Index]
		if m.same != n.same {
			if m.same {
				return -1
			}
			return 1
		}
		return cmp.Or(-cmp.Compare(m.share, n.share), bytes.Compare(mo[:], no[:]), bytes.Compare(mn[:], nn[:]))
	})
	for _, m := range matches {
		i, j := slices.Index(*old, m.old), slices.Index(*new, m.new)
		if i >= 0 && j >= 0 {
			pairs = append(pairs, [2]*graph.Vertex{m.old, m.new})
			*old, *new = slices.Delete(*old, i, i+1), slices.Delete(*new, j, j+1)
		}
	}
	return pairs
}

// features is what an alternative is known by.
type features struct {
	types      graph.TypeSet
	names      []string            // of edges and facts, in order
	properties int                 // of them, those that are properties
	values     map[string][]string // that properties can have, where they are listed
}

func featuresOf(list []*graph.Vertex) []features {
	out := make([]features, len(list))
	for i, v := range list {
		f := features{types: v.Types() &^ graph.NullType, values: map[string][]string{}}
		for _, e := range v.Edges {
			f.names = append(f.names, e.Label)
			if IsProperty(e.Label) {
				f.properties++
				if e.To.Types() == graph.StringType {
					f.values[e.Label] = e.To.Fact("enum").List()
				}
			}
		}
		for _, fact := range v.Facts {
			for _, value := range fact.Values {
				f.names = append(f.names, fact.Name+"="+value)
			}
		}
		for _, branch := range v.Set("branch") {
			f.names = append(f.names, "branch "+branchName(branch))
		}
		f.names = document.SortedSet(f.names)
		out[i] = f
	}
	return out
}

// IsProperty reports whether the label of an edge is that of a property.
func IsProperty(label string) bool { return strings.HasPrefix(label, "property ") }

// likeness returns how much two schemas share of what they say, and whether a property
// that has but one value in one of them has it in both. It is above zero for two that one
// would call the same alternative: of one type and, if they are objects, with properties
// in common, of which none has an only value that the other does not have.
func likeness(x, y features) (share float64, same bool) {
	if x.types&y.types == 0 {
		return 0, false
	}
	for property, values := range x.values {
		others := y.values[property]
		switch {
		case min(len(values), len(others)) != 1: // neither has one that stands for it
		case !slices.ContainsFunc(values, func(value string) bool { return Has(others, value) }):
			return 0, false
		default:
			same = true
		}
	}
	shared, properties := 0, 0
	for i, j := 0, 0; i < len(x.names) && j < len(y.names); {
		switch c := strings.Compare(x.names[i], y.names[j]); {
		case c < 0:
			i++
		case c > 0:
			j++
		default:
			shared++
			if IsProperty(x.names[i]) {
				properties++
			}
			i, j = i+1, j+1
		}
	}
	if x.properties+y.properties > 0 && properties == 0 {
		return 0, false
	}
	all := len(x.names) + len(y.names) - shared
	return float64(shared+1) / float64(all+1), same
}
