package compare

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/graph"
)

// Finding is one change, however many operations share it.
type Finding struct {
	ID            string // the same whenever the same change is found in the same places
	Kind          string // with its direction
	Class         Class
	Direction     graph.Direction
	Meaning       string
	Where         []Where   // by which it is told from others: a place of what is shared, and all operations that share it
	Shown         []Where   // for people: the place in each operation; nil if that is Where
	Before, After string    // by which it is told from others
	Sides         [2]string // for people, what says more than Before and After; empty if nothing does
	Old, New      []string  // JSON pointers into the two documents

	Content string     // what of the change is shown to no one, but makes it this one
	At      []Site     // where it is, exactly
	Seen    []Sighting // the pairs of parts that show it
}

// Where is a place on the wire in the operations that share it.
type Where struct {
	Place      string // empty for the operation as a whole
	Operations []string
	Key        string   // the place without the names of parameters
	Wire       []string // the operations without them
}

// Places returns where a finding is, for people.
func (f *Finding) Places() []Where {
	if len(f.Shown) > 0 {
		return f.Shown
	}
	return slices.Clip(f.Where)
}

// NewFinding returns a finding that no walk has made, such as one on a correction.
func NewFinding(kind, before string, where Where, at Site) Finding {
	k := KindNamed(kind)
	f := Finding{Kind: k.Name, Class: k.Any, Meaning: k.Meaning, Before: before, Where: []Where{where}, At: []Site{at}}
	f.seal()
	return f
}

// seal gives a finding its id: the kind, the end of the place for people, and
// a hash of all that makes it this change and no other.
func (f *Finding) seal() {
	slices.SortFunc(f.Where, func(a, b Where) int { return cmp.Compare(a.Key, b.Key) })
	f.At = sortedSites(f.At)
	parts := f.Says()
	for _, s := range f.At {
		parts = append(parts, s.Op, s.Head, s.rest, s.what)
	}
	f.ID = idOf(f.Kind, f.FirstPlace(), parts...)
}

// idOf makes an id of a kind, the end of a place, and a hash of the rest.
func idOf(kind, place string, parts ...string) string {
	id := kind
	if short := shortPlace(place); short != "" {
		id += ":" + short
	}
	return id + ":" + shortHash(parts...)
}

// Says is what makes a finding this change, wherever it is. Which operation is
// new or gone is where it is: what its parameters are called is not seen.
func (f *Finding) Says() []string {
	if f.Kind == "operation-added" || f.Kind == "operation-removed" {
		return []string{f.Kind, f.Content}
	}
	return []string{f.Kind, f.Before, f.After, f.Content}
}

// shortHash is a hash of some texts in an id, which people read and type.
func shortHash(parts ...string) string {
	sum := hashOf(parts...)
	return hex.EncodeToString(sum[:4])
}

// LongHash is a hash of texts for which no one must be able to find others with the
// same hash.
func LongHash(parts ...string) string {
	sum := hashOf(parts...)
	return hex.EncodeToString(sum[:16])
}

// hashOf hashes each text with its length, so that no two lists read alike.
func hashOf(parts ...string) [sha256.Size]byte {
	var b bytes.Buffer
	for _, part := range parts {
		graph.WriteText(&b, part)
	}
	return sha256.Sum256(b.Bytes())
}

// shortPlace returns the last part of a place, without blanks.
func shortPlace(place string) string {
	if i := strings.LastIndexByte(place, ' '); i >= 0 {
		place = place[i+1:]
	}
	const most = 40
	if len(place) > most {
		place = place[len(place)-most:]
		place = strings.TrimLeft(strings.ToValidUTF8(place, ""), ".")
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:#"\`, r) || r <= ' ' {
			return '_'
		}
		return r
	}, place)
}

// sortFound puts the most severe first, then orders by place and id.
func sortFound(list []Finding) {
	slices.SortStableFunc(list, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(slices.Index(Classes, a.Class), slices.Index(Classes, b.Class)), cmp.Compare(a.FirstPlace(), b.FirstPlace()), cmp.Compare(a.ID, b.ID))
	})
}

// FirstPlace returns the place by which findings are ordered.
func (f Finding) FirstPlace() string {
	if len(f.Where) == 0 {
		return ""
	}
	return f.Where[0].Key
}
