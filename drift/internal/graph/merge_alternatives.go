package graph

import (
	"errors"
	"fmt"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
)

// required joins the claims. A property that is only ever read is not
// required of a request, nor one that is only ever written of a response.
func (m *merger) required() error {
	var values []string
	var at []*document.Node
	for _, c := range m.state.claims {
		list := c.Get("required")
		if list == nil {
			continue
		}
		if list.Kind != document.ArrayNode { // the form of an old draft
			m.facts["keyword required"] = append(m.facts["keyword required"], list)
			continue
		}
		for _, n := range list.Kids {
			excused, err := m.unsent(n.Str())
			if err != nil {
				return err
			}
			if excused == nil {
				values = append(values, n.Str())
				at = append(at, n)
			}
		}
	}
	m.v.Say("required", at, values...)
	return nil
}

// UnsentFlag returns the keyword of a property that is never part of a value which is
// sent in a direction.
func UnsentFlag(dir Direction) string {
	if dir == Response {
		return "writeOnly"
	}
	return "readOnly"
}

// unsent returns where it is said that a property is never part of the value.
func (m *merger) unsent(property string) ([]*document.Node, error) {
	if m.b.printing {
		return nil, nil
	}
	return m.b.flagged(m.edges[propertyWord+property], UnsentFlag(m.v.Dir), map[*document.Node]bool{})
}

// flagged returns where a flag is said of some schemas that hold together: by one of them,
// or by all alternatives but null.
func (b *builder) flagged(sources []*document.Node, flag string, met map[*document.Node]bool) ([]*document.Node, error) {
	claims, err := b.closure(sources)
	if err != nil {
		return nil, err
	}
	var at []*document.Node
	for _, c := range claims {
		if n := c.Get(flag); n.IsTrue() {
			at = append(at, n)
		}
	}
	for _, c := range claims {
		if len(at) > 0 || met[c] {
			break
		}
		met[c] = true
		for _, keyword := range []string{"oneOf", "anyOf"} {
			if at, err = b.allFlagged(BranchesOf(c, keyword), flag, met); err != nil || len(at) > 0 {
				return at, err
			}
		}
	}
	return at, nil
}

func (b *builder) allFlagged(branches []*document.Node, flag string, met map[*document.Node]bool) ([]*document.Node, error) {
	rest, err := b.withoutNull(branches, NullType)
	if err != nil {
		return nil, err
	}
	var all []*document.Node
	for _, branch := range rest {
		at, err := b.flagged([]*document.Node{branch}, flag, met)
		if err != nil || len(at) == 0 {
			return nil, err
		}
		all = append(all, at...)
	}
	return all, nil
}

// linkUnsent links what stands for a property that is never part of the value.
func (m *merger) linkUnsent(label string, at []*document.Node) {
	to := m.b.vertex("schema", m.v.Dir, nil)
	to.At, to.Unsent = m.edges[label], true
	to.Say(UnsentFlag(m.v.Dir), at, "true")
	m.v.link(label, to)
}

// alternatives adds each oneOf and anyOf that is left.
func (m *merger) alternatives() error {
	var choices []*Vertex
	for _, g := range m.state.groups {
		choice := m.b.vertex("choice", m.v.Dir, g.at)
		choice.Say("choice", []*document.Node{g.at}, g.keyword)
		var branches []*Vertex
		for _, branch := range g.branches {
			to, err := m.b.schema([]*document.Node{branch}, m.v.Dir)
			if err != nil {
				return err
			}
			branches = append(branches, to)
		}
		if g.null {
			null := m.b.vertex("schema", m.v.Dir, g.at)
			null.Say("type", nil, "null")
			branches = append(branches, null)
		}
		choice.Collect("branch", branches)
		choices = append(choices, choice)
	}
	m.v.Collect("choice", choices)
	return m.cases()
}

