package compare

import (
	"testing"

	"github.com/originpull/originpull-go/drift/internal/graph"
)

// Every name by which the code calls a kind is one of the table.
func TestTablesNameKinds(t *testing.T) {
	t.Parallel()
	var names []string
	for _, list := range factKinds {
		names = append(names, list[:]...)
	}
	for _, list := range setKinds {
		names = append(names, list[:]...)
	}
	for _, kind := range edgeKinds {
		names = append(names, kind+"-added", kind+"-removed")
	}
	for _, kind := range opaqueKinds {
		names = append(names, kind+"-added", kind+"-removed", kind+"-changed")
	}
	for name := range graph.Limits {
		names = append(names, kebab(name)+"-tightened", kebab(name)+"-loosened")
	}
	for _, name := range names {
		if name == "" {
			continue // this kind of fact has one value at most
		}
		if _, ok := KindWithID(KindNamed(name).ID(graph.Request)); !ok {
			t.Errorf("the table has no kind %s", name)
		}
	}
}
