package compare

import (
	"slices"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// foundKey distinguishes the findings of one walk.
type foundKey struct {
	group                *meeting
	kind, dir, label     string
	before, after, title string
	exact                string
	about                [2]graph.Class
}

// found is a finding in the making: pairs of one meeting add to it.
type found struct {
	foundKey
	there *graph.Vertex  // what was added or removed
	whole [2]graph.Class // of the pair, if all of it counts
	sides [2]string      // what stands there, if it is another thing altogether
	seen  []Sighting
}

// Sighting is a change as one pair shows it.
type Sighting struct {
	Pair     *Pair
	Change   Change
	old, new []*document.Node
}

// note keeps a change; the same one in another copy is the same finding.
func (w *Walk) note(p *Pair, c Change) {
	key := foundKey{
		group: p.group, kind: c.kind, dir: string(c.dir), label: c.Label, before: c.Before, after: c.After,
		exact: c.exact, about: [2]graph.Class{w.mark(c.about[0]), w.mark(c.about[1])},
	}
	if c.Old != nil && c.Label != "" && c.Before == "" {
		key.before = summary(c.Old)
	}
	if c.New != nil && c.Label != "" && c.After == "" {
		key.after = summary(c.New)
	}
	f := w.found[key]
	if f == nil {
		v := c.Old
		if v == nil {
			v = c.New
		}
		f = &found{foundKey: key, there: v}
		if v != nil && p.Old.Kind == "document" {
			f.title = v.Title
		}
		w.found[key] = f
		w.order = append(w.order, f)
	}
	if c.whole { // the same for all of a meeting
		f.whole = [2]graph.Class{w.mark(p.Old), w.mark(p.New)}
		if c.kind == "type-changed" {
			f.sides = [2]string{side(p.Old), side(p.New)}
		}
	}
	s := Sighting{Pair: p, Change: c, old: places(c.Label, c.oldAt, c.Old, p.Old), new: places(c.Label, c.newAt, c.New, p.New)}
	for at := p.around; at != nil; at = at.around { // what a side has not, its holder lacks
		if len(s.old) == 0 {
			s.old = at.Old.At
		}
		if len(s.new) == 0 {
			s.new = at.New.At
		}
	}
	f.seen = append(f.seen, s)
	if c.judged || KindNamed(c.kind).class(c.dir) != Editorial {
		p.report()
	}
}

// report notes that what differs on the wire in this pair, and in all that hold
// it, is reported.
func (p *Pair) report() {
	for todo := []*Pair{p}; len(todo) > 0; {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !at.reported {
			at.reported = true
			for _, holder := range at.Holders {
				todo = append(todo, holder.Pair)
			}
		}
	}
}

// account makes sure that no difference on the wire passes without a finding,
// whatever else was found: each pair that differs there has one or leads to
// one. Those met last come first, so that what is not reported is noted where it
// is, and not in all that hold it.
func (w *Walk) account() {
	for _, p := range slices.Backward(w.Queue) {
		if !p.reported && w.wire[p.Old.Index] != w.wire[p.New.Index] {
			w.note(p, Change{kind: "unhandled", dir: p.Old.Dir, about: [2]*graph.Vertex{p.Old, p.New}})
		}
	}
}

// places returns where the fact stands, else what was added or removed, else
// what holds it: of an object, the claims that declare the property.
func places(label string, at []*document.Node, there, holder *graph.Vertex) []*document.Node {
	if len(at) == 0 && there != nil {
		at = there.At
	}
	if name, ok := strings.CutPrefix(label, "property "); ok && len(at) == 0 {
		for _, claim := range holder.At {
			if claim.Get("properties").Get(name) != nil {
				at = append(at, claim)
			}
		}
	}
	if len(at) == 0 {
		at = holder.At
	}
	return at
}

// side describes a schema that became another. An enum of nothing but null says no more
// than its type.
func side(v *graph.Vertex) string {
	text := summary(v)
	if slices.Equal(v.Fact("enum").List(), []string{"null"}) {
		text = strings.Replace(text, ", enum null", "", 1)
	}
	return text
}
