package document

import (
	"fmt"
	"slices"
)

// Deref follows the references of a node that is not a schema (a parameter, a
// response, …) to what they stand for. What stands beside such a reference
// means nothing, by the specification.
func (d *Document) Deref(n *Node) (*Node, error) {
	if n.Get("$ref") == nil {
		return n, nil
	}
	chain, err := d.chain(n, false)
	if err != nil {
		return nil, err
	}
	return chain[len(chain)-1], nil
}

// chain returns a node, what its reference leads to, and so on to what is no
// reference any more. Where keys are names, $ref can be one of them.
func (d *Document) chain(n *Node, names bool) ([]*Node, error) {
	chain := []*Node{n}
	for {
		ref := n.Get("$ref")
		if ref == nil || names && !ref.Is(StringNode) {
			return chain, nil
		}
		target, err := d.Target(ref)
		if err != nil {
			return nil, err
		}
		if slices.Contains(chain, target) {
			return nil, fmt.Errorf("%s: the reference leads back to itself", ref.Pointer())
		}
		chain, n = append(chain, target), target
	}
}

// Whole returns an object together with what its reference leads to: of the items
// of paths both hold. It fails where both have the same member, since no
// specification says which of them holds; of members that describe, those of the
// object itself do. If describes is nil, the keys are names.
func (d *Document) Whole(n *Node, describes func(key string) bool) (*Node, error) {
	if n.Get("$ref") == nil {
		return n, nil
	}
	chain, err := d.chain(n, describes == nil)
	if err != nil || len(chain) == 1 {
		return n, err
	}
	whole := &Node{Kind: ObjectNode, parent: n.parent, Key: n.Key, ID: n.ID, Line: n.Line}
	for _, part := range chain {
		if err := part.Expect(ObjectNode, "what a reference leads to"); err != nil {
			return nil, err
		}
		for i, key := range part.Keys {
			switch other := whole.Get(key); {
			case key == "$ref" && part != chain[len(chain)-1]:
			case other == nil:
				whole.Keys, whole.Kids = append(whole.Keys, key), append(whole.Kids, part.Kids[i])
			case describes == nil || !describes(key):
				return nil, fmt.Errorf("%s and %s stand on both sides of a reference: it is not known which of them holds", other.Pointer(), part.Kids[i].Pointer())
			}
		}
	}
	return whole, nil
}

// HasReference reports whether there is a reference anywhere in a value.
func (n *Node) HasReference() bool {
	if n == nil {
		return false
	}
	return n.Get("$ref").Is(StringNode) || slices.ContainsFunc(n.Kids, (*Node).HasReference)
}

// around returns what stands at some steps below the nearest value around a reference that
// has it. Schemas that were copied from elsewhere refer so to their own definitions.
func (n *Node) around(steps []string) *Node {
	for n = n.parent; n != nil; n = n.parent {
		at := n
		for _, step := range steps {
			at = at.step(step)
		}
		if at != nil {
			return at
		}
	}
	return nil
}

// anchored returns the schema with the anchor that a reference names.
func (d *Document) anchored(ref *Node, name string) (*Node, error) {
	if d.anchors == nil {
		d.anchors = map[string][]*Node{}
		if err := d.findAnchors(d.Top); err != nil {
			return nil, err
		}
	}
	switch found := d.anchors[name]; len(found) {
	case 0:
		return nil, fmt.Errorf("%s: the reference %.200q %w", ref.Pointer(), ref.Str(), ErrNowhere)
	case 1:
		return found[0], nil
	default:
		return nil, fmt.Errorf("%s and %s have the same anchor", found[0].Pointer(), found[1].Pointer())
	}
}

// findAnchors looks for anchors in a part, all of which is parsed.
func (d *Document) findAnchors(p *Part) error {
	for _, member := range p.Members {
		if err := d.findAnchors(member); err != nil {
			return err
		}
	}
	if p.Opened {
		return nil
	}
	n, err := d.Parsed(p)
	if err == nil {
		d.noteAnchors(n)
	}
	return err
}

func (d *Document) noteAnchors(n *Node) {
	if n.Get("$id").Is(StringNode) { // it has anchors of its own
		return
	}
	for _, key := range []string{"$anchor", "$dynamicAnchor"} {
		if name := n.Get(key); name.Is(StringNode) {
			d.anchors[name.Text] = append(d.anchors[name.Text], n)
		}
	}
	for _, kid := range n.Kids {
		d.noteAnchors(kid)
	}
}
