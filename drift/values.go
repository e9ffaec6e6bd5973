package drift

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/drift/internal/document"
)

// Value is one value of an enum, or of a discriminator, that a [Finding] lists.
type Value struct {
	Value string `json:"value"` // as JSON
	// ID names the value alone, wherever the id of a finding is asked for. The lock
	// knows each value by this id.
	ID string `json:"id"`
}

// Parts returns the findings on each of the Values alone, or the finding itself if it
// lists none.
func (f Finding) Parts() []Finding {
	if f.parts == nil {
		return []Finding{f}
	}
	return slices.Clone(f.parts)
}

// PartIDs returns the ids of the [Finding.Parts] of open findings that some ids name: that
// of a finding names all of its parts. It fails for an id that neither an open finding nor
// one of its Values has.
func (r *Report) PartIDs(ids ...string) ([]string, error) {
	var out []string
	for _, id := range ids {
		before := len(out)
		for _, f := range r.Findings {
			for _, part := range f.Parts() {
				if id == f.ID || id == part.ID {
					out = append(out, part.ID)
				}
			}
		}
		if len(out) == before {
			return nil, fmt.Errorf("no open finding has the id %q", id)
		}
	}
	return out, nil
}

// part is a finding on one value of a set.
type part struct {
	Finding
	compare.Value
}

// grouped makes one finding of those on several values of one set that changed alike. It
// comes after the acceptances, since each value is accepted by itself.
func grouped(list []Finding) []Finding {
	type set struct{ name, accepted, until, source, reason string }
	sets := map[set][]part{}
	in := make([]set, len(list)) // without a name for what is on no value
	for i, f := range list {
		v, ok := f.found.OfSet()
		if !ok {
			continue
		}
		in[i].name = v.Set
		if a := f.Accepted; a != nil {
			in[i] = set{v.Set, a.Accepted, a.Until, a.Source, a.Reason}
		}
		sets[in[i]] = append(sets[in[i]], part{f, v})
	}
	out := []Finding{}
	for i, f := range list {
		switch parts := sets[in[i]]; {
		case len(parts) < 2:
			out = append(out, f)
		case parts[0].Finding.ID == f.ID:
			out = append(out, together(parts))
		}
	}
	disambiguate(out)
	sortFindings(out)
	return out
}

// together makes one finding of several on values of one set.
func together(parts []part) Finding {
	parts = slices.SortedFunc(slices.Values(parts), func(a, b part) int { return cmp.Compare(a.Text, b.Text) })
	one := parts[0]
	f := one.Finding
	f.Meaning = strings.Replace(f.Meaning, "value ", "values ", 1)
	f.Where, f.Old, f.New = whereOf(one.Value.Where), nil, nil
	var texts, ids []string
	for _, p := range parts {
		f.parts = append(f.parts, p.Finding)
		f.Values = append(f.Values, Value{Value: p.Text, ID: p.Finding.ID})
		f.Old, f.New = append(f.Old, p.Old...), append(f.New, p.New...)
		texts, ids = append(texts, p.Text), append(ids, p.Finding.ID)
	}
	f.ID = compare.SetID(f.Kind, one.Value, ids)
	f.Old, f.New = document.SortedSet(f.Old), document.SortedSet(f.New)
	f.Before, f.After = f.onSide(strings.Join(texts, ", "))
	if a := f.Accepted; a != nil {
		all := *a
		all.Change = f.Change()
		f.Accepted = &all
	}
	return f
}

// onSide returns a text as what is before a change or after it: on the side that has the
// values.
func (f Finding) onSide(text string) (before, after string) {
	if f.Before != "" {
		return text, ""
	}
	return "", text
}

// sides returns Before and After as people read them: of many values the first.
func (f Finding) sides() (before, after string) {
	if len(f.Values) == 0 {
		return f.Before, f.After
	}
	var texts []string
	for _, v := range f.Values {
		texts = append(texts, v.Value)
	}
	if len(texts) > listedValues {
		texts = append(texts[:listedValues-1], fmt.Sprintf("%d more", len(f.Values)-listedValues+1))
	}
	return f.onSide(strings.Join(texts, ", "))
}

// listedValues is how many values of one finding are shown to people.
const listedValues = 8
