package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/cli"
)

// TestWrongUse: whoever runs the program elsewhere than in a workflow reads what is missing.
func TestWrongUse(t *testing.T) {
	for repo, want := range map[string]string{
		"":                  `GITHUB_REPOSITORY is ""`,
		"owner/name/../etc": `GITHUB_REPOSITORY is "owner/name/../etc"`,
		"owner/name":        "none.json",
	} {
		t.Setenv("GITHUB_REPOSITORY", repo)
		var stdout, stderr strings.Builder
		status := cli.Run(t.Context(), newCommand(), []string{"--report", "none.json"}, &stdout, &stderr)
		if status != 2 || !strings.Contains(stderr.String(), want) {
			t.Errorf("for %q the program ends with %d and prints %q, want %q", repo, status, stderr.String(), want)
		}
	}
}

// TestReportIsNotTrusted: what drift try does not print is refused.
func TestReportIsNotTrusted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const proposal = `"proposal": {"report": {"fingerprint": "0123456789abcdef0123456789abcdef", "findings": []}}`
	for name, test := range map[string]struct{ text, want string }{
		"a report":              {`{"verdict": "safe", "version": "none", ` + proposal + `}`, ""},
		"refused":               {`{"verdict": "refused", "version": "none"}`, ""},
		"nothing":               {"", "not a report"},
		"another verdict":       {`{"verdict": "fixes #1", "version": "none", ` + proposal + `}`, `the verdict is "fixes #1"`},
		"no verdict":            {`{"version": "none", ` + proposal + `}`, `the verdict is ""`},
		"another version":       {`{"verdict": "safe", "version": "@all", ` + proposal + `}`, `the version is "@all"`},
		"no document":           {`{"verdict": "safe", "version": "none"}`, "which document"},
		"another fingerprint":   {`{"verdict": "safe", "version": "none", "proposal": {"report": {"fingerprint": "x\n\n@all"}}}`, "which document"},
		"no report of findings": {`{"verdict": "safe", "version": "none", "proposal": {}}`, "which document"},
		"too large":             {strings.Repeat(" ", maxRead+1), "larger than"},
	} {
		file := filepath.Join(dir, "report.json")
		write(t, dir, "report.json", test.text)
		r, err := readReport(file)
		if test.want == "" && (err != nil || r == nil) || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

// TestFilesAreRegular: a link could lead to what the job alone may read.
func TestFilesAreRegular(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "secret", "x")
	if err := os.Symlink("secret", filepath.Join(dir, "report.json")); err != nil {
		t.Skip("no symbolic links here")
	}
	if data, err := read(filepath.Join(dir, "report.json")); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a link is read as %q, %v", data, err)
	}
}

// TestGH calls a gh that is a script, as the program calls the real one.
func TestGH(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "gh", "#!/bin/sh\nread -r line\necho \"$# $5 $line\"\necho 'gh: Not Found (HTTP 404)' >&2\nexit $GH_STATUS\n")
	if err := os.Chmod(filepath.Join(dir, "gh"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	for status, want := range map[string]string{"0": "", "1": "exit status 1: gh: Not Found (HTTP 404) 6 --input body"} {
		t.Setenv("GH_STATUS", status)
		output, err := gh(t.Context(), []byte("body\n"), "api", "--method", "POST", "x y", "--input", "-")
		if want == "" && (string(output) != "6 --input body\n" || err != nil) || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("gh that ends with %s: %q, %v, want %q", status, output, err, want)
		}
	}
}
