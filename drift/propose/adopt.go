package propose

import (
	"errors"
	"fmt"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/slice"
	"github.com/originpull/originpull-go/internal/overlay"
)

// adopt looks for a change of our document after which the finding is gone and
// no other one is there.
func (p *proposer) adopt(f drift.Finding) error {
	var why error
	for _, c := range candidates() {
		if why = p.attempt(newEditor(p, f), c); why == nil {
			return nil
		}
		if tooMuch(why) {
			break
		}
	}
	p.undecided(f, fmt.Sprintf("No change of our document was found for it: %v. %s", why, byHand))
	return nil
}

// attempt makes a change of our document, and keeps it if it does what is meant
// and no more.
func (p *proposer) attempt(e *editor, c func(*editor) error) error {
	if err := c(e); err != nil {
		return err
	}
	next, actions, err := p.try(e)
	if err != nil {
		return err
	}
	brought, err := p.gone(next, e.finding)
	if err != nil {
		return err
	}
	along, err := p.along(next, e.finding)
	if err != nil {
		return err
	}
	p.out.Adopted = append(p.out.Adopted, Adopted{Finding: e.finding, marked: e.review})
	for _, g := range along {
		p.out.Adopted = append(p.out.Adopted, Adopted{Finding: g})
	}
	for id, reason := range brought {
		p.decided[id], p.accepted[id] = true, reason
	}
	p.now, p.actions, p.written = next, append(p.actions, actions...), p.written+size(actions)
	return nil
}

var errTooMuch = fmt.Errorf("more than %d values would be written into our document", maxWritten)

// tooMuch reports whether a change writes too many values, wherever it is made.
func tooMuch(err error) bool { return errors.Is(err, errTooMuch) || errors.Is(err, slice.ErrTooMuch) }

// try writes what an editor did as actions, and applies these.
func (p *proposer) try(e *editor) (*standing, []action, error) {
	actions := actionsFor(p.now.tree, e.tree, e.finding)
	if len(actions) == 0 {
		return nil, nil, errors.New("nothing of ours changes")
	}
	if p.written+size(actions) > maxWritten {
		return nil, nil, errTooMuch
	}
	tree := overlay.Clone(p.now.tree)
	if err := applyActions(tree, actions); err != nil {
		return nil, nil, err
	}
	if !document.EqualTrees(tree, e.tree) {
		return nil, nil, errors.New("the overlay does not make the change that is meant")
	}
	next, err := p.stand(tree)
	return next, actions, err
}

// gone makes sure that a finding is gone and no other one has appeared, save
// those that our own rules bring with them: these are returned, with the reasons.
func (p *proposer) gone(next *standing, f drift.Finding) (brought map[string]string, err error) {
	before := map[string]bool{}
	for _, g := range p.now.findings {
		before[g.ID] = true
	}
	delete(before, f.ID)
	brought = map[string]string{}
	var others []string
	for _, g := range next.findings {
		if before[g.ID] {
			continue
		}
		if g.ID == f.ID {
			return nil, errors.New("the finding would still be there")
		}
		reason, ours := p.byOurRules(next, g)
		if !ours {
			others = append(others, g.Change())
		}
		brought[g.ID] = reason
	}
	if len(others) > 0 {
		return nil, fmt.Errorf("another finding would appear: %s", others[0])
	}
	return brought, nil
}

// along returns the other open findings that are gone with one, such as that of
// a request where the response has the same schema. One on which a person has to
// decide must not go along.
func (p *proposer) along(next *standing, f drift.Finding) ([]drift.Finding, error) {
	left := map[string]bool{f.ID: true}
	for _, g := range next.findings {
		left[g.ID] = true
	}
	var along []drift.Finding
	for _, g := range p.now.findings {
		_, named := ourNames[g.Kind]
		switch {
		case left[g.ID]:
		case g.Class == drift.Breaking && !p.followed(g) && !p.acceptedBefore(g) && p.accepted[g.ID] == "":
			return nil, fmt.Errorf("it would also undo a breaking finding: %s", g.Change())
		case !named && p.isOpen(g):
			along = append(along, g)
		}
	}
	return along, nil
}
