package compare

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// Change is what was found in a pair.
type Change struct {
	kind          string
	dir           graph.Direction
	Label         string           // of an edge, if the change is not in the pair itself
	Fact          string           // of the pair, if it is one that differs
	Old, New      *graph.Vertex    // added or removed
	oldAt, newAt  []*document.Node // where a fact stands
	Before, After string           // for people
	exact         string           // what these leave out
	about         [2]*graph.Vertex // of either side what is looked into no further
	whole         bool             // and all that stands in the pair besides
	judged        bool             // that it is editorial, although the graphs differ on the wire
}

// factKinds names the change of a fact with one value: what it is when the
// fact is new, when it is gone, and when it is another.
var factKinds = map[string][3]string{
	"operationId":      {"operation-id-changed", "operation-id-changed", "operation-id-changed"},
	"name":             {"path-parameter-renamed", "path-parameter-renamed", "path-parameter-renamed"},
	"style":            {"style-changed", "style-changed", "style-changed"},
	"explode":          {"explode-changed", "explode-changed", "explode-changed"},
	"contentType":      {"encoding-content-type-changed", "encoding-content-type-changed", "encoding-content-type-changed"},
	"allowReserved":    {"allow-reserved-added", "allow-reserved-removed"},
	"allowEmptyValue":  {"allow-empty-value-added", "allow-empty-value-removed"},
	"deprecated":       {"deprecated", "undeprecated"},
	"uniqueItems":      {"unique-items-added", "unique-items-removed"},
	"readOnly":         {"read-only-added", "read-only-removed"},
	"writeOnly":        {"write-only-added", "write-only-removed"},
	"pattern":          {"pattern-added", "pattern-removed", "pattern-changed"},
	"format":           {"format-added", "format-removed", "format-changed"},
	"multipleOf":       {"multiple-of-added", "multiple-of-removed", "multiple-of-changed"},
	"default":          {"default-added", "default-removed", "default-changed"},
	"discriminator":    {"discriminator-added", "discriminator-removed", "discriminator-changed"},
	"contentEncoding":  {"content-encoding-changed", "content-encoding-changed", "content-encoding-changed"},
	"contentMediaType": {"content-media-type-changed", "content-media-type-changed", "content-media-type-changed"},
	"link":             {"link-changed", "link-changed", "link-changed"},
	"keyword":          {"keyword-changed", "keyword-changed", "keyword-changed"},
}

// setKinds names the change of a fact that is a set: a value new, a value gone.
var setKinds = map[string][2]string{
	"server":            {"server-added", "server-removed"},
	"enum":              {"enum-value-added", "enum-value-removed"},
	"dependentRequired": {"dependent-required-added", "dependent-required-removed"},
}

func (w *Walk) compareFact(p *Pair, name string) {
	old, new := p.Old.Fact(name), p.New.Fact(name)
	before, after := old.List(), new.List()
	if name == "enum" {
		before, after = values(p.Old), values(p.New)
	}
	if slices.Equal(before, after) {
		return
	}
	c := Change{Fact: name, dir: p.Old.Dir, oldAt: old.Places(), newAt: new.Places(), Before: strings.Join(before, ", "), After: strings.Join(after, ", ")}
	word := graph.FirstWord(name)
	lowerIsTighter, isLimit := graph.Limits[name]
	switch {
	case name == "type" || name == "nullable" || name == "never":
		return // compared by compareTypes and compareNever
	case name == "required":
		w.compareRequired(p, c, before, after)
		return
	case isLimit:
		c.kind = kebab(name) + "-loosened"
		if old == nil || new != nil && graph.ParseBound(c.After).Tighter(graph.ParseBound(c.Before), lowerIsTighter) {
			c.kind = kebab(name) + "-tightened"
		}
	case name == "enum" && (strings.HasPrefix(c.Before, graph.Contradiction) || strings.HasPrefix(c.After, graph.Contradiction)):
		c.kind = "enum-contradicted"
	case name == "enum" && before == nil:
		c.kind = "enum-added"
	case name == "enum" && after == nil:
		c.kind = "enum-removed"
	case name == "security":
		w.compareSecurity(p, c, before, after)
		return
	case name == "choice":
		c.kind = "choice-loosened"
		if c.After == "oneOf" {
			c.kind = "choice-tightened"
		}
	case setKinds[word] != [2]string{}:
		w.compareValues(p, c, setKinds[word], before, after)
		return
	case name == "format" && old.OnWire() == nil && new.OnWire() == nil:
		c.kind = "format-restated"
	case name == "format":
		c.kind = whichOf(factKinds[word], old.OnWire(), new.OnWire())
	case name == "contentType" && old != nil && new != nil:
		c.kind = contentTypeKind(strings.Split(c.Before, ", "), strings.Split(c.After, ", "))
	default:
		c.kind = whichOf(factKinds[word], old, new)
	}
	if c.kind == "deprecated" || c.kind == "undeprecated" {
		if p.Old.Kind == "operation" {
			c.kind = "operation-" + c.kind
		}
	}
	c.exact = fmt.Sprintf("%q %q %q", name, before, after)
	w.note(p, c)
}

