package graph

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/originpull/originpull-go/drift/internal/document"
)

// maxRounds bounds how often alternatives, of which one branch is possible, may
// follow from one another.
const maxRounds = 64

// state is a schema as the set of source schemas, its claims, that hold
// together. References, allOf and alternatives with one branch are opened, so
// that however a document is cut into components the state is the same.
type state struct {
	claims []*document.Node
	orNull map[*document.Node]bool // claims that hold unless the value is null
	groups []group
	chosen *document.Node // the oneOf or anyOf of a claim of which one branch was chosen
	alone  bool           // no property, though it says readOnly or writeOnly
}

// group is a oneOf or anyOf of one claim with more than one branch.
type group struct {
	keyword  string
	at       *document.Node
	branches []*document.Node
	null     bool // null is one more
}

// opening is a state that is being opened.
type opening struct {
	b      *builder
	direct []*document.Node // schemas that hold
	beside []*document.Node // schemas that hold unless the value is null
	state
}

// open collects the claims of some schemas. An alternative that the types
// required elsewhere rule out can never hold and is left out; where one branch
// remains, it holds, and where null is the only one besides, it may be null instead.
func (b *builder) open(sources []*document.Node) (state, error) {
	return opening{b: b, direct: sources}.open()
}

func (o opening) open() (state, error) {
	if err := o.collect(); err != nil {
		return state{}, err
	}
	for range maxRounds {
		before := len(o.direct) + len(o.beside)
		if err := o.round(); err != nil {
			return state{}, err
		}
		if len(o.direct)+len(o.beside) == before {
			return o.state, nil
		}
		if err := o.collect(); err != nil {
			return state{}, err
		}
	}
	return state{}, fmt.Errorf("%s: alternatives of which one is possible follow from one another more than %d times: too entangled to judge", o.direct[0].Pointer(), maxRounds)
}

// collect brings the claims up to date with the schemas.
func (o *opening) collect() (err error) {
	if o.claims, err = o.b.closure(o.direct); err != nil || len(o.beside) == 0 {
		return err
	}
	beside, err := o.b.closure(o.beside)
	if err != nil {
		return err
	}
	o.orNull = map[*document.Node]bool{}
	for _, c := range beside {
		o.orNull[c] = true
	}
	for _, c := range o.claims {
		delete(o.orNull, c)
	}
	o.claims = slices.AppendSeq(slices.Clone(o.claims), maps.Keys(o.orNull))
	slices.SortFunc(o.claims, func(x, y *document.Node) int { return cmp.Compare(x.ID, y.ID) })
	return nil
}

// round looks at the alternatives of each claim: those of which one is left hold.
func (o *opening) round() error {
	o.groups = nil
	types := o.types()
	for _, c := range o.claims {
		for _, keyword := range []string{"oneOf", "anyOf"} {
			if len(BranchesOf(c, keyword)) < 2 || c.Get(keyword) == o.chosen {
				continue
			}
			branches, err := o.b.branches(c, keyword)
			if err != nil {
				return err
			}
			possible, err := o.b.possible(branches, types)
			if err != nil {
				return err
			}
			rest, err := o.b.withoutNull(possible, types)
			if err != nil {
				return err
			}
			null := types&NullType != 0 && (o.orNull[c] || len(rest) < len(possible))
			switch {
			case len(possible) == 1 && !null:
				o.direct = add(o.direct, possible[0])
			case len(rest) == 1 && null:
				o.beside = add(o.beside, rest[0])
			default:
				o.groups = append(o.groups, group{keyword, c.Get(keyword), possible, null && len(rest) == len(possible)})
			}
		}
	}
	return nil
}

// add returns a list with a schema, once.
func add(list []*document.Node, n *document.Node) []*document.Node {
	if slices.Contains(list, n) {
		return list
	}
	return append(slices.Clip(list), n)
}

// types returns those that the claims leave.
func (st *state) types() TypeSet {
	types := TypeSet(AnyType)
	for _, c := range st.claims {
		t, _ := claimTypes(c)
		if st.orNull[c] {
			t |= NullType
		}
		types &= t
	}
	return types
}

