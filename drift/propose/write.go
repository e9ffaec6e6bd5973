package propose

import (
	"fmt"
	"io"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/internal/printable"
)

// Write writes the proposal as text, with the overlay at its end, or as json.
func (p *Proposal) Write(w io.Writer, format string) error {
	if format == "json" {
		type plain Proposal
		return printable.WriteJSON(w, struct {
			*plain
			Overlay string `json:"overlay,omitempty"`
		}{(*plain)(p), string(p.Overlay)})
	}
	_, err := io.WriteString(w, p.text())
	return err
}

func (p *Proposal) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", p.summary())
	fmt.Fprintf(&b, "ours         %s\ntheirs       %s\nfingerprint  %s\n", document.Line(p.Report.Old), document.Line(p.Report.New), p.Report.Fingerprint)
	p.Report.WriteNotes(&b)
	head := func(n int, title string) {
		if n > 0 {
			fmt.Fprintf(&b, "\n%s\n", title)
		}
	}
	line := func(name, value string) { fmt.Fprintf(&b, "    %-8s %s\n", name, document.Line(value)) }
	head(len(p.Undecided), "UNDECIDED: to be decided by a person")
	for _, o := range p.Undecided {
		p.Report.WriteFinding(&b, o.Finding)
		line("question", o.Question)
	}
	head(len(p.Adopted), "ADOPTED: the overlay brings it into our document")
	for _, a := range p.Adopted {
		p.Report.WriteFinding(&b, a.Finding)
		for _, review := range a.Review {
			line("review", review)
		}
	}
	head(len(p.Accepted), "ACCEPTED: nothing of ours changes, to be recorded in the lock")
	for _, a := range p.Accepted {
		p.Report.WriteFinding(&b, a.Finding)
		line("reason", a.Reason)
	}
	head(len(p.Ignored), "IGNORED: new operations, to be listed in the configuration; a person writes one into our document, if at all")
	for _, f := range p.Ignored {
		p.Report.WriteFinding(&b, f)
	}
	head(len(p.Obsolete), "OBSOLETE: to be taken out")
	for _, o := range p.Obsolete {
		p.Report.WriteFinding(&b, o.Finding)
		line("file", o.place())
	}
	if p.Overlay != nil {
		fmt.Fprintf(&b, "\nThe overlay on %s:\n\n%s", document.Line(p.Report.Old), p.Overlay)
	}
	return b.String()
}

func (o Obsolete) place() string {
	if o.Action > 0 {
		return fmt.Sprintf("%s action %d", o.File, o.Action)
	}
	return o.File
}

func (p *Proposal) summary() string {
	if len(p.Adopted)+len(p.Accepted)+len(p.Ignored)+len(p.Obsolete)+len(p.Undecided) == 0 {
		return "in step: nothing to propose"
	}
	return fmt.Sprintf("%d adopted, %d accepted, %d ignored, %d obsolete, %d undecided", len(p.Adopted), len(p.Accepted), len(p.Ignored), len(p.Obsolete), len(p.Undecided))
}
