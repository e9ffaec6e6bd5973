// Package document reads OpenAPI documents: JSON and YAML, only as far as they are
// asked for, with the place of each value.
package document

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"gopkg.in/yaml.v3"
)

// Document is an OpenAPI document whose text was found to be whole and well
// formed. Its paths and components are parsed when they are needed, so a
// Document must not be used from several goroutines at once.
type Document struct {
	source  string
	Version string // the member openapi
	Top     *Part
	nodes   int // parsed so far
	members int // of the parts that are opened
	refs    map[string]*Node
	anchors map[string][]*Node // once one was asked for
	spare   []Node             // to become nodes
	tokens  jsontext.Decoder   // of the parts, one after the other
}

// Source returns where Read has read the document from, "" for a parsed text.
func (d *Document) Source() string { return d.source }

// SetSource names where the document is from.
func (d *Document) SetSource(source string) { d.source = source }

// Parse reads the text of an OpenAPI document, 3.0 to 3.2, JSON or YAML: JSON
// if it begins with a brace. It fails if the text is not whole, is not an
// OpenAPI document or has neither paths nor webhooks. Only what every document must have
// is looked at: real documents are seldom valid in every corner.
func Parse(text []byte) (*Document, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	start := bytes.TrimLeft(text, " \t\r\n")
	d := newDocument()
	var err error
	switch {
	case len(start) == 0:
		err = errors.New("the text is empty")
	case start[0] == '{' || start[0] == '[':
		err = d.indexJSON(text)
	case start[0] == '<':
		err = errors.New("not an OpenAPI document: it begins like an HTML or XML page")
	case !utf8.Valid(text):
		err = errors.New("the text is not UTF-8")
	default:
		err = d.indexYAML(text)
	}
	if err == nil {
		err = d.checkOpenAPI()
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

func newDocument() *Document {
	return &Document{Top: &Part{}, refs: map[string]*Node{}}
}

func (d *Document) checkOpenAPI() error {
	if !d.Top.Opened {
		return errors.New("not an OpenAPI document: the text is not an object")
	}
	version := d.Top.Member("openapi")
	if version == nil {
		if d.Top.Member("swagger") != nil {
			return errors.New("a Swagger 2.0 document; OpenAPI 3.0, 3.1 and 3.2 are read")
		}
		return errors.New("not an OpenAPI document: the member openapi is missing")
	}
	n, err := d.Parsed(version)
	if err != nil {
		return err
	}
	d.Version = n.Str()
	switch {
	case n.Is(NumberNode) && n.Text == "3": // 3.0 without quotes
		d.Version = "3.0"
	case n.Is(NumberNode):
		d.Version = n.Text
	}
	if len(d.Version) == len("3.0") { // which some documents say
		d.Version += ".0"
	}
	if len(d.Version) < len("3.0.0") || !slices.Contains([]string{"3.0.", "3.1.", "3.2."}, d.Version[:4]) {
		return fmt.Errorf("OpenAPI version %.40q; 3.0, 3.1 and 3.2 are read", d.Version)
	}
	return d.checkOperations()
}

// checkOperations makes sure that the document has paths or webhooks. One that has
// neither says nothing of what is sent, though it may have components.
func (d *Document) checkOperations() error {
	paths := d.Top.Member("paths")
	switch {
	case paths != nil && !paths.Opened:
		return errors.New("paths is not an object: the document is cut down or broken")
	case len(paths.List()) > 0:
		return nil
	}
	webhooks, err := d.Member("webhooks")
	if err != nil {
		return err
	}
	if webhooks.Is(ObjectNode) && len(webhooks.Keys) > 0 {
		return nil
	}
	return errors.New("the document has no paths and no webhooks: it is cut down or broken, or nothing but components, and nothing can be said about it")
}

// SiblingsCount reports whether keywords beside a $ref hold, and anchors name schemas,
// as from 3.1 on.
func (d *Document) SiblingsCount() bool { return !strings.HasPrefix(d.Version, "3.0.") }

// Member returns a member of the top level, or nil.
func (d *Document) Member(key string) (*Node, error) {
	p := d.Top.Member(key)
	if p == nil {
		return nil, nil
	}
	return d.Parsed(p)
}

// ErrNowhere is why a reference in this document is not followed.
var ErrNowhere = errors.New("leads nowhere")

// Target returns what a $ref in this document points to.
func (d *Document) Target(ref *Node) (*Node, error) {
	text := ref.Str()
	if n, ok := d.refs[text]; ok {
		return n, nil
	}
	fragment, ok := strings.CutPrefix(text, "#")
	if ok && fragment != "" && fragment[0] != '/' && d.SiblingsCount() {
		n, err := d.anchored(ref, fragment)
		if err == nil {
			d.refs[text] = n
		}
		return n, err
	}
	if !ok || ref.Kind != StringNode || (fragment != "" && fragment[0] != '/') {
		return nil, fmt.Errorf("%s: the reference %.200q leads out of the document and is not followed", ref.Pointer(), text)
	}
	fragment, err := url.PathUnescape(fragment)
	if err != nil {
		return nil, fmt.Errorf("%s: the reference %.200q is malformed", ref.Pointer(), text)
	}
	var steps []string
	if fragment != "" {
		for step := range strings.SplitSeq(fragment[1:], "/") {
			steps = append(steps, UnescapePointer(step))
		}
	}
	n, err := d.At(steps)
	if err != nil {
		return nil, err
	}
	if n == nil && (strings.HasPrefix(fragment, "/$defs/") || strings.HasPrefix(fragment, "/definitions/")) {
		if n := ref.around(steps); n != nil { // which is another one elsewhere
			return n, nil
		}
	}
	if n == nil {
		return nil, fmt.Errorf("%s: the reference %.200q %w", ref.Pointer(), text, ErrNowhere)
	}
	d.refs[text] = n
	return n, nil
}

// FromYAML makes a document of a parsed tree, such as a printed slice.
func FromYAML(root *yaml.Node) (*Document, error) {
	d := newDocument()
	if err := d.indexYAMLNode(root, maxTreeNodes); err != nil {
		return nil, err
	}
	return d, d.checkOpenAPI()
}
