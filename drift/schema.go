package drift

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// maxStates bounds how many different conjunctions of schemas are told apart.
// Real documents need a few thousand; subsets of an allOf can make 2ⁿ.
const maxStates = 50_000

// maxRounds bounds how often alternatives, of which one branch is possible, may
// follow from one another.
const maxRounds = 64

// maxClaims bounds what all conjunctions hold together.
const maxClaims = 2_000_000

// state is a schema as the set of source schemas, its claims, that hold
// together. References, allOf and alternatives with one branch are opened, so
// that however a document is cut into components the state is the same.
type state struct {
	claims []*node
	groups []group
	alone  bool // no property, though it says readOnly or writeOnly
}

// group is a oneOf or anyOf of one claim with more than one branch.
type group struct {
	keyword  string
	at       *node
	branches []*node
}

// schema returns the vertex for the conjunction of some source schemas.
func (b *builder) schema(sources []*node, dir Direction) (*vertex, error) {
	return b.schemaAs(sources, dir, false)
}

// schemaAs returns the vertex for a schema that is the value of a property, or
// stands alone as that of a parameter, a header or a body. OpenAPI gives
// readOnly and writeOnly no meaning there.
func (b *builder) schemaAs(sources []*node, dir Direction, alone bool) (*vertex, error) {
	var source sourceKey
	if len(sources) == 1 {
		source = sourceKey{sources[0], dir, alone}
		if v := b.sources[source]; v != nil {
			return v, nil
		}
	}
	v, err := b.conjunction(sources, dir, alone)
	if err == nil && len(sources) == 1 {
		b.sources[source] = v
	}
	return v, err
}

// sourceKey names a single schema, the common case, in one of its uses.
type sourceKey struct {
	node  *node
	dir   Direction
	alone bool
}

func (b *builder) conjunction(sources []*node, dir Direction, alone bool) (*vertex, error) {
	st, err := b.open(sources)
	if err != nil {
		return nil, err
	}
	st.alone = alone && slices.ContainsFunc(st.claims, func(c *node) bool { return c.get("readOnly") != nil || c.get("writeOnly") != nil })
	key := []byte(dir)
	if st.alone {
		key = append(key, " alone"...)
	}
	for _, c := range st.claims {
		key = strconv.AppendInt(append(key, ' '), int64(c.id), 36)
	}
	if v := b.schemas[string(key)]; v != nil {
		return v, nil
	}
	if b.claims += len(st.claims); len(b.schemas) >= maxStates || b.claims > maxClaims {
		return nil, fmt.Errorf("more than %d different combinations of schemas: too entangled to judge", maxStates)
	}
	v := b.vertex("schema", dir, nil)
	v.at = st.claims
	if len(st.claims) == 0 { // anything is allowed: stand where it is said
		v.at = sources
	}
	b.schemas[string(key)] = v
	b.queue = append(b.queue, pending{v, st})
	return v, nil
}

// open collects the claims of some schemas. An alternative that the types
// required elsewhere rule out can never hold and is left out; where one branch
// remains, it holds.
func (b *builder) open(sources []*node) (state, error) {
	claims, err := b.closure(sources)
	if err != nil {
		return state{}, err
	}
	for range maxRounds {
		types := b.types(claims)
		var groups []group
		var more []*node
		for _, c := range claims {
			for _, keyword := range []string{"oneOf", "anyOf"} {
				branches := branchesOf(c, keyword)
				if len(branches) < 2 {
					continue
				}
				possible, err := b.possible(branches, types)
				if err != nil {
					return state{}, err
				}
				if len(possible) == 1 {
					more = append(more, possible[0])
					continue
				}
				groups = append(groups, group{keyword, c.get(keyword), possible})
			}
		}
		grown, err := b.closure(append(slices.Clone(claims), more...))
		if err != nil {
			return state{}, err
		}
		if len(grown) == len(claims) {
			return state{claims: claims, groups: groups}, nil
		}
		claims = grown
	}
	return state{}, fmt.Errorf("%s: alternatives of which one is possible follow from one another more than %d times: too entangled to judge", sources[0].pointer(), maxRounds)
}

func branchesOf(claim *node, keyword string) []*node {
	if n := claim.get(keyword); n.is(arrayNode) {
		return n.kids
	}
	return nil
}

// possible returns the branches that allow some value of these types, or all
// if none does: then the document contradicts itself, and says so.
func (b *builder) possible(branches []*node, types typeSet) ([]*node, error) {
	var out []*node
	for _, branch := range branches {
		claims, err := b.closure([]*node{branch})
		if err != nil {
			return nil, err
		}
		if b.types(claims)&types != 0 {
			out = append(out, branch)
		}
	}
	if len(out) == 0 {
		return branches, nil
	}
	return out, nil
}

// closure opens references, allOf and single branches, and returns the claims
// in the order of their reading.
func (b *builder) closure(sources []*node) ([]*node, error) {
	if len(sources) == 1 {
		if claims, ok := b.opened[sources[0]]; ok {
			return claims, nil
		}
	}
	seen := map[*node]bool{}
	var claims []*node
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
		if n.kind == objectNode && (n.get("$ref") == nil || b.doc.siblingsCount()) && saysSomething(n) || n.is(boolNode) && !n.isTrue() {
			claims = append(claims, n)
		}
	}
	slices.SortFunc(claims, func(x, y *node) int { return x.id - y.id })
	if len(sources) == 1 {
		b.opened[sources[0]] = claims
	}
	return claims, nil
}

