package propose

import (
	"fmt"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

// TestFollowValues: an id of a report can be followed, be it of several values or of one,
// and what becomes of several alike is listed as in the report.
func TestFollowValues(t *testing.T) {
	t.Parallel()
	ours := ourTree(t)
	drifttest.Property(ours, "shade", drifttest.Tree{"type": "string", "x-extensible-enum": []any{"red", "green", "blue", "grey"}})
	theirs := drifttest.Clone(ours)
	drifttest.Property(theirs, "shade", drifttest.Tree{"type": "string", "x-extensible-enum": []any{"grey"}})
	c := ourHouse(t, ours)
	doc := parseTree(t, theirs)
	r, err := drift.Check(t.Context(), doc, c, drifttest.SomeDay)
	if err != nil || len(r.Findings) != 1 || len(r.Findings[0].Values) != 3 {
		t.Fatalf("%v: want one finding on three values: %s", err, textOf(t, r))
	}
	whole := r.Findings[0]
	one := whole.Values[1].ID
	for name, test := range map[string]struct {
		follow             []string
		adopted, undecided string // ids
		err                string
	}{
		"none":              {nil, "", whole.ID, ""},
		"the finding":       {[]string{whole.ID}, whole.ID, "", ""},
		"all":               {[]string{"all"}, whole.ID, "", ""},
		"one value":         {[]string{one}, one, whole.Values[0].ID + " " + whole.Values[2].ID, ""},
		"all, and no other": {[]string{"all", "no-such"}, "", "", `follow: no open finding has the id "no-such"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := Propose(t.Context(), doc, c, drifttest.SomeDay, test.follow)
			if test.err != "" {
				if err == nil || err.Error() != test.err {
					t.Errorf("error %v, want %s", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var adopted, undecided []string
			for _, a := range p.Adopted {
				adopted = append(adopted, a.Finding.ID)
			}
			for _, u := range p.Undecided {
				undecided = append(undecided, u.Finding.ID)
				if !strings.Contains(u.Question, "--follow "+u.Finding.ID) {
					t.Errorf("of %s it asks %q, which names another id", u.Finding.ID, u.Question)
				}
			}
			if got := strings.Join(adopted, " "); got != test.adopted {
				t.Errorf("adopted is %q, want %q", got, test.adopted)
			}
			if got := strings.Join(undecided, " "); got != test.undecided {
				t.Errorf("undecided is %q, want %q", got, test.undecided)
			}
		})
	}
}

// TestAcceptedValues: values are listed together if all are accepted for the same reason.
func TestAcceptedValues(t *testing.T) {
	t.Parallel()
	report := &drift.Report{Findings: []drift.Finding{{ID: "whole", Values: []drift.Value{{ID: "id-0"}, {ID: "id-1"}}}}}
	for _, test := range []struct {
		reasons []string // of the values
		want    string
	}{
		{[]string{"One reason.", "One reason."}, "whole"},
		{[]string{"One reason.", "Another reason."}, "id-0 id-1"},
		{[]string{"One reason."}, "id-0"},
	} {
		p := &Proposal{Report: report}
		for i, reason := range test.reasons {
			p.Accepted = append(p.Accepted, Accepted{drift.Finding{ID: fmt.Sprintf("id-%d", i)}, reason})
		}
		p.together()
		var got []string
		for _, a := range p.Accepted {
			got = append(got, a.Finding.ID)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("of values that are accepted for %q, %q are listed, want %s", test.reasons, got, test.want)
		}
	}
}

// TestAcceptedValueIsLeft: a value that was accepted as it is stays out of our document when
// another one is followed.
func TestAcceptedValueIsLeft(t *testing.T) {
	t.Parallel()
	ours := ourTree(t)
	theirs := drifttest.Clone(ours)
	status := drifttest.Dig(theirs, "components", "schemas", "CertificateStatus")
	status["x-extensible-enum"] = append(status["x-extensible-enum"].([]any), "accepted_one", "new_one")
	c := ourHouse(t, ours)
	doc := parseTree(t, theirs)
	r, err := drift.Check(t.Context(), doc, c, drifttest.SomeDay)
	if err != nil {
		t.Fatal(err)
	}
	lock := &drift.Lock{Versions: map[string]drift.Acceptance{}, Findings: map[string]drift.Acceptance{}}
	if _, _, err := lock.Accept(r, []string{r.Findings[0].Values[0].ID}, drift.Acceptance{Accepted: "2026-01-01", Source: "a test", Reason: "A reason."}); err != nil {
		t.Fatal(err)
	}
	if err := c.WriteLock(lock); err != nil {
		t.Fatal(err)
	}
	p := mustPropose(t, c, doc)
	if len(p.Adopted) != 1 || !strings.Contains(string(p.Overlay), "new_one") || strings.Contains(string(p.Overlay), "accepted_one") {
		t.Errorf("want new_one alone followed: %s", p.text())
	}
}
