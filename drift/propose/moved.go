package propose

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/originpull/originpull-go/drift"
)

// An alternative is named by what it holds, so a place in it has another name once that
// changes, and a finding there another id. So has a finding on what theirs lacks as a
// whole, once anything of it changes.

// alternative matches how an alternative is named in a place.
var alternative = regexp.MustCompile(`<[^<>]*>`)

// sayingOf returns what a finding shows, and where, whatever alternatives hold.
func (p *proposer) sayingOf(f drift.Finding) string {
	in := p.theirs.Inside(f)
	saying := fmt.Sprintf("%q %q %q", in.Kind, in.Before, in.After)
	for _, w := range in.Where {
		saying += fmt.Sprintf(" %q %q", alternative.ReplaceAllString(w.Key, "<>"), w.Wire)
	}
	return saying
}

// moved returns those findings on ours as it would be, by their ids, that were there
// before with another id, each as it was. One that was accepted says the same exactly.
func (p *proposer) moved(next *standing) map[string]drift.Finding {
	before, after := byID(p.now.findings), byID(next.findings)
	gone := map[string][]drift.Finding{}
	for _, f := range p.now.findings {
		if _, stays := after[f.ID]; !stays {
			saying := p.sayingOf(f)
			gone[saying] = append(gone[saying], f)
		}
	}
	out := map[string]drift.Finding{}
	for _, f := range next.findings {
		if _, known := before[f.ID]; known {
			continue
		}
		saying := p.sayingOf(f)
		is := func(was drift.Finding) bool {
			_, accepted := p.reasonFor(was)
			return !accepted || slices.Equal(p.theirs.Inside(was).Says(), p.theirs.Inside(f).Says())
		}
		if i := slices.IndexFunc(gone[saying], is); i >= 0 {
			out[f.ID] = gone[saying][i]
			gone[saying] = slices.Delete(gone[saying], i, i+1)
		}
	}
	return out
}

// reasonFor returns why a finding is accepted, now or before.
func (p *proposer) reasonFor(f drift.Finding) (reason string, ok bool) {
	if reason, ok := p.accepted[f.ID]; ok {
		return reason, true
	}
	return p.theirs.Accepted(f)
}

func byID(findings []drift.Finding) map[string]drift.Finding {
	out := make(map[string]drift.Finding, len(findings))
	for _, f := range findings {
		out[f.ID] = f
	}
	return out
}

// rename lets what was decided of a finding hold under its new id.
func (p *proposer) rename(id string, was drift.Finding) {
	reason, accepted := p.reasonFor(was)
	if accepted {
		p.accepted[id] = reason
	}
	if p.decided[was.ID] || accepted {
		p.decided[id] = true
		p.renamed++
	}
	if p.followed(was) {
		p.follow = append(p.follow, id)
	}
	p.reported[id] = p.asReported(was)
}

// asReported returns a finding as the report has it, with the id that can be followed.
func (p *proposer) asReported(f drift.Finding) drift.Finding {
	if was, ok := p.reported[f.ID]; ok {
		return was
	}
	return f
}
