package overlay

import (
	"errors"
	"slices"

	library "github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/yamlnode"
)

// ApplyMissing is [Overlay.ApplyAction] for a document that others change: it applies
// the action to each target that needs it, and appends to a list only what the list
// lacks. It fails with [Duplicate] or [NoEffect] only if no target needs it.
func (o *Overlay) ApplyMissing(doc *yaml.Node, i int) error {
	return o.apply(doc, i, func(targets, additions []*yaml.Node) error {
		if len(additions) != 1 {
			return o.fail(i, Invalid, errors.New("it copies from more than one place"))
		}
		changed := false
		for _, target := range targets {
			lacks := lacking(target, additions[0])
			if lacks == nil {
				continue
			}
			here := &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{target}}
			if _, err := o.library(here, library.Action{Target: "$", Update: *lacks}); err != nil {
				return o.fail(i, Invalid, err)
			}
			changed = true
		}
		if !changed {
			return o.fail(i, Duplicate, nil)
		}
		return nil
	})
}

// appendsKnown reports whether update would append to a sequence, at node or
// below it, a value that the sequence holds already. The library would append
// it a second time.
func appendsKnown(node, update *yaml.Node) bool {
	switch {
	case update.IsZero():
		return false
	case node.Kind == yaml.SequenceNode:
		return slices.ContainsFunc(elements(update), func(value *yaml.Node) bool { return holds(node, value) })
	case node.Kind == yaml.MappingNode && update.Kind == yaml.MappingNode:
		for key, value := range yamlnode.Members(update) {
			if known := yamlnode.Field(node, key); known != nil && appendsKnown(known, value) {
				return true
			}
		}
	}
	return false
}

// lacking returns what of an update a node does not hold already, nil if it
// holds all of it.
func lacking(node, update *yaml.Node) *yaml.Node {
	switch {
	case equal(node, update):
		return nil
	case node.Kind == yaml.SequenceNode:
		more := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, value := range elements(update) {
			if !holds(node, value) {
				more.Content = append(more.Content, value)
			}
		}
		return orNil(more)
	case node.Kind == yaml.MappingNode && update.Kind == yaml.MappingNode:
		more := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		for i := 0; i+1 < len(update.Content); i += 2 {
			key, value := update.Content[i], update.Content[i+1]
			if known := yamlnode.Field(node, key.Value); known != nil {
				value = lacking(known, value)
			}
			if value != nil {
				more.Content = append(more.Content, key, value)
			}
		}
		return orNil(more)
	}
	return update
}

// elements are what an update appends to a sequence: those of a list, or itself.
func elements(update *yaml.Node) []*yaml.Node {
	if update.Kind == yaml.SequenceNode {
		return update.Content
	}
	return []*yaml.Node{update}
}

// holds reports whether a sequence holds a value.
func holds(sequence, value *yaml.Node) bool {
	return slices.ContainsFunc(sequence.Content, func(known *yaml.Node) bool { return equal(known, value) })
}

// orNil returns a list or an object, nil if nothing is in it.
func orNil(node *yaml.Node) *yaml.Node {
	if len(node.Content) == 0 {
		return nil
	}
	return node
}
