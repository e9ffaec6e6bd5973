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
	for _, w := range f.Where {
		for _, op := range w.wire {
			as.At = append(as.At, shortHash(w.key, op))
		}
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
	bySame map[string][]Acceptance
	gone   map[string]bool // statuses in operations, of which it was accepted that theirs has them no more
}

func (l *Lock) on(today time.Time) *acceptances {
	a := &acceptances{l, today, map[string][]Acceptance{}, map[string]bool{}}
	for _, id := range slices.Sorted(maps.Keys(l.Findings)) {
		if entry := l.Findings[id]; entry.Same != "" {
			a.bySame[entry.Same] = append(a.bySame[entry.Same], entry)
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
	entry, known = a.lock.Findings[f.ID]
	if known && entry.holds(a.today) {
		return entry, true, true
	}
	for _, other := range a.bySame[f.same()] {
		if !a.covers(other, f) {
			continue
		}
		if other.holds(a.today) {
			return other, true, true
		}
		if !known {
			entry, known = other, true
		}
	}
	return entry, known, false
}

// covers tells whether an acceptance of the same change is about the places of
// a finding: about all, or where nothing breaks about one of them.
func (a *acceptances) covers(entry Acceptance, f Finding) bool {
	some, all := false, true
	for _, w := range f.Where {
		for _, op := range w.wire {
			if a.isAt(entry, w.key, op) {
				some = true
			} else {
				all = false
			}
		}
	}
	return some && (all || f.Class != Breaking)
}

var ofStatus = regexp.MustCompile(`^response ([1-5])[0-9][0-9]\b`)

// isAt tells whether a place in an operation was accepted. A status that theirs
// has anew was what its range is, if it was accepted that theirs had it not.
func (a *acceptances) isAt(entry Acceptance, key, op string) bool {
	_, found := slices.BinarySearch(entry.At, shortHash(key, op))
	if status := ofStatus.FindString(key); !found && status != "" && a.gone[shortHash(status, op)] {
		_, found = slices.BinarySearch(entry.At, shortHash(ofStatus.ReplaceAllString(key, "response ${1}XX"), op))
	}
	return found
}
