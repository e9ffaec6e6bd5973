package document

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// nodeKind is one of the six kinds of JSON value.
type nodeKind byte

// The kinds.
const (
	NullNode nodeKind = iota
	BoolNode
	NumberNode
	StringNode
	ArrayNode
	ObjectNode
)

// String returns the kind as it stands in an error.
func (k nodeKind) String() string {
	return [...]string{"null", "a boolean", "a number", "a string", "a list", "an object"}[k]
}

// Node is one value of a document, in the order of its text, knowing where it
// stands so that a JSON pointer can be made when one is asked for.
type Node struct {
	Kind   nodeKind
	ID     int32    // order of reading, unique in its document
	Line   int32    // in a YAML text, else 0
	Text   string   // of a string, a canonical number, "true" or "false"
	Keys   []string // of an object
	Kids   []*Node  // of an object or a list
	parent *Node
	Key    string           // under which the parent holds it
	byKey  map[string]*Node // of a large object, once it was asked for
}

// Get returns the member of an object, or nil.
func (n *Node) Get(key string) *Node {
	if n == nil || n.Kind != ObjectNode {
		return nil
	}
	const few = 32
	if len(n.Keys) <= few {
		if i := slices.Index(n.Keys, key); i >= 0 {
			return n.Kids[i]
		}
		return nil
	}
	if n.byKey == nil {
		n.byKey = make(map[string]*Node, len(n.Keys))
		for i, key := range n.Keys {
			n.byKey[key] = n.Kids[i]
		}
	}
	return n.byKey[key]
}

// Is reports whether there is a node, and of this kind.
func (n *Node) Is(k nodeKind) bool { return n != nil && n.Kind == k }

// IsTrue reports whether the node is the boolean true.
func (n *Node) IsTrue() bool { return n.Is(BoolNode) && n.Text == "true" }

// Str returns the text of a string, "" for anything else.
func (n *Node) Str() string {
	if n.Is(StringNode) {
		return n.Text
	}
	return ""
}

// Pointer returns the JSON pointer (RFC 6901) of the node.
func (n *Node) Pointer() string {
	var steps []string
	for ; n != nil && n.parent != nil; n = n.parent {
		steps = append(steps, EscapePointer(n.Key))
	}
	if len(steps) == 0 {
		return ""
	}
	slices.Reverse(steps)
	return "/" + strings.Join(steps, "/")
}

var (
	pointerEscaper   = strings.NewReplacer("~", "~0", "/", "~1")
	pointerUnescaper = strings.NewReplacer("~1", "/", "~0", "~")
)

// EscapePointer escapes one step of a JSON pointer.
func EscapePointer(step string) string {
	if !strings.ContainsAny(step, "~/") {
		return step
	}
	return pointerEscaper.Replace(step)
}

// UnescapePointer undoes [EscapePointer].
func UnescapePointer(step string) string {
	if !strings.Contains(step, "~") {
		return step
	}
	return pointerUnescaper.Replace(step)
}

// AsMember returns the object that holds a node, without its other members.
func (n *Node) AsMember() *Node {
	return &Node{Kind: ObjectNode, parent: n.parent.parent, Key: n.parent.Key, Line: n.parent.Line, Keys: []string{n.Key}, Kids: []*Node{n}}
}

// Canonical returns the value as JSON in which order of members and spelling
// of numbers are made equal.
func (n *Node) Canonical() string {
	var b strings.Builder
	n.writeCanonical(&b)
	return b.String()
}

func (n *Node) writeCanonical(b *strings.Builder) {
	switch n.Kind {
	case NullNode:
		b.WriteString("null")
	case BoolNode, NumberNode:
		b.WriteString(n.Text)
	case StringNode:
		b.WriteString(QuoteJSON(n.Text))
	case ArrayNode:
		b.WriteByte('[')
		for i, kid := range n.Kids {
			if i > 0 {
				b.WriteByte(',')
			}
			kid.writeCanonical(b)
		}
		b.WriteByte(']')
	case ObjectNode:
		b.WriteByte('{')
		for i, at := range sortedOrder(n.Keys) {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(QuoteJSON(n.Keys[at]))
			b.WriteByte(':')
			n.Kids[at].writeCanonical(b)
		}
		b.WriteByte('}')
	}
}

// sortedOrder returns the indices of keys in the order of their text.
func sortedOrder(keys []string) []int {
	order := make([]int, len(keys))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(keys[a], keys[b]) })
	return order
}

// QuoteJSON returns a string as JSON.
func QuoteJSON(s string) string {
	quoted, err := jsontext.AppendQuote(nil, s)
	if err != nil { // not UTF-8: both readers refuse that before
		return strconv.Quote(s)
	}
	return string(quoted)
}

// UnquoteJSON returns the string that a text of JSON stands for, and whether it is one.
func UnquoteJSON(s string) (string, bool) {
	unquoted, err := jsontext.AppendUnquote(nil, s)
	return string(unquoted), err == nil
}

// Expect returns an error that says where a value of another kind stands.
func (n *Node) Expect(k nodeKind, what string) error {
	if n.Kind == k {
		return nil
	}
	return fmt.Errorf("%s at %s is %v, want %v", what, n.Pointer(), n.Kind, k)
}

// ExpectSchema returns an error unless the node can be a schema.
func (n *Node) ExpectSchema() error {
	if n.Kind == BoolNode || n.Kind == ObjectNode {
		return nil
	}
	return n.Expect(ObjectNode, "a schema")
}

// PointerSteps returns the steps of a JSON pointer, unescaped.
func PointerSteps(pointer string) []string {
	var steps []string
	for _, step := range strings.Split(pointer, "/")[1:] {
		steps = append(steps, UnescapePointer(step))
	}
	return steps
}

// SortedSet sorts a list in place, and returns it with each value once.
func SortedSet(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
