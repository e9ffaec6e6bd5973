package propose

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

// TestApplyNewOperation: what is written about an operation that no one has written into
// our document does not claim that it was followed, and does not stand below what is said
// of other operations.
func TestApplyNewOperation(t *testing.T) {
	t.Parallel()
	ours := ourTree(t)
	theirs := drifttest.Clone(ours)
	paths := theirs["paths"].(map[string]any)
	var path string
	for _, path = range slices.Sorted(maps.Keys(paths)) {
		break
	}
	const added = "GET /zones/{zone_id}/origin_tls_client_auth/statistics"
	paths[strings.TrimPrefix(added, "GET ")] = map[string]any{"get": map[string]any{"operationId": "statistics", "parameters": paths[path].(map[string]any)["parameters"], "responses": map[string]any{"200": map[string]any{"description": "d"}}}}
	c := ourHouse(t, ours)
	p := mustPropose(t, c, parseTree(t, theirs))
	if len(p.Ignored) != 1 || len(p.Undecided) > 0 {
		t.Fatal(p.text())
	}
	if err := p.Apply(c, drifttest.SomeDay, "their\nopenapi.json"); err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile(c.File())
	if err != nil {
		t.Fatal(err)
	}
	day := drifttest.SomeDay.Format("2006-01-02")
	if want := "  # New in their\\nopenapi.json, looked at " + day + ": not offered until a person writes it into our document\n  - " + added + "\n"; !strings.HasSuffix(string(config), want) {
		t.Errorf("the configuration is\n%s\nwant at its end\n%s", config, want)
	}
	c = mustLoad(t, c.File())
	lock, err := c.ReadLock()
	if err != nil {
		t.Fatal(err)
	}
	reason := lock.Versions[p.Report.Fingerprint].Reason
	if strings.Contains(reason, "Followed") || !strings.Contains(reason, added+" is listed as ignored") {
		t.Errorf("the lock says of a version with a new operation: %q", reason)
	}
	r, err := drift.Check(t.Context(), parseTree(t, theirs), c, drifttest.SomeDay)
	if err != nil || len(r.Findings) > 0 {
		t.Errorf("once it is ignored, %d findings are left, %v", len(r.Findings), err)
	}

	again := mustPropose(t, ourHouse(t, ours), parseTree(t, theirs), p.Ignored[0].ID)
	if len(again.Undecided) != 1 || len(again.Ignored) > 0 || again.Apply(c, drifttest.SomeDay, "") == nil {
		t.Errorf("with its id in follow, want it undecided, and nothing written:\n%s", again.text())
	}
}

// TestListedOperationIsNotIgnored: the configuration lists it to be compared.
func TestListedOperationIsNotIgnored(t *testing.T) {
	t.Parallel()
	ours := ourTree(t)
	theirs := drifttest.Clone(ours)
	drifttest.Dig(theirs, "paths")["/zones/{zone}/new"] = map[string]any{"get": map[string]any{"parameters": []any{map[string]any{"name": "zone", "in": "path", "required": true, "schema": map[string]any{"type": "string"}}}, "responses": map[string]any{"200": map[string]any{"description": "d"}}}}
	c := ourHouse(t, ours)
	c.Prefix, c.Operations = drifttest.ZonePath, []string{"GET /zones/{id}/new"}
	p := mustPropose(t, c, parseTree(t, theirs))
	if kindsOf(p.Undecided) != "operation-added" || len(p.Ignored) > 0 {
		t.Errorf("want the operation undecided:\n%s", p.text())
	}
}
