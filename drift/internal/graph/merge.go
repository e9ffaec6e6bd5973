package graph

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
)

// merger brings the claims of one state together. Claims are a set, so every
// rule is free of order: intersect, and where nothing is left keep them all.
type merger struct {
	b     *builder
	v     *Vertex
	state state
	edges map[string][]*document.Node // schemas that hold together under one label
	enums []valueSet
	names []string                    // of the properties of all claims, once asked for
	facts map[string][]*document.Node // keywords of which every claim stands
	limit bool                        // there is a limit
}

func (b *builder) merge(v *Vertex, st state) error {
	m := &merger{b: b, v: v, state: st, edges: map[string][]*document.Node{}, facts: map[string][]*document.Node{}}
	for _, claim := range st.claims {
		if claim.Is(document.BoolNode) {
			v.Say("never", []*document.Node{claim}, "true")
			continue
		}
		for i, key := range claim.Keys {
			if err := m.keyword(claim, key, claim.Kids[i]); err != nil {
				return err
			}
		}
	}
	types := m.types()
	m.enum(types)
	if m.limit {
		m.limits(types)
	}
	m.flags()
	if err := m.required(); err != nil {
		return err
	}
	if m.facts["contentMediaType"] == nil { // of which a contentSchema speaks
		delete(m.edges, "contentSchema")
	}
	m.facts["multipleOf"] = slices.DeleteFunc(m.facts["multipleOf"], func(n *document.Node) bool { return types&fractionType == 0 && n.Text == "1" })
	m.facts["format"] = slices.DeleteFunc(m.facts["format"], func(n *document.Node) bool { return isIdle(n, types) })
	for name, list := range m.facts {
		m.v.sayEach(name, list)
	}
	if f := m.v.Fact("format"); f != nil {
		f.editorial = isRestated(f.Values, types)
	}
	v.keepTypes(types)
	maps.DeleteFunc(m.edges, func(label string, _ []*document.Node) bool { return !speaksOf(label, types, edgeTypes) })
	if err := m.linkEdges(); err != nil {
		return err
	}
	return m.alternatives()
}

// PlainFacts are written as the text they are, others as JSON.
var PlainFacts = map[string]bool{
	"pattern": true, "format": true, "contentEncoding": true, "contentMediaType": true, "discriminator": true,
}

// sayEach adds a fact whose values are all that the claims say.
func (v *Vertex) sayEach(name string, list []*document.Node) {
	var values []string
	for _, n := range list {
		text := n.Canonical()
		if n.Kind == document.StringNode && PlainFacts[name] {
			text = n.Text
		}
		values = append(values, text)
	}
	v.Say(name, list, values...)
}

// keyword files what one claim says under one keyword.
func (m *merger) keyword(claim *document.Node, key string, n *document.Node) error {
	if key == "type" || key == "required" {
		if err := noReference(n); err != nil {
			return err
		}
	}
	switch key {
	case "type", "nullable", "required", "$ref", "$dynamicRef", "allOf", "oneOf", "anyOf",
		"then", "else", "minContains", "maxContains":
		return nil // dealt with over all claims, or with their companion
	case "exclusiveMaximum", "exclusiveMinimum":
		m.limit = true
		return nil
	case "enum", OpenSet:
		if n.Kind == document.ArrayNode {
			m.enums = append(m.enums, valueSet{n, m.orNull(claim, n.Kids...), key == OpenSet})
			return nil
		}
	case "const":
		m.enums = append(m.enums, valueSet{n, m.orNull(claim, n), false})
		return nil
	case "items":
		if n.Kind == document.ArrayNode {
			return m.list("prefixItems", n)
		}
		return m.edge("items", n)
	case "prefixItems":
		return m.list(key, n)
	case "additionalProperties":
		return m.edge(m.additionalLabel(claim), n)
	case "propertyNames", "additionalItems", "unevaluatedItems", "unevaluatedProperties", "contentSchema":
		return m.edge(key, n)
	case "properties":
		return m.edgeEach(propertyWord, n)
	case "patternProperties":
		return m.edgeEach(patternWord, n)
	case "dependentSchemas":
		return m.edgeEach("dependent ", n)
	case "dependentRequired":
		return entries(n, key, func(name string, list *document.Node) error {
			if err := list.Expect(document.ArrayNode, key); err != nil {
				return err
			}
			var names []string
			for _, kid := range list.Kids {
				names = append(names, kid.Str())
			}
			m.v.Say("dependentRequired "+name, []*document.Node{list}, names...)
			return nil
		})
	case "discriminator":
		if chosen := m.state.chosen; chosen != nil && (claim.Get("oneOf") == chosen || claim.Get("anyOf") == chosen) {
			return nil // it says which was chosen
		}
		return m.discriminator(claim, n)
	case "not", "if", "contains":
		return m.opaque(claim, key, n)
	}
	if _, ok := Limits[key]; ok && n.Is(document.NumberNode) {
		m.limit = true
		return nil
	}
	if prose(key) {
		return nil
	}
	if err := noReference(n); err != nil && key != "default" {
		return err
	}
	switch {
	case slices.Contains(FlagKeywords, key) && n.Is(document.BoolNode):
	case slices.Contains([]string{"pattern", "format", "multipleOf", "default", "contentEncoding", "contentMediaType"}, key):
		m.facts[key] = append(m.facts[key], n)
	default: // not known, or of a form not known: no meaning may get lost
		m.facts["keyword "+key] = append(m.facts["keyword "+key], n)
	}
	return nil
}

