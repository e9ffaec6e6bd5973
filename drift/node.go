package drift

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// nodeKind is one of the six kinds of JSON value.
type nodeKind byte

const (
	nullNode nodeKind = iota
	boolNode
	numberNode
	stringNode
	arrayNode
	objectNode
)

func (k nodeKind) String() string {
	return [...]string{"null", "a boolean", "a number", "a string", "a list", "an object"}[k]
}

// node is one value of a document, in the order of its text, knowing where it
// stands so that a JSON pointer can be made when one is asked for.
type node struct {
	kind   nodeKind
	text   string   // of a string, a canonical number, "true" or "false"
	keys   []string // of an object
	kids   []*node  // of an object or a list
	parent *node
	key    string           // under which the parent holds it
	id     int              // order of reading, unique in its document
	line   int              // in a YAML text, else 0
	byKey  map[string]*node // of a large object, once it was asked for
}

// get returns the member of an object, nil where there is none.
func (n *node) get(key string) *node {
	if n == nil || n.kind != objectNode {
		return nil
	}
	const few = 32
	if len(n.keys) <= few {
		if i := slices.Index(n.keys, key); i >= 0 {
			return n.kids[i]
		}
		return nil
	}
	if n.byKey == nil {
		n.byKey = make(map[string]*node, len(n.keys))
		for i, key := range n.keys {
			n.byKey[key] = n.kids[i]
		}
	}
	return n.byKey[key]
}

func (n *node) is(k nodeKind) bool { return n != nil && n.kind == k }

func (n *node) isTrue() bool { return n.is(boolNode) && n.text == "true" }

// str returns the text of a string, "" for anything else.
func (n *node) str() string {
	if n.is(stringNode) {
		return n.text
	}
	return ""
}

// pointer returns the JSON pointer (RFC 6901) of the node.
func (n *node) pointer() string {
	var steps []string
	for ; n != nil && n.parent != nil; n = n.parent {
		steps = append(steps, escapePointer(n.key))
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

func escapePointer(step string) string   { return pointerEscaper.Replace(step) }
func unescapePointer(step string) string { return pointerUnescaper.Replace(step) }

// canonical returns the value as JSON in which order of members and spelling
// of numbers are made equal.
func (n *node) canonical() string {
	var b strings.Builder
	n.writeCanonical(&b)
	return b.String()
}

func (n *node) writeCanonical(b *strings.Builder) {
	switch n.kind {
	case nullNode:
		b.WriteString("null")
	case boolNode, numberNode:
		b.WriteString(n.text)
	case stringNode:
		b.WriteString(quoteJSON(n.text))
	case arrayNode:
		b.WriteByte('[')
		for i, kid := range n.kids {
			if i > 0 {
				b.WriteByte(',')
			}
			kid.writeCanonical(b)
		}
		b.WriteByte(']')
	case objectNode:
		b.WriteByte('{')
		for i, at := range sortedOrder(n.keys) {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(quoteJSON(n.keys[at]))
			b.WriteByte(':')
			n.kids[at].writeCanonical(b)
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

func quoteJSON(s string) string {
	quoted, err := jsontext.AppendQuote(nil, s)
	if err != nil { // not UTF-8: both readers refuse that before
		return strconv.Quote(s)
	}
	return string(quoted)
}

// expect returns an error that says where a value of another kind stands.
func (n *node) expect(k nodeKind, what string) error {
	if n.kind == k {
		return nil
	}
	return fmt.Errorf("%s at %s is %v, want %v", what, n.pointer(), n.kind, k)
}

// list returns the elements of a list, none where it is not there.
func (n *node) list() []*node {
	if n == nil {
		return nil
	}
	return n.kids
}

func (n *node) expectSchema() error {
	if n.kind == boolNode || n.kind == objectNode {
		return nil
	}
	return n.expect(objectNode, "a schema")
}

func pointerSteps(pointer string) []string {
	var steps []string
	for _, step := range strings.Split(pointer, "/")[1:] {
		steps = append(steps, unescapePointer(step))
	}
	return steps
}
