package graph

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
)

// maxStates bounds how many different conjunctions of schemas are distinguished.
// Real documents need a few thousand; subsets of an allOf can make 2ⁿ.
const maxStates = 50_000

// maxClaims bounds what all conjunctions hold together.
const maxClaims = 2_000_000

// schema returns the vertex for the conjunction of some source schemas.
func (b *builder) schema(sources []*document.Node, dir Direction) (*Vertex, error) {
	return b.schemaAs(sources, dir, false)
}

// schemaAs returns the vertex for a schema that is the value of a property, or
// stands alone as that of a parameter, a header or a body. OpenAPI gives
// readOnly and writeOnly no meaning there.
func (b *builder) schemaAs(sources []*document.Node, dir Direction, alone bool) (*Vertex, error) {
	if b.printing {
		dir, alone = "", false
	}
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
	node  *document.Node
	dir   Direction
	alone bool
}

func (b *builder) conjunction(sources []*document.Node, dir Direction, alone bool) (*Vertex, error) {
	st, err := b.open(sources)
	if err != nil {
		return nil, err
	}
	return b.stateVertex(st, sources, dir, alone)
}

// stateVertex returns the vertex for a state. Sources are what it was opened from.
func (b *builder) stateVertex(st state, sources []*document.Node, dir Direction, alone bool) (*Vertex, error) {
	st.alone = alone && slices.ContainsFunc(st.claims, func(c *document.Node) bool { return c.Get("readOnly") != nil || c.Get("writeOnly") != nil })
	key := st.key(dir)
	if v := b.schemas[string(key)]; v != nil {
		return v, nil
	}
	if b.claims += len(st.claims); len(b.schemas) >= maxStates || b.claims > maxClaims {
		return nil, fmt.Errorf("more than %d different combinations of schemas: too entangled to judge", maxStates)
	}
	v := b.vertex("schema", dir, nil)
	v.At = st.claims
	if len(st.claims) == 0 { // anything is allowed: stand where it is said
		v.At = sources
	}
	b.schemas[string(key)] = v
	b.queue = append(b.queue, pending{v, st})
	return v, nil
}

// key names a state in a direction.
func (st state) key(dir Direction) []byte {
	key := []byte(dir)
	if st.alone {
		key = append(key, " alone"...)
	}
	if st.chosen != nil {
		key = strconv.AppendInt(append(key, " of "...), int64(st.chosen.ID), 36)
	}
	for _, c := range st.claims {
		key = strconv.AppendInt(append(key, ' '), int64(c.ID), 36)
		if st.orNull[c] {
			key = append(key, '?')
		}
	}
	return key
}

// TypeSet is a set of JSON types. An integer is a number.
type TypeSet byte

// The types, and all of them.
const (
	NullType TypeSet = 1 << iota
	booleanType
	objectType
	arrayType
	StringType
	integerType
	fractionType
	AnyType = 1<<iota - 1
)

var typeNames = []struct {
	name string
	set  TypeSet
}{
	{"array", arrayType}, {"boolean", booleanType}, {"null", NullType}, {"object", objectType},
	{"number", integerType | fractionType}, {"integer", integerType}, {"string", StringType},
}

func (t TypeSet) names() []string {
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
func claimTypes(claim *document.Node) (TypeSet, error) {
	n := claim.Get("type")
	var names []string
	switch {
	case n.Is(document.StringNode):
		names = []string{n.Text}
	case n.Is(document.ArrayNode):
		for _, kid := range n.Kids {
			names = append(names, kid.Str())
		}
	}
	var types TypeSet
	for _, name := range names {
		known := false
		for _, t := range typeNames {
			if t.name == name {
				types, known = types|t.set, true
			}
		}
		if !known {
			return AnyType, errNoTypes
		}
	}
	if len(names) == 0 {
		return AnyType, errNoTypes
	}
	if claim.Get("nullable").IsTrue() {
		types |= NullType
	}
	return types, nil
}

// OpenSet is the keyword of an open set of values: those that are known, to
// which others may come. What is known is compared as any set is.
const OpenSet = "x-extensible-enum"

// prose says which keywords of a schema say nothing about values.
func prose(key string) bool {
	switch key {
	case "title", "description", "example", "examples", "externalDocs", "$comment", "$schema", "$defs", "definitions", "$anchor", "$dynamicAnchor":
		return true
	}
	return strings.HasPrefix(key, "x-") && key != OpenSet
}

// Types returns the types that a schema allows, 0 if its claims contradict
// one another.
func (v *Vertex) Types() TypeSet {
	f := v.Fact("type")
	if f == nil {
		return AnyType
	}
	var types TypeSet
	for _, name := range f.Values {
		for _, t := range typeNames {
			if t.name == name {
				types |= t.set
			}
		}
	}
	return types
}

// Nullness is 2 where null is allowed, 1 where a nullable without effect
// stands, else 0.
func (v *Vertex) Nullness() int {
	switch {
	case v.Fact("type") != nil && v.Types()&NullType != 0:
		return 2
	case v.Fact("nullable") != nil:
		return 1
	}
	return 0
}

// SecretFormat is the format of a text that must not be shown.
const SecretFormat = "password"

// FormatName is what the name of a format looks like.
var FormatName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._+-]{0,63}$`)
