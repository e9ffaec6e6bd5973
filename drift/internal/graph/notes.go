package graph

import (
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
)

// Dangling returns the values of discriminators that are mapped to schemas which do not
// exist, so that nothing of these is compared.
func (g *Graph) Dangling() []*document.Node {
	var out []*document.Node
	for _, v := range g.Vertices {
		for _, mapping := range v.Fact(dangling).Places() {
			out = append(out, mapping.Kids...)
		}
	}
	return out
}

// Open returns the discriminators that name no alternative. Schemas that extend the one
// around such a discriminator by allOf are its alternatives, though nothing leads to them.
func (g *Graph) Open() []*document.Node {
	var out []*document.Node
	for _, v := range g.Vertices {
		if !v.namesAlternatives() {
			out = append(out, v.Fact("discriminator").Places()...)
		}
	}
	return out
}

func (v *Vertex) namesAlternatives() bool {
	for _, e := range v.Edges {
		if strings.HasPrefix(e.Label, "mapping ") {
			return true
		}
	}
	return v.Set("choice") != nil || v.Fact(dangling) != nil
}
