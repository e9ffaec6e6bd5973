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
		kind := kindNamed(f.kind)
		dir := Direction(f.dir)
		finding := Finding{
			Kind: kind.id(dir), Class: kind.class(dir), Meaning: kind.Meaning,
			Before: f.before, After: f.after, Old: pointers(f.old), New: pointers(f.new),
		}
		if kind.Any == "" {
			finding.Direction = dir
		}
		finding.Where = f.where()
		content, err := w.contentOf(f)
		if err != nil {
			return nil, err
		}
		finding.content = content
		out = append(out, finding)
	}
	out = mergeAlike(out)
	for i := range out {
		out[i].seal()
	}
	sortFindings(out)
	return out, nil
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
			k := key{f.Kind, f.Before, f.After, f.content, lastPart(w.key)}
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

// lastPart returns what a place names below its status or media type.
func lastPart(place string) string {
	if i := strings.LastIndexByte(place, ' '); i >= 0 && strings.HasPrefix(place, "response ") {
		part := place[i+1:]
		if strings.ContainsAny(part[:min(1, len(part))], ".[<(") {
			return part
		}
	}
	return place
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

// pointers returns where some nodes stand, in one order.
func pointers(at map[*node]bool) []string {
	var out []string
	for n := range at {
		out = append(out, n.pointer())
	}
	return sorted(out)
}

// where lists the places of a finding with the operations that share them.
func (f *found) where() []Where {
	if f.title != "" { // an operation that only one side has
		return []Where{{Operations: []string{f.title}, wire: []string{f.label}}}
	}
	if f.group.op != nil {
		return []Where{{Place: f.place.text, key: f.place.key, Operations: []string{f.group.op.title}, wire: []string{f.group.op.wire}}}
	}
	places := map[place]map[*operationPair]bool{}
	for _, s := range f.group.in {
		at := place{s.place.key + f.place.key, s.place.text + f.place.text}
		if places[at] == nil {
			places[at] = map[*operationPair]bool{}
		}
		maps.Copy(places[at], s.from.operations())
	}
	var out []Where
	for at, ops := range places {
		at.key, at.text = strings.TrimSpace(at.key), strings.TrimSpace(at.text)
		w := Where{Place: at.text, key: at.key}
		for op := range ops {
			w.Operations = append(w.Operations, op.title)
			w.wire = append(w.wire, op.wire)
		}
		slices.Sort(w.Operations)
		slices.Sort(w.wire)
		out = append(out, w)
	}
	return out
}

// operations returns the operations from which a meeting is reached.
func (g *meeting) operations() map[*operationPair]bool {
	out := map[*operationPair]bool{}
	seen := map[*meeting]bool{g: true}
	for todo := []*meeting{g}; len(todo) > 0; {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if at.op != nil {
			out[at.op] = true
			continue
		}
		for _, s := range at.in {
			if !seen[s.from] {
				seen[s.from] = true
				todo = append(todo, s.from)
			}
		}
	}
	return out
}
