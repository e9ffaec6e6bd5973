package trial

import (
	"fmt"
	"strings"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/internal/changelog"
)

// entry makes the changelog entry: what changes in the Go API, and what answers
// and requests can be by the document.
func (r *Result) entry() changelog.Entry {
	e := changelog.Entry{}
	for _, c := range r.API {
		switch {
		case c.Compatible && c.Message == "added":
			tell(e, "Added", "`%s`.", c.Symbol)
		case c.Compatible:
			tell(e, "Changed", "`%s`: %s.", c.Symbol, c.Message)
		default:
			tell(e, "Breaking", "`%s`: %s.", c.Symbol, c.Message)
		}
	}
	if r.Proposal == nil {
		return e
	}
	for _, adopted := range r.Proposal.Adopted {
		tell(e, sections[adopted.Finding.Class], "The document: %s.", item(adopted.Finding))
	}
	for _, open := range r.Proposal.Open {
		tell(e, sections[open.Finding.Class], "The document: %s.", item(open.Finding))
	}
	return e
}

// sections are where findings of a class are told.
var sections = map[drift.Class]string{drift.Breaking: "Breaking", drift.Additive: "Added", drift.Editorial: "Changed"}

func tell(e changelog.Entry, section, format string, args ...any) {
	e[section] = append(e[section], fmt.Sprintf(format, args...))
}

// item is a finding as a list item of Markdown, where what a document says is
// nothing but text.
func item(f drift.Finding) string {
	text := f.Meaning
	var places []string
	for _, w := range f.Where {
		place := w.Place
		if place == "" {
			place = strings.Join(w.Operations, ", ")
		}
		places = append(places, quote(place))
	}
	if len(places) > 0 {
		text += ", at " + strings.Join(places, ", ")
	}
	switch {
	case f.Before != "" && f.After != "":
		text += ": " + quote(f.Before) + " → " + quote(f.After)
	case f.Before+f.After != "" && f.Before+f.After != strings.Join(f.Where[0].Operations, ", "):
		text += ": " + quote(f.Before+f.After)
	}
	return text
}

func quote(s string) string { return "`" + strings.ReplaceAll(s, "`", "'") + "`" }
