package drift

import (
	"fmt"
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"
)

const (
	// maxDepth is how deep values may nest inside one path or component. Real
	// documents stay under 40; what nests deeper only makes pointers grow.
	maxDepth = 256
	// maxNodes bounds what is parsed of one document, and with it the memory.
	maxNodes = 1_000_000
	// maxMembers bounds how many paths and components one document may have.
	maxMembers = 300_000
)

// part is a piece of a document. An opened part (the top level, paths,
// components and each of its sections) knows its members; any other part is
// parsed when it is first asked for, since most of a document is not ours.
type part struct {
	node    *node // without members if the part is opened, else nil until parsed
	key     string
	parent  *part
	raw     []byte     // the text, in a JSON document
	yaml    *yaml.Node // the value, in a YAML document
	opened  bool
	members []*part
	byKey   map[string]*part
}

// open makes p a part with members of its own.
func (p *part) open() {
	p.opened = true
	p.byKey = map[string]*part{}
	p.node = &node{kind: objectNode, key: p.key}
	if p.parent != nil {
		p.node.parent = p.parent.node
	}
}

// add adds a member to an opened part.
func (d *Document) add(p *part, key string) (*part, error) {
	if d.members++; d.members > maxMembers {
		return nil, fmt.Errorf("the document has more than %d paths and components: too much to judge", maxMembers)
	}
	member := &part{key: key, parent: p}
	p.members = append(p.members, member)
	p.byKey[key] = member
	return member, nil
}

// opens tells whether the value of this key is indexed member by member.
func (p *part) opens() bool {
	switch {
	case p.parent == nil:
		return true
	case p.parent.parent == nil:
		return p.key == "paths" || p.key == "components"
	}
	return p.parent.key == "components" && p.parent.parent.parent == nil
}

// member returns a member of an opened part, nil where there is none.
func (p *part) member(key string) *part {
	if p == nil || !p.opened {
		return nil
	}
	return p.byKey[key]
}

// parsed returns the value of a part.
func (d *Document) parsed(p *part) (*node, error) {
	if p.node != nil {
		return p.node, nil
	}
	b := &nodeBuilder{doc: d}
	var n *node
	var err error
	if p.yaml != nil {
		n, err = b.fromYAML(p.yaml, p.parent.node, p.key)
	} else {
		n, err = b.fromJSON(p.raw, p.parent.node, p.key)
	}
	if err != nil {
		return nil, err
	}
	p.node = n
	return n, nil
}

// at returns the value at a JSON pointer given as steps.
func (d *Document) at(steps []string) (*node, error) {
	p := d.top
	for len(steps) > 0 && p.opened {
		next := p.member(steps[0])
		if next == nil {
			return nil, nil
		}
		p, steps = next, steps[1:]
	}
	if p.opened { // a whole section is nothing that can be referred to
		return nil, nil
	}
	n, err := d.parsed(p)
	if err != nil {
		return nil, err
	}
	for _, step := range steps {
		n = n.step(step)
	}
	return n, nil
}

// step returns a member of an object or an element of a list.
func (n *node) step(step string) *node {
	if n.is(arrayNode) {
		i, err := strconv.Atoi(step)
		if err != nil || i < 0 || i >= len(n.kids) {
			return nil
		}
		return n.kids[i]
	}
	return n.get(step)
}

// nodeBuilder makes the nodes of one part.
type nodeBuilder struct {
	doc   *Document
	depth int
}

func (b *nodeBuilder) make(kind nodeKind, parent *node, key string) (*node, error) {
	b.doc.nodes++
	if b.doc.nodes > maxNodes {
		return nil, fmt.Errorf("more than %d values are referred to from the paths looked at: too much to judge", maxNodes)
	}
	return &node{kind: kind, parent: parent, key: key, id: b.doc.nodes}, nil
}

// enter goes one level down; leave comes back.
func (b *nodeBuilder) enter(n *node) error {
	b.depth++
	if b.depth > maxDepth {
		at := n
		for range maxDepth - 4 {
			at = at.parent
		}
		return fmt.Errorf("values under %s nest deeper than %d levels", at.pointer(), maxDepth)
	}
	return nil
}

func (b *nodeBuilder) leave() { b.depth-- }

func (n *node) clip() { n.keys, n.kids = slices.Clip(n.keys), slices.Clip(n.kids) }

// list returns the members of an opened part.
func (p *part) list() []*part {
	if p == nil {
		return nil
	}
	return p.members
}
