package drift

import (
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

// TestOtherTypesShowBothSides: of a value of another type one has to see what it is now,
// not only the name of its type. What makes the finding this one stays as it was, so that
// what a lock has accepted of it holds.
func TestOtherTypesShowBothSides(t *testing.T) {
	t.Parallel()
	tests := []struct{ old, new, before, after, id string }{
		{`{"type":"boolean"}`, `{"type":"string","enum":["a","b"]}`, `boolean`, `string, enum "a"|"b"`, "response-type-changed:200:f8042ca1"},
		{`{"type":"string","enum":["a","b"]}`, `{"type":"boolean"}`, `string, enum "a"|"b"`, `boolean`, ""},
		{`{"type":"boolean"}`, `{"enum":["a","b"]}`, `boolean`, `string, enum "a"|"b"`, ""},
		{`{"type":"string","format":"uuid"}`, `{"type":"integer","maximum":3}`, `string, format uuid`, `integer, maximum 3`, ""},
		{`{"type":"boolean"}`, `{"type":"integer"}`, `boolean`, `integer`, ""},
	}
	for _, test := range tests {
		findings := mustDiff(t, mustParse(t, drifttest.WithSchema("3.0.3", test.old)), mustParse(t, drifttest.WithSchema("3.0.3", test.new)), Scope{})
		if len(findings) != 1 || findings[0].Before != test.before || findings[0].After != test.after {
			t.Errorf("%s to %s: found %+v, want %s → %s", test.old, test.new, findings, test.before, test.after)
			continue
		}
		if test.id != "" && findings[0].ID != test.id {
			t.Errorf("the id is %s, and was %s", findings[0].ID, test.id)
		}
		if says := findings[0].found.Says(); strings.Contains(says[1]+says[2], "enum") {
			t.Errorf("it is told from others by %q: what a lock has accepted before does not hold any more", says)
		}
	}
}

// TestOneFindingOfSeveralTypes: what is one finding in two operations shows what both have.
func TestOneFindingOfSeveralTypes(t *testing.T) {
	t.Parallel()
	object := func(x string) string { return `{"type":"object","properties":{"x":` + x + `}}` }
	old := responding(t, ``, object(`{"type":"boolean"}`), object(`{"type":"boolean"}`))
	new := responding(t, ``, object(`{"type":"string","enum":["a","b"]}`), object(`{"type":"string"}`))
	if findings := mustDiff(t, old, new, Scope{}); len(findings) != 1 || findings[0].After != "string" {
		t.Errorf("found %+v, want one finding that leaves out the enum that only one operation has", findings)
	}
}

// TestNextOfNoFile: a configuration that was not read from a file is not named in a command.
func TestNextOfNoFile(t *testing.T) {
	t.Parallel()
	r := &Report{New: "x.yaml", Findings: []Finding{{Class: Additive}}}
	if got := new(Config).next(r); got != "drift try x.yaml" {
		t.Errorf("the next step is %q", got)
	}
}

// TestJSONHasNoNull: programs that read a report find a list wherever one can stand.
func TestJSONHasNoNull(t *testing.T) {
	t.Parallel()
	same := mustParse(t, []byte(drifttest.Small))
	inStep, err := DiffReport(t.Context(), same, same, &Config{})
	if err != nil {
		t.Fatal(err)
	}
	correction := findingOf(compare.NewFinding("correction-unmatched", "why", compare.Where{Place: "$.x", Key: "$.x"}, compare.Site{Head: "$.x"}))
	nowhere := findingOf(compare.Finding{})
	for name, r := range map[string]*Report{
		"in step": inStep, "empty": {}, "on a correction": {Findings: []Finding{correction}}, "nowhere": {Findings: []Finding{nowhere}},
	} {
		var out strings.Builder
		if err := r.Write(&out, "json"); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "null") {
			t.Errorf("%s: %s", name, &out)
		}
	}
}