func (m *merger) edge(label string, n *document.Node) error {
	m.edges[label] = append(m.edges[label], n)
	return n.ExpectSchema()
}

func (m *merger) edgeEach(label string, n *document.Node) error {
	return m.b.members(n, "the schemas", func(name string, n *document.Node) error { return m.edge(label+name, n) })
}

func (m *merger) list(label string, n *document.Node) error {
	if err := n.Expect(document.ArrayNode, label); err != nil {
		return err
	}
	for i, kid := range n.Kids {
		if err := m.edge(label+" "+strconv.Itoa(i), kid); err != nil {
			return err
		}
	}
	return nil
}

// linkEdges links the schemas inside this one, in one order: where several schemas say
// nothing, what is found about them is found at the first.
func (m *merger) linkEdges() error {
	m.v.Edges = slices.Grow(m.v.Edges, len(m.edges))
	patterns := m.patterns()
	for _, label := range slices.Sorted(maps.Keys(m.edges)) {
		sources := m.edges[label]
		if name, ok := strings.CutPrefix(label, propertyWord); ok {
			at, err := m.unsent(name)
			if err != nil {
				return err
			}
			if at != nil {
				m.linkUnsent(label, at)
				continue
			}
			sources = m.ofProperty(name, sources, patterns)
		}
		to, err := m.b.schema(sources, m.v.Dir)
		if err != nil {
			return err
		}
		m.v.link(label, to)
	}
	return nil
}

// types intersects, also with what the sets of values leave. In 3.0 null is allowed beside a type only; a nullable that
// stands without one has no effect, but someone meant something by it.
func (m *merger) types() TypeSet {
	types := TypeSet(AnyType)
	var at, hints []*document.Node
	var said []TypeSet
	for _, c := range m.state.claims {
		t, err := claimTypes(c)
		if m.state.orNull[c] {
			t |= NullType
		}
		switch {
		case err == nil:
			at = append(at, c.Get("type"))
			said = append(said, t)
			types &= t
		case c.Get("type") != nil:
			m.facts["keyword type"] = append(m.facts["keyword type"], c.Get("type"))
		case c.Get("nullable").IsTrue():
			hints = append(hints, c.Get("nullable"))
		}
	}
	if left := types & m.closedTypes(); left != 0 && len(said) > 0 {
		types = left
	}
	switch {
	case types == 0:
		var texts []string
		for _, t := range said {
			texts = append(texts, strings.Join(t.names(), "|"))
		}
		m.v.Say("type", at, strings.Join(document.SortedSet(texts), " & "))
	case types != AnyType:
		m.v.Say("type", at, types.names()...)
	case len(said) == 0 && m.enumTypes() != 0: // a set of values without a type says the type as well
		types = m.enumTypes()
		m.v.Say("type", nil, types.names()...)
	}
	if types&NullType == 0 || types == AnyType {
		m.v.Say("nullable", hints, trueFor(hints)...)
	}
	return types
}

func trueFor(list []*document.Node) []string {
	if len(list) == 0 {
		return nil
	}
	return []string{"true"}
}

// Limits says for each keyword of a limit whether the lower one is tighter.
var Limits = map[string]bool{
	"maximum": true, "maxLength": true, "maxItems": true, "maxProperties": true,
	"minimum": false, "minLength": false, "minItems": false, "minProperties": false,
}

// limits keeps the tightest of each.
func (m *merger) limits(types TypeSet) {
	for keyword, lowerIsTighter := range Limits {
		var best *Bound
		for _, c := range m.state.claims {
			for _, next := range claimBounds(c, keyword) {
				if types&fractionType == 0 {
					next.Value, next.Exclusive = next.Value.Within(!lowerIsTighter, next.Exclusive), false
				}
				if best == nil || next.Tighter(*best, lowerIsTighter) {
					best = &next
				}
			}
		}
		if best == nil || strings.HasPrefix(keyword, "min") && keyword != "minimum" && best.Value.Sign() <= 0 {
			continue // a length is never below zero
		}
		m.v.Say(keyword, []*document.Node{best.at}, best.String())
	}
}

// FlagKeywords are true or not said.
var FlagKeywords = []string{"uniqueItems", "readOnly", "writeOnly", "deprecated"}

func (m *merger) flags() {
	for _, keyword := range FlagKeywords {
		if m.state.alone && (keyword == "readOnly" || keyword == "writeOnly") {
			continue
		}
		var at []*document.Node
		for _, c := range m.state.claims {
			if n := c.Get(keyword); n.IsTrue() {
				at = append(at, n)
			}
		}
		m.v.Say(keyword, at, trueFor(at)...)
	}
}
