package drift

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
)

// maxMatches bounds the comparisons for finding out which alternative of one
// document is which of the other; beyond it, what differs is gone and new.
const maxMatches = 250_000

// opaqueKinds names the change of what is not looked into.
var opaqueKinds = map[string]string{"not": "exclusion", "if": "condition", "contains": "contains"}

// compareSets finds for each member of a set its counterpart, and compares the
// two; what has none is gone or new.
func (w *walk) compareSets(p *pair) {
	for _, label := range []string{"choice", "branch", "not", "if", "contains"} {
		old, new := w.withoutEqual(p.old.set(label), p.new.set(label), w.whole)
		pairs := w.sameWire(&old, &new)
		switch label {
		case "branch":
			pairs = append(pairs, w.similar(&old, &new)...)
		case "choice":
			for len(old) > 0 && len(new) > 0 {
				pairs = append(pairs, [2]*vertex{old[0], new[0]})
				old, new = old[1:], new[1:]
			}
		}
		for _, m := range pairs {
			if opaqueKinds[label] == "" {
				w.meet(p, label, m[0], m[1])
			}
		}
		w.noteUnmatched(p, label, old, new)
	}
}

func (w *walk) noteUnmatched(p *pair, label string, old, new []*vertex) {
	kind := opaqueKinds[label]
	switch label {
	case "choice":
		kind = "choice"
	case "branch":
		kind = "alternative"
	}
	for len(old) > 0 && len(new) > 0 && opaqueKinds[label] != "" {
		w.note(p, change{kind: kind + "-changed", dir: p.old.dir, label: label, old: old[0], new: new[0], content: w.wire[new[0].index]})
		old, new = old[1:], new[1:]
	}
	for _, v := range old {
		w.note(p, change{kind: kind + "-removed", dir: p.old.dir, label: label, old: v, content: w.wire[v.index]})
	}
	for _, v := range new {
		w.note(p, change{kind: kind + "-added", dir: p.old.dir, label: label, new: v, content: w.wire[v.index]})
	}
}

// withoutEqual leaves out the members that both sides have, and orders the
// rest by what they mean.
func (w *walk) withoutEqual(old, new []*vertex, classes []class) (restOld, restNew []*vertex) {
	count := map[class]int{}
	for _, v := range new {
		count[classes[v.index]]++
	}
	for _, v := range byClass(old, classes) {
		if count[classes[v.index]] > 0 {
			count[classes[v.index]]--
			continue
		}
		restOld = append(restOld, v)
	}
	for _, v := range byClass(new, classes) {
		if count[classes[v.index]] > 0 {
			count[classes[v.index]]--
			restNew = append(restNew, v)
		}
	}
	return restOld, restNew
}

// sameWire takes out the pairs that differ only in what is editorial.
func (w *walk) sameWire(old, new *[]*vertex) (pairs [][2]*vertex) {
	*old = slices.DeleteFunc(*old, func(x *vertex) bool {
		i := slices.IndexFunc(*new, func(y *vertex) bool { return w.wire[x.index] == w.wire[y.index] })
		if i < 0 {
			return false
		}
		pairs = append(pairs, [2]*vertex{x, (*new)[i]})
		*new = slices.Delete(*new, i, i+1)
		return true
	})
	return pairs
}

// similar takes out pairs of alternatives that are most alike.
func (w *walk) similar(old, new *[]*vertex) (pairs [][2]*vertex) {
	type match struct {
		old, new *vertex
		score    float64
	}
	if len(*old)*len(*new) > maxMatches {
		return nil
	}
	var matches []match
	for _, x := range *old {
		for _, y := range *new {
			if score := likeness(x, y); score > 0 {
				matches = append(matches, match{x, y, score})
			}
		}
	}
	slices.SortStableFunc(matches, func(m, n match) int {
		mo, mn := w.wire[m.old.index], w.wire[m.new.index]
		no, nn := w.wire[n.old.index], w.wire[n.new.index]
		return cmp.Or(-cmp.Compare(m.score, n.score), bytes.Compare(mo[:], no[:]), bytes.Compare(mn[:], nn[:]))
	})
	for _, m := range matches {
		i, j := slices.Index(*old, m.old), slices.Index(*new, m.new)
		if i >= 0 && j >= 0 {
			pairs = append(pairs, [2]*vertex{m.old, m.new})
			*old, *new = slices.Delete(*old, i, i+1), slices.Delete(*new, j, j+1)
		}
	}
	return pairs
}

// likeness is above zero for two schemas that one would call the same
// alternative: of one type and, if they are objects, with properties in common.
func likeness(x, y *vertex) float64 {
	if x.types()&y.types()&^nullType == 0 {
		return 0
	}
	count := map[string]int{}
	for _, v := range []*vertex{x, y} {
		for _, e := range v.edges {
			count[e.label]++
		}
		for _, f := range v.facts {
			for _, value := range f.values {
				count[f.name+"="+value]++
			}
		}
	}
	shared, properties, sharedProperties := 0, 0, 0
	for name, n := range count {
		if n == 2 {
			shared++
		}
		if strings.HasPrefix(name, "property ") {
			properties++
			sharedProperties += n - 1
		}
	}
	if properties > 0 && sharedProperties == 0 {
		return 0
	}
	return float64(shared+1) / float64(len(count)+1)
}
