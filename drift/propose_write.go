package drift

import (
	"fmt"
	"io"
	"strings"
)

// Write writes the proposal as text, with the overlay at its end, or as json.
func (p *Proposal) Write(w io.Writer, format string) error {
	if format == "json" {
		type plain Proposal
		return encodeJSON(w, struct {
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
	fmt.Fprintf(&b, "ours         %s\ntheirs       %s\nfingerprint  %s\n", printable(p.Report.Old), printable(p.Report.New), p.Report.Fingerprint)
	head := func(n int, title string) {
		if n > 0 {
			fmt.Fprintf(&b, "\n%s\n", title)
		}
	}
	line := func(name, value string) { fmt.Fprintf(&b, "    %-8s %s\n", name, printable(value)) }
	head(len(p.Open), "OPEN: to be decided by a person")
	for _, o := range p.Open {
		p.Report.textOf(&b, o.Finding)
		line("decide", o.Decide)
	}
	head(len(p.Adopted), "ADOPTED: the overlay brings it into our document")
	for _, a := range p.Adopted {
		p.Report.textOf(&b, a.Finding)
		for _, review := range a.Review {
			line("review", review)
		}
	}
	head(len(p.Accepted), "ACCEPTED: nothing of ours changes, to be recorded in the lock")
	for _, a := range p.Accepted {
		p.Report.textOf(&b, a.Finding)
		line("reason", a.Reason)
	}
	head(len(p.Known), "KNOWN: new operations, to be listed in the configuration; --follow ID puts one into our document")
	for _, f := range p.Known {
		p.Report.textOf(&b, f)
	}
	head(len(p.Obsolete), "OBSOLETE: to be taken out")
	for _, o := range p.Obsolete {
		p.Report.textOf(&b, o.Finding)
		line("file", o.place())
	}
	if p.Overlay != nil {
		fmt.Fprintf(&b, "\nThe overlay on %s:\n\n%s", printable(p.Report.Old), p.Overlay)
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
	if len(p.Adopted)+len(p.Accepted)+len(p.Known)+len(p.Obsolete)+len(p.Open) == 0 {
		return "in step: nothing to propose"
	}
	return fmt.Sprintf("%d adopted, %d accepted, %d known, %d obsolete, %d open", len(p.Adopted), len(p.Accepted), len(p.Known), len(p.Obsolete), len(p.Open))
}
