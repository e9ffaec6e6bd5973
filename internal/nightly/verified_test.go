package nightly

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestForeignClientsRan: a make that ends well has proved nothing if no test passed.
func TestForeignClientsRan(t *testing.T) {
	tests, err := filepath.Glob("../foreign/*/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var clients []string
	for _, test := range tests {
		clients = append(clients, filepath.Base(filepath.Dir(test)))
	}
	if clients = slices.Compact(clients); !slices.Equal(clients, foreignClients) {
		t.Errorf("the night wants the tests of %q to pass, and there are those of %q", foreignClients, clients)
	}
	bin := t.TempDir()
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	for name, test := range map[string]struct {
		output string
		want   Outcome
		says   string
	}{
		"it does nothing":       {"", Inconclusive, "no test was run"},
		"it has no tests":       {"ok  \tforeign/v0\t0.1s [no tests to run]\n", Inconclusive, "foreign/v0: 0 tests"},
		"all is skipped":        {"--- SKIP: TestA (0.00s)\nok  \tforeign/v0\t0.1s\n", Inconclusive, "foreign/v0: 0 tests"},
		"one client has none":   {"--- PASS: TestA (0.00s)\nok  \tforeign/v0\t0.1s\nok  \tforeign/v7\t0.1s [no tests to run]\n", Inconclusive, "foreign/v7: 0 tests"},
		"one client is missing": {"--- PASS: TestA (0.00s)\nok  \tforeign/v0\t0.1s\n", Inconclusive, "foreign/v0: 1 test; v7 was not tried"},
		"both were tried":       {"?   \tforeign\t[no test files]\n--- PASS: TestA (0.00s)\n    --- PASS: TestA/a (0.00s)\n--- PASS: TestB (0.00s)\nok  \tforeign/v0\t0.1s\n--- PASS: TestA (0.00s)\nok  \tforeign/v7\t0.1s\n", Passed, "foreign/v0: 2 tests; foreign/v7: 1 test"},
		"it stops in a client":  {"--- PASS: TestA (0.00s)\n", Inconclusive, "no test was run"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(bin, "output")
			if err := os.WriteFile(file, []byte(test.output), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(bin, "make"), []byte("#!/bin/sh\ncat "+file+"\n"), 0o700); err != nil {
				t.Fatal(err)
			}
			r := Run(t.Context(), []Check{{"foreign clients", checkForeign}}, &Night{}, filepath.Join(t.TempDir(), "history.json"))
			if part := r.Parts[0]; part.Outcome != test.want || !strings.Contains(part.Reason, test.says) {
				t.Errorf("have %s (%s), want %s that says %q", part.Outcome, part.Reason, test.want, test.says)
			}
		})
	}
}

// TestVulnerabilitiesWereLookedFor: the output of govulncheck says of how many packages.
func TestVulnerabilitiesWereLookedFor(t *testing.T) {
	t.Parallel()
	for output, want := range map[string]int{
		"": 0,
		"No packages matched the provided pattern.\nNo vulnerabilities found.\n": 0,
		"The package pattern matched the following 2 root packages:\n  a\n  b\nGovulncheck scanned the following 3 modules and the go1.26.8 standard library:\n  m@v1.0.0\n\nNo vulnerabilities found.\n": 2,
	} {
		if have, what := countPackages([]byte(output)); have != want || what == "" {
			t.Errorf("%q: %d packages (%s), want %d", output, have, what, want)
		}
	}
}

// TestRecordingsWereReplayed: without recordings, or with one that cannot be read, the part
// has not passed; the others are replayed all the same.
func TestRecordingsWereReplayed(t *testing.T) {
	text, err := os.ReadFile("../../contract_test/testdata/recordings/cloudflare-go-v0.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		files map[string]string
		want  Outcome
		cases bool
	}{
		"there are none":    {nil, Inconclusive, false},
		"one is empty":      {map[string]string{"a.json": "", "b.json": string(text)}, Inconclusive, true},
		"of another format": {map[string]string{"a.json": strings.Replace(string(text), `"format": 1`, `"format": 2`, 1)}, Inconclusive, false},
		"one is good":       {map[string]string{"a.json": string(text)}, Passed, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			dir := filepath.Join("contract_test", "testdata", "recordings")
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			for file, text := range test.files {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			part := checkRecordings(t.Context(), &Night{})
			if part.Outcome != test.want || part.Reason == "" || (part.Verified > 0) != test.cases {
				t.Errorf("have %s (%s) with %d cases, want %s", part.Outcome, part.Reason, part.Verified, test.want)
			}
		})
	}
}

