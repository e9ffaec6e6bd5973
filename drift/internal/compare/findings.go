package compare

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// findings makes the findings of a walk, after which its classes are void.
func (w *Walk) findings(ctx context.Context) ([]Finding, error) {
	out := []Finding{}
	for _, f := range w.order {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		content, err := w.contentOf(f)
		if err != nil {
			return nil, err
		}
		whole, err := w.printBoth(f.whole)
		if err != nil {
			return nil, err
		}
		buckets, err := w.buckets(f)
		if err != nil {
			return nil, err
		}
		kind := KindNamed(f.kind)
		dir := graph.Direction(f.dir)
		for _, b := range buckets {
			for i := range b.at {
				b.at[i].what = whole
			}
			finding := Finding{
				Kind: kind.ID(dir), Class: kind.class(dir), Meaning: kind.Meaning, Where: b.whereList(), Shown: b.shown,
				Before: f.before, After: f.after, Sides: f.sides, Old: pointers(b.old), New: pointers(b.new), Content: content, At: b.at, Seen: b.seen,
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
	sortFound(out)
	return out, nil
}

// contentOf returns what makes the finding this one beside its kind and what
// people read: facts that these leave out, and fingerprints of what is
// looked into no further, so that it is another one when that is another thing.
func (w *Walk) contentOf(f *found) (string, error) {
	about, err := w.printBoth(f.about)
	if f.kind == "unhandled" { // nothing else is known of it
		f.before, f.after, _ = strings.Cut(about, " ")
	}
	return about + " " + f.exact, err
}

// bucket is what a change does to one property, parameter or header: two that
// happen to look alike and change alike are two findings.
type bucket struct {
	where    map[place]map[*operations]bool
	at       []Site
	old, new map[*document.Node]bool
	seen     []Sighting
	shown    []Where
	shownAt  map[step]bool
}

func (w *Walk) buckets(f *found) ([]*bucket, error) {
	byName := map[string]*bucket{}
	add := func(s Sighting, at place, sites []Site, ops *operations) *bucket {
		name := lastName(at.key)
		b := byName[name]
		if b == nil {
			b = &bucket{where: map[place]map[*operations]bool{}, old: map[*document.Node]bool{}, new: map[*document.Node]bool{}, shownAt: map[step]bool{}}
			byName[name] = b
		}
		if b.where[at] == nil {
			b.where[at] = map[*operations]bool{}
		}
		b.where[at][ops] = true
		b.at = append(b.at, sites...)
		b.seen = append(b.seen, s)
		for _, n := range s.old {
			b.old[n] = true
		}
		for _, n := range s.new {
			b.new[n] = true
		}
		return b
	}
	for _, s := range f.seen {
		switch {
		case f.title != "": // an operation that only one side has
			add(s, place{}, []Site{{Op: f.label}}, &operations{pairs: []*operationPair{{wire: f.label, title: f.title}}})
		case s.Pair.group.op != nil:
			add(s, place{}.below(f.label, f.there), []Site{Site{Op: s.Pair.group.op.wire}.below(f.label)}, s.Pair.group.operations())
		case len(s.Pair.in) == 0:
			add(s, place{"the document", "the document"}, []Site{{Head: "the document"}}, &operations{})
		default:
			for _, in := range s.Pair.in {
				sites, err := w.sitesBelow(in, f.label)
				if err != nil {
					return nil, err
				}
				add(s, in.place.below(f.label, f.there), sites, in.from.operations()).show(w, in, f.label, f.there)
			}
		}
	}
	var out []*bucket
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		out = append(out, byName[name])
	}
	return out, nil
}

func (b *bucket) whereList() []Where {
	var out []Where
	for at, ops := range b.where {
		w := Where{Place: strings.TrimSpace(at.text), Key: strings.TrimSpace(at.key)}
		for o := range ops {
			titles, wires := o.list()
			if len(ops) == 1 {
				w.Operations, w.Wire = titles, wires
				break
			}
			w.Operations, w.Wire = append(w.Operations, titles...), append(w.Wire, wires...)
		}
		if len(ops) > 1 {
			w.Operations, w.Wire = document.SortedSet(w.Operations), document.SortedSet(w.Wire)
		}
		out = append(out, w)
	}
	return mergeWhere(out, byKey)
}

// mergeAlike makes one of the findings that say the same of the same place in
// several operations, statuses or media types: an envelope that every response
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
			k := key{f.Kind, f.Before, f.After, f.Content, tail(w.Key)}
			if w.Key == "" { // whole operations: each is one finding
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
		if to.Sides != f.Sides {
			to.Sides = [2]string{}
		}
		to.Where, to.Shown = append(to.Where, f.Where...), append(to.Places(), f.Places()...)
		to.Old, to.New = append(to.Old, f.Old...), append(to.New, f.New...)
		to.At, to.Seen = append(to.At, f.At...), append(to.Seen, f.Seen...)
	}
	for i := range out {
		out[i].Where, out[i].Shown = mergeWhere(out[i].Where, byKey), mergeWhere(out[i].Shown, byPlace)
		out[i].Old, out[i].New = document.SortedSet(out[i].Old), document.SortedSet(out[i].New)
	}
	return out
}

// byKey and byPlace are what is one place by which findings are told from others, and
// for people, who see more of an alternative.
func byKey(w Where) string   { return w.Key }
func byPlace(w Where) string { return w.Key + "\x00" + w.Place }

// mergeWhere makes one entry of each place. The lists of operations may be
// shared, and so are changed only once they are copies.
func mergeWhere(list []Where, of func(Where) string) []Where {
	var out []Where
	at := map[string]int{}
	merged := map[int]bool{}
	for _, w := range list {
		i, ok := at[of(w)]
		if !ok {
			at[of(w)] = len(out)
			out = append(out, w)
			continue
		}
		out[i].Operations, out[i].Wire = append(out[i].Operations, w.Operations...), append(out[i].Wire, w.Wire...)
		merged[i] = true
	}
	for i := range merged {
		out[i].Operations, out[i].Wire = slices.Clip(document.SortedSet(out[i].Operations)), slices.Clip(document.SortedSet(out[i].Wire))
	}
	slices.SortFunc(out, func(a, b Where) int { return strings.Compare(of(a), of(b)) })
	return out
}

// pointers returns where some nodes stand, in one order.
func pointers(at map[*document.Node]bool) []string {
	var out []string
	for n := range at {
		out = append(out, n.Pointer())
	}
	return document.SortedSet(out)
}