// opaque adds what turns the meaning of the schemas in it around or makes it
// conditional. There any change is a change, none is looser or tighter.
func (m *merger) opaque(claim *document.Node, key string, n *document.Node) error {
	if err := n.ExpectSchema(); err != nil {
		return err
	}
	if least := claim.Get("minContains"); key == "contains" && least.Is(document.NumberNode) && least.Text == "0" && claim.Get("maxContains") == nil {
		return nil // it may contain none
	}
	holder := m.b.vertex(key, m.v.Dir, n)
	companions := map[string][]string{"not": {"not"}, "if": {"if", "then", "else"}, "contains": {"contains"}}
	for _, keyword := range companions[key] {
		schema := claim.Get(keyword)
		if schema == nil {
			continue
		}
		to, err := m.b.schema([]*document.Node{schema}, m.v.Dir)
		if err != nil {
			return err
		}
		holder.link(keyword, to)
	}
	if key == "contains" {
		for _, limit := range []string{"minContains", "maxContains"} {
			if n := claim.Get(limit); n != nil {
				holder.sayEach(limit, []*document.Node{n})
			}
		}
	}
	m.v.Sets = appendToSet(m.v.Sets, key, holder)
	return nil
}

func appendToSet(sets []set, label string, member *Vertex) []set {
	for i := range sets {
		if sets[i].Label == label {
			sets[i].Members = append(sets[i].Members, member)
			return sets
		}
	}
	return append(sets, set{label, []*Vertex{member}})
}

// mappingWord comes before the value of a discriminator.
const mappingWord = "mapping "

// discriminator links each value to the schema it stands for. Of an alternative
// without a mapping the name of the component is the value: the one place where such a
// name is seen on the wire.
func (m *merger) discriminator(claim, n *document.Node) error {
	if err := n.Expect(document.ObjectNode, "a discriminator"); err != nil {
		return err
	}
	if err := unknown(n, "defaultMapping"); err != nil {
		return err
	}
	property := n.Get("propertyName")
	if !property.Is(document.StringNode) {
		return fmt.Errorf("%s: a discriminator without propertyName", n.Pointer())
	}
	m.facts["discriminator"] = append(m.facts["discriminator"], property)
	mapped := map[*Vertex]bool{} // nil for a value that leads nowhere
	if mapping := n.Get("mapping"); mapping != nil {
		err := entries(mapping, "the mapping", func(value string, ref *document.Node) error {
			target, err := m.b.mapped(ref)
			if errors.Is(err, document.ErrNowhere) { // compared as it is written
				m.facts[dangling] = append(m.facts[dangling], ref.AsMember())
				mapped[nil] = true
				return nil
			}
			if err == nil {
				err = m.mapping(value, target, mapped)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, keyword := range []string{"oneOf", "anyOf"} {
		branches := BranchesOf(claim, keyword)
		if len(mapped) >= len(branches) {
			continue
		}
		for _, branch := range branches {
			if err := m.byName(branch, n.Get("mapping"), mapped); err != nil {
				return err
			}
		}
	}
	return nil
}

// mapping links a value of a discriminator to the schema it stands for.
func (m *merger) mapping(value string, target *document.Node, mapped map[*Vertex]bool) error {
	to, err := m.b.schema([]*document.Node{target}, m.v.Dir)
	if err != nil {
		return err
	}
	mapped[to] = true
	return m.edge(mappingWord+value, target)
}

// byName links the name of an alternative, unless the mapping names it or gives its name to
// another one.
func (m *merger) byName(branch, mapping *document.Node, mapped map[*Vertex]bool) error {
	ref := branch.Get("$ref")
	if ref == nil {
		return nil
	}
	target, err := m.b.doc.Target(ref)
	if err != nil {
		return err
	}
	to, err := m.b.schema([]*document.Node{target}, m.v.Dir)
	if err != nil {
		return err
	}
	name := document.UnescapePointer(ref.Str()[strings.LastIndexByte(ref.Str(), '/')+1:])
	if mapped[to] || mapping.Get(name) != nil {
		return nil
	}
	return m.edge(mappingWord+name, target)
}

// dangling is the fact of values that are mapped to schemas which do not exist.
const dangling = "keyword danglingMapping"

// OfDiscriminator reports whether a fact or an edge of this name is part of a discriminator.
func OfDiscriminator(name string) bool {
	return name == "discriminator" || name == dangling || FirstWord(name) == "mapping"
}

// mapped returns the schema that a value of a mapping names, by reference or
// by the name of a component.
func (b *builder) mapped(ref *document.Node) (*document.Node, error) {
	if !strings.ContainsAny(ref.Str(), "#/") {
		n, err := b.doc.At([]string{"components", "schemas", ref.Str()})
		if err != nil || n != nil {
			return n, err
		}
		return nil, fmt.Errorf("%s: no schema is called %.100q: %w", ref.Pointer(), ref.Str(), document.ErrNowhere)
	}
	return b.doc.Target(ref)
}
