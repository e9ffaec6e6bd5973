package document

import (
	"fmt"
	"strconv"

	"gopkg.in/yaml.v3"
)

const (
	// maxDepth is how deep values may nest inside one path or component. Real
	// documents stay under 40; what nests deeper only makes pointers grow.
	MaxDepth = 256
	// maxNodes bounds what is parsed of one document, and with it the memory.
	maxNodes = 1_000_000
	// maxMembers bounds how many paths and components one document may have.
	maxMembers = 300_000
)

// Part is a piece of a document. An opened part (the top level, paths,
// components and each of its sections) knows its members; any other part is
// parsed when it is first asked for, since most of a document is not ours.
type Part struct {
	Node    *Node // without members if the part is opened, else nil until parsed
	Key     string
	parent  *Part
	raw     []byte     // the text, in a JSON document
	yaml    *yaml.Node // the value, in a YAML document
	Opened  bool
	Members []*Part
	byKey   map[string]*Part
}

// open makes p a part with members of its own.
func (p *Part) open() {
	p.Opened = true
	p.byKey = map[string]*Part{}
	p.Node = &Node{Kind: ObjectNode, Key: p.Key}
	if p.parent != nil {
		p.Node.parent = p.parent.Node
	}
}

// add adds a member to an opened part.
func (d *Document) add(p *Part, key string) (*Part, error) {
	if d.members++; d.members > maxMembers {
		return nil, fmt.Errorf("the document has more than %d paths and components: too much to judge", maxMembers)
	}
	member := &Part{Key: key, parent: p}
	p.Members = append(p.Members, member)
	p.byKey[key] = member
	return member, nil
}

// opens reports whether the value of this key is indexed member by member.
func (p *Part) opens() bool {
	switch {
	case p.parent == nil:
		return true
	case p.parent.parent == nil:
		return p.Key == "paths" || p.Key == "components"
	}
	return p.parent.Key == "components" && p.parent.parent.parent == nil
}

// Member returns a member of an opened part, or nil.
func (p *Part) Member(key string) *Part {
	if p == nil || !p.Opened {
		return nil
	}
	return p.byKey[key]
}

// Parsed returns the value of a part.
func (d *Document) Parsed(p *Part) (*Node, error) {
	if p.Node != nil {
		return p.Node, nil
	}
	b := &nodeBuilder{doc: d}
	var n *Node
	var err error
	if p.yaml != nil {
		n, err = b.fromYAML(p.yaml, p.parent.Node, p.Key)
	} else {
		n, err = b.fromJSON(p.raw, p.parent.Node, p.Key)
	}
	if err != nil {
		return nil, err
	}
	p.Node = n
	return n, nil
}

// At returns the value at a JSON pointer given as steps.
func (d *Document) At(steps []string) (*Node, error) {
	p := d.Top
	for len(steps) > 0 && p.Opened {
		next := p.Member(steps[0])
		if next == nil {
			return nil, nil
		}
		p, steps = next, steps[1:]
	}
	if p.Opened { // a whole section is nothing that can be referred to
		return nil, nil
	}
	n, err := d.Parsed(p)
	if err != nil {
		return nil, err
	}
	for _, step := range steps {
		n = n.step(step)
	}
	return n, nil
}

// step returns a member of an object or an element of a list.
func (n *Node) step(step string) *Node {
	if n.Is(ArrayNode) {
		i, err := strconv.Atoi(step)
		if err != nil || i < 0 || i >= len(n.Kids) {
			return nil
		}
		return n.Kids[i]
	}
	return n.Get(step)
}

// nodeBuilder makes the nodes of one part.
type nodeBuilder struct {
	doc   *Document
	depth int
}

func (b *nodeBuilder) make(kind nodeKind, parent *Node, key string) (*Node, error) {
	b.doc.nodes++
	if b.doc.nodes > maxNodes {
		return nil, fmt.Errorf("more than %d values are referred to from the paths looked at: too much to judge", maxNodes)
	}
	if len(b.doc.spare) == 0 {
		b.doc.spare = make([]Node, 36) // 4 KiB: one allocation for them, which lasts as long as any
	}
	n := &b.doc.spare[0]
	b.doc.spare = b.doc.spare[1:]
	n.Kind, n.parent, n.Key, n.ID = kind, parent, key, int32(b.doc.nodes)
	return n, nil
}

// enter goes one level down; leave comes back.
func (b *nodeBuilder) enter(n *Node) error {
	b.depth++
	if b.depth > MaxDepth {
		at := n
		for range MaxDepth - 4 {
			at = at.parent
		}
		return fmt.Errorf("values under %s nest deeper than %d levels", at.Pointer(), MaxDepth)
	}
	return nil
}

func (b *nodeBuilder) leave() { b.depth-- }

// List returns the members of an opened part.
func (p *Part) List() []*Part {
	if p == nil {
		return nil
	}
	return p.Members
}
