package drift

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// schema brings a schema of ours to theirs in the one thing that differs.
func (e *editor) schema(p *pair, c change) error {
	claims, err := e.claims(p.old)
	if err != nil || len(claims) == 0 {
		return e.replace(p)
	}
	word, name, _ := strings.Cut(c.label, " ")
	switch {
	case word == "property" && c.fact == "":
		return e.property(claims, name, p, c)
	case word == "property":
		return e.required(claims, name, p.new)
	case word == "mapping":
		return e.keywords(claims, p, "discriminator")
	case c.kind == "type-changed", c.fact == "never":
		return e.rewrite(claims, p)
	case c.label != "":
		return e.keywords(claims, p, setKeywords(c.label)...)
	case c.fact == "enum":
		return e.enum(claims, p)
	case c.fact != "":
		return e.keywords(claims, p, factKeywords(c.fact)...)
	}
	return errors.New("nothing is known of what differs")
}

// said returns where our document says what a schema is. One that says nothing
// stands where it is referred to.
func (e *editor) said(v *vertex) []*node {
	out := slices.Clone(v.at)
	for i, n := range out {
		if target, err := e.now.doc.deref(n); err == nil && !e.now.doc.siblingsCount() {
			out[i] = target
		}
	}
	return out
}

// pointerOf returns where one of the claims of a schema stands.
func (e *editor) pointerOf(v *vertex, claim *yaml.Node) string {
	for _, n := range e.said(v) {
		if e.at(n) == claim {
			return e.relocated(n.pointer())
		}
	}
	return ""
}

// claims returns the objects that a schema of ours is made of.
func (e *editor) claims(v *vertex) ([]*yaml.Node, error) {
	var out []*yaml.Node
	for _, said := range e.said(v) {
		n := e.at(said)
		if n == nil || n.Kind != yaml.MappingNode {
			return nil, errors.New("a schema that is no object")
		}
		out = append(out, n)
	}
	return out, nil
}

// factKeywords names the keywords in which a fact is written.
func factKeywords(name string) []string {
	word, rest, _ := strings.Cut(name, " ")
	switch word {
	case "type", "nullable":
		return []string{"type", "nullable"}
	case "maximum", "minimum":
		return []string{word, "exclusive" + strings.ToUpper(word[:1]) + word[1:]}
	case "keyword":
		return []string{rest}
	}
	return []string{word}
}

// setKeywords names the keywords in which a set is written.
func setKeywords(label string) []string {
	switch label {
	case "choice", "branch":
		return []string{"oneOf", "anyOf", "discriminator"}
	case "if":
		return []string{"if", "then", "else"}
	case "contains":
		return []string{"contains", "minContains", "maxContains"}
	}
	return []string{label}
}

// mainClaim returns the claim into which something is written: one that has
// the keywords, else one that has properties or a type. Of several it is the
// last, which stands deepest in the references, or the first.
func (e *editor) mainClaim(claims []*yaml.Node, keywords ...string) *yaml.Node {
	claims = slices.Clone(claims)
	if !e.outermost {
		slices.Reverse(claims)
	}
	for _, some := range [][]string{keywords, {"properties"}, {"type"}} {
		for _, claim := range claims {
			if slices.ContainsFunc(some, func(key string) bool { return field(claim, key) != nil }) {
				return claim
			}
		}
	}
	return claims[0]
}

// keywords takes some keywords out of our claims and writes what theirs has.
func (e *editor) keywords(claims []*yaml.Node, p *pair, names ...string) error {
	w := e.writeClaims(p, names...)
	main := e.mainClaim(claims, names...)
	for _, claim := range claims {
		for _, name := range names {
			if claim != main || field(w.out, name) == nil {
				drop(claim, name)
			}
		}
	}
	if slices.Contains(names, "maxLength") && field(w.out, "maxLength") == nil {
		e.bound(main)
	}
	written := object()
	for _, name := range names {
		if value := field(w.out, name); value != nil {
			put(written, name, value)
			assign(main, name, value)
		}
	}
	e.describeInside(written, e.pointerOf(p.old, main))
	for _, claim := range w.more {
		if claim.Content[0].Value == "nullable" && slices.Contains(names, "nullable") {
			return errors.New("theirs has nullable apart from the type, where OpenAPI 3.0.3 gives it no meaning: say by an overlay what is meant")
		}
		if slices.Contains(names, claim.Content[0].Value) {
			more := within(main, "allOf", array)
			more.Content = append(more.Content, claim)
		}
	}
	return e.printed()
}