// BranchesOf returns the alternatives of a claim under oneOf or anyOf.
func BranchesOf(claim *document.Node, keyword string) []*document.Node {
	if n := claim.Get(keyword); n.Is(document.ArrayNode) {
		return n.Kids
	}
	return nil
}

// branches returns the alternatives of a claim. One of an anyOf that is an anyOf again, and
// says no more, stands for its own. What is printed keeps it, with its name.
func (b *builder) branches(claim *document.Node, keyword string) ([]*document.Node, error) {
	if keyword != "anyOf" || b.printing {
		return BranchesOf(claim, keyword), nil
	}
	return b.anyOfs(claim, map[*document.Node]bool{})
}

// anyOfs returns the alternatives of an anyOf. Met holds those that were looked into, and
// whether all of their alternatives are known.
func (b *builder) anyOfs(claim *document.Node, met map[*document.Node]bool) ([]*document.Node, error) {
	met[claim] = false
	var out []*document.Node
	for _, branch := range BranchesOf(claim, "anyOf") {
		claims, err := b.closure([]*document.Node{branch})
		if err != nil {
			return nil, err
		}
		if len(claims) != 1 || !isAnyOf(claims[0]) {
			out = append(out, branch)
			continue
		}
		switch known, again := met[claims[0]]; {
		case known:
		case again: // it holds itself
			out = append(out, branch)
		default:
			more, err := b.anyOfs(claims[0], met)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		}
	}
	met[claim] = true
	return out, nil
}

// isAnyOf reports whether a claim says that some of several schemas hold, and no more.
func isAnyOf(claim *document.Node) bool {
	return len(BranchesOf(claim, "anyOf")) > 1 && !saysSomething(claim, "anyOf")
}

// possible returns the branches that allow some value of these types, or all
// if none does: then the document contradicts itself, and says so.
func (b *builder) possible(branches []*document.Node, types TypeSet) ([]*document.Node, error) {
	var out []*document.Node
	for _, branch := range branches {
		claims, err := b.closure([]*document.Node{branch})
		if err != nil {
			return nil, err
		}
		st := state{claims: claims}
		if st.types()&types != 0 {
			out = append(out, branch)
		}
	}
	if len(out) == 0 {
		return branches, nil
	}
	return out, nil
}

// withoutNull returns the branches that are not just null, where null can be.
func (b *builder) withoutNull(branches []*document.Node, types TypeSet) ([]*document.Node, error) {
	if types&NullType == 0 {
		return branches, nil
	}
	var out []*document.Node
	beside := true // it says all that it says of other values than null
	for _, branch := range branches {
		claims, err := b.closure([]*document.Node{branch})
		if err != nil {
			return nil, err
		}
		if len(claims) == 1 && isNull(claims[0]) {
			continue
		}
		out = append(out, branch)
		beside = allowsBeside(claims)
	}
	if len(out) == 1 && !beside || len(out) == 0 {
		return branches, nil
	}
	return out, nil
}

// allowsBeside reports whether all that some claims say of null is by type and enum, so
// that these can be read as allowing it.
func allowsBeside(claims []*document.Node) bool {
	return !slices.ContainsFunc(claims, func(c *document.Node) bool {
		return c.Is(document.BoolNode) || c.Get("not") != nil || c.Get("if") != nil
	})
}

// isNull reports whether a claim says that the value is null, and nothing else.
func isNull(claim *document.Node) bool {
	if claim.Kind != document.ObjectNode {
		return false
	}
	types, _ := claimTypes(claim)
	for i, key := range claim.Keys {
		switch n := claim.Kids[i]; {
		case key == "type", key == "nullable", prose(key):
		case key == "const":
			types &= valueTypes(n)
		case key == "enum" && n.Is(document.ArrayNode):
			types &= typesOf(slices.Values(n.Kids))
		default:
			return false
		}
	}
	return types == NullType
}
