package drift

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A finding's id names all of its places, so that one operation or status more
// or less makes another id of it. An acceptance therefore also holds what it was
// about, and covers a finding of the same change whose places were all among
// those accepted: nobody has to decide anew. Of what breaks no program it covers
// more places too.

// accept returns the acceptance of a finding.
func (f Finding) accept(as Acceptance) Acceptance {
	as.Change, as.Same = f.Change(), f.same()
	as.At = nil
	for _, s := range f.at {
		as.At = append(as.At, s.hash())
	}
	slices.Sort(as.At)
	as.At = slices.Compact(as.At)
	return as
}

// same stands for what a finding says, wherever that is.
func (f Finding) same() string { return shortHash(f.says()...) }

// acceptances looks up what a lock says on a day.
type acceptances struct {
	lock   *Lock
	today  time.Time
	bySame map[string][]string // ids of entries
	gone   map[string]bool     // statuses in operations, of which it was accepted that theirs has them no more
	used   map[string]bool     // entries that are about some finding
}

func (l *Lock) on(today time.Time) *acceptances {
	a := &acceptances{l, today, map[string][]string{}, map[string]bool{}, map[string]bool{}}
	for _, id := range slices.Sorted(maps.Keys(l.Findings)) {
		if entry := l.Findings[id]; entry.Same != "" {
			a.bySame[entry.Same] = append(a.bySame[entry.Same], id)
			if entry.holds(today) && strings.HasPrefix(id, "response-status-removed:") {
				for _, at := range entry.At {
					a.gone[at] = true
				}
			}
		}
	}
	return a
}

// of returns the acceptance of a finding, its own or one that covers it, and
// whether that still holds.
func (a *acceptances) of(f Finding) (entry Acceptance, known, holds bool) {
	for _, id := range append([]string{f.ID}, a.bySame[f.same()]...) {
		other, ok := a.lock.Findings[id]
		if !ok || id != f.ID && !a.covers(other, f) {
			continue
		}
		a.used[id] = true
		if other.holds(a.today) {
			return other, true, true
		}
		if !known {
			entry, known = other, true
		}
	}
	return entry, known, false
}

// unused returns the ids of the entries that hold and are about no finding that
// was asked for.
func (a *acceptances) unused() []string {
	var out []string
	for id, entry := range a.lock.Findings {
		if entry.holds(a.today) && !a.used[id] {
			out = append(out, id)
		}
	}
	return sorted(out)
}

// covers tells whether an acceptance of the same change is about the places of
// a finding: about all, or where nothing breaks about one of them.
func (a *acceptances) covers(entry Acceptance, f Finding) bool {
	some, all := false, true
	for _, s := range f.at {
		if a.isAt(entry, s) {
			some = true
		} else {
			all = false
		}
	}
	return some && (all || f.Class != Breaking)
}

var ofStatus = regexp.MustCompile(`^response ([1-5])[0-9][0-9]$`)

// isAt tells whether a site was accepted. A status that theirs has anew was what
// its range is, if it was accepted that theirs had it not.
func (a *acceptances) isAt(entry Acceptance, s site) bool {
	_, found := slices.BinarySearch(entry.At, s.hash())
	if !found && ofStatus.MatchString(s.head) && a.gone[site{op: s.op, head: s.head}.hash()] {
		s.head = ofStatus.ReplaceAllString(s.head, "response ${1}XX")
		_, found = slices.BinarySearch(entry.At, s.hash())
	}
	return found
}
