package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/changelog"
	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/originpull"
)

// TestAgree: no version is released of which the changelog, the tag and the programs
// say different things.
func TestAgree(t *testing.T) {
	t.Parallel()
	const next, first, second = "## Unreleased\n\n- a\n\n", "## 0.1.0 - 2026-12-01\n\n- b\n\n", "## [0.2.0] - 2027-01-01\n\n- c\n\n"
	for name, test := range map[string]struct {
		text, version string
		tags          []string
		says          string
	}{
		"nothing is released yet":          {next, "0.1.0", nil, ""},
		"the first version":                {first, "0.1.0", []string{"v0.1.0"}, ""},
		"its commit, not tagged yet":       {first, "0.1.0", nil, ""},
		"changes after it":                 {next + first, "0.2.0", nil, ""},
		"the second version":               {second + first, "0.2.0", []string{"v0.2.0"}, ""},
		"the version is not raised yet":    {next + first, "0.1.0", nil, ""},
		"an older one":                     {next + second + first, "0.1.9", nil, "want 0.2.0, or the next version"},
		"not in the changelog":             {first, "0.2.0", nil, "the newest version of CHANGELOG.md is 0.1.0, and originpull.Version is 0.2.0"},
		"another tag":                      {first, "0.1.0", []string{"v0.1.1"}, "the tag is v0.1.1, and originpull.Version is 0.1.0"},
		"the tag before the changelog":     {next, "0.1.0", []string{"v0.1.0"}, `the newest section of CHANGELOG.md is "Unreleased"`},
		"a tag that go does not know":      {first, "0.1.0", []string{"v0.1"}, "the tag v0.1 is no version"},
		"no date":                          {"## 0.1.0\n\n- b\n", "0.1.0", nil, "has no date"},
		"a version that go does not know":  {next, "0.1", nil, `originpull.Version is "0.1"`},
		"no section":                       {"# Changelog\n", "0.1.0", nil, "has no section of a version"},
		"a pre-release before the release": {"## 0.1.0-rc.1 - 2026-11-30\n\n- a\n", "0.1.0-rc.1", []string{"v0.1.0-rc.1"}, ""},
	} {
		err := agree(test.text, test.version, test.tags)
		if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want %q", name, err, test.says)
		}
	}
}

// TestNotes: what is published of a version is its section, and no other's.
func TestNotes(t *testing.T) {
	t.Parallel()
	const text = "# Changelog\n\n## Unreleased\n\n## 0.2.0 - 2027-01-01\n\n### Added\n\n- c\n\n## 0.1.0 - 2026-12-01\n\n- b\n"
	for version, want := range map[string]string{"v0.2.0": "### Added\n\n- c\n", "0.1.0": "- b\n", "v0.1": "", "v0.3.0": "", "": "", "Unreleased": ""} {
		got, err := notes(text, version)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("the notes of %q: %q, %v, want %q", version, got, err, want)
		}
	}
}

// TestOurs: the changelog and the version of this tree agree, and the notes of what is
// released next can be printed.
func TestOurs(t *testing.T) {
	text, err := os.ReadFile("../../../" + changelog.File)
	if err != nil {
		t.Fatal(err)
	}
	if err := agree(string(text), originpull.Version, nil); err != nil {
		t.Error(err)
	}
	t.Chdir("../../..")
	var stdout, stderr bytes.Buffer
	if code := cli.Run(t.Context(), newRoot(), []string{"notes"}, &stdout, &stderr); code != cli.Done || !strings.Contains(stdout.String(), "\n- ") && !strings.HasPrefix(stdout.String(), "- ") {
		t.Errorf("release notes exits with %d and prints %d bytes; %s", code, stdout.Len(), stderr.String())
	}
}
