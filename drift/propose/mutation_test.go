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
	ours := drifttest.Abridged(drifttest.ReadTree(t, ourSpec))
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

// contradicts tells whether all that an error refuses is texts in sets that allow
// none.
func contradicts(err error) bool {
	var refused *UnsafeDocumentError
	return errors.As(err, &refused) && !slices.ContainsFunc(refused.Refused, func(reason string) bool {
		return !strings.HasSuffix(reason, "where no text is allowed")
	})
}

// leftOpen are the mutations that are not followed, since code made of them would
// not hold them, with what the reason says.
var leftOpen = map[string]string{
	"request-write-only-added": "it is marked as a secret",
	"link-added":               "nothing is generated of a link",
	"link-changed":             "nothing is generated of a link",
}

func followMutation(t *testing.T, before, after drifttest.Tree) {
	c := ourHouse(t, before)
	theirs := parseTree(t, after)
	if strings.HasSuffix(t.Name(), "/server-added") { // the one that is refused: it is of another host
		var refused *UnsafeDocumentError
		if p, err := Propose(t.Context(), theirs, c, drifttest.SomeDay, []string{"all"}); !errors.As(err, &refused) {
			t.Errorf("a server of another host is not refused: %v, %v", p, err)
		}
		return
	}
	p, err := Propose(t.Context(), theirs, c, drifttest.SomeDay, []string{"all"})
	if err != nil {
		t.Fatal(err)
	}
	if reason, ok := leftOpen[t.Name()[strings.LastIndexByte(t.Name(), '/')+1:]]; ok {
		if len(p.Undecided) != 1 || p.Overlay != nil || !strings.Contains(p.Undecided[0].Question, reason) {
			t.Errorf("it is not left open with a reason that says %q: %s", reason, p.text())
		}
		return
	}
	if len(p.Undecided) > 0 {
		for _, o := range p.Undecided {
			t.Errorf("open: %s: %s", o.Finding.ID, o.Question)
		}
		return
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
}
