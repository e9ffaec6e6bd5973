package slice

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
	"github.com/originpull/originpull-go/internal/yamlnode"
)

// SchemaWriter writes one schema. What one claim cannot hold, such as two
// patterns, goes into more claims under allOf.
type SchemaWriter struct {
	p    *Printer
	v    *graph.Vertex
	at   string
	Out  *yaml.Node
	More []*yaml.Node
}

// Schema writes a schema as it stands at a JSON pointer: what it is, or a reference to
// where that is written.
func (p *Printer) Schema(v *graph.Vertex, at string) *yaml.Node {
	p.note(at, v.At)
	key, by := p.readAt(at)
	if to := p.reference(v, key); to != nil {
		return to
	}
	p.count(1+len(v.Facts), by)
	if p.Err != nil {
		return document.Object()
	}
	here := place{v, key}
	p.open[here] = at
	defer delete(p.open, here)
	return p.writeSchema(v, at).result()
}

// reference returns the reference that is written for a schema at a place of some reads,
// nil if it is written out there. What is read at a place is written out, since it may be changed
// there and nowhere else. A schema that contains itself refers to the one around it, where
// the same is read.
func (p *Printer) reference(v *graph.Vertex, key string) *yaml.Node {
	if name, ok := p.Shared[v]; ok {
		return document.Reference("/components/schemas/" + document.EscapePointer(name))
	}
	if p.shared != nil && key == "" {
		if name := p.shared.nameOf(v); name != "" {
			return p.shared.refer("schemas", name, func(at string) *yaml.Node {
				p.count(1+len(v.Facts), "")
				p.note(at, v.At)
				return p.writeSchema(v, at).result()
			})
		}
	}
	if around, ok := p.open[place{v, key}]; ok {
		return document.Reference(around)
	}
	return nil
}

// count counts values that are printed, in place of a reference if someone reads them, and
// notes an error where they are too many.
func (p *Printer) count(n int, by string) {
	p.printed += n
	if p.Err == nil && p.printed > p.Most {
		p.Err = fmt.Errorf("%w: more than %d values", ErrTooMuch, p.Most)
	}
	if by == "" {
		return
	}
	p.inPlace += n
	if p.Err == nil && p.inPlace > maxPrinted {
		p.Err = fmt.Errorf("%s reads more than %d values: name the path in its target", by, maxPrinted)
	}
}

// writeSchema writes a schema claim by claim.
func (p *Printer) writeSchema(v *graph.Vertex, at string) *SchemaWriter {
	w := p.WriteFacts(v, at)
	w.schemas()
	w.sets()
	w.discriminator()
	return w
}

// WriteFacts writes what a schema says of itself, without the schemas in it.
func (p *Printer) WriteFacts(v *graph.Vertex, at string) *SchemaWriter {
	w := &SchemaWriter{p: p, v: v, at: at, Out: document.Object()}
	w.types()
	w.facts()
	return w
}

// result puts the claims together.
func (w *SchemaWriter) result() *yaml.Node {
	if len(w.More) > 0 {
		document.Put(w.Out, "allOf", &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: w.More})
	}
	return w.Out
}

// say writes a keyword, in a claim of its own if it is taken.
func (w *SchemaWriter) say(keyword string, value *yaml.Node) {
	if yamlnode.Field(w.Out, keyword) == nil {
		document.Put(w.Out, keyword, value)
		return
	}
	claim := document.Object()
	document.Put(claim, keyword, value)
	w.More = append(w.More, claim)
}

func (w *SchemaWriter) flag(keyword string) { w.say(keyword, document.Scalar("!!bool", "true")) }

func (w *SchemaWriter) types() {
	if f := w.v.Fact("type"); f != nil {
		if claims := strings.Split(f.Values[0], " & "); len(claims) > 1 {
			for _, claim := range claims {
				n := document.Object()
				w.writeTypes(n, strings.Split(claim, "|"))
				w.More = append(w.More, n)
			}
		} else {
			w.writeTypes(w.Out, f.Values)
		}
	}
	switch {
	case w.v.Fact("nullable") == nil:
	case yamlnode.Field(w.Out, "type") == nil:
		w.flag("nullable") // so that a correction may put a type to it
	default:
		n := document.Object()
		document.Put(n, "nullable", document.Scalar("!!bool", "true"))
		w.More = append(w.More, n)
	}
}

// writeTypes writes null as the version of OpenAPI has it.
func (w *SchemaWriter) writeTypes(n *yaml.Node, types []string) {
	rest := slices.DeleteFunc(slices.Clone(types), func(t string) bool { return t == "null" })
	switch {
	case len(types) == 1:
		document.Put(n, "type", document.Text(types[0]))
	case len(rest) == 1 && strings.HasPrefix(w.p.graph.Version, "3.0."):
		document.Put(n, "type", document.Text(rest[0]))
		document.Put(n, "nullable", document.Scalar("!!bool", "true"))
	default:
		document.Put(n, "type", document.Texts(types))
	}
}

