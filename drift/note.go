package drift

import (
	"slices"
	"strings"
)

// foundKey tells the findings of one walk apart.
type foundKey struct {
	group                *meeting
	kind, dir, label     string
	before, after, title string
	exact                string
	about                [2]class
}

// found is a finding in the making: pairs of one meeting add to it.
type found struct {
	foundKey
	there *vertex  // what was added or removed
	whole [2]class // of the pair, if all of it counts
	seen  []sighting
}

// sighting is a change as one pair shows it.
type sighting struct {
	pair     *pair
	change   change
	old, new []*node
}

// note keeps a change; the same one in another copy is the same finding.
func (w *walk) note(p *pair, c change) {
	key := foundKey{
		group: p.group, kind: c.kind, dir: string(c.dir), label: c.label, before: c.before, after: c.after,
		exact: c.exact, about: [2]class{w.mark(c.about[0]), w.mark(c.about[1])},
	}
	if c.old != nil && c.label != "" && c.before == "" {
		key.before = summary(c.old)
	}
	if c.new != nil && c.label != "" && c.after == "" {
		key.after = summary(c.new)
	}
	f := w.found[key]
	if f == nil {
		v := c.old
		if v == nil {
			v = c.new
		}
		f = &found{foundKey: key, there: v}
		if v != nil && p.old.kind == "document" {
			f.title = v.title
		}
		w.found[key] = f
		w.order = append(w.order, f)
	}
	if c.whole { // the same for all of a meeting
		f.whole = [2]class{w.mark(p.old), w.mark(p.new)}
	}
	s := sighting{pair: p, change: c, old: places(c.label, c.oldAt, c.old, p.old), new: places(c.label, c.newAt, c.new, p.new)}
	for at := p.around; at != nil; at = at.around { // what a side has not, its holder lacks
		if len(s.old) == 0 {
			s.old = at.old.at
		}
		if len(s.new) == 0 {
			s.new = at.new.at
		}
	}
	f.seen = append(f.seen, s)
	if kindNamed(c.kind).class(c.dir) != Editorial {
		p.tell()
	}
}

// tell notes that what differs on the wire in this pair, and in all that hold
// it, is told.
func (p *pair) tell() {
	for todo := []*pair{p}; len(todo) > 0; {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !at.told {
			at.told = true
			todo = append(todo, at.holders...)
		}
	}
}

// account makes sure that no difference on the wire passes without a finding,
// whatever else was found: each pair that differs there has one or leads to
// one. Those met last come first, so that what is not told is noted where it
// is, and not in all that hold it.
func (w *walk) account() {
	for _, p := range slices.Backward(w.queue) {
		if !p.told && w.wire[p.old.index] != w.wire[p.new.index] {
			w.note(p, change{kind: "unhandled", dir: p.old.dir, about: [2]*vertex{p.old, p.new}})
		}
	}
}

// places returns where the fact stands, else what was added or removed, else
// what holds it: of an object, the claims that declare the property.
func places(label string, at []*node, there, holder *vertex) []*node {
	if len(at) == 0 && there != nil {
		at = there.at
	}
	if name, ok := strings.CutPrefix(label, "property "); ok && len(at) == 0 {
		for _, claim := range holder.at {
			if claim.get("properties").get(name) != nil {
				at = append(at, claim)
			}
		}
	}
	if len(at) == 0 {
		at = holder.at
	}
	return at
}
