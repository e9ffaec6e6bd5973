package drift

import (
	"slices"
	"strconv"
	"strings"
)

// merger brings the claims of one state together. Claims are a set, so every
// rule is free of order: intersect, and where nothing is left keep them all.
type merger struct {
	b     *builder
	v     *vertex
	state state
	edges map[string][]*node // schemas that hold together under one label
	enums []valueSet
	names []string           // of the properties of all claims, once asked for
	facts map[string][]*node // keywords of which every claim stands
}

// valueSet is what one claim says of values: a list, or one that is constant.
type valueSet struct {
	at     *node
	values []*node
}

func (b *builder) merge(v *vertex, st state) error {
	m := &merger{b: b, v: v, state: st, edges: map[string][]*node{}, facts: map[string][]*node{}}
	for _, claim := range st.claims {
		if claim.is(boolNode) {
			v.say("never", []*node{claim}, "true")
			continue
		}
		for i, key := range claim.keys {
			if err := m.keyword(claim, key, claim.kids[i]); err != nil {
				return err
			}
		}
	}
	m.types()
	m.enum()
	m.limits()
	m.flags()
	if err := m.required(); err != nil {
		return err
	}
	for name, list := range m.facts {
		m.v.sayEach(name, list)
	}
	if err := m.linkEdges(); err != nil {
		return err
	}
	return m.alternatives()
}

// plainFacts are written as the text they are, others as JSON.
var plainFacts = map[string]bool{
	"pattern": true, "format": true, "contentEncoding": true, "contentMediaType": true, "discriminator": true,
}

// sayEach adds a fact whose values are all that the claims say.
func (v *vertex) sayEach(name string, list []*node) {
	var values []string
	for _, n := range list {
		text := n.canonical()
		if n.kind == stringNode && plainFacts[name] {
			text = n.text
		}
		values = append(values, text)
	}
	v.say(name, list, values...)
}

// keyword files what one claim says under one keyword.
func (m *merger) keyword(claim *node, key string, n *node) error {
	switch key {
	case "type", "nullable", "required", "$ref", "allOf", "oneOf", "anyOf",
		"exclusiveMaximum", "exclusiveMinimum", "then", "else", "minContains", "maxContains":
		return nil // dealt with over all claims, or with their companion
	case "enum", openSet:
		if n.kind == arrayNode {
			m.enums = append(m.enums, valueSet{n, n.kids})
			return nil
		}
	case "const":
		m.enums = append(m.enums, valueSet{n, []*node{n}})
		return nil
	case "items":
		if n.kind == arrayNode {
			return m.list("prefixItems", n)
		}
		return m.edge("items", n)
	case "prefixItems":
		return m.list(key, n)
	case "additionalProperties":
		return m.edge(m.additionalLabel(claim), n)
	case "propertyNames", "unevaluatedItems", "unevaluatedProperties", "contentSchema":
		return m.edge(key, n)
	case "properties":
		return m.edgeEach("property ", n)
	case "patternProperties":
		return m.edgeEach("pattern ", n)
	case "dependentSchemas":
		return m.edgeEach("dependent ", n)
	case "dependentRequired":
		return m.b.members(n, key, func(name string, list *node) error {
			var names []string
			for _, kid := range list.kids {
				names = append(names, kid.str())
			}
			m.v.say("dependentRequired "+name, []*node{list}, names...)
			return nil
		})
	case "discriminator":
		return m.discriminator(claim, n)
	case "not", "if", "contains":
		return m.opaque(claim, key, n)
	}
	if _, ok := limits[key]; ok && n.is(numberNode) || prose(key) {
		return nil
	}
	switch {
	case slices.Contains(flagKeywords, key) && n.is(boolNode):
	case slices.Contains([]string{"pattern", "format", "multipleOf", "default", "contentEncoding", "contentMediaType"}, key):
		m.facts[key] = append(m.facts[key], n)
	default: // not known, or of a form not known: no meaning may get lost
		m.facts["keyword "+key] = append(m.facts["keyword "+key], n)
	}
	return nil
}

func (m *merger) edge(label string, n *node) error {
	m.edges[label] = append(m.edges[label], n)
	return n.expectSchema()
}

func (m *merger) edgeEach(label string, n *node) error {
	return m.b.members(n, "the schemas", func(name string, n *node) error { return m.edge(label+name, n) })
}

func (m *merger) list(label string, n *node) error {
	if err := n.expect(arrayNode, label); err != nil {
		return err
	}
	for i, kid := range n.kids {
		if err := m.edge(label+" "+strconv.Itoa(i), kid); err != nil {
			return err
		}
	}
	return nil
}

// additionalLabel names the properties that additionalProperties does not
// speak of: those of its own claim, which matter where other claims have more.
func (m *merger) additionalLabel(claim *node) string {
	own := sorted(propertyNames(claim))
	if m.names == nil {
		m.names = []string{}
		for _, c := range m.state.claims {
			m.names = append(m.names, propertyNames(c)...)
		}
		m.names = sorted(m.names)
	}
	if slices.Equal(own, m.names) {
		return "additionalProperties"
	}
	quoted := []string{}
	for _, name := range own {
		quoted = append(quoted, quoteJSON(name))
	}
	return "additionalProperties except [" + strings.Join(quoted, ",") + "]"
}

func propertyNames(claim *node) []string {
	var out []string
	if p := claim.get("properties"); p != nil {
		out = append(out, p.keys...)
	}
	if p := claim.get("patternProperties"); p != nil {
		for _, key := range p.keys {
			out = append(out, "/"+key+"/")
		}
	}
	return out
}

