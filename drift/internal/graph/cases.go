package graph

import (
	"github.com/originpull/originpull-go/drift/internal/document"
)

// maxCases bounds how many schemas are made of others and one of their alternatives.
// Without them a schema that gets alternatives is compared as it is written.
const maxCases = 10_000

// cases makes of a schema with one choice what it is with each alternative. Null, if
// any of them allows it, is allowed by each.
func (m *merger) cases() error {
	if m.b.printing || len(m.state.groups) != 1 || m.state.chosen != nil || m.b.cases > maxCases {
		return nil
	}
	g, branches := m.state.groups[0], m.v.Set("choice")[0].Set("branch")
	null, beside := g.null, true
	isNullAlone := make([]bool, len(g.branches))
	for i, branch := range g.branches {
		claims, err := m.b.closure([]*document.Node{branch})
		if err != nil {
			return err
		}
		types := (&state{claims: claims}).types()
		null = null || types != AnyType && types&NullType != 0
		isNullAlone[i] = len(claims) == 1 && isNull(claims[0])
		beside = beside && allowsBeside(claims)
	}
	if null && !beside {
		return nil
	}
	for i, branch := range g.branches {
		if isNullAlone[i] {
			continue
		}
		whole, err := m.withBranch(g, branch, null)
		if err != nil {
			return err
		}
		m.v.Cases = append(m.v.Cases, Case{whole, branches[i]})
	}
	m.b.cases += len(m.v.Cases)
	return nil
}

// withBranch returns the vertex for what the schema is with one of its alternatives.
func (m *merger) withBranch(g group, branch *document.Node, orNull bool) (*Vertex, error) {
	o := opening{b: m.b}
	for _, c := range m.state.claims {
		if c.Get(g.keyword) == g.at && !saysSomething(c, g.keyword, "discriminator") {
			continue
		}
		if m.state.orNull[c] {
			o.beside = append(o.beside, c)
		} else {
			o.direct = append(o.direct, c)
		}
	}
	if len(o.direct)+len(o.beside) > 0 {
		o.chosen = g.at
	}
	if orNull {
		o.beside = append(o.beside, branch)
	} else {
		o.direct = append(o.direct, branch)
	}
	st, err := o.open()
	if err != nil {
		return nil, err
	}
	return m.b.stateVertex(st, []*document.Node{branch}, m.v.Dir, false)
}
