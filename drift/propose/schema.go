package propose

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
	"github.com/originpull/originpull-go/drift/internal/slice"
)

// schema brings a schema of ours to theirs in the one thing that differs.
func (e *editor) schema(p *compare.Pair, c compare.Change) error {
	claims, err := e.claims(p.Old)
	if err != nil || len(claims) == 0 {
		return e.replace(p)
	}
	word, name, _ := strings.Cut(c.Label, " ")
	switch {
	case word == "property" && c.Fact == "":
		return e.property(claims, name, p, c)
	case word == "property":
		return e.required(claims, name, p.New)
	case word == "mapping":
		return e.keywords(claims, p, "discriminator")
	case c.Kind == "type-changed", c.Fact == "never":
		return e.rewrite(claims, p)
	case c.Label != "":
		return e.keywords(claims, p, setKeywords(c.Label)...)
	case c.Fact == "enum":
		return e.enum(claims, p)
	case c.Fact != "":
		return e.keywords(claims, p, factKeywords(c.Fact)...)
	}
	return errors.New("nothing is known of what differs")
}

// said returns where our document says what a schema is. One that says nothing
// stands where it is referred to.
func (e *editor) said(v *graph.Vertex) []*document.Node {
	out := slices.Clone(v.At)
	for i, n := range out {
		if target, err := e.now.doc.Deref(n); err == nil && !e.now.doc.SiblingsCount() {
			out[i] = target
		}
	}
	return out
}

// pointerOf returns where one of the claims of a schema stands.
func (e *editor) pointerOf(v *graph.Vertex, claim *yaml.Node) string {
	for _, n := range e.said(v) {
		if e.at(n) == claim {
			return e.relocated(n.Pointer())
		}
	}
	return ""
}

// claims returns the objects that a schema of ours is made of.
func (e *editor) claims(v *graph.Vertex) ([]*yaml.Node, error) {
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
			if slices.ContainsFunc(some, func(key string) bool { return document.Field(claim, key) != nil }) {
				return claim
			}
		}
	}
	return claims[0]
}

// keywords takes some keywords out of our claims and writes what theirs has.
func (e *editor) keywords(claims []*yaml.Node, p *compare.Pair, names ...string) error {
	w := e.writeClaims(p, names...)
	main := e.mainClaim(claims, names...)
	for _, claim := range claims {
		for _, name := range names {
			if claim != main || document.Field(w.Out, name) == nil {
				document.Drop(claim, name)
			}
		}
	}
	if slices.Contains(names, "maxLength") && document.Field(w.Out, "maxLength") == nil {
		e.bound(main)
	}
	written := document.Object()
	for _, name := range names {
		if value := document.Field(w.Out, name); value != nil {
			document.Put(written, name, value)
			document.Assign(main, name, value)
		}
	}
	e.describeInside(written, e.pointerOf(p.Old, main))
	for _, claim := range w.More {
		if claim.Content[0].Value == "nullable" && slices.Contains(names, "nullable") {
			return errors.New("theirs has nullable apart from the type, where OpenAPI 3.0.3 gives it no meaning: say by an overlay what is meant")
		}
		if slices.Contains(names, claim.Content[0].Value) {
			more := document.Within(main, "allOf", document.Array)
			more.Content = append(more.Content, claim)
		}
	}
	return e.printed()
}

// writeClaims writes a schema of theirs as it would stand in the place of ours,
// even where ours is the component that says the same: of it what some keywords
// need, or all.
func (e *editor) writeClaims(p *compare.Pair, names ...string) *slice.SchemaWriter {
	printer := e.print()
	at := ""
	if len(p.Old.At) > 0 {
		at = e.relocated(e.said(p.Old)[0].Pointer())
	}
	printer.Open[p.New] = at
	defer delete(printer.Open, p.New)
	inside := []string{"oneOf", "not", "if", "contains", "discriminator", "prefixItems"}
	if len(names) > 0 && !slices.ContainsFunc(names, func(name string) bool { return slices.Contains(inside, name) }) {
		return printer.WriteFacts(p.New, at)
	}
	return printer.WriteSchema(p.New, at)
}

// rewrite writes the whole schema anew: nothing of ours holds any more.
func (e *editor) rewrite(claims []*yaml.Node, p *compare.Pair) error {
	for _, claim := range claims {
		for i := len(claim.Content) - 2; i >= 0; i -= 2 {
			if key := claim.Content[i].Value; key == "example" || key == "examples" || !graph.Prose(key) {
				document.Drop(claim, key)
			}
		}
	}
	at := e.relocated(e.said(p.Old)[0].Pointer())
	main := claims[0]
	written := e.writeClaims(p).Result()
	e.describeInside(written, at)
	for i := 0; i+1 < len(written.Content); i += 2 {
		document.Assign(main, written.Content[i].Value, written.Content[i+1])
	}
	e.bound(main)
	e.mark(main, at, "it is another thing now: say what it is")
	return e.printed()
}