// linkEdges links the schemas inside this one.
func (m *merger) linkEdges() error {
	for label, sources := range m.edges {
		to, err := m.b.schema(sources, m.v.dir)
		if err != nil {
			return err
		}
		m.v.link(label, to)
	}
	return nil
}

// types intersects. In 3.0 null is allowed beside a type only; a nullable that
// stands without one has no effect, but somebody meant something by it.
func (m *merger) types() {
	types := typeSet(anyType)
	var at, hints []*node
	var said []string
	for _, c := range m.state.claims {
		t, err := claimTypes(c)
		switch {
		case err == nil:
			at = append(at, c.get("type"))
			said = append(said, strings.Join(t.names(), "|"))
			types &= t
		case c.get("type") != nil:
			m.facts["keyword type"] = append(m.facts["keyword type"], c.get("type"))
		case c.get("nullable").isTrue():
			hints = append(hints, c.get("nullable"))
		}
	}
	switch {
	case types == 0:
		slices.Sort(said)
		m.v.say("type", at, strings.Join(slices.Compact(said), " & "))
	case types != anyType:
		m.v.say("type", at, types.names()...)
	case len(said) == 0: // a set of values without a type says the type as well
		m.v.say("type", nil, m.enumTypes().names()...)
	}
	if types&nullType == 0 || types == anyType {
		m.v.say("nullable", hints, trueFor(hints)...)
	}
}

// enumTypes returns the types of the values that an enum allows, none where
// there is no enum.
func (m *merger) enumTypes() typeSet {
	var types typeSet
	for _, set := range m.enums {
		for _, n := range set.values {
			switch n.kind {
			case nullNode:
				types |= nullType
			case boolNode:
				types |= booleanType
			case stringNode:
				types |= stringType
			case arrayNode:
				types |= arrayType
			case objectNode:
				types |= objectType
			case numberNode:
				types |= numberTypes(n)
			}
		}
	}
	return types
}

// numberTypes returns the types that a number stands for: a whole one is an
// integer, any other a number.
func numberTypes(n *node) typeSet {
	if value, _ := parseDecimal(n.text); value.isInteger() { // made by decimal.String
		return integerType
	}
	return integerType | fractionType
}

func trueFor(list []*node) []string {
	if len(list) == 0 {
		return nil
	}
	return []string{"true"}
}

func (m *merger) enum() {
	if len(m.enums) == 0 {
		return
	}
	count := map[string]int{}
	var at []*node
	for _, set := range m.enums {
		once := map[string]bool{}
		at = append(at, set.at)
		for _, n := range set.values {
			text := n.canonical()
			if !once[text] {
				once[text] = true
				count[text]++
			}
		}
	}
	var shared, all []string
	for text, n := range count {
		all = append(all, text)
		if n == len(m.enums) {
			shared = append(shared, text)
		}
	}
	if len(shared) == 0 { // the claims contradict one another: keep them all
		m.v.say("enum", at, contradiction+strings.Join(sorted(all), " & "))
		return
	}
	m.v.say("enum", at, shared...)
}

// contradiction begins what stands for values of which none is left.
const contradiction = "contradiction of "

// limits says for each keyword of a limit whether the lower one is tighter.
var limits = map[string]bool{
	"maximum": true, "maxLength": true, "maxItems": true, "maxProperties": true,
	"minimum": false, "minLength": false, "minItems": false, "minProperties": false,
}

// limits keeps the tightest of each.
func (m *merger) limits() {
	for keyword, lowerIsTighter := range limits {
		var best *bound
		for _, c := range m.state.claims {
			for _, next := range claimBounds(c, keyword) {
				if best == nil || next.tighter(*best, lowerIsTighter) {
					best = &next
				}
			}
		}
		if best == nil || strings.HasPrefix(keyword, "min") && keyword != "minimum" && best.value.sign() <= 0 {
			continue // a length is never below zero
		}
		m.v.say(keyword, []*node{best.at}, best.String())
	}
}

// bound is a limit on a number.
type bound struct {
	value     decimal
	exclusive bool
	at        *node
}

const exclusiveSuffix = " exclusive"

func (l bound) String() string {
	if l.exclusive {
		return l.value.String() + exclusiveSuffix
	}
	return l.value.String()
}

func parseBound(s string) bound {
	text, exclusive := strings.CutSuffix(s, exclusiveSuffix)
	value, _ := parseDecimal(text) // made by String
	return bound{value: value, exclusive: exclusive}
}

func (l bound) tighter(o bound, lowerIsTighter bool) bool {
	c := l.value.compare(o.value)
	if c == 0 {
		return l.exclusive && !o.exclusive
	}
	return c < 0 == lowerIsTighter
}

// claimBounds reads a limit with its exclusive companion: a flag in 3.0, a
// number of its own in 3.1.
func claimBounds(c *node, keyword string) []bound {
	var companion *node
	switch keyword {
	case "maximum":
		companion = c.get("exclusiveMaximum")
	case "minimum":
		companion = c.get("exclusiveMinimum")
	}
	var out []bound
	for _, n := range []*node{c.get(keyword), companion} {
		if n.is(numberNode) {
			value, _ := parseDecimal(n.text) // made by decimal.String
			out = append(out, bound{value: value, at: n, exclusive: n == companion || companion.isTrue()})
		}
	}
	return out
}

var flagKeywords = []string{"uniqueItems", "readOnly", "writeOnly", "deprecated"}

func (m *merger) flags() {
	for _, keyword := range flagKeywords {
		if m.state.alone && (keyword == "readOnly" || keyword == "writeOnly") {
			continue
		}
		var at []*node
		for _, c := range m.state.claims {
			if n := c.get(keyword); n.isTrue() {
				at = append(at, n)
			}
		}
		m.v.say(keyword, at, trueFor(at)...)
	}
}