// values returns those that a schema lists, and of null the one that there is.
func values(v *graph.Vertex) []string {
	if v.Types() == graph.NullType {
		return []string{"null"}
	}
	return v.Fact("enum").List()
}

func whichOf(kinds [3]string, old, new *graph.Fact) string {
	switch {
	case old == nil:
		return kinds[0]
	case new == nil:
		return kinds[1]
	}
	return kinds[2]
}

// contentTypeKind names the change of a list of content types.
func contentTypeKind(before, after []string) string {
	lost := slices.ContainsFunc(before, func(t string) bool { return !slices.Contains(after, t) })
	won := slices.ContainsFunc(after, func(t string) bool { return !slices.Contains(before, t) })
	switch {
	case !lost:
		return "encoding-content-type-added"
	case !won:
		return "encoding-content-type-removed"
	}
	return "encoding-content-type-changed"
}

var upper = regexp.MustCompile("[A-Z]")

// kebab turns maxLength into max-length.
func kebab(name string) string { return strings.ToLower(upper.ReplaceAllString(name, "-$0")) }

// compareValues notes each value that a set has more or less, at the value itself
// where it stands in a list, and on the other side at the list.
func (w *Walk) compareValues(p *Pair, c Change, kinds [2]string, before, after []string) {
	oldSet, newSet := c.oldAt, c.newAt
	inOld, inNew := byValue(oldSet), byValue(newSet)
	nullIsSaid := (p.Old.Types()^p.New.Types())&graph.NullType != 0 // of null the type says it
	said := func(value string) bool { return c.Fact == "enum" && value == "null" && nullIsSaid }
	for _, value := range before {
		if !Has(after, value) && !said(value) {
			c.kind, c.Before, c.After, c.exact = kinds[1], value, "", c.Fact
			c.oldAt, c.newAt = orElse(inOld[value], oldSet), newSet
			w.note(p, c)
		}
	}
	for _, value := range after {
		if !Has(before, value) && !said(value) {
			c.kind, c.Before, c.After, c.exact = kinds[0], "", value, c.Fact
			c.oldAt, c.newAt = oldSet, orElse(inNew[value], newSet)
			w.note(p, c)
		}
	}
}

// byValue finds the members of lists by what they hold.
func byValue(lists []*document.Node) map[string][]*document.Node {
	out := map[string][]*document.Node{}
	for _, list := range lists {
		if list.Is(document.ArrayNode) {
			for _, n := range list.Kids {
				value := n.Canonical()
				out[value] = append(out[value], n)
			}
		}
	}
	return out
}

func orElse(at, fallback []*document.Node) []*document.Node {
	if len(at) == 0 {
		return fallback
	}
	return at
}

// compareRequired notes what must now be there or may now be missing. A
// property that is itself added or removed is noted as that.
func (w *Walk) compareRequired(p *Pair, c Change, before, after []string) {
	if p.Old.Kind != "schema" {
		c.kind = p.Old.Kind + "-optional"
		if len(before) == 0 {
			c.kind = p.Old.Kind + "-required"
		}
		c.Before, c.After = optional(before), optional(after)
		w.note(p, c)
		return
	}
	oldAt, newAt := byText(c.oldAt), byText(c.newAt)
	note := func(name, kind, from, to string) {
		c.kind, c.Label, c.Before, c.After = kind, "property "+name, from, to
		c.oldAt, c.newAt = oldAt[name], newAt[name]
		switch old, new := p.Old.Edge(c.Label) != nil, p.New.Edge(c.Label) != nil; {
		case old == new, new && kind == "property-optional": // it was required, and not declared
			w.note(p, c)
		}
	}
	for _, name := range before {
		if !Has(after, name) {
			note(name, "property-optional", "required", "optional")
		}
	}
	for _, name := range after {
		if !Has(before, name) {
			note(name, "property-required", "optional", "required")
		}
	}
}

func byText(at []*document.Node) map[string][]*document.Node {
	out := make(map[string][]*document.Node, len(at))
	for _, n := range at {
		out[n.Text] = append(out[n.Text], n)
	}
	return out
}

// Has reports whether the values of a fact, which are in order, hold one.
func Has(values []string, value string) bool {
	_, ok := slices.BinarySearch(values, value)
	return ok
}

