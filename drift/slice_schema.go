package drift

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// schemaWriter writes one schema. What one claim cannot hold, such as two
// patterns, goes into more claims under allOf.
type schemaWriter struct {
	p    *printer
	v    *vertex
	at   string
	out  *yaml.Node
	more []*yaml.Node
}

func (p *printer) schema(v *vertex, at string) *yaml.Node {
	if name, ok := p.shared[v]; ok {
		return reference("/components/schemas/" + escapePointer(name))
	}
	if around, ok := p.open[v]; ok {
		return reference(around)
	}
	if p.printed += 1 + len(v.facts); p.printed > p.most || p.err != nil {
		if p.err == nil {
			p.err = fmt.Errorf("with its references opened it has more than %d values", p.most)
		}
		return object()
	}
	p.open[v] = at
	defer delete(p.open, v)
	return p.writeSchema(v, at).result()
}

// writeSchema writes a schema claim by claim.
func (p *printer) writeSchema(v *vertex, at string) *schemaWriter {
	w := p.writeFacts(v, at)
	w.schemas()
	w.sets()
	w.discriminator()
	return w
}

// writeFacts writes what a schema says of itself, without the schemas in it.
func (p *printer) writeFacts(v *vertex, at string) *schemaWriter {
	w := &schemaWriter{p: p, v: v, at: at, out: object()}
	w.types()
	w.facts()
	return w
}

// result puts the claims together.
func (w *schemaWriter) result() *yaml.Node {
	if len(w.more) > 0 {
		put(w.out, "allOf", &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: w.more})
	}
	return w.out
}

// say writes a keyword, in a claim of its own if it is taken.
func (w *schemaWriter) say(keyword string, value *yaml.Node) {
	if field(w.out, keyword) == nil {
		put(w.out, keyword, value)
		return
	}
	claim := object()
	put(claim, keyword, value)
	w.more = append(w.more, claim)
}

func (w *schemaWriter) flag(keyword string) { w.say(keyword, scalar("!!bool", "true")) }

func (w *schemaWriter) types() {
	if f := w.v.fact("type"); f != nil {
		if claims := strings.Split(f.values[0], " & "); len(claims) > 1 {
			for _, claim := range claims {
				n := object()
				w.writeTypes(n, strings.Split(claim, "|"))
				w.more = append(w.more, n)
			}
		} else {
			w.writeTypes(w.out, f.values)
		}
	}
	switch {
	case w.v.fact("nullable") == nil:
	case field(w.out, "type") == nil:
		w.flag("nullable") // so that a correction may put a type to it
	default:
		n := object()
		put(n, "nullable", scalar("!!bool", "true"))
		w.more = append(w.more, n)
	}
}

// writeTypes writes null as the version of OpenAPI has it.
func (w *schemaWriter) writeTypes(n *yaml.Node, types []string) {
	rest := slices.DeleteFunc(slices.Clone(types), func(t string) bool { return t == "null" })
	switch {
	case len(types) == 1:
		put(n, "type", text(types[0]))
	case len(rest) == 1 && strings.HasPrefix(w.p.graph.version, "3.0."):
		put(n, "type", text(rest[0]))
		put(n, "nullable", scalar("!!bool", "true"))
	default:
		put(n, "type", texts(types))
	}
}

func (w *schemaWriter) facts() {
	for _, f := range w.v.facts {
		word, rest, _ := strings.Cut(f.name, " ")
		_, isLimit := limits[f.name]
		switch {
		case isLimit:
			w.limit(f.name, parseBound(f.values[0]))
		case slices.Contains(flagKeywords, f.name):
			w.flag(f.name)
		case f.name == "required":
			w.say("required", texts(f.values))
		case f.name == "enum":
			w.enum(f.values)
		case f.name == "never":
			w.say("not", object())
		case word == "dependentRequired":
			n := object()
			put(n, rest, texts(f.values))
			w.say(word, n)
		case word == "keyword":
			for _, value := range f.values {
				w.say(rest, w.p.json(value))
			}
		case f.name == "default" || f.name == "multipleOf":
			for _, value := range f.values {
				w.say(f.name, w.p.json(value))
			}
		case plainFacts[f.name] && f.name != "discriminator":
			for _, value := range f.values {
				if f.name != "format" || w.p.omits == nil || !w.p.omits(value) {
					w.say(f.name, text(value))
				}
			}
		}
	}
}

func (w *schemaWriter) limit(name string, b bound) {
	number := w.p.json(b.value.String())
	switch {
	case !b.exclusive:
		w.say(name, number)
	case strings.HasPrefix(w.p.graph.version, "3.0."):
		w.say(name, number)
		w.flag("exclusive" + strings.ToUpper(name[:1]) + name[1:])
	default:
		w.say("exclusive"+strings.ToUpper(name[:1])+name[1:], number)
	}
}

func (w *schemaWriter) enum(values []string) {
	if rest, ok := strings.CutPrefix(values[0], contradiction); ok {
		for _, value := range strings.Split(rest, " & ") {
			claim, list := object(), array()
			list.Content = append(list.Content, w.p.json(value))
			put(claim, "enum", list)
			w.more = append(w.more, claim)
		}
		return
	}
	list := array()
	for _, value := range values {
		list.Content = append(list.Content, w.p.json(value))
	}
	w.say("enum", list)
}

