package drift

import (
	"slices"
	"testing"
)

func TestOperationMutations(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes long")
	}
	ours := readTree(t, ourSpec)
	for _, m := range operationMutations {
		old, new := clone(ours), clone(ours)
		m.before(old)
		m.after(new)
		oneFinding(t, m.kind, Class(m.class), parseTree(t, old), parseTree(t, new))
	}
}

// A parameter of a path is a place, not a name.
func TestPathParameterRenamed(t *testing.T) {
	t.Parallel()
	old, new := readTree(t, ourSpec), readTree(t, ourSpec)
	paths := dig(new, "paths")
	paths[zonePath[:len("/zones/{")]+"zone"+zonePath[len("/zones/{zone_id"):]] = paths[zonePath]
	delete(paths, zonePath)
	item := dig(paths, "/zones/{zone}/origin_tls_client_auth")
	parameter := clone(dig(new, "components", "parameters", "ZoneID"))
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
	for _, m := range schemaMutations {
		tried[m.kind] = true
	}
	for _, m := range operationMutations {
		kind, ok := kindWithID(m.kind)
		if !ok {
			t.Errorf("there is no kind %s", m.kind)
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
