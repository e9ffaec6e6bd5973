package compare

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// compareCases compares a schema without alternatives, or one that is an alternative of the
// other as it is, with one that has them, and reports whether it did: the former is one
// alternative, which is compared with the one that is most like it, and the others came
// or went.
func (w *Walk) compareCases(p *Pair) bool {
	plain, chosen := p.Old, p.New
	if len(plain.Cases) > 0 && !w.isCaseOf(plain, chosen) {
		plain, chosen = chosen, plain
	}
	unfit := allowsAnything
	if plain.Set("choice") != nil {
		unfit = func(plain *graph.Vertex) bool { return !w.isCaseOf(plain, chosen) }
	}
	contradicts := func(c graph.Case) bool { return c.Whole.Types() == 0 }
	if len(chosen.Cases) == 0 || unfit(plain) || slices.ContainsFunc(chosen.Cases, contradicts) {
		return false
	}
	one, rest := w.mostAlike(plain, chosen.Cases)
	if chosen.Union != nil && hasSeveral(plain, chosen.Cases) {
		one, rest = chosen.Union, nil
	}
	if one == nil || chosen == p.Old && isFarFrom(one, plain) {
		return false
	}
	pair := [2]*graph.Vertex{plain, one}
	if chosen == p.Old {
		pair = [2]*graph.Vertex{one, plain}
	}
	if w.pairs[pair] != nil && one.Set("choice") != nil { // it may be an alternative of its own
		return false
	}
	if w.wire[one.Index] == w.wire[plain.Index] { // what else there is says all that differs
		p.report()
	}
	keyword := chosen.Set("choice")[0].Value("choice")
	met := w.meet(p, "", graph.Class{}, pair[0], pair[1])
	if met != nil && hasDiscriminator(plain) && hasDiscriminator(chosen) && !hasDiscriminator(one) {
		w.compareMembers(p, graph.OfDiscriminator) // which is that of all alternatives, also if there is one
		met.undiscriminated = true
		met.report()
	}
	for _, c := range rest {
		old, new := c, graph.Case{}
		if chosen == p.New {
			old, new = new, old
		}
		w.noteAlternative(p, old, new, []*graph.Vertex{plain}, keyword)
	}
	return true
}

// isCaseOf reports whether a schema is one alternative of another one, as it is.
func (w *Walk) isCaseOf(v, chosen *graph.Vertex) bool {
	return slices.ContainsFunc(chosen.Cases, func(c graph.Case) bool { return w.wire[c.Whole.Index] == w.wire[v.Index] })
}

func hasDiscriminator(v *graph.Vertex) bool { return v.Fact("discriminator") != nil }

// allowsAnything reports whether a schema neither names a type nor a property.
func allowsAnything(v *graph.Vertex) bool {
	return v.Types() == graph.AnyType && !slices.ContainsFunc(v.Edges, func(e graph.Edge) bool { return IsProperty(e.Label) })
}

// mostAlike returns the alternative that is most like a schema, nil if none is like it,
// and the others.
func (w *Walk) mostAlike(plain *graph.Vertex, cases []graph.Case) (one *graph.Vertex, rest []graph.Case) {
	var wholes []*graph.Vertex
	for _, c := range cases {
		wholes = append(wholes, c.Whole)
	}
	alone, wholes := []*graph.Vertex{plain}, graph.ByClass(wholes, w.Whole)
	pairs := w.sameWire(&alone, &wholes)
	if len(pairs) == 0 {
		pairs = w.similar(&alone, &wholes)
	}
	if len(pairs) == 0 {
		return nil, cases
	}
	one = pairs[0][1]
	i := slices.IndexFunc(cases, func(c graph.Case) bool { return c.Whole == one })
	return one, slices.Delete(slices.Clone(cases), i, i+1)
}

// isFarFrom reports whether two schemas have little in common. Where a schema lost its
// alternatives for something else altogether, to say so says more than a list of what
// one of them had.
func isFarFrom(one, plain *graph.Vertex) bool {
	f := featuresOf([]*graph.Vertex{one, plain})
	share, _ := likeness(f[0], f[1])
	return share < 0.5
}

// hasSeveral reports whether a schema names types of several alternatives.
func hasSeveral(plain *graph.Vertex, cases []graph.Case) bool {
	if plain.Types() == graph.AnyType {
		return false
	}
	n := 0
	for _, c := range cases {
		if c.Whole.Types()&plain.Types()&^graph.NullType != 0 {
			n++
		}
	}
	return n > 1
}

