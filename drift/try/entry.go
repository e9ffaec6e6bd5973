package try

import (
	"fmt"
	"strings"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/internal/changelog"
)

// unlisted is what an entry says that cannot name what changes in the Go API.
const unlisted = "Not complete: the public packages cannot be compared yet. Name here what `make api-diff` lists once they compile with this."

// entry makes the changelog entry: what changes in the Go API, and of what responses
// and requests can be by the document what the Go API does not show.
func (r *Result) entry() changelog.Entry {
	e := changelog.Entry{}
	for _, c := range r.API {
		switch {
		case c.Compatible && c.Message == "added":
			add(e, "Added", "%s.", symbol(c))
		case c.Compatible:
			add(e, "Changed", "`%s`: %s.", c.Symbol, c.Message)
		default:
			add(e, "Breaking", "`%s`: %s.", c.Symbol, c.Message)
		}
	}
	if r.Proposal == nil {
		return e
	}
	shown := map[int]bool{}
	for _, adopted := range r.Proposal.Adopted {
		for _, f := range adopted.Finding.Parts() { // the Go API has a constant for each value
			if !r.shows(f, shown) {
				add(e, sections[ofClass[f.Class]], "%s.", item(f))
			}
		}
	}
	for _, open := range r.Proposal.Undecided {
		add(e, sections[ofClass[open.Finding.Class]], "%s.", item(open.Finding))
	}
	if r.unlisted {
		add(e, sections[r.change], "%s", unlisted)
	}
	return e
}

// symbol is a symbol of the Go API with what it is.
func symbol(c Change) string {
	switch c.What {
	case "":
		return quote(c.Symbol)
	case "type":
		return "Type " + quote(c.Symbol)
	}
	return quote(c.Symbol) + " (" + quote(c.What) + ")"
}

// shows reports whether a change of the Go API is what a finding comes to: it has the
// finding's value, or the name of its field on the wire. What breaks programs is not
// shown by what they can go on with, such as a new field for what is now required,
// and a change shows one finding: another type can have a field of the same name.
func (r *Result) shows(f drift.Finding, shown map[int]bool) bool {
	places := map[string]bool{}
	for _, w := range f.Where {
		place, _, _ := strings.Cut(w.Place, " #") // where a document has it
		place = strings.TrimRight(place, "[]")
		places[place[strings.LastIndexByte(place, '.')+1:]] = true
	}
	for i, c := range r.API {
		milder := f.Class == drift.Breaking && c.Compatible
		value := c.Wire == strings.Trim(f.Before, `"`) || c.Wire == strings.Trim(f.After, `"`)
		if c.Wire != "" && !milder && !shown[i] && (value || places[c.Wire]) {
			shown[i] = true
			return true
		}
	}
	return false
}

// sections are where changes with a verdict are listed.
var sections = map[Verdict]string{Breaking: "Breaking", Additive: "Added", Safe: "Changed"}

func add(e changelog.Entry, section, format string, args ...any) {
	e[section] = append(e[section], fmt.Sprintf(format, args...))
}

// item is a finding as a list item of Markdown, where what a document says is
// nothing but text.
func item(f drift.Finding) string {
	text := strings.ToUpper(f.Meaning[:1]) + f.Meaning[1:]
	switch {
	case f.Before != "" && f.After != "":
		text += ": " + quote(f.Before) + " → " + quote(f.After)
	case f.Before+f.After != "":
		text += ": " + quote(f.Before+f.After)
	}
	var places []string
	for _, w := range f.Where {
		if of := operations(w.Operations); w.Place != "" {
			places = append(places, quote(w.Place)+" of "+of)
		} else if f.Before+f.After != strings.Join(w.Operations, ", ") {
			places = append(places, of)
		}
	}
	if len(places) > 0 {
		text += ", in " + strings.Join(places, ", ")
	}
	return text
}

// operations names the operations of a place, or says how many they are.
func operations(names []string) string {
	const few = 2
	if len(names) > few {
		return fmt.Sprintf("%d operations", len(names))
	}
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = quote(name)
	}
	return strings.Join(quoted, " and ")
}

func quote(s string) string { return "`" + strings.ReplaceAll(s, "`", "'") + "`" }
