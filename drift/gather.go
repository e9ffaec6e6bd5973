package drift

import (
	"maps"
	"slices"
	"strings"
)

// findings makes the findings of a walk, after which its classes are void.
func (w *walk) findings() ([]Finding, error) {
	out := []Finding{}
	for _, f := range w.order {
		content, err := w.contentOf(f)
		if err != nil {
			return nil, err
		}
		if f.kind == "unhandled" {
			if f.before, f.after, err = f.fingerprints(); err != nil {
				return nil, err
			}
		}
		kind := kindNamed(f.kind)
		dir := Direction(f.dir)
		for _, b := range f.buckets() {
			finding := Finding{
				Kind: kind.id(dir), Class: kind.class(dir), Meaning: kind.Meaning, Where: b.whereList(),
				Before: f.before, After: f.after, Old: pointers(b.old), New: pointers(b.new), content: content, seen: b.seen,
			}
			if kind.Any == "" {
				finding.Direction = dir
			}
			out = append(out, finding)
		}
	}
	out = mergeAlike(out)
	for i := range out {
		out[i].seal()
	}
	sortFindings(out)
	return out, nil
}

// contentOf returns a fingerprint of what was added or removed, so that the
// finding is another one when that is another thing.
func (w *walk) contentOf(f *found) (string, error) {
	if f.content == (class{}) {
		return "", nil
	}
	if content, ok := w.contents[f.content]; ok {
		return content, nil
	}
	content, err := subgraph(f.there).fingerprint()
	w.contents[f.content] = content
	return content, err
}

// fingerprints returns those of the two vertices of an unhandled difference, so
// that the finding is another one whenever the difference is.
func (f *found) fingerprints() (before, after string, err error) {
	p := f.seen[0].pair
	if before, err = subgraph(p.old).fingerprint(); err != nil {
		return "", "", err
	}
	after, err = subgraph(p.new).fingerprint()
	return before, after, err
}

// bucket is what a change does to one property, parameter or header: two that
// happen to look alike and change alike are two findings.
type bucket struct {
	where    map[place]map[*operations]bool
	old, new map[*node]bool
	seen     []sighting
}

func (f *found) buckets() []*bucket {
	byName := map[string]*bucket{}
	add := func(s sighting, at place, ops *operations) {
		name := lastName(at.key)
		b := byName[name]
		if b == nil {
			b = &bucket{where: map[place]map[*operations]bool{}, old: map[*node]bool{}, new: map[*node]bool{}}
			byName[name] = b
		}
		if b.where[at] == nil {
			b.where[at] = map[*operations]bool{}
		}
		b.where[at][ops] = true
		b.seen = append(b.seen, s)
		for _, n := range s.old {
			b.old[n] = true
		}
		for _, n := range s.new {
			b.new[n] = true
		}
	}
	for _, s := range f.seen {
		switch {
		case f.title != "": // an operation that only one side has
			add(s, place{}, &operations{pairs: []*operationPair{{wire: f.label, title: f.title}}})
		case s.pair.group.op != nil:
			add(s, place{}.below(f.label, f.there), s.pair.group.operations())
		case len(s.pair.in) == 0:
			add(s, place{"the document", "the document"}, &operations{})
		default:
			for _, in := range s.pair.in {
				add(s, in.place.below(f.label, f.there), in.from.operations())
			}
		}
	}
	var out []*bucket
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		out = append(out, byName[name])
	}
	return out
}

func (b *bucket) whereList() []Where {
	var out []Where
	for at, ops := range b.where {
		w := Where{Place: strings.TrimSpace(at.text), key: strings.TrimSpace(at.key)}
		for o := range ops {
			titles, wires := o.list()
			if len(ops) == 1 {
				w.Operations, w.wire = titles, wires
				break
			}
			w.Operations, w.wire = append(w.Operations, titles...), append(w.wire, wires...)
		}
		if len(ops) > 1 {
			w.Operations, w.wire = sorted(w.Operations), sorted(w.wire)
		}
		out = append(out, w)
	}
	return mergeWhere(out)
}

// mergeAlike makes one of the findings that say the same of the same place in
// several operations, statuses or media types: an envelope that every answer
// has is changed once.
func mergeAlike(list []Finding) []Finding {
	type key struct{ kind, before, after, content, place string }
	into := make([]int, len(list))
	first := map[key]int{}
	root := func(i int) int {
		for into[i] != i {
			i = into[i]
		}
		return i
	}
	for i, f := range list {
		into[i] = i
		for _, w := range f.Where {
			k := key{f.Kind, f.Before, f.After, f.content, tail(w.key)}
			if w.key == "" { // whole operations: each is one finding
				continue
			}
			if j, ok := first[k]; ok {
				into[max(root(i), root(j))] = min(root(i), root(j))
			} else {
				first[k] = i
			}
		}
	}
	var out []Finding
	at := map[int]int{}
	for i, f := range list {
		r := root(i)
		if r == i {
			at[i] = len(out)
			out = append(out, f)
			continue
		}
		to := &out[at[r]]
		to.Where = append(to.Where, f.Where...)
		to.Old, to.New = append(to.Old, f.Old...), append(to.New, f.New...)
		to.seen = append(to.seen, f.seen...)
	}
	for i := range out {
		out[i].Where = mergeWhere(out[i].Where)
		out[i].Old, out[i].New = sorted(out[i].Old), sorted(out[i].New)
	}
	return out
}

// mergeWhere makes one entry of each place. The lists of operations may be
// shared, and so are changed only once they are copies.
func mergeWhere(list []Where) []Where {
	var out []Where
	at := map[string]int{}
	merged := map[int]bool{}
	for _, w := range list {
		i, ok := at[w.key]
		if !ok {
			at[w.key] = len(out)
			out = append(out, w)
			continue
		}
		out[i].Operations, out[i].wire = append(out[i].Operations, w.Operations...), append(out[i].wire, w.wire...)
		merged[i] = true
	}
	for i := range merged {
		out[i].Operations, out[i].wire = slices.Clip(sorted(out[i].Operations)), slices.Clip(sorted(out[i].wire))
	}
	slices.SortFunc(out, func(a, b Where) int { return strings.Compare(a.key, b.key) })
	return out
}

// pointers returns where some nodes stand, in one order.
func pointers(at map[*node]bool) []string {
	var out []string
	for n := range at {
		out = append(out, n.pointer())
	}
	return sorted(out)
}
