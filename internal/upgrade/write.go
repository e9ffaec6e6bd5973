package upgrade

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Write writes the report for people.
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
		fmt.Fprintf(b, "  cannot be had: %s: %s\n", strings.Join(m.Refused, ", "), m.Reason)
	}
	switch {
	case m.Unlisted != "":
		fmt.Fprintf(b, "  newer versions are not known: %s\n", indented(m.Unlisted))
	case m.Good && m.Alone != "":
		fmt.Fprintf(b, "  %s generates code that compiles, with the others; by itself: %s\n", m.Newest, indented(m.Alone))
	case m.Good:
		fmt.Fprintf(b, "  %s generates code that compiles\n", m.Newest)
	case m.Newest != "":
		fmt.Fprintf(b, "  %s is not good: %s\n", m.Newest, indented(m.Alone))
	case len(m.Refused) == 0:
		b.WriteString("  nothing newer\n")
	}
}

func (r Result) write(b *strings.Builder) {
	fmt.Fprintf(b, "\nWith %s:\n", strings.Join(r.Versions, ", "))
	if r.Trouble != "" {
		fmt.Fprintf(b, "  not good: %s\n", indented(r.Trouble))
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
	if r.Trouble == "" && len(r.API) == 0 {
		b.WriteString("  the Go API of the public packages is the same\n")
	}
	if r.Diff == "" {
		b.WriteString("  the generated code is the same\n")
	} else {
		fmt.Fprintf(b, "  the generated code changes:\n\n%s", cut(r.Diff))
	}
}

// cut is the beginning of a long diff.
func cut(diff string) string {
	const most = 300
	lines := slices.Collect(strings.Lines(diff))
	if len(lines) <= most {
		return diff
	}
	return fmt.Sprintf("%s… and %d lines more\n", strings.Join(lines[:most], ""), len(lines)-most)
}

func indented(text string) string { return strings.ReplaceAll(text, "\n", "\n    ") }

// Summary says in a line what the newest versions came to, and what is not known.
func (r Report) Summary() string {
	said := []string{"nothing newer that is good"}
	if r.Together != nil {
		said[0] = "newer: " + strings.Join(r.Together.Versions, ", ")
	}
	for _, m := range r.Modules {
		if m.Unlisted != "" {
			said = append(said, "what is newer of "+m.Path+" is not known")
		}
		if len(m.Refused) > 0 {
			said = append(said, m.Path+"@"+m.Refused[0]+" cannot be had")
		}
	}
	return strings.Join(said, "; ")
}

// Warning says in a line what a person should look at, empty where there is
// nothing. A version that cannot be had is no reason: nobody here can change that.
func (r Report) Warning() string {
	var reasons []string
	for _, m := range r.Modules {
		if m.Newest != "" && !m.Good {
			reasons = append(reasons, fmt.Sprintf("%s@%s is not good", m.Path, m.Newest))
		}
	}
	if t := r.Together; t != nil {
		with := strings.Join(t.Versions, " and ")
		if t.Trouble != "" {
			reasons = append(reasons, "not all is good with "+with)
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
