package propose

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/internal/overlay"
	"github.com/originpull/originpull-go/internal/yamlnode"
)

// action is one action of an overlay on our document.
type action struct {
	Target string     `yaml:"target"`
	Why    string     `yaml:"description"`
	Remove bool       `yaml:"remove,omitempty"`
	Update *yaml.Node `yaml:"update,omitempty"`
}

// size counts the values that actions write.
func size(actions []action) int {
	n := 0
	var count func(*yaml.Node)
	count = func(v *yaml.Node) {
		n++
		for _, kid := range v.Content {
			count(kid)
		}
	}
	for _, a := range actions {
		if a.Update != nil {
			count(a.Update)
		}
	}
	return n
}

// actionsFor writes the difference of two trees as actions: from the one to
// the other, each at the deepest place that can be named without a position.
func actionsFor(before, after *yaml.Node, f drift.Finding) []action {
	d := &differ{why: f.Change()}
	d.compare("$", document.Unwrap(before), document.Unwrap(after))
	return d.actions
}

type differ struct {
	why     string
	actions []action
}

func (d *differ) update(path string, n *yaml.Node) {
	d.actions = append(d.actions, action{Target: path, Why: d.why, Update: n})
}

func (d *differ) remove(path string) {
	d.actions = append(d.actions, action{Target: path, Why: d.why, Remove: true})
}

// compare compares two objects.
func (d *differ) compare(path string, before, after *yaml.Node) {
	more := document.Object()
	for key := range yamlnode.Members(before) {
		if yamlnode.Field(after, key) == nil {
			d.remove(path + pathTo(key))
		}
	}
	for key, now := range yamlnode.Members(after) {
		was := yamlnode.Field(before, key)
		switch {
		case was == nil:
			document.Put(more, key, now)
		case yamlnode.Equal(was, now):
		case was.Kind == yaml.MappingNode && now.Kind == yaml.MappingNode && len(was.Content) > 0:
			d.compare(path+pathTo(key), was, now)
		case was.Kind == yaml.ScalarNode && now.Kind == yaml.ScalarNode:
			document.Put(more, key, now)
		case was.Kind == yaml.SequenceNode && now.Kind == yaml.SequenceNode && d.list(path+pathTo(key), was, now):
		default:
			d.remove(path + pathTo(key))
			document.Put(more, key, now)
		}
	}
	if len(more.Content) > 0 {
		d.update(path, more)
	}
}

// list compares two lists, and reports whether it could say what differs by what
// the elements hold.
func (d *differ) list(path string, before, after *yaml.Node) bool {
	if d.element(path, before, after) {
		return true
	}
	var kept []*yaml.Node
	var removals []string
	for i, was := range before.Content {
		if slices.ContainsFunc(after.Content, func(now *yaml.Node) bool { return yamlnode.Equal(was, now) }) {
			kept = append(kept, was)
			continue
		}
		selector, ok := selectorOf(before, i)
		if !ok {
			return false
		}
		removals = append(removals, path+selector)
	}
	if len(kept) > len(after.Content) || len(kept) == 0 || !slices.EqualFunc(kept, after.Content[:len(kept)], yamlnode.Equal) {
		return false
	}
	for _, removal := range removals {
		d.remove(removal)
	}
	if added := after.Content[len(kept):]; len(added) > 0 {
		d.update(path, &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: added})
	}
	return true
}

// element compares two lists that differ in one object, by going into that.
func (d *differ) element(path string, before, after *yaml.Node) bool {
	at := -1
	if len(before.Content) != len(after.Content) {
		return false
	}
	for i, was := range before.Content {
		if now := after.Content[i]; !yamlnode.Equal(was, now) {
			if at >= 0 || was.Kind != yaml.MappingNode || now.Kind != yaml.MappingNode {
				return false
			}
			at = i
		}
	}
	selector, ok := selectorOf(before, at)
	if !ok {
		return false
	}
	inner := &differ{why: d.why}
	inner.compare(path+selector, before.Content[at], after.Content[at])
	if len(inner.actions) != 1 { // the first could change what the selector is about
		return false
	}
	d.actions = append(d.actions, inner.actions...)
	return true
}

// selectorOf returns a filter that only this element of a list passes.
func selectorOf(list *yaml.Node, at int) (string, bool) {
	if at < 0 {
		return "", false
	}
	n := list.Content[at]
	only := func(holds func(*yaml.Node) bool) bool {
		count := 0
		for _, other := range list.Content {
			if holds(other) {
				count++
			}
		}
		return count == 1
	}
	if n.Kind == yaml.ScalarNode {
		value := document.Canonical(n)
		if yamlnode.Type(n) == "!!str" {
			value = quotePath(n.Value)
		}
		return "[?@ == " + value + "]", only(func(o *yaml.Node) bool { return yamlnode.Equal(o, n) }) && yamlnode.Type(n) != "!!float"
	}
	for key, value := range yamlnode.Members(n) {
		if yamlnode.Type(value) == "!!str" && slices.Contains([]string{"$ref", "name"}, key) &&
			only(func(o *yaml.Node) bool {
				field := yamlnode.Field(o, key)
				return field != nil && yamlnode.Equal(field, value)
			}) {
			return "[?@" + pathTo(key) + " == " + quotePath(value.Value) + "]", true
		}
	}
	for key := range yamlnode.Members(n) {
		if only(func(o *yaml.Node) bool { return yamlnode.Field(o, key) != nil }) {
			return "[?@" + pathTo(key) + "]", true
		}
	}
	return "", false
}

var plainStep = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// pathTo returns a step of a JSONPath.
func pathTo(key string) string {
	if plainStep.MatchString(key) {
		return "." + key
	}
	return "[" + quotePath(key) + "]"
}

// quotePath returns a text as a JSONPath has it, where control characters are escaped.
func quotePath(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r < ' ':
			fmt.Fprintf(&b, `\u%04x`, r)
		case r == '\'' || r == '\\':
			b.WriteByte('\\')
			fallthrough
		default:
			b.WriteRune(r)
		}
	}
	return "'" + b.String() + "'"
}

// pathOf turns a JSON pointer into a JSONPath, for people.
func pathOf(pointer string) string {
	path := "$"
	for _, step := range strings.Split(pointer, "/")[1:] {
		path += pathTo(document.UnescapePointer(step))
	}
	return path
}

const overlayHead = `overlay: 1.1.0
info:
  title: What the other document says and ours does not
  version: 1.0.0
  description: Made from the findings of drift. Look at each action, and at each x-review in what it brings in.
`

// writeOverlay writes actions as an overlay file.
func writeOverlay(actions []action) []byte {
	var n yaml.Node
	if err := n.Encode(map[string][]action{"actions": actions}); err != nil { // only of kinds of value that there are not
		panic(fmt.Sprintf("drift: %v", err))
	}
	return append([]byte(overlayHead), encodeYAML(&n)...)
}

// encodeYAML writes a tree.
func encodeYAML(n *yaml.Node) []byte {
	text, err := overlay.Encode(n)
	if err != nil { // only of kinds of node that there are not
		panic(fmt.Sprintf("drift: %v", err))
	}
	return text
}

func applyActions(tree *yaml.Node, actions []action) error {
	return applyOverlay(tree, writeOverlay(actions))
}

func applyOverlay(tree *yaml.Node, text []byte) error {
	o, err := overlay.Parse("the proposal", text)
	if err != nil {
		return err
	}
	return o.Apply(tree)
}
