package nightly

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// one is a part of a fixed outcome.
func one(name string, outcome Outcome) Check {
	return Check{name, func(context.Context, *Night) Part { return Part{Outcome: outcome, Verified: 1, Reason: "because"} }}
}

// read is a part that has read an upstream document.
func read(fingerprint string) Check {
	return Check{"drift", func(_ context.Context, n *Night) Part {
		n.Fingerprint = fingerprint
		return Part{Outcome: Passed, Verified: 1}
	}}
}

func warns(r Report, what string) bool {
	return slices.ContainsFunc(r.Warnings, func(w string) bool { return strings.Contains(w, what) })
}

func TestStatusFollowsTheWorst(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		parts  []Outcome
		want   Outcome
		status int
	}{
		"all is well":            {[]Outcome{Passed, Passed}, Passed, 0},
		"skipped":                {[]Outcome{Passed, Skipped}, Skipped, 0},
		"all is skipped":         {[]Outcome{Skipped, Skipped}, Inconclusive, 2},
		"inconclusive":           {[]Outcome{Skipped, Inconclusive, Passed}, Inconclusive, 2},
		"failed":                 {[]Outcome{Failed, Inconclusive, Passed}, Failed, 1},
		"nothing at all was run": {nil, Inconclusive, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var checks []Check
			for i, outcome := range test.parts {
				checks = append(checks, one(string(rune('a'+i)), outcome))
			}
			r := Run(t.Context(), checks, &Night{}, filepath.Join(t.TempDir(), "history.json"))
			if r.Outcome != test.want || r.Status() != test.status {
				t.Errorf("have %s with status %d, want %s with %d", r.Outcome, r.Status(), test.want, test.status)
			}
		})
	}
}

func TestWarnsOfAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "history.json")
		night := func(checks ...Check) Report { return Run(t.Context(), checks, &Night{}, file) }
		if r := night(one("drift", Inconclusive)); !warns(r, "never been read") {
			t.Errorf("warnings: %q", r.Warnings)
		}
		if r := night(read("a")); len(r.Warnings) > 0 || r.LastChange != r.Started {
			t.Errorf("a new document: %+v", r)
		}
		for range 60 {
			time.Sleep(24 * time.Hour)
			night(read("a"))
		}
		r := night(read("a"))
		if !warns(r, "has not changed for 60 days") || r.Outcome != Passed {
			t.Errorf("unchanged for 60 days: %s, %q", r.Outcome, r.Warnings)
		}
		if r := night(read("b")); len(r.Warnings) > 0 {
			t.Errorf("changed: %q", r.Warnings)
		}
		time.Sleep(5 * 24 * time.Hour)
		if r := night(one("drift", Inconclusive)); !warns(r, "was last read 5 days ago") {
			t.Errorf("not read for five days: %q", r.Warnings)
		}
		if h, err := readHistory(file); err != nil || len(h.Nights) != nights {
			t.Errorf("%d nights are kept, want %d; %v", len(h.Nights), nights, err)
		}
	})
}

// TestDamagedHistory: an impossible history is renamed and reported, even if it
// reads as one that would silence the warnings.
func TestDamagedHistory(t *testing.T) {
	t.Parallel()
	const night = `"nights":[{"started":"2026-01-02T03:00:00Z","outcomes":{}}]`
	for name, damaged := range map[string]string{
		"no JSON":             "{damaged",
		"null":                "null",
		"an empty object":     "{}",
		"no nights":           `{"nights":[],"fingerprint":"a"}`,
		"a night to come":     `{"nights":[{"started":"2999-01-02T03:00:00Z","outcomes":{}}]}`,
		"a fetch to come":     `{"last_fetch":"2999-01-02T03:00:00Z",` + night + `}`,
		"a change to come":    `{"last_change":"2999-01-02T03:00:00Z",` + night + `}`,
		"a list in its place": `[]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "history.json")
			if err := os.WriteFile(file, []byte(damaged), 0o644); err != nil {
				t.Fatal(err)
			}
			r := Run(t.Context(), []Check{read("a")}, &Night{}, file)
			if r.Outcome != Inconclusive || r.Status() != 2 {
				t.Errorf("have %s, want it to be inconclusive", r.Outcome)
			}
			if text, err := os.ReadFile(file + ".damaged"); err != nil || string(text) != damaged {
				t.Errorf("it is not renamed: %v", err)
			}
			if r := Run(t.Context(), []Check{read("a")}, &Night{}, file); r.Outcome != Passed {
				t.Errorf("the next night: %s", r.Outcome)
			}
		})
	}
}