// replace writes a schema that ours does not have, or has as true or false, or
// takes it out, at each place that leads to it.
func (e *editor) replace(p *compare.Pair) error {
	places := 0
	for _, holder := range p.Holders {
		for _, edge := range holder.New.Edges {
			if old := holder.Old.Edge(edge.Label); edge.To == p.New && (old == p.Old || old == nil && len(p.Old.At) == 0) {
				places++
				if err := e.put(holder, edge.Label, p.New); err != nil {
					return err
				}
			}
		}
		for _, edge := range holder.Old.Edges {
			if edge.To == p.Old && holder.New.Edge(edge.Label) == nil {
				places++
				if err := e.put(holder, edge.Label, nil); err != nil {
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
func (e *editor) put(holder *compare.Pair, label string, v *graph.Vertex) error {
	claims, err := e.claims(holder.Old)
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
	at := e.pointerOf(holder.Old, main)
	if v == nil {
		for _, claim := range claims {
			if in != "" {
				claim = document.Field(claim, in)
			}
			if claim != nil {
				document.Drop(claim, key)
			}
		}
		return nil
	}
	if in != "" {
		main, at = document.Within(main, in, document.Object), at+"/"+in
	}
	document.Assign(main, key, e.newSchema(v, key, at+"/"+document.EscapePointer(key)))
	e.outlineAt(main, key, at)
	return nil
}

// declaring returns the claims that declare exactly the properties of which an
// additionalProperties beside them does not speak.
func (e *editor) declaring(claims []*yaml.Node, except string) []*yaml.Node {
	return slices.DeleteFunc(slices.Clone(claims), func(claim *yaml.Node) bool {
		var names []string
		for keyword, mark := range map[string]string{"properties": "", "patternProperties": "/"} {
			if in := document.Field(claim, keyword); in != nil {
				for i := 0; i < len(in.Content); i += 2 {
					names = append(names, document.QuoteJSON(mark+in.Content[i].Value+mark))
				}
			}
		}
		return "except ["+strings.Join(document.SortedSet(names), ",")+"]" != except
	})
}

// newSchema writes a schema of theirs in our words.
func (e *editor) newSchema(v *graph.Vertex, name, at string) *yaml.Node {
	p := e.print()
	if v.Fact("never") != nil && len(v.Facts) == 1 && len(v.Edges) == 0 {
		return document.Scalar("!!bool", "false")
	}
	n := p.Schema(v, at)
	e.describeSchema(n, name, at)
	if v.Dir == graph.Response {
		e.openSets(n, at)
	}
	return n
}

// property adds a property, or takes one out.
func (e *editor) property(claims []*yaml.Node, name string, p *compare.Pair, c compare.Change) error {
	if c.New == nil {
		for _, claim := range claims {
			if properties := document.Field(claim, "properties"); properties != nil {
				if document.Drop(properties, name); len(properties.Content) == 0 {
					document.Drop(claim, "properties")
				}
			}
		}
		return e.required(claims, name, p.New)
	}
	main := e.mainClaim(claims, "properties")
	at, properties := e.pointerOf(p.Old, main)+"/properties", document.Within(main, "properties", document.Object)
	document.Assign(properties, name, e.newSchema(c.New, name, at+"/"+document.EscapePointer(name)))
	e.outlineAt(properties, name, at)
	if err := e.required(claims, name, p.New); err != nil {
		return err
	}
	return e.printed()
}

// required brings what is said of one property to theirs.
func (e *editor) required(claims []*yaml.Node, name string, theirs *graph.Vertex) error {
	wanted := slices.Contains(theirs.Fact("required").List(), name)
	for _, claim := range claims {
		list := document.Field(claim, "required")
		if list == nil || wanted {
			continue
		}
		list.Content = slices.DeleteFunc(list.Content, func(n *yaml.Node) bool { return n.Value == name })
		if len(list.Content) == 0 {
			document.Drop(claim, "required")
		}
	}
	if wanted {
		list := document.Within(e.mainClaim(claims, "required"), "required", document.Array)
		if !slices.ContainsFunc(list.Content, func(n *yaml.Node) bool { return n.Value == name }) {
			list.Content = append(list.Content, document.Text(name))
		}
	}
	return nil
}

// choice adds an alternative, or takes one out, or says otherwise how many of
// them hold.
func (e *editor) choice(p *compare.Pair, c compare.Change) error {
	list := e.at(p.Old.At[0])
	holder := e.at(p.Old.At[0].Parent)
	if list == nil || holder == nil || list.Kind != yaml.SequenceNode {
		return errors.New("our document has no list of the alternatives")
	}
	pointer := e.relocated(p.Old.Pointer())
	switch {
	case c.Fact == "choice":
		document.Drop(holder, p.Old.Value("choice"))
		document.Assign(holder, p.New.Value("choice"), list)
	case c.New != nil:
		at := pointer + "/" + strconv.Itoa(len(list.Content))
		list.Content = append(list.Content, e.newSchema(c.New, "", at))
	case c.Old != nil:
		b := &graph.Builder{Doc: e.now.doc, Opened: map[*document.Node][]*document.Node{}, Ending: map[*document.Node]bool{}}
		for i, branch := range p.Old.At[0].Kids {
			claims, err := b.Closure([]*document.Node{branch})
			if err != nil {
				return err
			}
			if slices.Equal(claims, c.Old.At) && i < len(list.Content) {
				list.Content = append(list.Content[:i:i], list.Content[i+1:]...)
				return nil
			}
		}
		return errors.New("the alternative does not stand in our list by itself")
	}
	return e.printed()
}
