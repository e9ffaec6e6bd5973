package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// indexJSON validates a whole JSON text in one pass and notes where its parts
// begin and end.
func (d *Document) indexJSON(text []byte) error {
	dec := jsontext.NewDecoder(bytes.NewBuffer(text))
	if err := d.indexMember(dec, text, d.Top); err != nil {
		return jsonError(err)
	}
	if _, err := dec.ReadToken(); err != io.EOF {
		return fmt.Errorf("text goes on after the end of the document, near byte %d", dec.InputOffset())
	}
	return nil
}

func (d *Document) indexMember(dec *jsontext.Decoder, text []byte, p *Part) error {
	if !p.opens() || dec.PeekKind() != '{' {
		value, err := dec.ReadValue()
		end := dec.InputOffset()
		p.raw = text[end-int64(len(value)) : end : end]
		return err
	}
	p.open()
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		member, err := d.add(p, name.String())
		if err != nil {
			return err
		}
		if err := d.indexMember(dec, text, member); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// jsonError says in words of the document what the tokenizer found.
func jsonError(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the JSON text is cut short")
	case errors.As(err, &syntax) && errors.Is(err, jsontext.ErrDuplicateName):
		return fmt.Errorf("the same key stands twice in one object, at %.200s", string(syntax.JSONPointer))
	case errors.As(err, &syntax):
		return fmt.Errorf("not valid JSON at byte %d: %.200v", syntax.ByteOffset, syntax.Err)
	}
	return err
}

// fromJSON parses the text of one part, which indexJSON found to be valid.
func (b *nodeBuilder) fromJSON(text []byte, parent *Node, key string) (*Node, error) {
	// indexJSON looked for keys that stand twice; once is enough.
	b.doc.tokens.Reset(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true))
	r := &jsonReader{nodeBuilder: b, dec: &b.doc.tokens, text: string(text)}
	return r.value(parent, key)
}

// jsonReader makes the nodes of a JSON text. The strings of the nodes are parts of the
// text, which is one allocation for all of them.
type jsonReader struct {
	*nodeBuilder
	dec  *jsontext.Decoder
	text string
	kids []*Node // of the values that are open, the innermost last
}

func (r *jsonReader) value(parent *Node, key string) (*Node, error) {
	n, err := r.make(NullNode, parent, key)
	if err != nil {
		return nil, err
	}
	kind := r.dec.PeekKind()
	if kind == '"' {
		n.Kind = StringNode
		n.Text, err = r.string()
		return n, err
	}
	token, err := r.dec.ReadToken()
	if err != nil {
		return nil, jsonError(err)
	}
	switch kind {
	case 't', 'f':
		n.Kind, n.Text = BoolNode, token.String()
	case '0':
		number, err := ParseDecimal(token.String())
		if err != nil {
			return nil, fmt.Errorf("at %s: %w", n.Pointer(), err)
		}
		n.Kind, n.Text = NumberNode, number.String()
	case '[', '{':
		return n, r.readKids(n, kind)
	}
	return n, nil
}

// string reads a string, or the name of a member.
func (r *jsonReader) string() (string, error) {
	quoted, err := r.dec.ReadValue()
	if err != nil {
		return "", jsonError(err)
	}
	if bytes.IndexByte(quoted, '\\') >= 0 {
		unquoted, err := jsontext.AppendUnquote(nil, quoted)
		return string(unquoted), err
	}
	end := int(r.dec.InputOffset()) - 1
	return r.text[end-len(quoted)+2 : end], nil
}

func (r *jsonReader) readKids(n *Node, open jsontext.Kind) error {
	if err := r.enter(n); err != nil {
		return err
	}
	defer r.leave()
	n.Kind = ArrayNode
	if open == '{' {
		n.Kind = ObjectNode
	}
	begin := len(r.kids)
	for r.dec.PeekKind() != ']' && r.dec.PeekKind() != '}' {
		var key string
		var err error
		if n.Kind == ObjectNode {
			key, err = r.string()
		} else {
			key = strconv.Itoa(len(r.kids) - begin)
		}
		if err != nil {
			return err
		}
		kid, err := r.value(n, key)
		if err != nil {
			return err
		}
		r.kids = append(r.kids, kid)
	}
	n.Kids = make([]*Node, len(r.kids)-begin)
	copy(n.Kids, r.kids[begin:])
	r.kids = r.kids[:begin]
	if n.Kind == ObjectNode {
		n.Keys = make([]string, len(n.Kids))
		for i, kid := range n.Kids {
			n.Keys[i] = kid.Key
		}
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return jsonError(err)
	}
	return nil
}
