package drift

import (
	"maps"
	"slices"
	"strings"
)

// held returns the reason of an acceptance that was of the same change in other
// operations or statuses: a finding's id names all of its places, so that one
// operation more or less makes another id, though nobody has to decide anew.
// Of an acceptance the lock holds the text; one whose own finding is still
// there, or that is followed by its id, is not meant.
func (p *proposer) held(f Finding) (reason string, ok bool) {
	if slices.Contains(p.follow, f.ID) {
		return "", false
	}
	for _, id := range slices.Sorted(maps.Keys(p.lock.Findings)) {
		a := p.lock.Findings[id]
		if !p.present[id] && a.holds(p.today) && strings.HasPrefix(id, f.Kind+":") && f.sameChange(a.Change) {
			return a.Reason, true
		}
	}
	return "", false
}

// sameChange tells whether the text of a finding that was accepted says the
// same of one of the same places, and the others, such as in other statuses,
// end alike.
func (f Finding) sameChange(accepted string) bool {
	rest, ok := strings.CutPrefix(accepted, printable(f.Meaning)+", at ")
	if !ok {
		return false
	}
	if rest, ok = strings.CutSuffix(rest, printable(f.values())); !ok {
		return false
	}
	listed := strings.Split(rest, ", ")
	same := false
	for _, w := range f.Where {
		place := printable(w.Place)
		same = same || place != "" && slices.Contains(listed, place)
		if !slices.ContainsFunc(listed, func(s string) bool { return tail(s) == tail(place) }) {
			return false
		}
	}
	return same
}