// writeClaims writes a schema of theirs as it would stand in the place of ours,
// even where ours is the component that says the same: of it what some keywords
// need, or all.
func (e *editor) writeClaims(p *pair, names ...string) *schemaWriter {
	printer := e.print()
	at := ""
	if len(p.old.at) > 0 {
		at = e.relocated(e.said(p.old)[0].pointer())
	}
	printer.open[p.new] = at
	defer delete(printer.open, p.new)
	inside := []string{"oneOf", "not", "if", "contains", "discriminator", "prefixItems"}
	if len(names) > 0 && !slices.ContainsFunc(names, func(name string) bool { return slices.Contains(inside, name) }) {
		return printer.writeFacts(p.new, at)
	}
	return printer.writeSchema(p.new, at)
}

// rewrite writes the whole schema anew: nothing of ours holds any more.
func (e *editor) rewrite(claims []*yaml.Node, p *pair) error {
	for _, claim := range claims {
		for i := len(claim.Content) - 2; i >= 0; i -= 2 {
			if key := claim.Content[i].Value; key == "example" || key == "examples" || !prose(key) {
				drop(claim, key)
			}
		}
	}
	at := e.relocated(e.said(p.old)[0].pointer())
	main := claims[0]
	written := e.writeClaims(p).result()
	e.describeInside(written, at)
	for i := 0; i+1 < len(written.Content); i += 2 {
		assign(main, written.Content[i].Value, written.Content[i+1])
	}
	e.bound(main)
	e.mark(main, at, "it is another thing now: say what it is")
	return e.printed()
}

// replace writes a schema that ours does not have, or has as true or false, or
// takes it out, at each place that leads to it.
func (e *editor) replace(p *pair) error {
	places := 0
	for _, holder := range p.holders {
		for _, edge := range holder.new.edges {
			if old := holder.old.edge(edge.label); edge.to == p.new && (old == p.old || old == nil && len(p.old.at) == 0) {
				places++
				if err := e.put(holder, edge.label, p.new); err != nil {
					return err
				}
			}
		}
		for _, edge := range holder.old.edges {
			if edge.to == p.old && holder.new.edge(edge.label) == nil {
				places++
				if err := e.put(holder, edge.label, nil); err != nil {
					return err
				}
			}
		}
	}
	if places == 0 {
		return errors.New("no place in our document leads to it alone")
	}
	return e.printed()
}

// put writes a schema under a label of what holds it; nil takes it out.
func (e *editor) put(holder *pair, label string, v *vertex) error {
	claims, err := e.claims(holder.old)
	if err != nil || len(claims) == 0 {
		return fmt.Errorf("our document has no place for %q", label)
	}
	word, name, _ := strings.Cut(label, " ")
	key, in := word, ""
	switch word {
	case "property", "pattern", "dependent":
		in = map[string]string{"property": "properties", "pattern": "patternProperties", "dependent": "dependentSchemas"}[word]
		key = name
	case "prefixItems":
		return e.keywords(claims, holder, "prefixItems", "items")
	case "additionalProperties":
		if name != "" {
			claims = e.declaring(claims, name)
		}
	}
	if len(claims) == 0 {
		return errors.New("it speaks of the properties of a part that our document does not have")
	}
	main := e.mainClaim(claims, cmp.Or(in, key))
	at := e.pointerOf(holder.old, main)
	if v == nil {
		for _, claim := range claims {
			if in != "" {
				claim = field(claim, in)
			}
			if claim != nil {
				drop(claim, key)
			}
		}
		return nil
	}
	if in != "" {
		main, at = within(main, in, object), at+"/"+in
	}
	assign(main, key, e.newSchema(v, key, at+"/"+escapePointer(key)))
	e.outlineAt(main, key, at)
	return nil
}

