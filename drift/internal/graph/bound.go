package graph

import (
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
)

// Bound is a limit on a number.
type Bound struct {
	Value     document.Decimal
	Exclusive bool
	at        *document.Node
}

// String spells the limit as a fact.
func (l Bound) String() string {
	if l.Exclusive {
		return l.Value.String() + exclusiveSuffix
	}
	return l.Value.String()
}

// ParseBound reads what String has spelled.
func ParseBound(s string) Bound {
	text, exclusive := strings.CutSuffix(s, exclusiveSuffix)
	value, _ := document.ParseDecimal(text) // made by String
	return Bound{Value: value, Exclusive: exclusive}
}

// Tighter reports whether a limit allows less than another.
func (l Bound) Tighter(o Bound, lowerIsTighter bool) bool {
	c := l.Value.Compare(o.Value)
	if c == 0 {
		return l.Exclusive && !o.Exclusive
	}
	return c < 0 == lowerIsTighter
}

// claimBounds reads a limit with its exclusive companion: a flag in 3.0, a
// number of its own in 3.1.
func claimBounds(c *document.Node, keyword string) []Bound {
	var companion *document.Node
	switch keyword {
	case "maximum":
		companion = c.Get("exclusiveMaximum")
	case "minimum":
		companion = c.Get("exclusiveMinimum")
	}
	var out []Bound
	for _, n := range []*document.Node{c.Get(keyword), companion} {
		if n.Is(document.NumberNode) {
			value, _ := document.ParseDecimal(n.Text) // made by decimal.String
			out = append(out, Bound{Value: value, at: n, Exclusive: n == companion || companion.IsTrue()})
		}
	}
	return out
}

const exclusiveSuffix = " exclusive"
