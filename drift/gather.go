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
				Before: f.before, After: f.after, Old: pointers(b.old), New: pointers(b.new), content: content,
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
	where    map[place]map[*operationPair]bool
	old, new map[*node]bool
}

func (f *found) buckets() []*bucket {
	byName := map[string]*bucket{}
	add := func(s sighting, at place, ops map[*operationPair]bool) {
		name := lastName(at.key)
		b := byName[name]
		if b == nil {
			b = &bucket{where: map[place]map[*operationPair]bool{}, old: map[*node]bool{}, new: map[*node]bool{}}
			byName[name] = b
		}
		if b.where[at] == nil {
			b.where[at] = map[*operationPair]bool{}
		}
		maps.Copy(b.where[at], ops)
		for _, n := range s.old {
			b.old[n] = true
		}
		for _, n := range s.new {
			b.new[n] = true
		}
	}
	for _, s := range f.seen {
		switch op := s.pair.group.op; {
		case f.title != "": // an operation that only one side has
			add(s, place{}, map[*operationPair]bool{{wire: f.label, title: f.title}: true})
		case op != nil:
			add(s, place{}.below(f.label, f.there), map[*operationPair]bool{op: true})
		case len(s.pair.in) == 0:
			add(s, place{"the document", "the document"}, nil)
		default:
			for _, in := range s.pair.in {
				add(s, in.place.below(f.label, f.there), in.from.ops)
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
		for op := range ops {
			w.Operations = append(w.Operations, op.title)
			w.wire = append(w.wire, op.wire)
		}
		slices.Sort(w.Operations)
		slices.Sort(w.wire)
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
		to.Old, to.New = sorted(append(to.Old, f.Old...)), sorted(append(to.New, f.New...))
	}
	for i := range out {
		out[i].Where = mergeWhere(out[i].Where)
	}
	return out
}

// mergeWhere makes one entry of each place.
func mergeWhere(list []Where) []Where {
	var out []Where
	at := map[string]int{}
	for _, w := range list {
		i, ok := at[w.key]
		if !ok {
			at[w.key] = len(out)
			out = append(out, w)
			continue
		}
		out[i].Operations = sorted(append(out[i].Operations, w.Operations...))
		out[i].wire = sorted(append(out[i].wire, w.wire...))
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