// declaring returns the claims that declare exactly the properties of which an
// additionalProperties beside them does not speak.
func (e *editor) declaring(claims []*yaml.Node, except string) []*yaml.Node {
	return slices.DeleteFunc(slices.Clone(claims), func(claim *yaml.Node) bool {
		var names []string
		for keyword, mark := range map[string]string{"properties": "", "patternProperties": "/"} {
			if in := field(claim, keyword); in != nil {
				for i := 0; i < len(in.Content); i += 2 {
					names = append(names, quoteJSON(mark+in.Content[i].Value+mark))
				}
			}
		}
		return "except ["+strings.Join(sorted(names), ",")+"]" != except
	})
}

// newSchema writes a schema of theirs in our words.
func (e *editor) newSchema(v *vertex, name, at string) *yaml.Node {
	p := e.print()
	if v.fact("never") != nil && len(v.facts) == 1 && len(v.edges) == 0 {
		return scalar("!!bool", "false")
	}
	n := p.schema(v, at)
	e.describeSchema(n, name, at)
	if v.dir == Response {
		e.openSets(n, at)
	}
	return n
}

// property adds a property, or takes one out.
func (e *editor) property(claims []*yaml.Node, name string, p *pair, c change) error {
	if c.new == nil {
		for _, claim := range claims {
			if properties := field(claim, "properties"); properties != nil {
				if drop(properties, name); len(properties.Content) == 0 {
					drop(claim, "properties")
				}
			}
		}
		return e.required(claims, name, p.new)
	}
	main := e.mainClaim(claims, "properties")
	at, properties := e.pointerOf(p.old, main)+"/properties", within(main, "properties", object)
	assign(properties, name, e.newSchema(c.new, name, at+"/"+escapePointer(name)))
	e.outlineAt(properties, name, at)
	if err := e.required(claims, name, p.new); err != nil {
		return err
	}
	return e.printed()
}

// required brings what is said of one property to theirs.
func (e *editor) required(claims []*yaml.Node, name string, theirs *vertex) error {
	wanted := slices.Contains(theirs.fact("required").list(), name)
	for _, claim := range claims {
		list := field(claim, "required")
		if list == nil || wanted {
			continue
		}
		list.Content = slices.DeleteFunc(list.Content, func(n *yaml.Node) bool { return n.Value == name })
		if len(list.Content) == 0 {
			drop(claim, "required")
		}
	}
	if wanted {
		list := within(e.mainClaim(claims, "required"), "required", array)
		if !slices.ContainsFunc(list.Content, func(n *yaml.Node) bool { return n.Value == name }) {
			list.Content = append(list.Content, text(name))
		}
	}
	return nil
}

// choice adds an alternative, or takes one out, or says otherwise how many of
// them hold.
func (e *editor) choice(p *pair, c change) error {
	list := e.at(p.old.at[0])
	holder := e.at(p.old.at[0].parent)
	if list == nil || holder == nil || list.Kind != yaml.SequenceNode {
		return errors.New("our document has no list of the alternatives")
	}
	pointer := e.relocated(p.old.pointer())
	switch {
	case c.fact == "choice":
		drop(holder, p.old.value("choice"))
		assign(holder, p.new.value("choice"), list)
	case c.new != nil:
		at := pointer + "/" + strconv.Itoa(len(list.Content))
		list.Content = append(list.Content, e.newSchema(c.new, "", at))
	case c.old != nil:
		b := &builder{doc: e.now.doc, opened: map[*node][]*node{}, ending: map[*node]bool{}}
		for i, branch := range p.old.at[0].kids {
			claims, err := b.closure([]*node{branch})
			if err != nil {
				return err
			}
			if slices.Equal(claims, c.old.at) && i < len(list.Content) {
				list.Content = append(list.Content[:i:i], list.Content[i+1:]...)
				return nil
			}
		}
		return errors.New("the alternative does not stand in our list by itself")
	}
	return e.printed()
}
