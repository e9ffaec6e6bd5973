package propose

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

// What was accepted is not asked again where it is in fewer places; what breaks
// programs in one more place, or is something else, is. Check and propose agree.
func TestAcceptanceCovers(t *testing.T) {
	t.Parallel()
	issuer := func(doc drifttest.Tree) drifttest.Tree {
		return drifttest.Dig(drifttest.Certificate(doc), "properties", "issuer")
	}
	one := func(doc drifttest.Tree) drifttest.Tree {
		return drifttest.Dig(envelopeOf(doc, drifttest.ZonePath+"/{certificate_id}", "get"), "properties")
	}
	holding := func(schema drifttest.Tree) drifttest.Tree {
		return drifttest.Tree{"type": "object", "properties": schema}
	}
	text, number := drifttest.Tree{"a": drifttest.Tree{"type": "string"}}, drifttest.Tree{"a": drifttest.Tree{"type": "integer"}}
	for name, test := range map[string]struct {
		before      func(ours drifttest.Tree)
		first, then func(theirs drifttest.Tree)
		open        string // kinds
	}{
		"the same": {
			nil, func(d drifttest.Tree) { delete(drifttest.Dig(drifttest.Certificate(d), "properties"), "issuer") }, func(d drifttest.Tree) { delete(drifttest.Dig(drifttest.Certificate(d), "properties"), "issuer") }, ""},
		"breaking, an operation less": {
			nil, func(d drifttest.Tree) { delete(drifttest.Dig(drifttest.Certificate(d), "properties"), "issuer") },
			func(d drifttest.Tree) {
				one(d)
				delete(drifttest.Dig(drifttest.Certificate(d), "properties"), "issuer")
			}, ""},
		"breaking, operations more": {
			nil, func(d drifttest.Tree) { delete(one(d), "issuer") }, func(d drifttest.Tree) { delete(drifttest.Dig(drifttest.Certificate(d), "properties"), "issuer") }, "response-property-removed"},
		"breaking, another operation": {
			nil, func(d drifttest.Tree) { delete(one(d), "issuer") }, func(d drifttest.Tree) {
				delete(drifttest.Dig(envelopeOf(d, drifttest.ZonePath, "post"), "properties"), "issuer")
			}, "response-property-removed"},
		"breaking, another value": {
			nil, func(d drifttest.Tree) { issuer(d)["type"] = "integer" }, func(d drifttest.Tree) { issuer(d)["type"] = "boolean" }, "response-type-changed"},
		"additive, operations more": {
			nil, func(d drifttest.Tree) { drifttest.Dig(one(d), "issuer")["maxLength"] = 7 }, func(d drifttest.Tree) { issuer(d)["maxLength"] = 7 }, ""},
		"additive, another operation": {
			nil, func(d drifttest.Tree) { drifttest.Dig(one(d), "issuer")["maxLength"] = 7 }, func(d drifttest.Tree) {
				drifttest.Dig(envelopeOf(d, drifttest.ZonePath, "post"), "properties", "issuer")["maxLength"] = 7
			}, "response-max-length-tightened"},
		"something new, operations more": {
			nil, func(d drifttest.Tree) { one(d)["owner"] = holding(text) }, func(d drifttest.Tree) { drifttest.Property(d, "owner", holding(text)) }, ""},
		"something new of other content": {
			nil, func(d drifttest.Tree) { one(d)["owner"] = holding(text) }, func(d drifttest.Tree) { one(d)["owner"] = holding(number) }, "response-property-added"},
		"something new of other content, operations more": {
			nil, func(d drifttest.Tree) { one(d)["owner"] = holding(text) }, func(d drifttest.Tree) { drifttest.Property(d, "owner", holding(number)) }, "response-property-added"},
		"a status of its own": {
			func(d drifttest.Tree) { statuses(d)["429"] = drifttest.Clone(drifttest.Dig(statuses(d), "4XX")) },
			func(d drifttest.Tree) {
				delete(statuses(d), "429")
				delete(drifttest.Dig(statuses(d), "4XX"), "headers")
			},
			func(d drifttest.Tree) {
				delete(drifttest.Dig(statuses(d), "4XX"), "headers")
				statuses(d)["429"] = drifttest.Clone(drifttest.Dig(statuses(d), "4XX"))
			}, ""},
		"a status that was its own before": {
			func(d drifttest.Tree) { statuses(d)["429"] = drifttest.Clone(drifttest.Dig(statuses(d), "4XX")) },
			func(d drifttest.Tree) { delete(drifttest.Dig(statuses(d), "4XX"), "headers") },
			func(d drifttest.Tree) {
				delete(drifttest.Dig(statuses(d), "4XX"), "headers")
				delete(drifttest.Dig(statuses(d), "429"), "headers")
			}, "response-header-removed"},
		"a range of a status": {
			func(d drifttest.Tree) { statuses(d)["429"] = drifttest.Clone(drifttest.Dig(statuses(d), "4XX")) },
			func(d drifttest.Tree) { delete(drifttest.Dig(statuses(d), "429"), "headers") },
			func(d drifttest.Tree) {
				delete(drifttest.Dig(statuses(d), "429"), "headers")
				delete(drifttest.Dig(statuses(d), "4XX"), "headers")
			}, "response-header-removed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours := ourTree(t)
			if test.before != nil {
				test.before(ours)
			}
			c := ourHouse(t, ours)
			check := func(change func(drifttest.Tree)) (*drift.Report, *drift.Document) {
				theirs := drifttest.Clone(ours)
				change(theirs)
				doc := parseTree(t, theirs)
				r, err := drift.Check(t.Context(), doc, c, drifttest.SomeDay)
				if err != nil {
					t.Fatal(err)
				}
				return r, doc
			}
			first, _ := check(test.first)
			lock, err := c.ReadLock()
			if err != nil {
				t.Fatal(err)
			}
			if n, _, err := lock.Accept(first, nil, drift.Acceptance{Accepted: "2026-01-01", Until: "2026-12-31", Source: "a test", Reason: "A reason."}); err != nil || n == 0 {
				t.Fatalf("%d accepted, %v", n, err)
			}
			if err := c.WriteLock(lock); err != nil {
				t.Fatal(err)
			}
			then, doc := check(test.then)
			open := map[string]bool{}
			for _, f := range then.Findings {
				open[f.Kind] = true
			}
			if got := strings.Join(slices.Sorted(maps.Keys(open)), " "); got != test.open {
				t.Errorf("check reports %q, want %q:\n%s", got, test.open, textOf(t, then))
			}
			p := mustPropose(t, c, doc)
			if len(p.Undecided)+len(p.Adopted)+len(p.Accepted) != len(then.Findings) {
				t.Errorf("propose does not agree: %s", p.text())
			}
			expired, err := drift.Check(t.Context(), doc, c, drifttest.SomeDay.AddDate(1, 0, 0))
			if err != nil {
				t.Fatal(err)
			}
			if test.open == "" && len(expired.Findings) == 0 {
				t.Errorf("an acceptance that has expired covers it still: %s", textOf(t, expired))
			}
			if strings.HasSuffix(name, "less") && expired.Findings[0].Accepted == nil {
				t.Errorf("it does not mention the acceptance that has expired: %s", textOf(t, expired))
			}
		})
	}
}

// statuses returns the responses of one operation.
func statuses(doc drifttest.Tree) drifttest.Tree {
	return drifttest.Dig(drifttest.Op(doc, drifttest.SettingsPath, "get"), "responses")
}