// schemas writes the schemas inside this one.
func (w *schemaWriter) schemas() {
	groups := map[string]*yaml.Node{}
	under := func(keyword, name string, to *vertex) {
		if groups[keyword] == nil {
			groups[keyword] = object()
			put(w.out, keyword, groups[keyword])
		}
		put(groups[keyword], name, w.p.schema(to, w.at+"/"+keyword+"/"+escapePointer(name)))
	}
	var prefix []edge
	for _, e := range w.v.edges {
		word, rest, _ := strings.Cut(e.label, " ")
		switch word {
		case "property":
			under("properties", rest, e.to)
		case "pattern":
			under("patternProperties", rest, e.to)
		case "dependent":
			under("dependentSchemas", rest, e.to)
		case "prefixItems":
			prefix = append(prefix, e)
		case "additionalProperties":
			w.additional(rest, e.to)
		case "mapping":
		default:
			put(w.out, word, w.p.schema(e.to, w.at+"/"+word))
		}
	}
	w.prefixItems(prefix)
}

// prefixItems writes the first items of a list in the order of their places.
func (w *schemaWriter) prefixItems(edges []edge) {
	if len(edges) == 0 {
		return
	}
	list := array()
	for i := range edges {
		label := "prefixItems " + strconv.Itoa(i)
		list.Content = append(list.Content, w.p.schema(w.v.edge(label), w.at+"/prefixItems/"+strconv.Itoa(i)))
	}
	put(w.out, "prefixItems", list)
}

// additional writes additionalProperties, together with the properties of
// which it does not speak where those are not all.
func (w *schemaWriter) additional(except string, to *vertex) {
	at := w.at + "/additionalProperties"
	in := w.out
	if list, ok := strings.CutPrefix(except, "except "); ok {
		in = object()
		w.more = append(w.more, in)
		at = w.at + "/allOf/" + strconv.Itoa(len(w.more)-1) + "/additionalProperties"
		var names []string
		if err := json.Unmarshal([]byte(list), &names); err != nil {
			w.p.err = err
		}
		properties, patterns := object(), object()
		for _, name := range names {
			if strings.HasPrefix(name, "/") && strings.HasSuffix(name, "/") && len(name) > 1 {
				put(patterns, name[1:len(name)-1], object())
			} else {
				put(properties, name, object())
			}
		}
		for keyword, n := range map[string]*yaml.Node{"properties": properties, "patternProperties": patterns} {
			if len(n.Content) > 0 {
				put(in, keyword, n)
			}
		}
	}
	if to.fact("never") != nil && len(to.facts) == 1 && len(to.edges) == 0 {
		put(in, "additionalProperties", scalar("!!bool", "false"))
		return
	}
	put(in, "additionalProperties", w.p.schema(to, at))
}

func (w *schemaWriter) sets() {
	for _, s := range w.v.sets {
		for _, member := range s.members {
			// A second one goes into a claim of its own, and so does its place.
			at := w.at
			if s.label == "choice" {
				keyword := member.value("choice")
				if field(w.out, keyword) != nil {
					at += "/allOf/" + strconv.Itoa(len(w.more))
				}
				w.say(keyword, w.branches(member, at+"/"+keyword))
				continue
			}
			claim := w.out
			if field(w.out, s.label) != nil {
				at += "/allOf/" + strconv.Itoa(len(w.more))
				claim = object()
				w.more = append(w.more, claim)
			}
			for _, f := range member.facts {
				put(claim, f.name, w.p.json(f.values[0]))
			}
			for _, e := range member.edges {
				put(claim, e.label, w.p.schema(e.to, at+"/"+e.label))
			}
		}
	}
}

func (w *schemaWriter) branches(choice *vertex, at string) *yaml.Node {
	list := array()
	for i, branch := range w.p.inOrder(choice.set("branch")) {
		list.Content = append(list.Content, w.p.schema(branch, at+"/"+strconv.Itoa(i)))
	}
	return list
}

// discriminator writes the mapping to the alternatives beside it, or to
// components where a value maps to a schema that is no alternative here.
func (w *schemaWriter) discriminator() {
	f := w.v.fact("discriminator")
	if f == nil {
		return
	}
	mapping := object()
	for _, e := range w.v.edges {
		if value, ok := strings.CutPrefix(e.label, "mapping "); ok {
			put(mapping, value, text(w.mapped(e.to)))
		}
	}
	for _, property := range f.values {
		n := object()
		put(n, "propertyName", text(property))
		if len(mapping.Content) > 0 {
			put(n, "mapping", mapping)
		}
		w.say("discriminator", n)
	}
}

func (w *schemaWriter) mapped(to *vertex) string {
	if around, ok := w.p.open[to]; ok {
		return reference(around).Content[1].Value
	}
	if name, ok := w.p.shared[to]; ok {
		return "#/components/schemas/" + name
	}
	for _, choice := range w.v.set("choice") {
		keyword := choice.value("choice")
		if i := slices.Index(w.p.inOrder(choice.set("branch")), to); i >= 0 && field(w.out, keyword) != nil {
			return reference(w.at + "/" + keyword + "/" + strconv.Itoa(i)).Content[1].Value
		}
	}
	name := w.p.schemas[to]
	if name == "" {
		name = fmt.Sprintf("alternative-%d", len(w.p.schemas)+1)
		w.p.schemas[to] = name
		at := "/components/schemas/" + name
		around := w.p.open
		w.p.open = map[*vertex]string{}
		w.p.component("schemas", name, func() *yaml.Node { return w.p.schema(to, at) })
		w.p.open = around
	}
	return "#/components/schemas/" + name
}

// inOrder puts the members of a set in an order that depends on what they mean.
func (p *printer) inOrder(members []*vertex) []*vertex {
	return byClass(members, p.classes)
}
