package upgrade

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Write writes the report as text for people.
func (r Report) Write(w io.Writer) error {
	var b strings.Builder
	for _, m := range r.Modules {
		m.write(&b)
	}
	if r.Together != nil {
		r.Together.write(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (m Module) write(b *strings.Builder) {
	fmt.Fprintln(b, strings.TrimSpace(m.Path+" "+m.Version))
	if len(m.Refused) > 0 {
		fmt.Fprintf(b, "  cannot be downloaded: %s: %s\n", strings.Join(m.Refused, ", "), m.Reason)
	}
	switch {
	case m.Unlisted != "":
		fmt.Fprintf(b, "  newer versions are unknown: %s\n", indented(m.Unlisted))
	case m.Good && m.Alone != "":
		fmt.Fprintf(b, "  %s generates code that compiles, with the others; alone: %s\n", m.Newest, indented(m.Alone))
	case m.Good:
		fmt.Fprintf(b, "  %s generates code that compiles\n", m.Newest)
	case m.Newest != "":
		fmt.Fprintf(b, "  %s does not work: %s\n", m.Newest, indented(m.Alone))
	case len(m.Refused) == 0:
		b.WriteString("  nothing newer\n")
	}
}

func (r Result) write(b *strings.Builder) {
	fmt.Fprintf(b, "\nWith %s:\n", strings.Join(r.Versions, ", "))
	if r.Failure != "" {
		fmt.Fprintf(b, "  FAILED: %s\n", indented(r.Failure))
	} else {
		b.WriteString("  everything compiles, and the tests pass\n")
	}
	for _, change := range r.API {
		class := "compatible"
		if !change.Compatible {
			class = "BREAKING"
		}
		fmt.Fprintf(b, "  Go API, %s: %s\n", class, change)
	}
	if r.Failure == "" && len(r.API) == 0 {
		b.WriteString("  the Go API of the public packages is the same\n")
	}
	if r.Diff == "" {
		b.WriteString("  the generated code is the same\n")
	} else {
		fmt.Fprintf(b, "  the generated code changes:\n\n%s", cut(r.Diff))
	}
}

// cut returns the beginning of a long diff.
func cut(diff string) string {
	const most = 300
	lines := slices.Collect(strings.Lines(diff))
	if len(lines) <= most {
		return diff
	}
	return fmt.Sprintf("%s… and %d more lines\n", strings.Join(lines[:most], ""), len(lines)-most)
}

func indented(text string) string { return strings.ReplaceAll(text, "\n", "\n    ") }

// Summary says in a line which newer versions work, and what is unknown.
func (r Report) Summary() string {
	said := []string{"nothing newer that works"}
	if r.Together != nil {
		said[0] = "newer: " + strings.Join(r.Together.Versions, ", ")
	}
	for _, m := range r.Modules {
		if m.Unlisted != "" {
			said = append(said, "newer versions of "+m.Path+" are unknown")
		}
		if len(m.Refused) > 0 {
			said = append(said, m.Path+"@"+m.Refused[0]+" cannot be downloaded")
		}
	}
	return strings.Join(said, "; ")
}

// Warning says in a line what a person should look at, "" if there is nothing. A
// version that cannot be downloaded is not a reason: no one here can change that.
func (r Report) Warning() string {
	var reasons []string
	for _, m := range r.Modules {
		if m.Newest != "" && !m.Good {
			reasons = append(reasons, fmt.Sprintf("%s@%s does not work", m.Path, m.Newest))
		}
	}
	if t := r.Together; t != nil {
		with := strings.Join(t.Versions, " and ")
		if t.Failure != "" {
			reasons = append(reasons, "something fails with "+with)
		}
		if t.Diff != "" {
			reasons = append(reasons, "the generated code changes with "+with)
		}
		if len(t.API) > 0 {
			reasons = append(reasons, "the Go API changes")
		}
	}
	return strings.Join(reasons, "; ")
}
