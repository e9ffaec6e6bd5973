package graph

import (
	"slices"

	"github.com/originpull/originpull-go/drift/internal/document"
)

// giveNames gives the schemas that are components the names of these. Of several names
// of one schema it takes that of the component which says it, not of one that refers to it.
func (b *builder) giveNames() error {
	b.graph.Names = map[*Vertex]string{}
	ranks := map[*Vertex]int{}
	for _, component := range b.doc.Top.Member("components").Member("schemas").List() {
		n := component.Node
		if n == nil {
			continue // nothing in scope refers to it
		}
		st, err := b.open([]*document.Node{n})
		if err != nil {
			return err
		}
		v := b.schemas[string(st.key(""))]
		if v == nil || len(st.claims) == 0 {
			continue // only a part of others, or what any schema is that says nothing
		}
		rank, err := b.rank(n, v)
		if err != nil {
			return err
		}
		if best, named := ranks[v]; !named || rank < best {
			ranks[v], b.graph.Names[v] = rank, component.Key
		}
	}
	return nil
}

// rank returns how far a component is from saying a schema itself.
func (b *builder) rank(n *document.Node, v *Vertex) (int, error) {
	if slices.Contains(v.At, n) {
		return 0, nil
	}
	parts, err := b.parts(n)
	if len(parts) > 1 {
		return 1, err
	}
	return 2, err
}
