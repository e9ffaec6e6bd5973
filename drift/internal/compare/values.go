package compare

import (
	"slices"
	"strconv"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
)

// Value is what a finding on one value of a set has of its own: of an enum, or of a
// discriminator.
type Value struct {
	Set   string  // the same for all values of the set that change alike
	Text  string  // the value as JSON
	Where []Where // where the set is, for people
	Key   string  // by which findings are ordered
}

// OfSet returns the value that a finding is on, and whether it is on one.
func (f *Finding) OfSet() (v Value, ok bool) {
	kind, _ := KindWithID(f.Kind)
	label := ""
	switch kind.Name {
	case "enum-value-added", "enum-value-removed":
		v.Text = f.Before + f.After
	case "mapping-added", "mapping-removed":
		label = f.Seen[0].Change.Label
		v.Text = document.QuoteJSON(strings.TrimPrefix(label, mappingWord))
	default:
		return Value{}, false
	}
	parts := []string{f.Kind}
	var at []Site
	for _, s := range f.At {
		at = append(at, s.above(label))
	}
	for _, s := range sortedSites(at) {
		parts = append(parts, s.Op, s.Head, s.rest, s.what)
	}
	v.Set = LongHash(parts...)
	for _, w := range f.Places() {
		w.Place = aboveValue(w.Place, label)
		v.Where = append(v.Where, w)
	}
	v.Key = aboveValue(f.FirstPlace(), label)
	return v, true
}

// mappingWord begins the label of the edge of a discriminator's value.
const mappingWord = "mapping "

// above returns the site from which a last label leads to this one.
func (s Site) above(label string) Site {
	s.rest = strings.TrimSuffix(s.rest, strconv.Itoa(len(label))+" "+label)
	return s
}

// aboveValue is the place of which below has made this one by the label of a value.
func aboveValue(place, label string) string {
	if label == "" {
		return place
	}
	return strings.TrimSpace(strings.TrimSuffix(place, "("+oneStep(strings.TrimPrefix(label, mappingWord))+")"))
}

// SetID is the id of the findings on several values of one set: another one as soon as a
// value is added to them.
func SetID(kind string, v Value, ids []string) string {
	ids = slices.Sorted(slices.Values(ids))
	return idOf(kind, v.Key, ids...)
}
