package propose

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// TestProposeMutations follows every mutation of the tables: our document
// before it, theirs after it. The proposal brings the two together; once all is to
// be followed, those alone are left open of which no code can be made.
func TestProposeMutations(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes long")
	}
	ours := drifttest.Abridged(ourTree(t))
	try := func(name string, before, after drifttest.Tree) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			followMutation(t, before, after)
		})
	}
	for i, m := range drifttest.SchemaMutations {
		dir := graph.Response
		if i%2 == 0 || m.Response == "" { // either direction goes the same way
			dir = graph.Request
		}
		try(string(dir)+"-"+m.Kind, drifttest.ProbeTree(t, ours, string(dir), m.Before), drifttest.ProbeTree(t, ours, string(dir), m.After))
	}
	for _, m := range drifttest.OperationMutations {
		before, after := drifttest.Clone(ours), drifttest.Clone(ours)
		m.Before(before)
		m.After(after)
		try(m.Kind, before, after)
	}
}

// contradicts reports whether all that an error refuses is texts in sets that allow
// none.
func contradicts(err error) bool {
	var refused *UnsafeDocumentError
	return errors.As(err, &refused) && !slices.ContainsFunc(refused.Refused, func(reason string) bool {
		return !strings.HasSuffix(reason, "where no string is allowed")
	})
}

// isApart reports whether a finding is of a nullable and a document has one apart from any
// type, which OpenAPI 3.0.3 gives no meaning: a person says what is meant.
func isApart(f drift.Finding, doc any) bool {
	if kindName(f) != "nullable-added" {
		return false
	}
	switch doc := doc.(type) {
	case drifttest.Tree:
		if doc["nullable"] == true && doc["type"] == nil {
			return true
		}
		for _, value := range doc {
			if isApart(f, value) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(doc, func(value any) bool { return isApart(f, value) })
	}
	return false
}

// followMutation reports whether it leaves something to a person.
func followMutation(t *testing.T, before, after drifttest.Tree) (left bool) {
	c := ourHouse(t, before)
	theirs := parseTree(t, after)
	if strings.HasSuffix(t.Name(), "/server-added") { // the one that is refused: it is of another host
		var refused *UnsafeDocumentError
		if p, err := Propose(t.Context(), theirs, c, drifttest.SomeDay, []string{"all"}); !errors.As(err, &refused) {
			t.Errorf("a server of another host is not refused: %v, %v", p, err)
		}
		return false
	}
	p, err := Propose(t.Context(), theirs, c, drifttest.SomeDay, []string{"all"})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Undecided) > 0 {
		// What is written is left only together with what is not.
		if !slices.ContainsFunc(p.Undecided, func(u Undecided) bool { return !isWritten(u.Finding) || isApart(u.Finding, after) }) {
			t.Errorf("all of it can be written, and is undecided: %s", p.text())
		}
		for _, u := range p.Undecided {
			if !strings.Contains(u.Question, byHand) {
				t.Errorf("%s: it does not say what is next: %s", u.Finding.ID, u.Question)
			}
		}
		return true
	}
	if len(p.Accepted)+len(p.Obsolete) == 0 && len(p.Adopted) == 0 {
		t.Error("nothing is proposed")
	}
	changed, err := drift.Parse(encodeYAML(p.tree))
	if err != nil {
		t.Fatal(err)
	}
	if mustFingerprint(t, changed, c.Scope()) != mustFingerprint(t, theirs, c.Scope()) {
		t.Errorf("the fingerprints differ still:\n%s", p.Overlay)
	}
	return false
}
