package slice

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
	"github.com/originpull/originpull-go/internal/yamlnode"
)

// sharedKey is where a correctable slice has what its places share.
const sharedKey = "x-shared"

// Correctable is a slice that is going to be changed at some places. These are written
// out, each for itself. Everything else is shared, apart from Root until it is joined, so
// that no change can select it.
type Correctable struct {
	Root    *yaml.Node
	printer *Printer
}

// NewCorrectable returns what is in scope, with the places written out that reads names.
func NewCorrectable(doc *document.Document, scope graph.Scope, reads Reads, alike ...*document.Document) (*Correctable, error) {
	p, err := newSlicer(doc, scope, alike)
	if err != nil {
		return nil, err
	}
	p.reads, p.places = reads, map[string]*document.Node{}
	root := p.document(sharedKey)
	return &Correctable{Root: root, printer: p}, p.Err
}

// Join adds what is shared to Root.
func (c *Correctable) Join() error {
	if yamlnode.Field(c.Root, sharedKey) != nil {
		return fmt.Errorf("a correction adds %s, which has a meaning of its own here: use another name", sharedKey)
	}
	c.printer.shared.joinTo(c.Root)
	return nil
}

// Origin returns where in the document stands what is at a JSON pointer into Root, or
// would stand if a correction had not added it.
func (c *Correctable) Origin(pointer string) string {
	for at := pointer; strings.Contains(at, "/"); at = at[:strings.LastIndexByte(at, '/')] {
		if n := c.printer.places[at]; n != nil {
			return n.Pointer() + pointer[len(at):]
		}
	}
	return pointer
}
