package drift

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/drift/internal/document"
)

// The id of a finding depends on all of its places, so that it changes with each
// operation or status that is added or removed. An acceptance is therefore compared
// by its hashes, not by its id. It covers a finding of the same change if all places
// of the finding were accepted, in one entry or in several. If the finding breaks no
// program, one accepted place is enough.

// Accept returns entries for the Findings of a [Lock], by their ids, one for each of the
// [Finding.Parts]: as, with the Change, Same and At of the part.
func (f Finding) Accept(as Acceptance) map[string]Acceptance {
	entries := map[string]Acceptance{}
	for _, part := range f.Parts() {
		entry := as
		entry.Change, entry.Same, entry.At = part.Change(), part.same(), nil
		for _, s := range part.found.At {
			entry.At = append(entry.At, s.Hash())
		}
		entry.At = document.SortedSet(entry.At)
		entries[part.ID] = entry
	}
	return entries
}

// same is a hash of what a finding says, without its places.
func (f Finding) same() string { return compare.LongHash(f.found.Says()...) }

// acceptances holds the entries of a lock as they apply on one day.
type acceptances struct {
	lock   *Lock
	today  time.Time
	bySame map[string][]string // ids of entries
	gone   map[string]bool     // statuses in operations, of which it was accepted that theirs has them no more
	used   map[string]bool     // entries that are about some finding
}

// on returns the acceptances of the lock that apply on a day.
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

// of returns the acceptance of a finding, whether there is one, and whether it still
// holds. A finding is accepted if entries on the same change cover all of its places
// or, unless the finding is breaking, one of them.
func (a *acceptances) of(f Finding) (entry Acceptance, known, holds bool) {
	for _, lasting := range []bool{true, false} {
		places := make([]bool, len(f.found.At))
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

// about notes which places of a finding an entry is about, and reports whether it
// is about any.
func (a *acceptances) about(entry Acceptance, f Finding, places []bool) bool {
	any := false
	for i, s := range f.found.At {
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
	return document.SortedSet(out)
}

var ofStatus = regexp.MustCompile(`^response ([1-5])[0-9][0-9]$`)

// isAt reports whether a site was accepted. If it was accepted that theirs lacks the
// status 404, what was accepted of 4XX covers a status 404 that theirs gains later.
func (a *acceptances) isAt(entry Acceptance, s compare.Site) bool {
	_, found := slices.BinarySearch(entry.At, s.Hash())
	if !found && ofStatus.MatchString(s.Head) && a.gone[compare.Site{Op: s.Op, Head: s.Head}.Hash()] {
		s.Head = ofStatus.ReplaceAllString(s.Head, "response ${1}XX")
		_, found = slices.BinarySearch(entry.At, s.Hash())
	}
	return found
}