// TestDriftOfUpstream: what breaks programs fails the night; what is only more is a warning
// that says what to run.
func TestDriftOfUpstream(t *testing.T) {
	t.Chdir("../..")
	ours, err := os.ReadFile("spec/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		old, new string
		want     Outcome
		warns    bool
	}{
		"a field more":    {"        issuer:\n          description", "        seen:\n          description: was seen.\n          type: string\n          maxLength: 64\n        issuer:\n          description", Passed, true},
		"a field changed": {"          description: reports whether the zone's certificate is presented to the origin; false by default.\n          type: boolean\n          example: true", "          description: reports whether.\n          type: string", Failed, false},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(string(ours), test.old) {
				t.Fatalf("the document does not hold %q any more", test.old)
			}
			file := filepath.Join(t.TempDir(), "their document.yaml")
			if err := os.WriteFile(file, []byte(strings.Replace(string(ours), test.old, test.new, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			part := checkDrift(t.Context(), &Night{Upstream: file})
			if part.Outcome != test.want || part.Verified != 6 && part.Outcome == Passed {
				t.Errorf("have %s (%s) with %d operations, want %s\n%.1500s", part.Outcome, part.Reason, part.Verified, test.want, part.Detail)
			}
			if warns := strings.HasSuffix(part.Warning, "make sync UPSTREAM='"+file+"'"); warns != test.warns {
				t.Errorf("the warning is %q, want one with the command to run: %t", part.Warning, test.warns)
			}
		})
	}
}

// TestNothingVerifiedIsNeverGreen: a part that says that it passed and does not say how much
// it verified is inconclusive.
func TestNothingVerifiedIsNeverGreen(t *testing.T) {
	t.Parallel()
	check := Check{"part", func(context.Context, *Night) Part { return Part{Outcome: Passed} }}
	if r := Run(t.Context(), []Check{check}, &Night{}, filepath.Join(t.TempDir(), "history.json")); r.Outcome != Inconclusive || r.Status() != 2 || !strings.Contains(r.Parts[0].Reason, "nothing was verified") {
		t.Errorf("have %s (%s)", r.Outcome, r.Parts[0].Reason)
	}
}

// TestOnly selects parts by how their names begin. The night is not kept in the history,
// and its report says that it is a part.
func TestOnly(t *testing.T) {
	t.Parallel()
	checks := []Check{one("drift", Passed), one("contract: a", Passed), one("contract: b", Passed)}
	for _, only := range [][]string{{"contrakt"}, {""}, {"drift", "none"}} {
		if selected, err := Select(checks, only); err == nil || !strings.Contains(err.Error(), `"contract: a"`) {
			t.Errorf("%q selects %d parts, %v; want an error that names those that there are", only, len(selected), err)
		}
	}
	only := []string{"contract"}
	selected, err := Select(checks, only)
	if err != nil || len(selected) != 2 || selected[1].Name != "contract: b" {
		t.Fatalf("%q selects %d parts, %v", only, len(selected), err)
	}
	dir := t.TempDir()
	r := Run(t.Context(), selected, &Night{Only: only}, filepath.Join(dir, "history.json"))
	if err := r.Write(dir); err != nil || r.Outcome != Passed || len(r.Warnings) > 0 {
		t.Errorf("have %s, warnings %q, %v", r.Outcome, r.Warnings, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "history.json")); err == nil {
		t.Error("a part of a night is kept in the history")
	}
	for _, name := range []string{"index.html", "report.md"} {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !strings.Contains(string(text), "Only these parts were run: contract") {
			t.Errorf("%s does not say that only some parts were run: %v", name, err)
		}
	}
}

// TestPageShowsWhatPassed: the page has a line for each part, with its count.
func TestPageShowsWhatPassed(t *testing.T) {
	t.Parallel()
	check := Check{"contract", func(context.Context, *Night) Part {
		return Part{Outcome: Passed, Verified: 42, Reason: "42 passed, 3 skipped"}
	}}
	r := Run(t.Context(), []Check{check}, &Night{}, filepath.Join(t.TempDir(), "history.json"))
	var page, markdown strings.Builder
	if err := r.writeHTML(&page); err != nil {
		t.Fatal(err)
	}
	if err := r.writeMarkdown(&markdown); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(page.String(), `<td>contract</td><td class="passed">passed</td><td>42</td><td class="soft">42 passed, 3 skipped</td>`) {
		t.Errorf("the page does not show what passed:\n%s", page.String())
	}
	if !strings.Contains(markdown.String(), "| contract | passed | 42 | 42 passed, 3 skipped |") {
		t.Errorf("the report does not show what passed:\n%s", markdown.String())
	}
}
