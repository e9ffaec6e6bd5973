package propose

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/slice"
	"github.com/originpull/originpull-go/internal/overlay"
)

// adopt looks for a change of our document after which the finding is gone and
// no other one is there.
func (p *proposer) adopt(f drift.Finding) error {
	var why error
	var tried []*yaml.Node
	for _, c := range candidates() {
		e := newEditor(p, f)
		err := c(e)
		if err == nil && slices.ContainsFunc(tried, func(tree *yaml.Node) bool { return document.EqualTrees(tree, e.tree) }) {
			continue // it does what another one did
		}
		if err == nil {
			tried = append(tried, e.tree)
			err = p.attempt(e)
		}
		if err == nil {
			return nil
		}
		if why = err; tooMuch(why) || errors.Is(why, errAlternatives) { // wherever it is written
			break
		}
	}
	p.undecided(f, fmt.Sprintf("No change of our document was found for it: %v. %s", why, byHand))
	return nil
}

// attempt keeps the change that an editor has made, if it does what is meant and no more.
func (p *proposer) attempt(e *editor) error {
	actions := actionsFor(p.now.tree, e.tree, e.finding)
	if len(actions) == 0 {
		return errors.New("nothing of ours changes")
	}
	return p.keep([]*editor{e}, e.tree, actions)
}

// keep makes the changes that editors have come to ours, if they do what is meant and no
// more. Tree is ours with all of them.
func (p *proposer) keep(editors []*editor, tree *yaml.Node, actions []action) error {
	next, err := p.try(tree, actions)
	if err != nil {
		return err
	}
	meant := map[string]bool{}
	for _, e := range editors {
		meant[e.finding.ID] = true
	}
	moved := p.moved(next)
	brought, err := p.gone(next, meant, moved)
	if err != nil {
		return err
	}
	along, err := p.along(next, meant, moved)
	if err != nil {
		return err
	}
	for _, e := range editors {
		p.out.Adopted = append(p.out.Adopted, Adopted{Finding: p.asReported(e.finding), marked: e.review})
		p.nameValues(actions, e.finding, along)
	}
	for _, g := range along {
		p.out.Adopted = append(p.out.Adopted, Adopted{Finding: p.asReported(g)})
	}
	for id, reason := range brought {
		p.decided[id], p.accepted[id] = true, reason
	}
	for id, g := range moved {
		p.rename(id, g)
	}
	p.now, p.actions, p.written = next, append(p.actions, actions...), p.written+size(actions)
	return nil
}

// nameValues lets the description of what was written for one value of an enum name those
// that came along.
func (p *proposer) nameValues(actions []action, f drift.Finding, along []drift.Finding) {
	id := p.asReported(f).ID
	written := map[string]bool{id: true}
	for _, g := range along {
		written[p.asReported(g).ID] = true
	}
	for _, whole := range p.out.Report.Findings {
		if len(whole.Values) == 0 || slices.ContainsFunc(whole.Values, func(v drift.Value) bool { return !written[v.ID] }) ||
			!slices.ContainsFunc(whole.Values, func(v drift.Value) bool { return v.ID == id }) {
			continue
		}
		for i := range actions {
			if actions[i].Why == f.Change() {
				actions[i].Why = whole.Change()
			}
		}
	}
}

// unkept is why a change is not kept, and the finding that shows it.
type unkept struct {
	why   string
	shown drift.Finding
}

func (e *unkept) Error() string { return e.why }

var errTooMuch = fmt.Errorf("more than %d values would be written into our document", maxWritten)

// tooMuch reports whether a change writes too many values, wherever it is made.
func tooMuch(err error) bool { return errors.Is(err, errTooMuch) || errors.Is(err, slice.ErrTooMuch) }

// try applies actions to ours, which must make that tree of it, and compares the result.
func (p *proposer) try(tree *yaml.Node, actions []action) (*standing, error) {
	if p.written+size(actions) > maxWritten {
		return nil, errTooMuch
	}
	applied := overlay.Clone(p.now.tree)
	if err := applyActions(applied, actions); err != nil {
		return nil, err
	}
	if !document.EqualTrees(applied, tree) {
		return nil, errors.New("the overlay does not make the change that is meant")
	}
	return p.stand(applied)
}

// gone makes sure that the findings that are meant are gone and no other one has appeared,
// save those that our own rules bring with them: these are returned, with the reasons.
func (p *proposer) gone(next *standing, meant map[string]bool, moved map[string]drift.Finding) (brought map[string]string, err error) {
	before := map[string]bool{}
	for _, g := range p.now.findings {
		before[g.ID] = !meant[g.ID]
	}
	brought = map[string]string{}
	for _, g := range next.findings {
		was, isMoved := moved[g.ID]
		if isMoved && !meant[was.ID] || before[g.ID] {
			continue
		}
		if isMoved || meant[g.ID] {
			return nil, &unkept{"the finding would still be there", g}
		}
		reason, ours := p.byOurRules(next, g)
		if !ours {
			return nil, &unkept{"another finding would appear: " + g.Change(), g}
		}
		brought[g.ID] = reason
	}
	return brought, nil
}

// along returns the other open findings that are gone with those that are meant, such as
// that of a request where the response has the same schema. One on which a person has to
// decide must not go along.
func (p *proposer) along(next *standing, meant map[string]bool, moved map[string]drift.Finding) ([]drift.Finding, error) {
	left := maps.Clone(meant)
	for _, g := range next.findings {
		left[g.ID] = true
	}
	for _, g := range moved {
		left[g.ID] = true
	}
	var along []drift.Finding
	for _, g := range p.now.findings {
		_, named := ourNames[g.Kind]
		switch {
		case left[g.ID]:
		case g.Class == drift.Breaking && !p.followed(g) && !p.acceptedBefore(g) && p.accepted[g.ID] == "":
			return nil, &unkept{"it would also undo a breaking finding: " + g.Change(), g}
		case !named && p.isOpen(g):
			along = append(along, g)
		}
	}
	return along, nil
}