// saysSomething tells whether a schema has a keyword that is neither prose
// nor opened by closure.
func saysSomething(n *node) bool {
	return slices.ContainsFunc(n.keys, func(key string) bool {
		switch key {
		case "$ref", "allOf":
			return false
		case "oneOf", "anyOf":
			return len(branchesOf(n, key)) != 1
		}
		return !prose(key)
	})
}

// parts returns the schemas that a schema stands for besides its own claims.
func (b *builder) parts(n *node) ([]*node, error) {
	if n.kind != objectNode {
		return nil, n.expectSchema()
	}
	var out []*node
	if n.get("$ref") != nil {
		target, err := b.refTarget(n)
		if err != nil {
			return nil, err
		}
		out = append(out, target)
		if !b.doc.siblingsCount() {
			return out, nil
		}
	}
	for _, key := range []string{"$dynamicRef", "$recursiveRef", "$id"} {
		if n.get(key) != nil {
			return nil, fmt.Errorf("%s: %s cannot be judged", n.pointer(), key)
		}
	}
	for _, keyword := range []string{"allOf", "oneOf", "anyOf"} {
		list := n.get(keyword)
		if list == nil {
			continue
		}
		if err := list.expect(arrayNode, keyword); err != nil {
			return nil, err
		}
		if keyword == "allOf" || len(list.kids) == 1 {
			out = append(out, list.kids...)
		}
	}
	return out, nil
}

// refTarget follows one reference, and makes sure that the chain of pure
// references behind it ends somewhere.
func (b *builder) refTarget(n *node) (*node, error) {
	target, err := b.doc.target(n.get("$ref"))
	if err != nil {
		return nil, err
	}
	seen := map[*node]bool{n: true}
	for at := target; at.get("$ref") != nil && !b.ending[at]; {
		if seen[at] {
			return nil, fmt.Errorf("%s: the reference leads back to itself", n.pointer())
		}
		seen[at] = true
		if at, err = b.doc.target(at.get("$ref")); err != nil {
			return nil, err
		}
	}
	maps.Copy(b.ending, seen)
	return target, nil
}

// typeSet is a set of JSON types. An integer is a number.
type typeSet byte

const (
	nullType typeSet = 1 << iota
	booleanType
	objectType
	arrayType
	stringType
	integerType
	fractionType
	anyType = 1<<iota - 1
)

var typeNames = []struct {
	name string
	set  typeSet
}{
	{"array", arrayType}, {"boolean", booleanType}, {"null", nullType}, {"object", objectType},
	{"number", integerType | fractionType}, {"integer", integerType}, {"string", stringType},
}

func (t typeSet) names() []string {
	var out []string
	for _, name := range typeNames {
		if t&name.set == name.set {
			t &^= name.set
			out = append(out, name.name)
		}
	}
	slices.Sort(out)
	return out
}

var errNoTypes = errors.New("no type")

// claimTypes returns what one claim says of types, errNoTypes if nothing.
func claimTypes(claim *node) (typeSet, error) {
	n := claim.get("type")
	var names []string
	switch {
	case n.is(stringNode):
		names = []string{n.text}
	case n.is(arrayNode):
		for _, kid := range n.kids {
			names = append(names, kid.str())
		}
	}
	var types typeSet
	for _, name := range names {
		known := false
		for _, t := range typeNames {
			if t.name == name {
				types, known = types|t.set, true
			}
		}
		if !known {
			return anyType, errNoTypes
		}
	}
	if len(names) == 0 {
		return anyType, errNoTypes
	}
	if claim.get("nullable").isTrue() {
		types |= nullType
	}
	return types, nil
}

func (b *builder) types(claims []*node) typeSet {
	types := typeSet(anyType)
	for _, c := range claims {
		t, _ := claimTypes(c)
		types &= t
	}
	return types
}

// openSet is the keyword of an open set of values: those that are known, to
// which others may come. What is known is compared as any set is.
const openSet = "x-extensible-enum"

// prose tells which keywords of a schema say nothing about values.
func prose(key string) bool {
	switch key {
	case "title", "description", "example", "examples", "externalDocs", "$comment", "$schema", "$defs", "definitions", "$anchor":
		return true
	}
	return strings.HasPrefix(key, "x-") && key != openSet
}

// types returns the types that a schema allows, 0 if its claims contradict
// one another.
func (v *vertex) types() typeSet {
	f := v.fact("type")
	if f == nil {
		return anyType
	}
	var types typeSet
	for _, name := range f.values {
		for _, t := range typeNames {
			if t.name == name {
				types |= t.set
			}
		}
	}
	return types
}

// nullness is 2 where null is allowed, 1 where a nullable without effect
// stands, else 0.
func (v *vertex) nullness() int {
	switch {
	case v.fact("type") != nil && v.types()&nullType != 0:
		return 2
	case v.fact("nullable") != nil:
		return 1
	}
	return 0
}
