package overlay

import (
	"errors"
	"fmt"
	"slices"

	"github.com/speakeasy-api/openapi/yml"
	"github.com/theory/jsonpath"
	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/yamlnode"
)

// Apply applies the overlay's actions in their order to doc and stops at the
// first that fails, with an [*ActionError].
func (o *Overlay) Apply(doc *yaml.Node) error {
	for i := range o.doc.Actions {
		if i == 0 { // an action brings nothing in that is not plain
			if err := o.checkPlain(doc, i); err != nil {
				return err
			}
		}
		if err := o.apply(doc, i, &merger{}); err != nil {
			return err
		}
	}
	stabilize(doc)
	return nil
}

// stabilize makes yaml.v3 read what it writes: some texts it would fold otherwise.
func stabilize(doc *yaml.Node) { yml.StabilizeFoldedScalars(doc) }

// ApplyAction applies the action at index i (from 0) to doc, which may hold no alias and
// no merge key. The error is an [*ActionError]; doc may then hold a part of the action's
// changes.
func (o *Overlay) ApplyAction(doc *yaml.Node, i int) error {
	return o.applyOne(doc, i, &merger{})
}

// ApplyMissing is [Overlay.ApplyAction] for a document that others change: it applies
// the action to each target that needs it, and appends to a list only what the list
// lacks. It fails with [Duplicate] or [NoEffect] only if no target needs it.
func (o *Overlay) ApplyMissing(doc *yaml.Node, i int) error {
	return o.applyOne(doc, i, &merger{missing: true})
}

// applyOne applies an action alone.
func (o *Overlay) applyOne(doc *yaml.Node, i int, m *merger) error {
	if err := o.checkPlain(doc, i); err != nil {
		return err
	}
	if err := o.apply(doc, i, m); err != nil {
		return err
	}
	stabilize(doc)
	return nil
}

// checkPlain returns the error of an action on a document that is not plain.
func (o *Overlay) checkPlain(doc *yaml.Node, i int) error {
	if err := plain(doc); err != nil {
		return &ActionError{Action: o.Actions()[i], Reason: Invalid, Err: fmt.Errorf("the document, %w", err)}
	}
	return nil
}

// apply applies an action. The library would keep the type of a text that becomes a
// number, and append twice to a list that is selected twice.
func (o *Overlay) apply(doc *yaml.Node, i int, m *merger) error {
	action := o.doc.Actions[i]
	fail := func(reason Reason, err error) error {
		return &ActionError{Action: o.Actions()[i], Reason: reason, Err: err}
	}
	path, err := parsePath(action.Target)
	var source *jsonpath.Path
	if err == nil && action.Copy != "" {
		source, err = parsePath(action.Copy)
	}
	if errors.Is(err, errPosition) {
		return fail(Positional, nil)
	}
	if err != nil {
		return fail(Invalid, err)
	}
	targets := query(doc, path)
	if len(targets) == 0 {
		return fail(NoMatch, nil)
	}
	update := &action.Update
	if source != nil {
		sources := query(doc, source)
		if len(sources) != 1 {
			return fail(Invalid, fmt.Errorf("it copies from %d places: want one", len(sources)))
		}
		update = Clone(sources[0].node)
	}
	if action.Remove {
		m.remove(targets)
	} else if err := m.update(targets, update); errors.Is(err, errHeld) {
		return fail(Duplicate, nil)
	} else if err != nil {
		return fail(Invalid, err)
	}
	switch {
	case !m.changed && m.held:
		return fail(Duplicate, nil)
	case !m.changed:
		return fail(NoEffect, nil)
	}
	return nil
}

// errHeld is the error on a list that holds what is to be appended.
var errHeld = errors.New("held")

// merger changes nodes of a document.
type merger struct {
	missing bool // leave out what a list holds already, instead of failing with errHeld
	changed bool // whether anything was changed
	held    bool // whether anything was left out
}

// remove removes each target from what holds it. The root stays.
func (m *merger) remove(targets []place) {
	for _, target := range targets {
		if target.parent == nil {
			continue
		}
		content := &target.parent.Content
		at, width := slices.Index(*content, target.node), 1
		if target.parent.Kind == yaml.MappingNode {
			at, width = at-1, 2
		}
		*content = slices.Delete(*content, at, at+width)
		m.changed = true
	}
}

// update merges an update into each target.
func (m *merger) update(targets []place, update *yaml.Node) error {
	for _, target := range targets {
		if first := targets[0].node; target.node.Kind != first.Kind {
			return fmt.Errorf("it selects %s and %s: select one kind", kindName(first), kindName(target.node))
		}
	}
	for _, target := range targets {
		node := target.node
		if node.Kind == yaml.SequenceNode && update.Kind != yaml.SequenceNode {
			if err := m.append(node, []*yaml.Node{update}); err != nil {
				return err
			}
		} else if err := m.merge(node, update); err != nil {
			return err
		}
	}
	return nil
}

func (m *merger) merge(node, update *yaml.Node) error {
	switch {
	case node.Kind != update.Kind:
		return fmt.Errorf("the document has %s, the update %s: remove the one before you add the other", kindName(node), kindName(update))
	case node.Kind == yaml.MappingNode:
		return m.mergeObject(node, update)
	case node.Kind == yaml.SequenceNode:
		return m.append(node, update.Content)
	case yamlnode.Equal(node, update):
		return nil
	}
	if node.ShortTag() != update.ShortTag() {
		node.Tag, node.Style = update.Tag, update.Style
	}
	node.Value = update.Value
	m.changed = true
	return nil
}

func (m *merger) mergeObject(node, update *yaml.Node) error {
	if len(node.Content) == 0 && len(update.Content) > 0 {
		node.Style = 0 // what was {} gets lines
	}
	for i := 0; i+1 < len(update.Content); i += 2 {
		key, value := update.Content[i], update.Content[i+1]
		if known := yamlnode.Field(node, key.Value); known != nil {
			if err := m.merge(known, value); err != nil {
				return fmt.Errorf("key %q: %w", key.Value, err)
			}
			continue
		}
		node.Content = append(node.Content, Clone(key), Clone(value))
		m.changed = true
	}
	return nil
}

// append appends values to a list.
func (m *merger) append(list *yaml.Node, values []*yaml.Node) error {
	before, scalars := list.Content, map[yamlnode.Scalar]bool{}
	for _, known := range before {
		if known.Kind == yaml.ScalarNode {
			scalars[yamlnode.ScalarOf(known)] = true
		}
	}
	holds := func(value *yaml.Node) bool {
		if value.Kind == yaml.ScalarNode {
			return scalars[yamlnode.ScalarOf(value)]
		}
		return slices.ContainsFunc(before, func(known *yaml.Node) bool { return yamlnode.Equal(known, value) })
	}
	for _, value := range values {
		if holds(value) {
			if !m.missing {
				return errHeld
			}
			m.held = true
			continue
		}
		list.Content = append(list.Content, Clone(value))
		m.changed = true
	}
	return nil
}

func kindName(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "an object"
	case yaml.SequenceNode:
		return "a list"
	}
	return "a single value"
}

// Clone copies a node and all below it. What an alias stands for is changed in
// its own place.
func Clone(node *yaml.Node) *yaml.Node {
	out := *node
	out.Content = make([]*yaml.Node, len(node.Content))
	for i, child := range node.Content {
		out.Content[i] = Clone(child)
	}
	return &out
}
