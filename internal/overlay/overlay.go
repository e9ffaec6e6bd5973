// Package overlay applies OpenAPI Overlay files strictly: an action that has no
// effect is an error that names the file, the action and its target.
//
// The Overlay specification lets a target that matches nothing succeed. Then an
// overlay that no longer works is not noticed, and a generated client no longer
// matches its document.
//
// What an action selects and changes is the JSON that a YAML document stands for: dates
// are text, and nodes are selected by RFC 9535 alone.
package overlay

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"sort"

	library "github.com/speakeasy-api/openapi/overlay"
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

// String says which action of which file it is.
func (a Action) String() string {
	return fmt.Sprintf("overlay %s: action %d (target %s)", a.File, a.Index, a.Target)
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
	msg := fmt.Sprintf("%s: %s", e.Action, e.Reason)
	if e.Err != nil {
		msg += ": " + e.Err.Error()
	}
	return msg
}

// Unwrap returns the cause.
func (e *ActionError) Unwrap() error { return e.Err }
