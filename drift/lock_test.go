package drift

import (
	"slices"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

// A lock is edited and merged by people: the order of its places means nothing.
func TestLockInAnyOrder(t *testing.T) {
	t.Parallel()
	ours := drifttest.WithoutExamples(drifttest.ReadTree(t, ourSpec))
	c := ourHouse(t, ours)
	theirs := drifttest.Clone(ours)
	delete(drifttest.Dig(drifttest.Certificate(theirs), "properties"), "issuer")
	doc := parseTree(t, theirs)
	acceptAll(t, c, doc)
	lock, err := c.ReadLock()
	if err != nil {
		t.Fatal(err)
	}
	for id, entry := range lock.Findings {
		if len(entry.At) < 3 {
			t.Fatalf("%s is at %v, want a few places", id, entry.At)
		}
		slices.Reverse(entry.At)
		delete(lock.Findings, id)
		lock.Findings["by-another-id"] = entry
	}
	if err := c.WriteLock(lock); err != nil {
		t.Fatal(err)
	}
	if r := mustCheck(t, c, doc); len(r.Findings) > 0 || len(r.Unused) > 0 {
		t.Errorf("what was accepted is open once the places are in another order: %s", r.text())
	}
}

// An entry of a lock whose ids were made in another way accepts nothing: what it was
// about is open again, and the report says that it is of no use.
func TestLockOfOtherIDs(t *testing.T) {
	t.Parallel()
	ours := drifttest.WithoutExamples(drifttest.ReadTree(t, ourSpec))
	c := ourHouse(t, ours)
	theirs := drifttest.Clone(ours)
	delete(drifttest.Dig(drifttest.Certificate(theirs), "properties"), "issuer")
	drifttest.WriteFile(t, c.Path(c.Lock), `findings:
  response-property-removed:.result.issuer:6f95e9ae:
    accepted: "2026-11-24"
    source: theirs
    reason: No one reads it.
    same: 4a7ce1a8
    at: ["05822979", "30515495"]
`)
	r := mustCheck(t, c, parseTree(t, theirs))
	if len(r.Findings) != 1 || len(r.Accepted) > 0 {
		t.Errorf("an acceptance by another scheme counts: %s", r.text())
	}
	if !strings.Contains(r.text(), "unused       1 accepted before, but nothing of it differs now: response-property-removed:.result.issuer:6f95e9ae\n") {
		t.Errorf("the report does not say that the entry is of no use: %s", r.text())
	}
}

// A finding that is accepted by its id leaves the reason of a version that was accepted
// before, and how long that holds; what is said of all findings is said of the version.
func TestAcceptOneOfAcceptedVersion(t *testing.T) {
	t.Parallel()
	ours := drifttest.WithoutExamples(drifttest.ReadTree(t, ourSpec))
	c := ourHouse(t, ours)
	theirs := drifttest.Clone(ours)
	delete(drifttest.Dig(drifttest.Certificate(theirs), "properties"), "issuer")
	r := mustCheck(t, c, parseTree(t, theirs))
	before := Acceptance{Accepted: "2026-01-01", Source: "upstream", Reason: "The newest version."}
	later := Acceptance{Accepted: "2026-02-01", Until: "2026-03-01", Source: "a test", Reason: "Nobody reads the issuer."}
	for name, test := range map[string]struct {
		ids      []string
		accepted bool // the version is, before
		want     Acceptance
	}{
		"one finding, of an accepted version":  {[]string{r.Findings[0].ID}, true, before},
		"all findings, of an accepted version": {nil, true, later},
		"the last finding, of another version": {[]string{r.Findings[0].ID}, false, later},
		"all findings, of another version":     {nil, false, later},
	} {
		report, lock := *r, &Lock{Versions: map[string]Acceptance{}, Findings: map[string]Acceptance{}}
		if report.Version = nil; test.accepted {
			report.Version, lock.Versions[r.Fingerprint] = &before, before
		}
		if n, left, err := lock.Accept(&report, test.ids, later); n != 1 || left > 0 || err != nil {
			t.Fatalf("%s: %d accepted, %d left, %v", name, n, left, err)
		}
		if got := lock.Versions[r.Fingerprint]; got.Reason != test.want.Reason || got.Until != test.want.Until {
			t.Errorf("%s: the version is accepted until %q: %s; want until %q: %s", name, got.Until, got.Reason, test.want.Until, test.want.Reason)
		}
		if got := lock.Findings[r.Findings[0].ID]; got.Reason != later.Reason {
			t.Errorf("%s: the finding is accepted: %s", name, got.Reason)
		}
	}
}

func mustCheck(t testing.TB, c *Config, doc *Document) *Report {
	t.Helper()
	r, err := Check(t.Context(), doc, c, drifttest.SomeDay)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// acceptAll records all that is found as accepted.
func acceptAll(t testing.TB, c *Config, doc *Document) {
	t.Helper()
	lock, err := c.ReadLock()
	if err != nil {
		t.Fatal(err)
	}
	if n, _, err := lock.Accept(mustCheck(t, c, doc), nil, Acceptance{Accepted: "2026-01-01", Source: "a test", Reason: "A reason."}); err != nil || n == 0 {
		t.Fatalf("%d accepted, %v", n, err)
	}
	if err := c.WriteLock(lock); err != nil {
		t.Fatal(err)
	}
}
