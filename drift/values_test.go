package drift

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

// enums is a schema with a property of each name, whose values are listed after it.
func enums(properties ...string) []byte {
	var list []string
	for _, p := range properties {
		name, values, _ := strings.Cut(p, ":")
		text, _ := json.Marshal(strings.Fields(values))
		list = append(list, fmt.Sprintf(`%q:{"type":"string","enum":%s}`, name, text))
	}
	return drifttest.WithSchema("3.0.3", `{"type":"object","properties":{`+strings.Join(list, ",")+`}}`)
}

// mapped is a schema with a discriminator of some values.
func mapped(values ...string) []byte {
	var mapping, schemas []string
	for _, v := range values {
		mapping = append(mapping, fmt.Sprintf(`%q:"#/components/schemas/%s"`, v, v))
		schemas = append(schemas, fmt.Sprintf(`%q:{"type":"object","properties":{%q:{"type":"string"}}}`, v, v))
	}
	text := drifttest.WithSchema("3.0.3", `{"type":"object","discriminator":{"propertyName":"k","mapping":{`+strings.Join(mapping, ",")+`}}}`)
	return []byte(strings.TrimSuffix(string(text), "}") + `,"components":{"schemas":{` + strings.Join(schemas, ",") + `}}}`)
}

// TestValuesAreOneFinding: who adds twelve values to an enum has made one change.
func TestValuesAreOneFinding(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		old, new []byte
		want     []string
	}{
		"one value keeps its id": {enums("a:x"), enums("a:x y"), []string{`enum value added, at response 200 .a: "y" [response-enum-value-added:.a:aa7db630]`}},
		"several values":         {enums("a:x"), enums("a:x y z"), []string{`enum values added, at response 200 .a: "y", "z" [response-enum-value-added:.a:`}},
		"added and removed": {enums("a:x y z"), enums("a:x v w"), []string{
			`enum values removed, at response 200 .a: "y", "z" [`, `enum values added, at response 200 .a: "v", "w" [`}},
		"two enums": {enums("a:x", "b:x"), enums("a:x y z", "b:x y z"), []string{
			`enum values added, at response 200 .a: "y", "z" [`, `enum values added, at response 200 .b: "y", "z" [`}},
		"more than one reads": {enums("a:x"), enums("a:x 1 2 3 4 5 6 7 8 9"), []string{
			`enum values added, at response 200 .a: "1", "2", "3", "4", "5", "6", "7", 2 more [`}},
		"values of a discriminator": {mapped("a", "b", "c d"), mapped("b"), []string{
			`discriminator values removed, at response 200: "a", "c d" [response-mapping-removed:200:`}},
		"one value of a discriminator": {mapped("a", "b"), mapped("b"), []string{
			`discriminator value removed, at response 200 (a): object [response-mapping-removed:(a):`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			findings := mustDiff(t, mustParse(t, test.old), mustParse(t, test.new), Scope{})
			var got []string
			for _, f := range findings {
				got = append(got, f.Change()+" ["+f.ID+"]")
				if n := len(f.Values); n == 1 || n > 0 != (len(f.Parts()) > 1) || n > 0 && strings.Count(f.Before+f.After, ", ") != n-1 {
					t.Errorf("%s lists %v as %s%s", f.ID, f.Values, f.Before, f.After)
				}
			}
			if !slices.EqualFunc(got, test.want, strings.HasPrefix) {
				t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

// TestValuesInReports: a person can copy the id of each value that is shown, and a program
// finds all.
func TestValuesInReports(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		values, shown string
		more          bool
	}{
		{"x 1 2", `"1", "2"`, false},
		{"x 1 2 3 4 5 6 7 8", `"1", "2", "3", "4", "5", "6", "7", "8"`, false},
		{"x 1 2 3 4 5 6 7 8 9", `"1", "2", "3", "4", "5", "6", "7", 2 more`, true},
	} {
		r, err := DiffReport(t.Context(), mustParse(t, enums("a:x")), mustParse(t, enums("a:"+test.values)), &Config{})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(r.text(), "alone") {
			t.Errorf("a report of drift diff lists ids that nothing takes: %s", r.text())
		}
		r.ours = true // as in a report of drift check
		if !strings.HasPrefix(r.text(), "1 finding: 0 breaking, 1 additive") || strings.Count(r.github(), "\n") != 2 || strings.Count(r.markdown(), "\n| additive") != 1 {
			t.Errorf("the values count one by one: %s%s%s", r.text(), r.github(), r.markdown())
		}
		if !strings.Contains(r.text(), "    after    "+test.shown+"\n") || !strings.Contains(r.markdown(), "`"+test.shown+"`") {
			t.Errorf("it does not show %s: %s", test.shown, r.text())
		}
		if strings.Contains(r.text(), "and 2 more values: -o json lists the id of each") != test.more {
			t.Errorf("it says that more values are in JSON, or does not: %s", r.text())
		}
		for i, v := range r.Findings[0].Values {
			line := "\n             of " + v.Value + " alone: " + v.ID + "\n"
			if shown := strings.Contains(r.text(), line); shown != (!test.more || i < 7) {
				t.Errorf("the id of %s is shown: %v\n%s", v.Value, shown, r.text())
			}
		}
		var out strings.Builder
		if err := r.Write(&out, "json"); err != nil {
			t.Fatal(err)
		}
		var read Report
		if err := json.Unmarshal([]byte(out.String()), &read); err != nil || !slices.Equal(read.Findings[0].Values, r.Findings[0].Values) || len(read.Findings[0].Values) != strings.Count(test.values, " ") {
			t.Errorf("%v: not all values are in JSON: %s", err, out.String())
		}
	}
}

// TestValuesAreAcceptedOneByOne: what was accepted of a value holds when another one comes,
// and the id of a finding stands for the values that it lists and no other.
func TestValuesAreAcceptedOneByOne(t *testing.T) {
	t.Parallel()
	ours := drifttest.WithoutExamples(drifttest.ReadTree(t, ourSpec))
	report := func(c *Config, values ...string) *Report {
		theirs := drifttest.Clone(ours)
		status := drifttest.Dig(theirs, "components", "schemas", "CertificateStatus")
		for _, v := range values {
			status["x-extensible-enum"] = append(status["x-extensible-enum"].([]any), v)
		}
		return mustCheck(t, c, parseTree(t, theirs))
	}
	for name, test := range map[string]struct {
		id             func(f Finding) string
		recorded, left int
		open, accepted string // then, with one more value
	}{
		"all":           {nil, 1, 0, `: "d" `, `: "a", "b", "c" `},
		"the finding":   {func(f Finding) string { return f.ID }, 1, 0, `: "d" `, `: "a", "b", "c" `},
		"one value":     {func(f Finding) string { return f.Values[1].ID }, 1, 1, `: "a", "c", "d" `, `: "b" `},
		"no such value": {func(Finding) string { return "no-such" }, 0, 0, `: "a", "b", "c", "d" `, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := ourHouse(t, ours)
			r := report(c, "a", "b", "c")
			if len(r.Findings) != 1 {
				t.Fatalf("want one finding: %s", r.text())
			}
			var ids []string
			if test.id != nil {
				ids = []string{test.id(r.Findings[0])}
			}
			lock, err := c.ReadLock()
			if err != nil {
				t.Fatal(err)
			}
			recorded, left, err := lock.Accept(r, ids, Acceptance{Accepted: "2026-01-01", Source: "a test", Reason: "A reason."})
			if recorded != test.recorded || left != test.left || (err != nil) != (recorded == 0) {
				t.Errorf("%d recorded, %d left open, %v", recorded, left, err)
			}
			if _, whole := lock.Versions[r.Fingerprint]; whole != (recorded > 0 && left == 0) {
				t.Error("the version is accepted though a value is left, or is not though none is")
			}
			if err := c.WriteLock(lock); err != nil {
				t.Fatal(err)
			}
			more := report(c, "a", "b", "c", "d")
			changes := func(list []Finding) (out string) {
				for _, f := range list {
					out += f.Change()[strings.LastIndex(f.Change(), ": "):] + " "
				}
				return out
			}
			if got := changes(more.Findings); got != test.open {
				t.Errorf("open is%s, want%s", got, test.open)
			}
			if got := changes(more.Accepted); got != test.accepted {
				t.Errorf("accepted is%s, want%s", got, test.accepted)
			}
			if _, _, err := lock.Accept(more, []string{r.Findings[0].ID}, Acceptance{Accepted: "2026-01-01", Reason: "A reason."}); err == nil {
				t.Error("the id of a finding stands for a value that it did not list")
			}
		})
	}
}

// TestDocsShowValues: what the guide shows of a finding on two values is what one reads.
func TestDocsShowValues(t *testing.T) {
	t.Parallel()
	c, err := LoadConfig("../drift.yaml")
	if err != nil {
		t.Fatal(err)
	}
	theirs := drifttest.Clone(drifttest.ReadTree(t, ourSpec))
	status := drifttest.Dig(theirs, "components", "schemas", "CertificateStatus")
	status["x-extensible-enum"] = append(status["x-extensible-enum"].([]any), "expired", "on hold")
	text := mustCheck(t, c, parseTree(t, theirs)).text()
	_, shown, _ := strings.Cut(drifttest.ReadFile(t, "../docs/drift.md"), "```\n  response: enum values added\n")
	shown, _, found := strings.Cut(shown, "```")
	if !found {
		t.Fatal("docs/drift.md shows no finding on several values")
	}
	for line := range strings.Lines(shown) {
		if strings.TrimSpace(line) != "…" && !strings.Contains(text, "\n"+line) {
			t.Errorf("docs/drift.md shows %q, which is not in\n%s", line, text)
		}
	}
}
