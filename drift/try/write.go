package try

import (
	"fmt"
	"io"
	"strings"

	"github.com/originpull/originpull-go/internal/printable"
)

// Write writes the result as text or json.
func (r *Result) Write(w io.Writer, format string) error {
	if format == "json" {
		return printable.WriteJSON(w, r)
	}
	for line := range strings.Lines(r.text()) { // of what compilers and documents say
		if _, err := printable.Fprintf(w, "%s\n", strings.TrimSuffix(line, "\n")); err != nil {
			return err
		}
	}
	return nil
}

// versions says what to release.
var versions = map[string]string{
	"none": "nothing to release", "patch": "a patch version", "minor": "a minor version", "major": "a major version",
}

func (r *Result) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", strings.ToUpper(string(r.Verdict)), r.Release())
	if r.failed {
		b.WriteString(", once what fails is fixed")
	}
	b.WriteString("\n")
	if r.Undecided {
		b.WriteString("A person has to decide first; the rest was not tried.\n")
	}
	b.WriteString("\nwhy\n")
	for _, reason := range r.Reasons {
		fmt.Fprintf(&b, "  %-9s %s\n", reason.Verdict, strings.ReplaceAll(reason.Text, "\n", "\n            "))
	}
	list(&b, "to be reviewed, in our document", r.Review)
	if r.Changelog != "" {
		fmt.Fprintf(&b, "\nchangelog\n  %s\n", strings.ReplaceAll(strings.TrimSpace(r.Changelog), "\n", "\n  "))
	}
	list(&b, "files that change", r.Files)
	b.WriteString("\nsteps\n")
	for i, s := range r.Steps {
		if s.Outcome == "skipped" { // as are those that follow, for the same reason
			name := s.Name
			if more := len(r.Steps) - i - 1; more > 0 {
				name = fmt.Sprintf("%s and %d more", s.Name, more)
			}
			fmt.Fprintf(&b, "  %-27s skipped: %s\n", name, s.Note)
			break
		}
		fmt.Fprintf(&b, "  %-27s %6.1f s  %s\n", s.Name, s.Seconds, s.Outcome)
	}
	return strings.ReplaceAll(b.String(), "\n  \n", "\n\n")
}

func list(b *strings.Builder, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", title)
	for _, line := range lines {
		fmt.Fprintf(b, "  %s\n", line)
	}
}
