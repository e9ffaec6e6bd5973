package graph

import (
	"slices"
	"strings"

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
		if alias, err := b.isAlias(n); err != nil {
			return err
		} else if alias {
			continue
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

// isAlias reports whether a component is no more than a reference to another one, which
// gives the name. To follow a long chain from each of its components would take too long.
func (b *builder) isAlias(n *document.Node) (bool, error) {
	if saysSomething(n) {
		return false, nil
	}
	parts, err := b.parts(n)
	if err != nil || len(parts) != 1 {
		return false, err
	}
	to := parts[0]
	if n.Get("$ref") == nil && to.Get("$ref") != nil { // allOf with one part
		if to, err = b.doc.Target(to.Get("$ref")); err != nil {
			return false, err
		}
	}
	rest, ok := strings.CutPrefix(to.Pointer(), "/components/schemas/")
	return ok && !strings.Contains(rest, "/"), nil
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