// noteAlternative notes one that came or went; others are those of the other document.
func (w *Walk) noteAlternative(p *Pair, old, new graph.Case, others []*graph.Vertex, keyword string) {
	c := Change{kind: "alternative-removed", dir: p.Old.Dir, Label: "branch", Old: old.Branch, New: new.Branch, about: [2]*graph.Vertex{old.Branch, new.Branch}}
	v := old.Whole
	if new.Whole != nil {
		c.kind, v = "alternative-added", new.Whole
	}
	switch {
	case keyword == "anyOf" && slices.ContainsFunc(others, func(other *graph.Vertex) bool { return covers(other, v) }):
		c.kind, c.judged = c.kind+"-covered", true
	case new.Whole != nil && v.Dir == graph.Response && slices.ContainsFunc(others, func(other *graph.Vertex) bool { return w.reads(other, v) }),
		old.Whole != nil && v.Dir == graph.Request && slices.ContainsFunc(others, func(other *graph.Vertex) bool { return w.reads(v, other) }):
		c.kind += "-alike"
	case v.IsNull() && new.Whole != nil:
		c.kind = "nullable-added"
	case v.IsNull():
		c.kind = "nullable-removed"
	}
	if p.Old.Kind == "schema" { // only one of the documents says how they are chosen
		c.exact = keyword
	}
	w.note(p, c)
}

// covers reports whether a schema of plain values allows all that another one does.
func covers(v, other *graph.Vertex) bool {
	if !v.IsPlain() || !other.IsPlain() || other.Types()&^v.Types() != 0 {
		return false
	}
	return !slices.ContainsFunc(v.Facts, func(f graph.Fact) bool { return f.OnWire() != nil && !keepsTo(other, f) })
}

// keepsTo reports whether all values of a schema are such that a fact of another one
// allows them.
func keepsTo(v *graph.Vertex, f graph.Fact) bool {
	said := v.Fact(f.Name)
	lowerIsTighter, isLimit := graph.Limits[f.Name]
	switch {
	case f.Name == "type":
		return true
	case f.Name == "enum":
		return said != nil && !slices.ContainsFunc(said.Values, func(value string) bool { return !Has(f.Values, value) })
	case said != nil && slices.Equal(said.Values, f.Values):
		return true
	case !isLimit:
		return false
	case said != nil:
		return graph.ParseBound(said.Values[0]).Tighter(graph.ParseBound(f.Values[0]), lowerIsTighter)
	}
	values := v.Fact("enum").List()
	return len(values) > 0 && !slices.ContainsFunc(values, func(value string) bool { return !isWithin(value, f, lowerIsTighter) })
}

// isWithin reports whether a limit allows a value, which is written as JSON.
func isWithin(value string, limit graph.Fact, lowerIsTighter bool) bool {
	text, isText := document.UnquoteJSON(value)
	if isText != strings.HasSuffix(limit.Name, "Length") {
		return true // it is a limit on values of another type
	}
	if isText {
		value = strconv.Itoa(utf8.RuneCountInString(text))
	}
	number, err := document.ParseDecimal(value)
	if err != nil { // null, or a boolean
		return true
	}
	is, bound := graph.Bound{Value: number}, graph.ParseBound(limit.Values[0])
	return is.Tighter(bound, lowerIsTighter) || number.Compare(bound.Value) == 0 && !bound.Exclusive
}

// maxReading bounds the pairs that one walk compares to find out what programs can read.
const maxReading = 200_000

// reads reports whether a program that reads values of one schema can read those of
// another: it ignores properties that it does not know, and takes any value of an enum. Of
// a request it reports whether the other schema takes all values of the one.
func (w *Walk) reads(old, new *graph.Vertex) bool {
	key := [2]graph.Class{w.wire[old.Index], w.wire[new.Index]}
	if known, ok := w.read[key]; ok {
		return known
	}
	w.read[key] = true // as long as nothing else is known of what holds itself
	ok := w.readsAll(old, new)
	if !ok { // nor is what was found because of that
		for other, held := range w.read {
			if held {
				delete(w.read, other)
			}
		}
		w.read[key] = false
	}
	return ok
}

// readsAll compares the two, and all that they hold, in a walk of its own.
func (w *Walk) readsAll(old, new *graph.Vertex) bool {
	in := emptyWalk(w.Old, w.New, w.Whole, w.wire)
	in.read, in.reading, in.matching = w.read, w.reading, w.matching
	defer func() { w.reading, w.matching = in.reading, in.matching }()
	in.meet(nil, "", graph.Class{}, old, new)
	for i := 0; i < len(in.Queue); i++ {
		if in.reading++; in.reading > maxReading {
			return false
		}
		in.compare(in.Queue[i])
	}
	in.account()
	return !slices.ContainsFunc(in.order, func(f *found) bool { return f.stopsReader() })
}

// stopsReader reports whether a program that reads the older schema fails for what was
// found in the newer one, or one that sends it.
func (f *found) stopsReader() bool {
	dir := graph.Direction(f.dir)
	if dir == graph.Response {
		switch f.kind {
		case "enum-value-removed", "alternative-removed", "mapping-removed", "discriminator-removed":
			return false
		case "property-removed":
			return needs(f.seen[0].Pair.Old, f.label)
		}
	}
	return KindNamed(f.kind).class(dir) == Breaking
}
