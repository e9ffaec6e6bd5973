package drift

import (
	"fmt"
	"strings"
)

// required joins the claims. A property that is only ever read is not
// required of a request, nor one that is only ever written of an answer.
func (m *merger) required() error {
	excuse := "readOnly"
	if m.v.dir == Response {
		excuse = "writeOnly"
	}
	var values []string
	var at []*node
	for _, c := range m.state.claims {
		list := c.get("required")
		if list == nil {
			continue
		}
		if list.kind != arrayNode { // the form of an old draft
			m.facts["keyword required"] = append(m.facts["keyword required"], list)
			continue
		}
		for _, n := range list.kids {
			excused, err := m.excused(n.str(), excuse)
			if err != nil {
				return err
			}
			if !excused {
				values = append(values, n.str())
				at = append(at, n)
			}
		}
	}
	m.v.say("required", at, values...)
	return nil
}

func (m *merger) excused(property, flag string) (bool, error) {
	claims, err := m.b.closure(m.edges["property "+property])
	if err != nil {
		return false, err
	}
	for _, c := range claims {
		if c.get(flag).isTrue() {
			return true, nil
		}
	}
	return false, nil
}

// alternatives adds each oneOf and anyOf that is left.
func (m *merger) alternatives() error {
	var choices []*vertex
	for _, g := range m.state.groups {
		choice := m.b.vertex("choice", m.v.dir, g.at)
		choice.say("choice", []*node{g.at}, g.keyword)
		var branches []*vertex
		for _, branch := range g.branches {
			to, err := m.b.schema([]*node{branch}, m.v.dir)
			if err != nil {
				return err
			}
			branches = append(branches, to)
		}
		choice.collect("branch", branches)
		choices = append(choices, choice)
	}
	m.v.collect("choice", choices)
	return nil
}

// opaque adds what turns the meaning of the schemas in it around or makes it
// conditional. There any change is a change, none is looser or tighter.
func (m *merger) opaque(claim *node, key string, n *node) error {
	if err := n.expectSchema(); err != nil {
		return err
	}
	holder := m.b.vertex(key, m.v.dir, n)
	companions := map[string][]string{"not": {"not"}, "if": {"if", "then", "else"}, "contains": {"contains"}}
	for _, keyword := range companions[key] {
		schema := claim.get(keyword)
		if schema == nil {
			continue
		}
		to, err := m.b.schema([]*node{schema}, m.v.dir)
		if err != nil {
			return err
		}
		holder.link(keyword, to)
	}
	if key == "contains" {
		for _, limit := range []string{"minContains", "maxContains"} {
			if n := claim.get(limit); n != nil {
				holder.sayEach(limit, []*node{n})
			}
		}
	}
	m.v.sets = appendToSet(m.v.sets, key, holder)
	return nil
}

func appendToSet(sets []set, label string, member *vertex) []set {
	for i := range sets {
		if sets[i].label == label {
			sets[i].members = append(sets[i].members, member)
			return sets
		}
	}
	return append(sets, set{label, []*vertex{member}})
}

// discriminator links each value to the schema it stands for. Without a
// mapping the name of the component is the value: the one place where such a
// name is seen on the wire.
func (m *merger) discriminator(claim, n *node) error {
	if err := n.expect(objectNode, "a discriminator"); err != nil {
		return err
	}
	property := n.get("propertyName")
	if !property.is(stringNode) {
		return fmt.Errorf("%s: a discriminator without propertyName", n.pointer())
	}
	m.facts["discriminator"] = append(m.facts["discriminator"], property)
	if mapping := n.get("mapping"); mapping != nil {
		return m.b.members(mapping, "the mapping", func(value string, ref *node) error {
			target, err := m.b.mapped(ref)
			if err != nil {
				return err
			}
			return m.edge("mapping "+value, target)
		})
	}
	for _, keyword := range []string{"oneOf", "anyOf"} {
		for _, branch := range branchesOf(claim, keyword) {
			ref := branch.get("$ref")
			if ref == nil {
				continue
			}
			target, err := m.b.doc.target(ref)
			if err != nil {
				return err
			}
			name := ref.str()[strings.LastIndexByte(ref.str(), '/')+1:]
			if err := m.edge("mapping "+unescapePointer(name), target); err != nil {
				return err
			}
		}
	}
	return nil
}

// mapped returns the schema that a value of a mapping names, by reference or
// by the name of a component.
func (b *builder) mapped(ref *node) (*node, error) {
	if !strings.ContainsAny(ref.str(), "#/") {
		n, err := b.doc.at([]string{"components", "schemas", ref.str()})
		if err != nil || n != nil {
			return n, err
		}
		return nil, fmt.Errorf("%s: no schema is called %.100q", ref.pointer(), ref.str())
	}
	return b.doc.target(ref)
}
