package propose

import (
	"slices"
	"strings"

	"github.com/originpull/originpull-go/drift"
)

// outcome is what became of a finding: what is said of it, and what is to be reviewed.
type outcome struct {
	finding *drift.Finding
	says    *string
	review  *[]string
}

// together lists the values of a finding of the report as that finding where the same
// became of all: each was decided by itself.
func (p *Proposal) together() {
	for _, whole := range p.Report.Findings {
		if len(whole.Values) == 0 {
			continue
		}
		p.Adopted = joined(p.Adopted, whole, func(a *Adopted) outcome { return outcome{&a.Finding, new(string), &a.Review} })
		p.Accepted = joined(p.Accepted, whole, func(a *Accepted) outcome { return outcome{&a.Finding, &a.Reason, new([]string)} })
		p.Undecided = joined(p.Undecided, whole, func(u *Undecided) outcome { return outcome{&u.Finding, &u.Question, new([]string)} })
	}
}

// joined puts a finding in the place of those on its values, if they are all in a list and
// the same is said of each.
func joined[T any](list []T, whole drift.Finding, of func(*T) outcome) []T {
	isPart := func(f *drift.Finding) bool {
		return slices.ContainsFunc(whole.Values, func(v drift.Value) bool { return v.ID == f.ID })
	}
	var parts []outcome
	var says, review []string
	for i := range list {
		if o := of(&list[i]); isPart(o.finding) {
			parts = append(parts, o)
			says = append(says, strings.ReplaceAll(*o.says, o.finding.ID, whole.ID))
			review = append(review, *o.review...)
		}
	}
	if len(parts) < len(whole.Values) || len(slices.Compact(says)) > 1 {
		return list
	}
	*parts[0].finding, *parts[0].says, *parts[0].review = whole, says[0], review // whose id is no part's
	return slices.DeleteFunc(list, func(t T) bool { return isPart(of(&t).finding) })
}
