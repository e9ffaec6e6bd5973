package graph

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
)

// parameters adds those of the path and of the operation, which override the
// former by place and name.
func (b *builder) parameters(v *Vertex, path document.Template, item, op *document.Node, dir Direction) error {
	type key struct{ in, name string }
	found := map[key]*document.Node{}
	var order []key
	for _, list := range []*document.Node{item.Get("parameters"), op.Get("parameters")} {
		if list == nil {
			continue
		}
		if err := list.Expect(document.ArrayNode, "the parameters"); err != nil {
			return err
		}
		here := map[key]*document.Node{}
		for _, kid := range list.Kids {
			n, err := b.object(kid, "a parameter")
			if err != nil {
				return err
			}
			k := key{n.Get("in").Str(), n.Get("name").Str()}
			if k.in == "header" {
				k.name = strings.ToLower(k.name)
			}
			if other := here[k]; other != nil && found[k].Canonical() != n.Canonical() {
				return fmt.Errorf("%s and %s are one parameter: it is not known which of them holds", other.Pointer(), kid.Pointer())
			}
			here[k] = kid
			if _, ok := found[k]; !ok {
				order = append(order, k)
			}
			found[k] = n
		}
	}
	for _, k := range order {
		n := found[k]
		if !n.Get("name").Is(document.StringNode) {
			return fmt.Errorf("%s: a parameter without a name", n.Pointer())
		}
		switch k.in {
		case "path", "query", "header", "cookie":
		default:
			return fmt.Errorf("%s: a parameter in %.40q", n.Pointer(), k.in)
		}
		if k.in == "header" && slices.Contains([]string{"accept", "content-type", "authorization"}, k.name) {
			continue // OpenAPI gives these no meaning here
		}
		label := "parameter " + k.in + " " + k.name
		if at := slices.Index(path.Names, k.name); k.in == "path" && at >= 0 {
			label = "parameter path {" + strconv.Itoa(at+1) + "}"
		}
		to := b.vertex("parameter", dir, n)
		to.Title = k.in + " parameter " + n.Get("name").Str()
		v.link(label, to)
		if k.in == "path" {
			to.Say("name", []*document.Node{n.Get("name")}, k.name)
		}
		if err := b.parameter(to, n, k.in); err != nil {
			return err
		}
	}
	return nil
}

// DefaultStyles are the styles of parameters by where they are sent.
var DefaultStyles = map[string]string{"path": "simple", "query": "form", "header": "simple", "cookie": "form"}

// parameter says what holds for a parameter or a header.
func (b *builder) parameter(v *Vertex, n *document.Node, in string) error {
	if in != "path" { // those are always required
		v.sayFlag("required", n.Get("required"))
	}
	v.sayFlag("deprecated", n.Get("deprecated"))
	if in == "query" {
		v.sayFlag("allowEmptyValue", n.Get("allowEmptyValue"))
	}
	if n.Get("content") != nil {
		if err := b.content(v, n, v.Dir); err != nil || n.Get("schema") == nil {
			return err
		} // else both: not allowed, but what either says may hold
	}
	style := DefaultStyles[in]
	if s := n.Get("style"); s != nil {
		style = s.Str()
	}
	explode := style == "form"
	if e := n.Get("explode"); e != nil {
		explode = e.IsTrue()
	}
	if in == "query" || in != "header" && style != "cookie" && strings.HasPrefix(b.doc.Version, "3.2.") {
		v.sayFlag("allowReserved", n.Get("allowReserved"))
	}
	v.Say("style", nodes(n.Get("style")), style)
	v.Say("explode", nodes(n.Get("explode")), strconv.FormatBool(explode))
	return b.linkSchema(v, n.Get("schema"), v.Dir)
}

// nodes makes a list of those that are there.
func nodes(list ...*document.Node) []*document.Node {
	return slices.DeleteFunc(list, func(n *document.Node) bool { return n == nil })
}

func (b *builder) linkSchema(v *Vertex, n *document.Node, dir Direction) error {
	to, err := b.schemaAs(nodes(n), dir, true)
	if err != nil {
		return err
	}
	v.link("schema", to)
	return nil
}

// content adds the media types of a body, a response or a parameter.
func (b *builder) content(v *Vertex, holder *document.Node, dir Direction) error {
	spelled := map[string]int{}
	each := func(f func(name string, n *document.Node) error) error {
		return b.members(holder.Get("content"), "the content", f)
	}
	if err := each(func(name string, _ *document.Node) error { spelled[wireMedia(name)]++; return nil }); err != nil {
		return err
	}
	return each(func(name string, n *document.Node) error {
		media, err := b.object(n, "a media type")
		if err != nil {
			return err
		}
		if same := wireMedia(name); spelled[same] == 1 {
			name = same
		} else { // a document may have JSON both with a charset and without
			name = CanonicalMedia(name)
		}
		to := b.vertex("media", dir, media)
		v.link(mediaWord+name, to)
		if err := unknown(media, "itemSchema", "prefixEncoding", "itemEncoding"); err != nil {
			return err
		}
		if err := b.linkSchema(to, media.Get("schema"), dir); err != nil {
			return err
		}
		if !strings.HasPrefix(name, "multipart/") && name != formMedia {
			return nil // an encoding has no meaning for others
		}
		return b.members(media.Get("encoding"), "the encoding", func(property string, n *document.Node) error {
			n, err := b.whole(n, "an encoding")
			if err != nil {
				return err
			}
			if err := unknown(n, "encoding", "prefixEncoding", "itemEncoding"); err != nil {
				return err
			}
			return b.encoding(to, property, n, dir)
		})
	})
}

func (b *builder) encoding(v *Vertex, property string, n *document.Node, dir Direction) error {
	to := b.vertex("encoding", dir, n)
	v.link(encodingWord+property, to)
	if c := n.Get("contentType"); c != nil {
		to.Say("contentType", nodes(c), strings.Join(contentTypes(c.Str()), ", "))
	}
	style := "form"
	if s := n.Get("style"); s != nil {
		style = s.Str()
	}
	explode := style == "form"
	if e := n.Get("explode"); e != nil {
		explode = e.IsTrue()
	}
	to.Say("style", nodes(n.Get("style")), style)
	to.Say("explode", nodes(n.Get("explode")), strconv.FormatBool(explode))
	to.sayFlag("allowReserved", n.Get("allowReserved"))
	return b.headers(to, n, dir)
}

func (b *builder) headers(v *Vertex, holder *document.Node, dir Direction) error {
	return b.members(holder.Get("headers"), "the headers", func(name string, n *document.Node) error {
		if strings.EqualFold(name, "content-type") {
			return nil // OpenAPI gives it no meaning here
		}
		header, err := b.object(n, "a header")
		if err != nil {
			return err
		}
		to := b.vertex("header", dir, header)
		v.link("header "+strings.ToLower(name), to)
		return b.nested(header, func() error { return b.parameter(to, header, "header") })
	})
}

// links adds how values of a response go into other operations.
func (b *builder) links(v *Vertex, response *document.Node) error {
	return b.members(response.Get("links"), "the links", func(name string, n *document.Node) error {
		link, err := b.object(n, "a link")
		if err != nil {
			return err
		}
		to := b.vertex("link", "", link)
		v.link("link "+name, to)
		if err := noReference(link); err != nil {
			return err
		}
		for _, key := range []string{"operationId", "operationRef", "parameters", "requestBody", "server"} {
			if member := link.Get(key); member != nil {
				text := member.Canonical()
				if key == "server" {
					text = WithoutProse(member, nil).Canonical()
				}
				to.Say("link "+key, nodes(member), text)
			}
		}
		return nil
	})
}
