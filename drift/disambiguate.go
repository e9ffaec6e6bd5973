package drift

import (
	"fmt"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
)

// disambiguate makes findings read differently, in each format, that differ in their ids
// alone: it adds to their places where a document has them.
func disambiguate(findings []Finding) {
	for _, reads := range []func(Finding) string{Finding.annotation, Finding.row} {
		alike := map[string][]*Finding{}
		for i := range findings {
			text := findings[i].Kind + " " + reads(findings[i])
			alike[text] = append(alike[text], &findings[i])
		}
		for _, some := range alike {
			if len(some) > 1 {
				addNames(some)
			}
		}
	}
}

// annotation is a finding as an annotation shows it, without its id.
func (f Finding) annotation() string {
	text := f.Change()
	var operations []string
	for _, w := range f.Where {
		if w.Place == "" { // the change names the operations
			return text
		}
		operations = append(operations, w.Operations...)
	}
	if len(operations) == 0 {
		return text
	}
	return text + document.Line(", in "+list(document.SortedSet(operations)))
}

// row is a finding as text and Markdown show it, without its id and its pointers.
func (f Finding) row() string {
	var b strings.Builder
	(&Report{}).WriteFinding(&b, Finding{Meaning: f.Meaning, Where: f.Where, Before: f.Before, After: f.After, Values: f.Values})
	return b.String()
}

// addNames adds to the places of findings what they differ in: the first pointer into
// the newer document or, if some have the same, into the older one, else a number.
func addNames(some []*Finding) {
	for _, name := range []func(i int) string{
		func(i int) string { return firstOf(some[i].New) },
		func(i int) string { return firstOf(some[i].Old) },
		func(i int) string { return fmt.Sprint(i + 1) },
	} {
		names := make([]string, len(some))
		for i := range some {
			names[i] = name(i)
		}
		if len(document.SortedSet(slices.Clone(names))) < len(some) || slices.Contains(names, "") {
			continue
		}
		for i, f := range some {
			for j := range f.Where {
				f.Where[j].Place = strings.TrimSpace(f.Where[j].Place + " #" + names[i])
			}
		}
		return
	}
}

func firstOf(pointers []string) string {
	if len(pointers) == 0 {
		return ""
	}
	return pointers[0]
}
