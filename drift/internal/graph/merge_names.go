package graph

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
)

// What the labels of edges to the schemas of properties begin with.
const (
	propertyWord = "property "
	patternWord  = "pattern "
)

// exceptWord comes before the properties of which an additionalProperties does not
// speak, where other claims have more.
const (
	additional = "additionalProperties"
	exceptWord = additional + " except "
)

// additionalLabel names the properties that additionalProperties does not
// speak of: those of its own claim, which matter where other claims have more.
func (m *merger) additionalLabel(claim *document.Node) string {
	own := document.SortedSet(propertyNames(claim))
	if m.names == nil {
		m.names = []string{}
		for _, c := range m.state.claims {
			m.names = append(m.names, propertyNames(c)...)
		}
		m.names = document.SortedSet(m.names)
	}
	if slices.Equal(own, m.names) {
		return additional
	}
	quoted := []string{}
	for _, name := range own {
		quoted = append(quoted, document.QuoteJSON(name))
	}
	return exceptWord + "[" + strings.Join(quoted, ",") + "]"
}

func propertyNames(claim *document.Node) []string {
	var out []string
	if p := claim.Get("properties"); p != nil {
		out = append(out, p.Keys...)
	}
	if p := claim.Get("patternProperties"); p != nil {
		for _, key := range p.Keys {
			out = append(out, "/"+key+"/")
		}
	}
	return out
}

// patterns returns the patterns of names that the claims speak of, without those that
// are none of package regexp.
func (m *merger) patterns() []*regexp.Regexp {
	var out []*regexp.Regexp
	for label := range m.edges {
		if pattern, ok := strings.CutPrefix(label, patternWord); ok {
			if r, err := regexp.Compile(pattern); err == nil {
				out = append(out, r)
			}
		}
	}
	return out
}

// ofProperty returns the schemas that hold together for a property: also those of the
// patterns that its name matches.
func (m *merger) ofProperty(name string, sources []*document.Node, patterns []*regexp.Regexp) []*document.Node {
	sources = slices.Clip(sources)
	for _, r := range patterns {
		if r.MatchString(name) {
			sources = append(sources, m.edges[patternWord+r.String()]...)
		}
	}
	return sources
}

// matches reports whether a name matches a pattern, and whether that is known: it is
// not of a pattern that is none of package regexp, such as one that looks ahead.
func matches(pattern, name string) (yes, known bool) {
	r, err := regexp.Compile(pattern)
	return err == nil && r.MatchString(name), err == nil
}

// Undeclared returns what a schema says of what it does not declare: of a property or
// a pattern of names, what holds for the other properties, and of an item in its place,
// what holds for the other items. It is empty where nothing is said.
func (v *Vertex) Undeclared(label string) []*Vertex {
	word, name, _ := strings.Cut(label, " ")
	switch word {
	case "prefixItems":
		return v.under("items")
	case "pattern":
		return v.others("")
	case "property":
		var out []*Vertex
		covered := false
		for _, e := range v.Edges {
			if pattern, ok := strings.CutPrefix(e.Label, patternWord); ok {
				if yes, known := matches(pattern, name); yes || !known {
					out = append(out, e.To)
					covered = covered || yes
				}
			}
		}
		if covered {
			return out
		}
		return append(out, v.others(name)...)
	}
	return nil
}

// others returns what holds for the properties that are not declared, or for the one
// of this name.
func (v *Vertex) others(name string) []*Vertex {
	out := v.under(additional)
	for _, e := range v.Edges {
		if strings.HasPrefix(e.Label, exceptWord) && !excepted(v.exceptions(e.Label), name) {
			out = append(out, e.To)
		}
	}
	if len(out) == 0 {
		return v.under("unevaluatedProperties")
	}
	return out
}

// SameRest returns the label of o that speaks of undeclared properties as a label of v does,
// "" if there is none: of the properties that both declare the same are excepted.
func (v *Vertex) SameRest(label string, o *Vertex) string {
	if FirstWord(label) != additional {
		return ""
	}
	own, declared, others := v.exceptions(label), v.declared(), o.declared()
	for _, e := range o.Edges {
		if FirstWord(e.Label) != additional || v.Edge(e.Label) != nil {
			continue
		}
		theirs := o.exceptions(e.Label)
		if !slices.ContainsFunc(declared, func(name string) bool {
			return slices.Contains(others, name) && slices.Contains(own, name) != slices.Contains(theirs, name)
		}) {
			return e.Label
		}
	}
	return ""
}

// exceptions returns the properties and patterns of which what stands under a label does not
// speak.
func (v *Vertex) exceptions(label string) []string {
	list, ok := strings.CutPrefix(label, exceptWord)
	if !ok {
		return v.declared()
	}
	var out []string
	if json.Unmarshal([]byte(list), &out) != nil {
		return nil // not made by additionalLabel
	}
	return out
}

// declared returns the names of properties and patterns as additionalLabel spells them.
func (v *Vertex) declared() []string {
	var out []string
	for _, e := range v.Edges {
		if name, ok := strings.CutPrefix(e.Label, propertyWord); ok {
			out = append(out, name)
		} else if pattern, ok := strings.CutPrefix(e.Label, patternWord); ok {
			out = append(out, "/"+pattern+"/")
		}
	}
	return out
}

func excepted(except []string, name string) bool {
	return slices.ContainsFunc(except, func(e string) bool {
		pattern, ok := strings.CutPrefix(e, "/")
		yes, _ := matches(strings.TrimSuffix(pattern, "/"), name)
		return e == name || ok && yes
	})
}

func (v *Vertex) under(label string) []*Vertex {
	if to := v.Edge(label); to != nil {
		return []*Vertex{to}
	}
	return nil
}
