package drift

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// parameters adds those of the path and of the operation, which override the
// former by place and name.
func (b *builder) parameters(v *vertex, path template, item, op *node, dir Direction) error {
	type key struct{ in, name string }
	found := map[key]*node{}
	var order []key
	for _, list := range []*node{item.get("parameters"), op.get("parameters")} {
		if list == nil {
			continue
		}
		if err := list.expect(arrayNode, "the parameters"); err != nil {
			return err
		}
		here := map[key]*node{}
		for _, kid := range list.kids {
			n, err := b.object(kid, "a parameter")
			if err != nil {
				return err
			}
			k := key{n.get("in").str(), n.get("name").str()}
			if k.in == "header" {
				k.name = strings.ToLower(k.name)
			}
			if other := here[k]; other != nil {
				return fmt.Errorf("%s and %s are one parameter: nobody can tell which of them holds", other.pointer(), kid.pointer())
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
		if !n.get("name").is(stringNode) {
			return fmt.Errorf("%s: a parameter without a name", n.pointer())
		}
		switch k.in {
		case "path", "query", "header", "cookie":
		default:
			return fmt.Errorf("%s: a parameter in %.40q", n.pointer(), k.in)
		}
		if k.in == "header" && slices.Contains([]string{"accept", "content-type", "authorization"}, k.name) {
			continue // OpenAPI gives these no meaning here
		}
		label := "parameter " + k.in + " " + k.name
		if at := slices.Index(path.names, k.name); k.in == "path" && at >= 0 {
			label = "parameter path {" + strconv.Itoa(at+1) + "}"
		}
		to := b.vertex("parameter", dir, n)
		to.title = k.in + " parameter " + n.get("name").str()
		v.link(label, to)
		if k.in == "path" {
			to.say("name", []*node{n.get("name")}, k.name)
		}
		if err := b.parameter(to, n, k.in); err != nil {
			return err
		}
	}
	return nil
}

var defaultStyles = map[string]string{"path": "simple", "query": "form", "header": "simple", "cookie": "form"}

// parameter says what holds for a parameter or a header.
func (b *builder) parameter(v *vertex, n *node, in string) error {
	if in != "path" { // those are always required
		v.sayFlag("required", n.get("required"))
	}
	v.sayFlag("deprecated", n.get("deprecated"))
	if in == "query" {
		v.sayFlag("allowReserved", n.get("allowReserved"))
		v.sayFlag("allowEmptyValue", n.get("allowEmptyValue"))
	}
	if n.get("content") != nil {
		return b.content(v, n, v.dir)
	}
	style := defaultStyles[in]
	if s := n.get("style"); s != nil {
		style = s.str()
	}
	explode := style == "form"
	if e := n.get("explode"); e != nil {
		explode = e.isTrue()
	}
	v.say("style", nodes(n.get("style")), style)
	v.say("explode", nodes(n.get("explode")), strconv.FormatBool(explode))
	return b.linkSchema(v, n.get("schema"), v.dir)
}

// nodes makes a list of those that are there.
func nodes(list ...*node) []*node {
	return slices.DeleteFunc(list, func(n *node) bool { return n == nil })
}

func (b *builder) linkSchema(v *vertex, n *node, dir Direction) error {
	to, err := b.schemaAs(nodes(n), dir, true)
	if err != nil {
		return err
	}
	v.link("schema", to)
	return nil
}

// content adds the media types of a body, a response or a parameter.
func (b *builder) content(v *vertex, holder *node, dir Direction) error {
	return b.members(holder.get("content"), "the content", func(name string, n *node) error {
		media, err := b.object(n, "a media type")
		if err != nil {
			return err
		}
		name = canonicalMedia(name)
		to := b.vertex("media", dir, media)
		v.link("media "+name, to)
		if err := b.linkSchema(to, media.get("schema"), dir); err != nil {
			return err
		}
		if !strings.HasPrefix(name, "multipart/") && name != "application/x-www-form-urlencoded" {
			return nil // an encoding has no meaning for others
		}
		return b.members(media.get("encoding"), "the encoding", func(property string, n *node) error {
			if err := n.expect(objectNode, "an encoding"); err != nil {
				return err
			}
			return b.encoding(to, property, n, dir)
		})
	})
}

func canonicalMedia(name string) string {
	name, parameters, ok := strings.Cut(strings.ToLower(name), ";")
	if !ok {
		return strings.TrimSpace(name)
	}
	return strings.TrimSpace(name) + "; " + strings.TrimSpace(parameters)
}

func (b *builder) encoding(v *vertex, property string, n *node, dir Direction) error {
	to := b.vertex("encoding", dir, n)
	v.link("encoding "+property, to)
	if c := n.get("contentType"); c != nil {
		to.say("contentType", nodes(c), canonicalMedia(c.str()))
	}
	style := "form"
	if s := n.get("style"); s != nil {
		style = s.str()
	}
	explode := style == "form"
	if e := n.get("explode"); e != nil {
		explode = e.isTrue()
	}
	to.say("style", nodes(n.get("style")), style)
	to.say("explode", nodes(n.get("explode")), strconv.FormatBool(explode))
	to.sayFlag("allowReserved", n.get("allowReserved"))
	return b.headers(to, n, dir)
}

func (b *builder) headers(v *vertex, holder *node, dir Direction) error {
	return b.members(holder.get("headers"), "the headers", func(name string, n *node) error {
		if strings.EqualFold(name, "content-type") {
			return nil // OpenAPI gives it no meaning here
		}
		header, err := b.object(n, "a header")
		if err != nil {
			return err
		}
		to := b.vertex("header", dir, header)
		v.link("header "+strings.ToLower(name), to)
		return b.parameter(to, header, "header")
	})
}

// links adds how values of a response go into other operations.
func (b *builder) links(v *vertex, response *node) error {
	return b.members(response.get("links"), "the links", func(name string, n *node) error {
		link, err := b.object(n, "a link")
		if err != nil {
			return err
		}
		to := b.vertex("link", "", link)
		v.link("link "+name, to)
		for _, key := range []string{"operationId", "operationRef", "parameters", "requestBody", "server"} {
			if member := link.get(key); member != nil {
				to.say("link "+key, nodes(member), member.canonical())
			}
		}
		return nil
	})
}
