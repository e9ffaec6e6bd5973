package drift

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestProposeMutations follows every mutation of the tables: our document
// before it, theirs after it. The proposal brings the two together; once all is to
// be followed, those alone are left open of which no code can be made.
func TestProposeMutations(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes long")
	}
	ours := abridged(readTree(t, ourSpec))
	try := func(name string, before, after tree) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			followMutation(t, before, after)
		})
	}
	for i, m := range schemaMutations {
		dir := Response
		if i%2 == 0 || m.response == "" { // either direction goes the same way
			dir = Request
		}
		try(string(dir)+"-"+m.kind, probeTree(t, ours, string(dir), m.before), probeTree(t, ours, string(dir), m.after))
	}
	for _, m := range operationMutations {
		before, after := clone(ours), clone(ours)
		m.before(before)
		m.after(after)
		try(m.kind, before, after)
	}
}

// contradicts tells whether all that an error refuses is texts in sets that allow
// none.
func contradicts(err error) bool {
	var refused *HostileError
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

func followMutation(t *testing.T, before, after tree) {
	c := ourHouse(t, before)
	theirs := parseTree(t, after)
	if strings.HasSuffix(t.Name(), "/server-added") { // the one that is refused: it is of another host
		var refused *HostileError
		if p, err := Propose(t.Context(), theirs, c, someDay, []string{"all"}); !errors.As(err, &refused) {
			t.Errorf("a server of another host is not refused: %v, %v", p, err)
		}
		return
	}
	p, err := Propose(t.Context(), theirs, c, someDay, []string{"all"})
	if err != nil {
		t.Fatal(err)
	}
	if reason, ok := leftOpen[t.Name()[strings.LastIndexByte(t.Name(), '/')+1:]]; ok {
		if len(p.Open) != 1 || p.Overlay != nil || !strings.Contains(p.Open[0].Decide, reason) {
			t.Errorf("it is not left open with a reason that says %q: %s", reason, p.text())
		}
		return
	}
	if len(p.Open) > 0 {
		for _, o := range p.Open {
			t.Errorf("open: %s: %s", o.Finding.ID, o.Decide)
		}
		return
	}
	if len(p.Accepted)+len(p.Obsolete) == 0 && len(p.Adopted) == 0 {
		t.Error("nothing is proposed")
	}
	changed, err := fromYAML(p.tree)
	if err != nil {
		t.Fatal(err)
	}
	if mustFingerprint(t, changed, c.Scope()) != mustFingerprint(t, theirs, c.Scope()) {
		t.Errorf("the fingerprints differ still:\n%s", p.Overlay)
	}
}
