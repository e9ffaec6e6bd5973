package propose

import (
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/internal/yamlnode"
)

// draft is a tree to be changed, which shares with the tree that it was made from all that
// is not asked for. To copy a large document for each change takes longer than to compare.
type draft struct {
	tree *yaml.Node
	own  map[*yaml.Node]bool // nodes that are not shared, true with all below them
}

func newDraft(tree *yaml.Node) *draft {
	d := &draft{own: map[*yaml.Node]bool{}}
	d.tree = d.owned(tree)
	if d.tree.Kind == yaml.DocumentNode {
		d.tree.Content[0] = d.owned(d.tree.Content[0])
	}
	return d
}

// owned returns a node, or a copy of it with the same children, that is not shared.
func (d *draft) owned(n *yaml.Node) *yaml.Node {
	if _, ok := d.own[n]; ok {
		return n
	}
	out := *n
	out.Content = slices.Clone(n.Content)
	d.own[&out] = false
	return &out
}

// whole lets nothing below a node be shared.
func (d *draft) whole(n *yaml.Node) {
	if d.own[n] {
		return
	}
	d.own[n] = true
	for i, kid := range n.Content {
		n.Content[i] = d.owned(kid)
		d.whole(n.Content[i])
	}
}

// at returns the node at a JSON pointer, or nil. It may be changed with all below it.
func (d *draft) at(pointer string) *yaml.Node {
	n := d.holder(pointer)
	if n != nil {
		d.whole(n)
	}
	return n
}

// holder returns the node at a JSON pointer, or nil. What it holds may be changed, but
// nothing below.
func (d *draft) holder(pointer string) *yaml.Node {
	n := document.Unwrap(d.tree)
	for _, step := range document.PointerSteps(pointer) {
		kid := document.NodeAt(n, "/"+document.EscapePointer(step))
		if kid == nil {
			return nil
		}
		if !d.own[n] { // else all below is
			at := slices.Index(n.Content, kid)
			kid = d.owned(kid)
			n.Content[at] = kid
		}
		n = kid
	}
	return n
}

// section returns the components of a kind, made if there are none.
func (d *draft) section(name string) *yaml.Node {
	root := document.Unwrap(d.tree)
	for _, key := range []string{"components", name} {
		if yamlnode.Field(root, key) == nil {
			added := document.Object()
			d.own[added] = false
			document.Put(root, key, added)
		}
		kid := d.owned(yamlnode.Field(root, key))
		document.Assign(root, key, kid)
		root = kid
	}
	return root
}

// put puts a component that was made into a section.
func (d *draft) put(section *yaml.Node, name string, n *yaml.Node) {
	document.Assign(section, name, n)
	d.own[n] = true
}

// redirect lets what refers to a place or below it, as a schema does that holds
// itself, refer to where that stands now. Only what is new refers there.
func (d *draft) redirect(n *yaml.Node, from, to string) {
	whole, own := d.own[n]
	if own && !whole {
		for _, kid := range n.Content {
			d.redirect(kid, from, to)
		}
	} else if own {
		redirect(n, from, to)
	}
}
