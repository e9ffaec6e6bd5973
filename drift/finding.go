package drift

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// diffFinding is one change, however many operations share it.
type diffFinding struct {
	ID            string // the same whenever the same change is found in the same places
	Kind          string // with its direction
	Class         Class
	Direction     Direction
	Meaning       string
	Where         []diffWhere
	Before, After string
	Old, New      []string // JSON pointers into the two documents

	content string     // what of the change is shown to no one, but makes it this one
	at      []site     // where it is, exactly
	seen    []sighting // the pairs of parts that show it
}

// diffWhere is a place on the wire in the operations that share it.
type diffWhere struct {
	Place      string // empty for the operation as a whole
	Operations []string
	key        string   // the place without the names of parameters
	wire       []string // the operations without them
}

// newFinding returns a finding that no walk has made, such as one on a correction.
func newFinding(kind, before string, where diffWhere, at site) diffFinding {
	k := kindNamed(kind)
	f := diffFinding{Kind: k.Name, Class: k.Any, Meaning: k.Meaning, Before: before, Where: []diffWhere{where}, at: []site{at}}
	f.seal()
	return f
}

// seal gives a finding its id: the kind, the end of the place for people, and
// a hash of all that makes it this change and no other.
func (f *diffFinding) seal() {
	slices.SortFunc(f.Where, func(a, b diffWhere) int { return cmp.Compare(a.key, b.key) })
	f.at = sortedSites(f.at)
	parts := f.says()
	for _, s := range f.at {
		parts = append(parts, s.op, s.head, s.rest, s.what)
	}
	f.ID = f.Kind
	if short := shortPlace(f.firstPlace()); short != "" {
		f.ID += ":" + short
	}
	f.ID += ":" + shortHash(parts...)
}

// says is what makes a finding this change, wherever it is. Which operation is
// new or gone is where it is: what its parameters are called is not seen.
func (f *diffFinding) says() []string {
	if f.Kind == "operation-added" || f.Kind == "operation-removed" {
		return []string{f.Kind, f.content}
	}
	return []string{f.Kind, f.Before, f.After, f.content}
}

// shortHash stands for some texts in an id, which people read and type.
func shortHash(parts ...string) string {
	sum := hashOf(parts...)
	return hex.EncodeToString(sum[:4])
}

// longHash stands for texts where nobody is to find others that it stands for too.
func longHash(parts ...string) string {
	sum := hashOf(parts...)
	return hex.EncodeToString(sum[:16])
}

// hashOf hashes each text with its length, so that no two lists read alike.
func hashOf(parts ...string) [sha256.Size]byte {
	var b bytes.Buffer
	for _, part := range parts {
		writeText(&b, part)
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

var classOrder = map[Class]int{Breaking: 0, Additive: 1, Editorial: 2}

// sortFound puts the most severe first, then orders by place and id.
func sortFound(list []diffFinding) {
	slices.SortStableFunc(list, func(a, b diffFinding) int {
		return cmp.Or(cmp.Compare(classOrder[a.Class], classOrder[b.Class]), cmp.Compare(a.firstPlace(), b.firstPlace()), cmp.Compare(a.ID, b.ID))
	})
}

func (f diffFinding) firstPlace() string {
	if len(f.Where) == 0 {
		return ""
	}
	return f.Where[0].key
}

// AtLeast tells whether the class is as grave as another, or graver.
func (c Class) AtLeast(o Class) bool { return classOrder[c] <= classOrder[o] }
