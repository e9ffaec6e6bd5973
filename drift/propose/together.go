package propose

import (
	"cmp"
	"errors"
	"slices"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// adoptTogether adopts the findings that can be, all at once, since to compare takes
// longer than to change: one comparison shows that they are gone. Of alternatives it is
// needed as well: each change of one gives the places in it other names. What of them
// cannot be kept is left to be decided one by one.
func (p *proposer) adoptTogether() error {
	failed := map[string]bool{}
	for {
		var list []drift.Finding
		for _, f := range p.now.findings {
			if p.isOpen(f) && p.isAdoptable(f) && !failed[f.ID] {
				list = append(list, f)
			}
		}
		list = p.apart(list)
		if len(list) < 2 {
			return nil
		}
		if err := p.together(list, failed); err != nil {
			return err
		}
	}
}

// together adopts some findings, or as many of them as it can. It notes those that are
// to be decided alone.
func (p *proposer) together(list []drift.Finding, failed map[string]bool) error {
	if err := p.ctx.Err(); err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(f drift.Finding) bool {
		return failed[f.ID] || !p.isOpen(f) || !slices.ContainsFunc(p.now.findings, func(g drift.Finding) bool { return g.ID == f.ID })
	})
	if len(list) < 2 { // which is decided alone
		for _, f := range list {
			failed[f.ID] = true
		}
		return nil
	}
	err := p.keepAll(list, failed)
	if err == nil {
		return nil
	}
	if others := p.others(list, err); len(others) < len(list) {
		for _, f := range list {
			failed[f.ID] = failed[f.ID] || !slices.ContainsFunc(others, func(g drift.Finding) bool { return g.ID == f.ID })
		}
		return p.together(others, failed)
	}
	half := len(list) / 2
	if err := p.together(slices.Clone(list[:half]), failed); err != nil {
		return err
	}
	return p.together(slices.Clone(list[half:]), failed)
}

// others returns those findings that are not about the same thing in ours as the one that
// shows why they cannot all be adopted.
func (p *proposer) others(list []drift.Finding, err error) []drift.Finding {
	why, ok := errors.AsType[*unkept](err)
	if !ok {
		return list
	}
	things := p.touched(why.shown)
	return slices.DeleteFunc(slices.Clone(list), func(f drift.Finding) bool {
		return slices.ContainsFunc(p.touched(f), func(thing spot) bool { return slices.Contains(things, thing) })
	})
}

// keepAll makes the changes for some findings, those that can be made, and keeps them if
// they do what is meant and no more.
func (p *proposer) keepAll(list []drift.Finding, failed map[string]bool) error {
	tree := p.now.tree
	var editors []*editor
	var actions []action
	for _, f := range list {
		e := newEditorOf(p, f, tree)
		if e.edit() != nil {
			failed[f.ID] = true
			continue
		}
		more := actionsFor(tree, e.tree, f)
		if len(more) == 0 {
			failed[f.ID] = true
			continue
		}
		tree, editors, actions = e.tree, append(editors, e), append(actions, more...)
	}
	if len(editors) == 0 {
		return nil
	}
	err := p.keep(editors, tree, actions)
	if err == nil {
		for _, e := range editors {
			p.decided[e.finding.ID] = true
		}
	}
	return err
}

// apart returns those findings whose changes have nothing to do with each other: each of
// another thing in ours, and none that brings in an object that another one brings in, to which
// it would refer once that is there.
func (p *proposer) apart(list []drift.Finding) []drift.Finding {
	taken := map[spot]bool{}
	return slices.DeleteFunc(list, func(f drift.Finding) bool {
		things := append(p.touched(f), p.broughtIn(f)...)
		meets := slices.ContainsFunc(things, func(thing spot) bool { return taken[thing] })
		for _, thing := range things {
			taken[thing] = true
		}
		return meets
	})
}

// spot is a thing in ours that a finding is about, or an object of theirs.
type spot struct{ pointer, what string }

// touched returns what a finding is about in ours.
func (p *proposer) touched(f drift.Finding) []spot {
	var out []spot
	for _, s := range p.theirs.Inside(f).Seen {
		for _, n := range s.Pair.Old.At {
			out = append(out, spot{n.Pointer(), cmp.Or(s.Change.Label, s.Change.Fact)})
		}
	}
	return out
}

// broughtIn returns the objects of theirs that following a finding brings in: those for
// which ours has no component.
func (p *proposer) broughtIn(f drift.Finding) []spot {
	var out []spot
	seen := map[*graph.Vertex]bool{}
	var bring func(v *graph.Vertex)
	bring = func(v *graph.Vertex) {
		if _, known := p.now.shared[v]; v == nil || known || seen[v] {
			return
		}
		seen[v] = true
		if v.Kind == "schema" && hasProperty(v) {
			out = append(out, spot{v.Pointer(), "theirs"})
		}
		for _, e := range v.Edges {
			bring(e.To)
		}
		for _, set := range v.Sets {
			for _, member := range set.Members {
				bring(member)
			}
		}
	}
	for _, s := range p.theirs.Inside(f).Seen {
		bring(s.Change.New)
	}
	return out
}
