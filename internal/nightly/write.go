package nightly

import (
	_ "embed"
	"encoding/xml"
	"errors"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/originpull/originpull-go/internal/printable"
)

// Write writes the report into a folder: report.md for people, report.json and
// junit.xml for machines, and index.html, one page that opens without a network.
func (r Report) Write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var failed error
	for name, write := range map[string]func(io.Writer) error{
		"report.md": r.writeMarkdown, "report.json": r.writeJSON, "junit.xml": r.writeJUnit, "index.html": r.writeHTML,
	} {
		var text strings.Builder
		if err := write(&text); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", name, err))
			continue
		}
		failed = errors.Join(failed, os.WriteFile(filepath.Join(dir, name), []byte(text.String()), 0o644))
	}
	return failed
}

func (r Report) writeJSON(w io.Writer) error {
	return printable.WriteJSON(w, r)
}

func (r Report) writeMarkdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Nightly: %s\n\n%s\n\n", r.Outcome, r.Started.UTC().Format("2006-01-02 15:04 MST"))
	fmt.Fprintf(&b, "Upstream's document was last read %s, and last seen to change %s.\n\n", day(r.LastFetch), day(r.LastChange))
	for _, warning := range r.Warnings {
		fmt.Fprintf(&b, "- **Warning:** %s\n", cell(warning))
	}
	if len(r.Only) > 0 {
		fmt.Fprintf(&b, "- Only these parts were run: %s\n", cell(strings.Join(r.Only, "; ")))
	}
	b.WriteString("\n| part | outcome | verified | |\n|---|---|--:|---|\n")
	for _, part := range r.Parts {
		fmt.Fprintf(&b, "| %s | %s | %d | %s |\n", cell(part.Name), part.Outcome, part.Verified, cell(part.Reason))
	}
	for _, part := range r.Parts {
		for _, c := range part.Cases {
			if c.Outcome == Failed || c.Outcome == Inconclusive || c.Flaky {
				fmt.Fprintf(&b, "\n- %s: **%s** %s: %s", cell(part.Name), c.Outcome, cell(c.Name), cell(c.Reason))
			}
		}
		if part.Outcome == Failed && len(part.Cases) == 0 || part.Warning != "" {
			fmt.Fprintf(&b, "\n## %s\n\n%s\n", cell(part.Name), quoted(part.Detail))
		}
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// cell keeps text in its cell of a table.
func cell(s string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;").Replace(s)
}

// quoted is text as code that nothing in it ends.
func quoted(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ")
}

// The elements of JUnit's XML that readers of it know.
type suites struct {
	XMLName xml.Name `xml:"testsuites"`
	Suites  []suite  `xml:"testsuite"`
}

type suite struct {
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Errors   int        `xml:"errors,attr"`
	Skipped  int        `xml:"skipped,attr"`
	Time     string     `xml:"time,attr"`
	Cases    []testCase `xml:"testcase"`
}

type testCase struct {
	Name    string   `xml:"name,attr"`
	Class   string   `xml:"classname,attr"`
	Failure *message `xml:"failure"`
	Error   *message `xml:"error"`
	Skipped *message `xml:"skipped"`
	Output  string   `xml:"system-out,omitempty"` // why it is flaky, which has no element of its own
}

type message struct {
	Text string `xml:"message,attr"`
}

func (r Report) writeJUnit(w io.Writer) error {
	var all suites
	for _, part := range r.Parts {
		cases := append([]Case{{Name: part.Name, Outcome: part.Outcome, Reason: part.Reason}}, part.Cases...)
		s := suite{Name: part.Name, Tests: len(cases), Time: fmt.Sprintf("%.3f", part.Duration.Seconds())}
		for _, c := range cases {
			s.add(part.Name, c)
		}
		all.Suites = append(all.Suites, s)
	}
	text, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, text)
	return err
}

func (s *suite) add(part string, c Case) {
	one := testCase{Name: c.Name, Class: part}
	reason := &message{c.Reason}
	switch c.Outcome {
	case Failed:
		one.Failure = reason
		s.Failures++
	case Inconclusive:
		one.Error = reason
		s.Errors++
	case Skipped:
		one.Skipped = reason
		s.Skipped++
	}
	if c.Flaky {
		one.Output = "flaky: " + c.Reason
	}
	s.Cases = append(s.Cases, one)
}

//go:embed page.html
var page string

func (r Report) writeHTML(w io.Writer) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"day": day, "strip": r.history.strip,
		"class": func(o Outcome) string { return strings.ReplaceAll(string(o), " ", "-") },
	}).Parse(page)
	if err != nil {
		return err
	}
	return t.Execute(w, r)
}

// day is a date for people.
func day(t time.Time) string {
	if t.IsZero() {
		return "never, as far as is known"
	}
	return "on " + t.UTC().Format("2006-01-02")
}
