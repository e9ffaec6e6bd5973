package changelog

import (
	"os"
	"strings"
	"testing"
)

const sample = `# Changelog

## Unreleased

### Added

- One thing,
  on two lines.

### Breaking

- ` + "`lib.Old`" + ` is gone.

## 1.0.0

### Added

- All.
`

func TestAdd(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text  string
		entry Entry
		want  string
	}{
		"nothing":                {sample, nil, sample},
		"to a section":           {sample, Entry{"Added": {"Another."}}, strings.Replace(sample, "lines.\n", "lines.\n- Another.\n", 1)},
		"to the last section":    {sample, Entry{"Breaking": {"`lib.New` too.", "More."}}, strings.Replace(sample, "gone.\n", "gone.\n- `lib.New` too.\n- More.\n", 1)},
		"a section between":      {sample, Entry{"Changed": {"A text."}}, strings.Replace(sample, "\n### Breaking", "\n### Changed\n\n- A text.\n\n### Breaking", 1)},
		"an entry that is there": {sample, Entry{"Breaking": {"`lib.Old` is gone."}}, sample},
		"the same of before":     {sample, Entry{"Added": {"All."}}, strings.Replace(sample, "lines.\n", "lines.\n- All.\n", 1)},
		"to nothing":             {"## Unreleased\n", Entry{"Breaking": {"B."}, "Added": {"A."}}, "## Unreleased\n\n### Added\n\n- A.\n\n### Breaking\n\n- B.\n"},
		"right after a release":  {"# C\n\n## 1.0.0\n\n- All.\n", Entry{"Added": {"A."}}, "# C\n\n## Unreleased\n\n### Added\n\n- A.\n\n## 1.0.0\n\n- All.\n"},
		"to nothing but a title": {"## Unreleased\n\n### Added\n\n## 1.0.0\n", Entry{"Added": {"A."}}, "## Unreleased\n\n### Added\n\n- A.\n\n## 1.0.0\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := Add(test.text, test.entry); err != nil || got != test.want {
				t.Errorf("error %v, the file becomes\n%s\nwant\n%s", err, got, test.want)
			}
		})
	}
}

// TestAddNothing requires that the file of this module comes through unchanged.
func TestAddNothing(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../" + File)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Add(string(text), nil); err != nil || got != string(text) {
		t.Errorf("an empty entry changes %s (%v):\n%s", File, err, got)
	}
}

func TestEntryText(t *testing.T) {
	t.Parallel()
	got := Entry{"Breaking": {"B."}, "Added": {"A.", "More."}}.String()
	if want := "### Added\n\n- A.\n- More.\n\n### Breaking\n\n- B.\n"; got != want {
		t.Errorf("have\n%s\nwant\n%s", got, want)
	}
}

func TestBreaking(t *testing.T) {
	t.Parallel()
	for symbol, want := range map[string]bool{"lib.Old": true, "lib.Ol": false, "lib": false, "lib.Older": false} {
		if Names(Breaking(sample, "v1.0.0"), symbol) != want {
			t.Errorf("%s is named: %v, want %v", symbol, !want, want)
		}
	}
	const three = "## Unreleased\n\n## [1.1.0] - 2026-01-02\n\n### Breaking\n\n- `lib.B`\n\n## 1.0.0\n\n### Breaking\n\n- `lib.A`\n"
	for since, want := range map[string]string{"v1.1.0": "", "v1.0.0": "B", "v1": "", "HEAD~3": ""} {
		got := Breaking(three, since)
		if Names(got, "lib.B") != (want == "B") || Names(got, "lib.A") {
			t.Errorf("since %s it returns %q", since, got)
		}
	}
	if got := Breaking("", "v1.0.0"); got != "" {
		t.Errorf("of an empty file it returns %q", got)
	}
}
