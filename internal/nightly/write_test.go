package nightly

import (
	"context"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReport writes a report of all outcomes and reads it back.
func TestReport(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	hostile := Check{"<b>|part</b>", func(context.Context, *Night) Part {
		return Part{
			Outcome: Failed, Reason: "a < b | c & \"d\"",
			Cases: []Case{{Name: "<script>", Outcome: Failed, Reason: "]]>"}, {Name: "fine", Outcome: Passed, Flaky: true, Reason: "it failed at first"}},
		}
	}}
	r := Run(t.Context(), []Check{hostile, one("s", Skipped), one("u", Inconclusive), one("p", Passed)}, &Night{}, filepath.Join(dir, "history.json"))
	if err := r.Write(dir); err != nil {
		t.Fatal(err)
	}
	text := func(name string) string {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	var read suites
	if err := xml.Unmarshal([]byte(text("junit.xml")), &read); err != nil {
		t.Fatal(err)
	}
	if len(read.Suites) != 4 || read.Suites[0].Failures != 2 || read.Suites[1].Skipped != 1 || read.Suites[2].Errors != 1 || read.Suites[0].Cases[1].Name != "<script>" {
		t.Errorf("JUnit: %+v", read.Suites)
	}
	if out := read.Suites[0].Cases[2].Output; out != "flaky: it failed at first" || read.Suites[0].Cases[1].Output != "" {
		t.Errorf("JUnit hides a flaky case: %q, %+v", out, read.Suites[0].Cases)
	}
	page := text("index.html")
	for _, wrong := range []string{"<script>", "<b>|part", "http://", "https://", "ZgotmplZ"} {
		if strings.Contains(page, wrong) {
			t.Errorf("the page holds %q", wrong)
		}
	}
	if !strings.Contains(page, "prefers-color-scheme: dark") || strings.Count(page, `class="failed" title="failed"`) != 2 {
		t.Error("the page has no dark form, or no strips")
	}
	if !strings.Contains(page, ".strip .skipped { background: var(--skipped); }") || !strings.Contains(page, "background: var(--line); }\n.strip .passed") {
		t.Error("in a strip a night that was skipped looks as one that did not have the case")
	}
	if markdown := text("report.md"); !strings.Contains(markdown, `\|part`) || strings.Contains(markdown, "<b>") {
		t.Errorf("Markdown:\n%s", markdown)
	}
}
