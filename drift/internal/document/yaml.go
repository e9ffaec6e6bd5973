package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

const (
	// maxYAMLNodes bounds what a YAML text may hold, counted before it is
	// parsed and again after, with every alias written out.
	maxYAMLNodes = 500_000
	// maxTreeNodes is that for a tree that is parsed already.
	maxTreeNodes = 6_000_000
)

// indexYAML parses a YAML text and opens the parts that indexJSON opens.
// A YAML text that is cut short between two lines can be valid: only what it
// then refers to in vain says.
func (d *Document) indexYAML(text []byte) (err error) {
	if n := countYAML(text); n > maxYAMLNodes {
		return fmt.Errorf("the YAML text holds about %d values, more than %d: give it as JSON", n, maxYAMLNodes)
	}
	defer func() { // yaml.v3 has panicked on malformed texts before
		if r := recover(); r != nil {
			err = fmt.Errorf("not valid YAML: %v", r)
		}
	}()
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc yaml.Node
	if err := dec.Decode(&doc); err != nil {
		return fmt.Errorf("not valid YAML: %w", err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return errors.New("text goes on after the end of the document: a second YAML document")
	}
	return d.indexYAMLNode(&doc, maxYAMLNodes)
}

// indexYAMLNode opens the parts of a parsed YAML document of so many values at most.
func (d *Document) indexYAMLNode(root *yaml.Node, most int) error {
	if root.Kind == yaml.DocumentNode && len(root.Content) == 1 {
		root = root.Content[0]
	}
	c := &yamlChecker{most: most, sizes: map[*yaml.Node]int{}, open: map[*yaml.Node]bool{}}
	if _, err := c.size(root, 0); err != nil {
		return err
	}
	return d.indexYAMLMember(root, d.Top)
}

// countYAML estimates from the punctuation how many values a text holds.
func countYAML(text []byte) int {
	n := 0
	for i, c := range text {
		switch c {
		case '\n', ',', '[', '{':
			n++
		case ':', '-', '?':
			if i+1 < len(text) && (text[i+1] == ' ' || text[i+1] == '\t') {
				n++
			}
		}
	}
	return n
}

// yamlChecker finds what YAML allows and JSON does not, before anything is
// built from it.
type yamlChecker struct {
	most  int
	sizes map[*yaml.Node]int // of collections, aliases written out
	open  map[*yaml.Node]bool
}

func (c *yamlChecker) size(n *yaml.Node, depth int) (int, error) {
	if n.Kind == yaml.ScalarNode {
		return 1, nil
	}
	if size, ok := c.sizes[n]; ok {
		return size, nil
	}
	if c.open[n] {
		return 0, fmt.Errorf("line %d: an alias stands inside of what it refers to", n.Line)
	}
	if depth > 8*MaxDepth {
		return 0, fmt.Errorf("line %d: values nest deeper than %d levels", n.Line, 8*MaxDepth)
	}
	c.open[n] = true
	defer delete(c.open, n)
	content := n.Content
	if n.Kind == yaml.AliasNode {
		content = []*yaml.Node{n.Alias}
	}
	if n.Kind == yaml.MappingNode {
		if err := checkKeys(n); err != nil {
			return 0, err
		}
	}
	total := 1
	for _, kid := range content {
		size, err := c.size(kid, depth+1)
		if err != nil {
			return 0, err
		}
		if total += size; total > c.most {
			return 0, fmt.Errorf("line %d: written out, the aliases make more than %d values", n.Line, c.most)
		}
	}
	c.sizes[n] = total
	return total, nil
}

func checkKeys(n *yaml.Node) error {
	seen := make(map[string]bool, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch {
		case key.Kind != yaml.ScalarNode:
			return fmt.Errorf("line %d: a key that is not plain text", key.Line)
		case key.Tag == "!!merge":
			return fmt.Errorf("line %d: merge keys (<<) are not part of OpenAPI", key.Line)
		case seen[key.Value]:
			return fmt.Errorf("line %d: the same key stands twice in one object: %.100q", key.Line, key.Value)
		}
		seen[key.Value] = true
	}
	return nil
}

func unalias(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func (d *Document) indexYAMLMember(n *yaml.Node, p *Part) error {
	n = unalias(n)
	if !p.opens() || n.Kind != yaml.MappingNode {
		p.yaml = n
		return nil
	}
	p.open()
	for i := 0; i+1 < len(n.Content); i += 2 {
		member, err := d.add(p, n.Content[i].Value)
		if err != nil {
			return err
		}
		if err := d.indexYAMLMember(n.Content[i+1], member); err != nil {
			return err
		}
	}
	return nil
}

// fromYAML makes the nodes of one value that yamlChecker let pass.
func (b *nodeBuilder) fromYAML(y *yaml.Node, parent *Node, key string) (*Node, error) {
	y = unalias(y)
	n, err := b.make(NullNode, parent, key)
	if err != nil {
		return nil, err
	}
	n.Line = int32(y.Line)
	if y.Kind == yaml.ScalarNode {
		return n, scalarFromYAML(y, n)
	}
	if err := b.enter(n); err != nil {
		return nil, err
	}
	defer b.leave()
	n.Kind = ArrayNode
	step := 1
	if y.Kind == yaml.MappingNode {
		n.Kind, step = ObjectNode, 2
	}
	for i := 0; i+step <= len(y.Content); i += step {
		key := strconv.Itoa(i)
		if n.Kind == ObjectNode {
			key = y.Content[i].Value
			n.Keys = append(n.Keys, key)
		}
		kid, err := b.fromYAML(y.Content[i+step-1], n, key)
		if err != nil {
			return nil, err
		}
		n.Kids = append(n.Kids, kid)
	}
	return n, nil
}

func scalarFromYAML(y *yaml.Node, n *Node) error {
	switch y.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		n.Kind, n.Text = BoolNode, strings.ToLower(y.Value)
	case "!!int":
		n.Kind, n.Text = NumberNode, y.Value
		var i int64
		if strings.ContainsAny(y.Value, "xXoObB_") && y.Decode(&i) == nil {
			n.Text = strconv.FormatInt(i, 10)
		}
	case "!!float":
		n.Kind, n.Text = NumberNode, strings.ReplaceAll(y.Value, "_", "")
		if strings.HasSuffix(strings.ToLower(n.Text), ".inf") || strings.EqualFold(n.Text, ".nan") {
			n.Kind = StringNode // JSON has no such number; examples have
		}
	default:
		n.Kind, n.Text = StringNode, y.Value
	}
	if n.Kind == NumberNode {
		number, err := ParseDecimal(n.Text)
		if err != nil {
			return fmt.Errorf("line %d: %w", y.Line, err)
		}
		n.Text = number.String()
	}
	return nil
}

// Canonical returns the value as the graph has it.
func Canonical(n *yaml.Node) string {
	d := newDocument()
	made, err := (&nodeBuilder{doc: d}).fromYAML(n, nil, "")
	if err != nil {
		return ""
	}
	return made.Canonical()
}
