package drift

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A finding's id is short, for people, and names all of its places, so that one
// operation or status more or less makes another id of it. An acceptance
// therefore holds what it was about, and is known by that alone: it covers a
// finding of the same change whose places were all accepted, be it in several
// entries, and nobody has to decide anew. Of what breaks no program it covers
// more places too.

// accept returns the acceptance of a finding.
func (f Finding) accept(as Acceptance) Acceptance {
	as.Change, as.Same = f.Change(), f.same()
	as.At = nil
	for _, s := range f.found.at {
		as.At = append(as.At, s.hash())
	}
	slices.Sort(as.At)
	as.At = slices.Compact(as.At)
	return as
}

// same stands for what a finding says, wherever that is.
func (f Finding) same() string { return longHash(f.found.says()...) }

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

// of returns an acceptance of a finding, and whether it still holds. A finding is
// accepted by entries on the same change that are together about all of its
// places, or where nothing breaks about one of them.
func (a *acceptances) of(f Finding) (entry Acceptance, known, holds bool) {
	for _, lasting := range []bool{true, false} {
		places := make([]bool, len(f.found.at))
		known = false
		for _, id := range a.bySame[f.same()] {
			other := a.lock.Findings[id]
			if lasting && !other.holds(a.today) || !a.about(other, f, places) {
				continue
			}
			a.used[id] = true
			if !known {
				entry, known = other, true
			}
		}
		if known && (f.Class != Breaking || !slices.Contains(places, false)) {
			return entry, true, lasting
		}
	}
	return Acceptance{}, false, false
}

// about notes which places of a finding an entry is about, and tells whether it
// is about any.
func (a *acceptances) about(entry Acceptance, f Finding, places []bool) bool {
	any := false
	for i, s := range f.found.at {
		if a.isAt(entry, s) {
			places[i], any = true, true
		}
	}
	return any
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
