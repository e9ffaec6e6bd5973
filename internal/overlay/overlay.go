// Package overlay applies OpenAPI Overlay files strictly: an action that has no
// effect is an error that names the file, the action and its target.
//
// The Overlay specification lets a target that matches nothing succeed. Then an
// overlay that no longer works is not noticed, and a generated client no longer
// matches its document.
package overlay

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"sort"
	"strings"

	library "github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// Overlay is one overlay file, read and checked.
type Overlay struct {
	file string
	doc  *library.Overlay
}

// Action is one action of an overlay, as its file writes it.
type Action struct {
	File        string // name of the overlay file
	Index       int    // place in the file, from 1
	Target      string // JSONPath
	Description string // the action's reason
}

// Load reads the overlays in dir, every file that ends in .yaml, in the order
// of their names. A file that is not an overlay, or has a key that the
// specification does not know, is an error.
func Load(fsys fs.FS, dir string) ([]*Overlay, error) {
	names, err := fs.Glob(fsys, path.Join(dir, "*.yaml"))
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("overlays %s: no file ends in .yaml", dir)
	}
	sort.Strings(names)
	overlays := make([]*Overlay, 0, len(names))
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		o, err := Parse(name, data)
		if err != nil {
			return nil, err
		}
		overlays = append(overlays, o)
	}
	return overlays, nil
}

// Parse reads one overlay; file is its name in errors.
func Parse(file string, data []byte) (*Overlay, error) {
	doc, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("overlay %s: %w", file, err)
	}
	return &Overlay{file: file, doc: doc}, nil
}

// parse checks the shape first: what the library says about it names neither
// the action as people count nor its target.
func parse(data []byte) (*library.Overlay, error) {
	if err := checkShape(data); err != nil {
		return nil, err
	}
	doc, err := library.ParseReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if err := doc.Validate(); err != nil {
		return nil, err
	}
	if !doc.IsV110OrLater() || !doc.UsesRFC9535() {
		return nil, fmt.Errorf("version %s: use 1.1.0, whose targets are RFC 9535 JSONPath", doc.Version)
	}
	return doc, nil
}

// Actions lists the overlay's actions in their order.
func (o *Overlay) Actions() []Action {
	actions := make([]Action, len(o.doc.Actions))
	for i, a := range o.doc.Actions {
		actions[i] = Action{File: o.file, Index: i + 1, Target: a.Target, Description: a.Description}
	}
	return actions
}

// Apply applies the overlay's actions in their order to doc and stops at the
// first that fails, with an [*ActionError].
func (o *Overlay) Apply(doc *yaml.Node) error {
	for i := range o.doc.Actions {
		if err := o.ApplyAction(doc, i); err != nil {
			return err
		}
	}
	return nil
}

// Reason says why an action failed.
type Reason string

// The reasons.
const (
	NoMatch    Reason = "its target matches nothing"
	NoEffect   Reason = "it changes nothing"
	Duplicate  Reason = "it appends what is there already"
	Positional Reason = "it names an element by position; select it by what it holds"
	Invalid    Reason = "it cannot be applied"
)

// ActionError says which action of which file failed and why.
type ActionError struct {
	Action Action
	Reason Reason
	Err    error // the cause, if there is one beyond the reason
}

// Error implements error.
func (e *ActionError) Error() string {
	msg := fmt.Sprintf("overlay %s: action %d (target %s): %s", e.Action.File, e.Action.Index, e.Action.Target, e.Reason)
	if e.Err != nil {
		msg += ": " + e.Err.Error()
	}
	return msg
}

// Unwrap returns the cause.
func (e *ActionError) Unwrap() error { return e.Err }

// quoted finds the quoted names and values in a JSONPath. In what is left,
// position finds an index or a slice, such as [0], [-1] or [1:].
var (
	quoted   = regexp.MustCompile(`'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"`)
	position = regexp.MustCompile(`\[[^\[\]?]*\d[^\[\]?]*\]`)
)

func byPosition(path string) bool {
	return position.MatchString(quoted.ReplaceAllString(path, "''"))
}

// ApplyAction applies the action at index i (from 0) to doc. The error is an
// [*ActionError]; doc may then hold a part of the action's changes.
func (o *Overlay) ApplyAction(doc *yaml.Node, i int) error {
	return o.apply(doc, i, func([]*yaml.Node, []*yaml.Node) error { return o.fail(i, Duplicate, nil) })
}

func (o *Overlay) fail(i int, reason Reason, err error) error {
	return &ActionError{Action: o.Actions()[i], Reason: reason, Err: err}
}

// apply applies an action; known is called instead with its targets and what
// would be added to each, if one of these holds an element of it already.
func (o *Overlay) apply(doc *yaml.Node, i int, known func(targets, additions []*yaml.Node) error) error {
	action := o.doc.Actions[i]
	if byPosition(action.Target) || byPosition(action.Copy) {
		return o.fail(i, Positional, nil)
	}
	targets, err := o.query(doc, action.Target)
	if err != nil {
		return o.fail(i, Invalid, err)
	}
	if len(targets) == 0 {
		return o.fail(i, NoMatch, nil)
	}
	additions := []*yaml.Node{&action.Update}
	if action.Copy != "" {
		if additions, err = o.query(doc, action.Copy); err != nil {
			return o.fail(i, Invalid, err)
		}
	}
	for _, target := range targets {
		for _, addition := range additions {
			if appendsKnown(target, addition) {
				return known(targets, additions)
			}
		}
	}
	before := Clone(doc)
	warnings, err := o.library(doc, action)
	if err != nil {
		return o.fail(i, Invalid, err)
	}
	if equal(before, doc) {
		return o.fail(i, NoEffect, nil)
	}
	if len(warnings) > 0 {
		return o.fail(i, Invalid, errors.New(strings.Join(warnings, "; ")))
	}
	return nil
}

// library has one action applied.
func (o *Overlay) library(doc *yaml.Node, action library.Action) (warnings []string, err error) {
	one := *o.doc
	one.Actions = []library.Action{action}
	return one.ApplyToStrict(doc)
}

// query returns the nodes that a target selects.
func (o *Overlay) query(doc *yaml.Node, target string) ([]*yaml.Node, error) {
	p, err := o.doc.NewPath(target, nil)
	if err != nil {
		return nil, err
	}
	return p.Query(doc), nil
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

// equal compares two nodes by what they hold, not by how they are written.
func equal(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.Value != b.Value || a.ShortTag() != b.ShortTag() || len(a.Content) != len(b.Content) {
		return false
	}
	for i := range a.Content {
		if !equal(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}