func optional(values []string) string {
	if len(values) == 0 {
		return "optional"
	}
	return "required"
}

// compareUnsent reports whether a property is never part of the value, in one of two
// documents or both.
func (w *Walk) compareUnsent(p *Pair) bool {
	if p.Old.Unsent != p.New.Unsent {
		name := graph.UnsentFlag(p.Old.Dir)
		old, new := p.Old.Fact(name), p.New.Fact(name)
		w.note(p, Change{
			kind: whichOf(factKinds[name], old, new), Fact: name, dir: p.Old.Dir, oldAt: old.Places(), newAt: new.Places(),
			Before: p.Old.Value(name), After: p.New.Value(name), about: [2]*graph.Vertex{p.Old, p.New},
		})
	}
	return p.Old.Unsent || p.New.Unsent
}

// compareNever reports whether one of two schemas allows no value at all.
func (w *Walk) compareNever(p *Pair) bool {
	old, new := p.Old.Fact("never"), p.New.Fact("never")
	if (old == nil) == (new == nil) {
		return false
	}
	kinds := [2]string{"value-forbidden", "value-allowed"}
	if word := graph.FirstWord(p.label); word == "additionalProperties" || word == "unevaluatedProperties" {
		kinds = [2]string{"additional-properties-forbidden", "additional-properties-allowed"}
	}
	c := Change{kind: kinds[0], Fact: "never", dir: p.Old.Dir, Before: summary(p.Old), After: summary(p.New), about: [2]*graph.Vertex{p.Old, p.New}}
	if new == nil {
		c.kind = kinds[1]
	}
	w.note(p, c)
	return true
}

// compareTypes compares types and null, and reports whether nothing in common
// is left.
func (w *Walk) compareTypes(p *Pair) bool {
	old, new := p.Old.Types(), p.New.Types()
	before, after := p.Old.Nullness(), p.New.Nullness()
	c := Change{Fact: "type", dir: p.Old.Dir, Before: typeText(p.Old), After: typeText(p.New), oldAt: p.Old.Fact("type").Places(), newAt: p.New.Fact("type").Places()}
	oldRest, newRest := old&^graph.NullType, new&^graph.NullType
	switch {
	case old == 0 || new == 0:
		if p.Old.Value("type") == p.New.Value("type") {
			return false
		}
		c.kind = "type-changed"
	case old&new == 0:
		c.kind = "type-changed"
	case old == graph.AnyType || new == graph.AnyType:
		before, after = 0, 0
		c.kind = widenedOrNarrowed(old, new)
		c.whole = true // "any" does not say what the rest of it leaves of that
		if old == new {
			before, after = p.Old.Nullness(), p.New.Nullness()
		}
	case oldRest == newRest:
	default:
		c.kind = widenedOrNarrowed(oldRest, newRest)
	}
	if c.kind == "type-changed" {
		c.whole = old&new == 0
		w.note(p, c)
		return c.whole
	}
	if c.kind != "" {
		w.note(p, c)
	}
	c.whole = false
	if before != after {
		c.kind = "nullable-added"
		if after < before {
			c.kind = "nullable-removed"
		}
		c.oldAt = append(c.oldAt, p.Old.Fact("nullable").Places()...)
		c.newAt = append(c.newAt, p.New.Fact("nullable").Places()...)
		w.note(p, c)
	}
	return false
}

func widenedOrNarrowed(old, new graph.TypeSet) string {
	switch {
	case old == new:
		return ""
	case old&new == old:
		return "type-widened"
	case old&new == new:
		return "type-narrowed"
	}
	return "type-changed"
}

func typeText(v *graph.Vertex) string {
	text := "any"
	if f := v.Fact("type"); f != nil {
		text = strings.Join(f.Values, "|")
	}
	if v.Fact("nullable") != nil {
		text += ", nullable"
	}
	return text
}

// summary describes in a few words what was added or removed.
func summary(v *graph.Vertex) string {
	switch v.Kind {
	case "schema":
		if v.Fact("never") != nil {
			return "nothing"
		}
		text := typeText(v)
		for _, name := range []string{"format", "enum", "maxLength", "maximum"} {
			if f := v.Fact(name); f != nil {
				text += ", " + name + " " + strings.Join(f.Values, "|")
			}
		}
		return text
	case "operation":
		return v.Title
	case "parameter", "header":
		if s := v.Edge("schema"); s != nil {
			return summary(s)
		}
	}
	if choice := v.Value("choice"); choice != "" {
		var branches []string
		for _, branch := range v.Set("branch") {
			branches = append(branches, branchName(branch))
		}
		return choice + " of " + strings.Join(document.SortedSet(branches), ", ")
	}
	return ""
}
