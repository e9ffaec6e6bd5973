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
	return b.readJSON(&b.doc.tokens, parent, key)
}

func (b *nodeBuilder) readJSON(dec *jsontext.Decoder, parent *Node, key string) (*Node, error) {
	token, err := dec.ReadToken()
	if err != nil {
		return nil, jsonError(err)
	}
	n, err := b.make(NullNode, parent, key)
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case 't', 'f':
		n.Kind, n.Text = BoolNode, token.String()
	case '"':
		n.Kind, n.Text = StringNode, token.String()
	case '0':
		number, err := ParseDecimal(token.String())
		if err != nil {
			return nil, fmt.Errorf("at %s: %w", n.Pointer(), err)
		}
		n.Kind, n.Text = NumberNode, number.String()
	case '[', '{':
		return n, b.readJSONKids(dec, n, token.Kind())
	}
	return n, nil
}

func (b *nodeBuilder) readJSONKids(dec *jsontext.Decoder, n *Node, open jsontext.Kind) error {
	if err := b.enter(n); err != nil {
		return err
	}
	defer b.leave()
	n.Kind = ArrayNode
	if open == '{' {
		n.Kind = ObjectNode
	}
	for dec.PeekKind() != ']' && dec.PeekKind() != '}' {
		key := strconv.Itoa(len(n.Kids))
		if n.Kind == ObjectNode {
			name, err := dec.ReadToken()
			if err != nil {
				return jsonError(err)
			}
			key = name.String()
			n.Keys = append(n.Keys, key)
		}
		kid, err := b.readJSON(dec, n, key)
		if err != nil {
			return err
		}
		n.Kids = append(n.Kids, kid)
	}
	_, err := dec.ReadToken()
	if err != nil {
		return jsonError(err)
	}
	n.clip()
	return nil
}
