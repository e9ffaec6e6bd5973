package graph

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/originpull/originpull-go/drift/internal/document"
)

// closure opens references, allOf and single branches, and returns the claims
// in the order of their reading.
func (b *builder) closure(sources []*document.Node) ([]*document.Node, error) {
	if len(sources) == 1 {
		if n := sources[0]; n.Kind == document.ObjectNode && !slices.ContainsFunc(n.Keys, opens) { // the common case
			if saysSomething(n) {
				return sources[:1:1], nil
			}
			return nil, nil
		}
		if claims, ok := b.opened[sources[0]]; ok {
			return claims, nil
		}
	}
	seen := map[*document.Node]bool{}
	var claims []*document.Node
	todo := slices.Clone(sources)
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[n] {
			continue
		}
		seen[n] = true
		more, err := b.parts(n)
		if err != nil {
			return nil, err
		}
		todo = append(todo, more...)
		if n.Kind == document.ObjectNode && (n.Get("$ref") == nil || b.doc.SiblingsCount()) && saysSomething(n) || n.Is(document.BoolNode) && !n.IsTrue() {
			claims = append(claims, n)
		}
	}
	slices.SortFunc(claims, func(x, y *document.Node) int { return cmp.Compare(x.ID, y.ID) })
	if len(sources) == 1 {
		b.opened[sources[0]] = claims
	}
	return claims, nil
}

// saysSomething reports whether a schema has a keyword that is neither prose
// nor opened by closure, besides some.
func saysSomething(n *document.Node, besides ...string) bool {
	return slices.ContainsFunc(n.Keys, func(key string) bool {
		if slices.Contains(besides, key) {
			return false
		}
		switch key {
		case "$ref", "$dynamicRef", "allOf":
			return false
		case "oneOf", "anyOf":
			return len(BranchesOf(n, key)) != 1
		}
		return !prose(key)
	})
}

// parts returns the schemas that a schema stands for besides its own claims.
func (b *builder) parts(n *document.Node) ([]*document.Node, error) {
	if n.Kind != document.ObjectNode {
		return nil, n.ExpectSchema()
	}
	if !slices.ContainsFunc(n.Keys, opens) {
		return nil, nil
	}
	var out []*document.Node
	if n.Get("$ref") != nil {
		target, err := b.refTarget(n)
		if err != nil {
			return nil, err
		}
		out = append(out, target)
		if !b.doc.SiblingsCount() {
			return out, nil
		}
	}
	if n.Get("$id") != nil {
		return nil, fmt.Errorf("%s: $id cannot be judged", n.Pointer())
	}
	if ref := n.Get("$dynamicRef"); ref != nil { // without $id one schema can be meant
		target, err := b.doc.Target(ref)
		if err != nil {
			return nil, err
		}
		out = append(out, target)
	}
	for _, keyword := range []string{"allOf", "oneOf", "anyOf"} {
		list := n.Get(keyword)
		if list == nil {
			continue
		}
		if err := list.Expect(document.ArrayNode, keyword); err != nil {
			return nil, err
		}
		if keyword == "allOf" || len(list.Kids) == 1 {
			out = append(out, list.Kids...)
		}
	}
	return out, nil
}

// opens reports whether parts looks at a keyword.
func opens(key string) bool {
	switch key {
	case "$ref", "$dynamicRef", "$id", "allOf", "oneOf", "anyOf":
		return true
	}
	return false
}

// refTarget follows one reference, and makes sure that the chain of pure
// references behind it ends somewhere.
func (b *builder) refTarget(n *document.Node) (*document.Node, error) {
	target, err := b.doc.Target(n.Get("$ref"))
	if err != nil {
		return nil, err
	}
	var way []*document.Node
	for at := n; at.Get("$ref") != nil && !b.ending[at]; {
		if _, met := b.ending[at]; met {
			return nil, fmt.Errorf("%s: the reference leads back to itself", n.Pointer())
		}
		b.ending[at] = false // not known yet
		way = append(way, at)
		if at, err = b.doc.Target(at.Get("$ref")); err != nil {
			return nil, err
		}
	}
	for _, at := range way {
		b.ending[at] = true
	}
	return target, nil
}
