package drift

import (
	"slices"
	"testing"

	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

func TestOperationMutations(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes long")
	}
	ours := drifttest.ReadTree(t, ourSpec)
	for _, m := range drifttest.OperationMutations {
		old, new := drifttest.Clone(ours), drifttest.Clone(ours)
		m.Before(old)
		m.After(new)
		oneFinding(t, m.Kind, Class(m.Class), parseTree(t, old), parseTree(t, new))
	}
}

// A parameter of a path is a place, not a name.
func TestPathParameterRenamed(t *testing.T) {
	t.Parallel()
	old, new := drifttest.ReadTree(t, ourSpec), drifttest.ReadTree(t, ourSpec)
	paths := drifttest.Dig(new, "paths")
	paths[drifttest.ZonePath[:len("/zones/{")]+"zone"+drifttest.ZonePath[len("/zones/{zone_id"):]] = paths[drifttest.ZonePath]
	delete(paths, drifttest.ZonePath)
	item := drifttest.Dig(paths, "/zones/{zone}/origin_tls_client_auth")
	parameter := drifttest.Clone(drifttest.Dig(new, "components", "parameters", "ZoneID"))
	parameter["name"] = "zone"
	item["parameters"] = []any{parameter}
	f := oneFinding(t, "path-parameter-renamed", Editorial, parseTree(t, old), parseTree(t, new))
	if f.Before != "zone_id" || f.After != "zone" || len(f.Where) != 1 || len(f.Where[0].Operations) != 2 {
		t.Errorf("found %+v", f)
	}
}

// Every kind that the table names is one that some change makes.
func TestEveryKindIsTried(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{"path-parameter-renamed": true}
	for _, m := range drifttest.SchemaMutations {
		tried[m.Kind] = true
	}
	for _, m := range drifttest.OperationMutations {
		kind, ok := compare.KindWithID(m.Kind)
		if !ok {
			t.Errorf("there is no kind %s", m.Kind)
		}
		tried[kind.Name] = true
	}
	elsewhere := []string{"unhandled", "correction-unmatched", "correction-obsolete", "known-operation-gone"}
	for _, k := range Kinds() {
		if !tried[k.Name] && !slices.Contains(elsewhere, k.Name) {
			t.Errorf("no change here makes %s", k.Name)
		}
	}
	if len(tried) < 80 {
		t.Errorf("only %d kinds of change are tried", len(tried))
	}
}
