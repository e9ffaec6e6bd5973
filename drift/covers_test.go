package drift

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// What was accepted is not asked again where it is in fewer places; what breaks
// programs in one more place, or is something else, is. Check and propose agree.
func TestAcceptanceCovers(t *testing.T) {
	t.Parallel()
	issuer := func(doc tree) tree { return dig(certificate(doc), "properties", "issuer") }
	one := func(doc tree) tree { return dig(envelopeOf(doc, zonePath+"/{certificate_id}", "get"), "properties") }
	holding := func(schema tree) tree { return tree{"type": "object", "properties": schema} }
	text, number := tree{"a": tree{"type": "string"}}, tree{"a": tree{"type": "integer"}}
	for name, test := range map[string]struct {
		before      func(ours tree)
		first, then func(theirs tree)
		open        string // kinds
	}{
		"the same": {
			nil, func(d tree) { delete(dig(certificate(d), "properties"), "issuer") }, func(d tree) { delete(dig(certificate(d), "properties"), "issuer") }, ""},
		"breaking, an operation less": {
			nil, func(d tree) { delete(dig(certificate(d), "properties"), "issuer") },
			func(d tree) { one(d); delete(dig(certificate(d), "properties"), "issuer") }, ""},
		"breaking, operations more": {
			nil, func(d tree) { delete(one(d), "issuer") }, func(d tree) { delete(dig(certificate(d), "properties"), "issuer") }, "response-property-removed"},
		"breaking, another operation": {
			nil, func(d tree) { delete(one(d), "issuer") }, func(d tree) { delete(dig(envelopeOf(d, zonePath, "post"), "properties"), "issuer") }, "response-property-removed"},
		"breaking, another value": {
			nil, func(d tree) { issuer(d)["type"] = "integer" }, func(d tree) { issuer(d)["type"] = "boolean" }, "response-type-changed"},
		"additive, operations more": {
			nil, func(d tree) { dig(one(d), "issuer")["maxLength"] = 7 }, func(d tree) { issuer(d)["maxLength"] = 7 }, ""},
		"additive, another operation": {
			nil, func(d tree) { dig(one(d), "issuer")["maxLength"] = 7 }, func(d tree) { dig(envelopeOf(d, zonePath, "post"), "properties", "issuer")["maxLength"] = 7 }, "response-max-length-tightened"},
		"something new, operations more": {
			nil, func(d tree) { one(d)["owner"] = holding(text) }, func(d tree) { property(d, "owner", holding(text)) }, ""},
		"something new of other content": {
			nil, func(d tree) { one(d)["owner"] = holding(text) }, func(d tree) { one(d)["owner"] = holding(number) }, "response-property-added"},
		"something new of other content, operations more": {
			nil, func(d tree) { one(d)["owner"] = holding(text) }, func(d tree) { property(d, "owner", holding(number)) }, "response-property-added"},
		"a status of its own": {
			func(d tree) { statuses(d)["429"] = clone(dig(statuses(d), "4XX")) },
			func(d tree) { delete(statuses(d), "429"); delete(dig(statuses(d), "4XX"), "headers") },
			func(d tree) {
				delete(dig(statuses(d), "4XX"), "headers")
				statuses(d)["429"] = clone(dig(statuses(d), "4XX"))
			}, ""},
		"a status that was its own before": {
			func(d tree) { statuses(d)["429"] = clone(dig(statuses(d), "4XX")) },
			func(d tree) { delete(dig(statuses(d), "4XX"), "headers") },
			func(d tree) { delete(dig(statuses(d), "4XX"), "headers"); delete(dig(statuses(d), "429"), "headers") }, "response-header-removed"},
		"a range of a status": {
			func(d tree) { statuses(d)["429"] = clone(dig(statuses(d), "4XX")) },
			func(d tree) { delete(dig(statuses(d), "429"), "headers") },
			func(d tree) { delete(dig(statuses(d), "429"), "headers"); delete(dig(statuses(d), "4XX"), "headers") }, "response-header-removed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours := withoutExamples(readTree(t, ourSpec))
			if test.before != nil {
				test.before(ours)
			}
			c := ourHouse(t, ours)
			check := func(change func(tree)) (*Report, *Document) {
				theirs := clone(ours)
				change(theirs)
				doc := parseTree(t, theirs)
				r, err := Check(t.Context(), doc, c, someDay)
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
			if n, err := lock.Accept(first, nil, Acceptance{Accepted: "2026-01-01", Until: "2026-12-31", Source: "a test", Reason: "A reason."}); err != nil || n == 0 {
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
				t.Errorf("check reports %q, want %q:\n%s", got, test.open, then.text())
			}
			p := mustPropose(t, c, doc)
			if len(p.Open)+len(p.Adopted)+len(p.Accepted) != len(then.Findings) {
				t.Errorf("propose does not agree: %s", p.text())
			}
			expired, err := Check(t.Context(), doc, c, someDay.AddDate(1, 0, 0))
			if err != nil {
				t.Fatal(err)
			}
			if test.open == "" && len(expired.Findings) == 0 {
				t.Errorf("an acceptance that has expired covers it still: %s", expired.text())
			}
			if strings.HasSuffix(name, "less") && expired.Findings[0].Accepted == nil {
				t.Errorf("it does not tell of the acceptance that has expired: %s", expired.text())
			}
		})
	}
}

// statuses returns the answers of one operation.
func statuses(doc tree) tree { return dig(op(doc, settingsPath, "get"), "responses") }
