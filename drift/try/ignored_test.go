package try

import (
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/propose"
)

// TestIgnoredIsNotSafe: whoever tries a document with a new operation reads that the SDK
// will not offer it, and how to have it otherwise.
func TestIgnoredIsNotSafe(t *testing.T) {
	t.Parallel()
	operation := drift.Finding{ID: "operation-added:1", Kind: "operation-added", Class: drift.Additive, Meaning: "operation added", After: "GET /new"}
	editorial := propose.Accepted{Finding: drift.Finding{Class: drift.Editorial, Meaning: "operationId changed"}}
	field := propose.Adopted{Finding: drift.Finding{Class: drift.Additive, Meaning: "property added"}}
	tests := map[string]struct {
		proposal propose.Proposal
		files    []string
		verdict  Verdict
		version  string
	}{
		"an operation":            {propose.Proposal{Ignored: []drift.Finding{operation}}, nil, Ignored, "none"},
		"and what is not seen":    {propose.Proposal{Ignored: []drift.Finding{operation}, Accepted: []propose.Accepted{editorial}}, nil, Ignored, "none"},
		"and code that changes":   {propose.Proposal{Ignored: []drift.Finding{operation}}, []string{"gen/api/api.gen.go"}, Ignored, "patch"},
		"and a field":             {propose.Proposal{Ignored: []drift.Finding{operation}, Adopted: []propose.Adopted{field}}, nil, Additive, "minor"},
		"none":                    {propose.Proposal{Accepted: []propose.Accepted{editorial}}, nil, Safe, "none"},
		"one that is to be taken": {propose.Proposal{Undecided: []propose.Undecided{{Finding: operation}}}, nil, Additive, "minor"},
	}
	for name, test := range tests {
		r := &Result{Verdict: Safe, change: Safe, Files: test.files}
		test.proposal.Report = &drift.Report{Notes: []drift.Note{{Text: "a schema that is not there"}}}
		r.proposed(&test.proposal)
		if says := r.text(); !strings.Contains(says, "  safe      not compared: a schema that is not there\n") {
			t.Errorf("%s: it does not say what was not compared:\n%s", name, says)
		}
		r.Version = r.step()
		if r.Verdict != test.verdict || r.Version != test.version {
			t.Errorf("%s: %s, %s version; want %s, %s", name, r.Verdict, r.Version, test.verdict, test.version)
		}
		if says := r.text(); len(test.proposal.Ignored) > 0 && (strings.Contains(says, "SAFE") || !strings.Contains(says, "  ignored   not followed: a new operation is left out of the SDK, and listed as ignored: GET /new. With --follow operation-added:1 it is to be decided.")) {
			t.Errorf("%s: it does not say that the operation is ignored:\n%s", name, says)
		}
	}
}