func (w *SchemaWriter) facts() {
	for _, f := range w.v.Facts {
		if w.p.places != nil {
			w.p.note(w.at+"/"+f.Name, f.Places())
		}
		word, rest, _ := strings.Cut(f.Name, " ")
		_, isLimit := graph.Limits[f.Name]
		switch {
		case isLimit:
			w.limit(f.Name, graph.ParseBound(f.Values[0]))
		case slices.Contains(graph.FlagKeywords, f.Name):
			w.flag(f.Name)
		case f.Name == "required":
			w.say("required", document.Texts(f.Values))
		case f.Name == "enum":
			w.enum(f.Values)
		case f.Name == "never":
			w.say("not", document.Object())
		case word == "dependentRequired":
			n := document.Object()
			document.Put(n, rest, document.Texts(f.Values))
			w.say(word, n)
		case word == "keyword":
			for _, value := range f.Values {
				w.say(rest, w.p.JSON(value))
			}
		case f.Name == "default" || f.Name == "multipleOf":
			for _, value := range f.Values {
				w.say(f.Name, w.p.JSON(value))
			}
		case graph.PlainFacts[f.Name] && f.Name != "discriminator":
			for _, value := range f.Values {
				if f.Name != "format" || w.p.Omits == nil || !w.p.Omits(value) {
					w.say(f.Name, document.Text(value))
				}
			}
		}
	}
}

func (w *SchemaWriter) limit(name string, b graph.Bound) {
	number := w.p.JSON(b.Value.String())
	switch {
	case !b.Exclusive:
		w.say(name, number)
	case strings.HasPrefix(w.p.graph.Version, "3.0."):
		w.say(name, number)
		w.flag("exclusive" + strings.ToUpper(name[:1]) + name[1:])
	default:
		w.say("exclusive"+strings.ToUpper(name[:1])+name[1:], number)
	}
}

func (w *SchemaWriter) enum(values []string) {
	if rest, ok := strings.CutPrefix(values[0], graph.Contradiction); ok {
		for _, value := range strings.Split(rest, " & ") {
			claim, list := document.Object(), document.Array()
			list.Content = append(list.Content, w.p.JSON(value))
			document.Put(claim, "enum", list)
			w.More = append(w.More, claim)
		}
		return
	}
	list := document.Array()
	for _, value := range values {
		list.Content = append(list.Content, w.p.JSON(value))
	}
	if w.v.OpenValues() {
		w.say(graph.OpenSet, list)
		return
	}
	w.say("enum", list)
}

// schemas writes the schemas inside this one.
func (w *SchemaWriter) schemas() {
	groups := map[string]*yaml.Node{}
	under := func(keyword, name string, to *graph.Vertex) {
		if groups[keyword] == nil {
			groups[keyword] = document.Object()
			document.Put(w.Out, keyword, groups[keyword])
		}
		document.Put(groups[keyword], name, w.p.Schema(to, w.at+"/"+keyword+"/"+document.EscapePointer(name)))
	}
	var prefix []graph.Edge
	for _, e := range w.v.Edges {
		word, rest, _ := strings.Cut(e.Label, " ")
		switch word {
		case "property":
			under("properties", rest, e.To)
		case "pattern":
			under("patternProperties", rest, e.To)
		case "dependent":
			under("dependentSchemas", rest, e.To)
		case "prefixItems":
			prefix = append(prefix, e)
		case "additionalProperties":
			w.additional(rest, e.To)
		case "mapping":
		default:
			document.Put(w.Out, word, w.p.Schema(e.To, w.at+"/"+word))
		}
	}
	w.prefixItems(prefix)
}

// prefixItems writes the first items of a list in the order of their places.
func (w *SchemaWriter) prefixItems(edges []graph.Edge) {
	if len(edges) == 0 {
		return
	}
	list := document.Array()
	for i := range edges {
		label := "prefixItems " + strconv.Itoa(i)
		list.Content = append(list.Content, w.p.Schema(w.v.Edge(label), w.at+"/prefixItems/"+strconv.Itoa(i)))
	}
	document.Put(w.Out, "prefixItems", list)
}

// additional writes additionalProperties, together with the properties of
// which it does not speak where those are not all.
func (w *SchemaWriter) additional(except string, to *graph.Vertex) {
	at := w.at + "/additionalProperties"
	in := w.Out
	if list, ok := strings.CutPrefix(except, "except "); ok {
		in = document.Object()
		w.More = append(w.More, in)
		at = w.at + "/allOf/" + strconv.Itoa(len(w.More)-1) + "/additionalProperties"
		var names []string
		if err := json.Unmarshal([]byte(list), &names); err != nil {
			w.p.Err = err
		}
		properties, patterns := document.Object(), document.Object()
		for _, name := range names {
			if strings.HasPrefix(name, "/") && strings.HasSuffix(name, "/") && len(name) > 1 {
				document.Put(patterns, name[1:len(name)-1], document.Object())
			} else {
				document.Put(properties, name, document.Object())
			}
		}
		for keyword, n := range map[string]*yaml.Node{"properties": properties, "patternProperties": patterns} {
			if len(n.Content) > 0 {
				document.Put(in, keyword, n)
			}
		}
	}
	if to.Fact("never") != nil && len(to.Facts) == 1 && len(to.Edges) == 0 {
		document.Put(in, "additionalProperties", document.Scalar("!!bool", "false"))
		return
	}
	document.Put(in, "additionalProperties", w.p.Schema(to, at))
}
