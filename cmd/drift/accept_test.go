package main

import (
	"strings"
	"testing"
)

// TestAcceptValues: the ids that a report prints of a finding, and of each value that it
// lists, are those that can be accepted.
func TestAcceptValues(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.edit("enum: [shelved, lent, lost]", "enum: [shelved, lent, lost, repaired, sold]")
	findings := l.wantKinds(1, "response-enum-value-added", "request-enum-value-added")
	out, _ := l.run(1, "check", "theirs.yaml")
	for _, f := range findings {
		if len(f.Values) != 2 || !strings.Contains(out, " id       "+f.ID+"\n") || !strings.Contains(out, " alone: "+f.Values[1].ID+"\n") {
			t.Fatalf("the ids of %+v are not in the report: %s", f, out)
		}
	}
	for _, test := range []struct{ id, says string }{
		{findings[0].Values[0].ID, "1 finding recorded in upstream.lock, 2 left open\n"},
		{findings[1].ID, "1 finding recorded in upstream.lock, 1 left open\n"},
		{findings[0].Values[1].ID, "1 finding recorded in upstream.lock, 0 left open\n"},
	} {
		if out, _ := l.run(0, "accept", "theirs.yaml", "--id", test.id, "--reason", "looked at"); out != test.says {
			t.Errorf("accepting %s says %q, want %q", test.id, out, test.says)
		}
	}
	if out, _ := l.run(0, "check", "theirs.yaml"); !strings.HasPrefix(out, "in step: nothing new, 2 findings accepted before\n") {
		t.Errorf("all was accepted: %s", out)
	}
}
