package drift

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// change is what was found in a pair.
type change struct {
	kind          string
	dir           Direction
	label         string     // of an edge, if the change is not in the pair itself
	fact          string     // of the pair, if it is one that differs
	old, new      *vertex    // added or removed
	oldAt, newAt  []*node    // where a fact stands
	before, after string     // for people
	exact         string     // what these leave out
	about         [2]*vertex // of either side what is looked into no further
	whole         bool       // and all that stands in the pair besides
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
	"choice":           {"choice-changed", "choice-changed", "choice-changed"},
	"link":             {"link-changed", "link-changed", "link-changed"},
	"keyword":          {"keyword-changed", "keyword-changed", "keyword-changed"},
}

// setKinds names the change of a fact that is a set: a value new, a value gone.
var setKinds = map[string][2]string{
	"security":          {"security-added", "security-removed"},
	"server":            {"server-added", "server-removed"},
	"enum":              {"enum-value-added", "enum-value-removed"},
	"dependentRequired": {"dependent-required-added", "dependent-required-removed"},
}

func (w *walk) compareFact(p *pair, name string) {
	old, new := p.old.fact(name), p.new.fact(name)
	before, after := old.list(), new.list()
	if slices.Equal(before, after) {
		return
	}
	c := change{fact: name, dir: p.old.dir, oldAt: old.places(), newAt: new.places(), before: strings.Join(before, ", "), after: strings.Join(after, ", ")}
	word := firstWord(name)
	lowerIsTighter, isLimit := limits[name]
	switch {
	case name == "type" || name == "nullable" || name == "never":
		return // compared by compareTypes and compareNever
	case name == "required":
		w.compareRequired(p, c, before, after)
		return
	case isLimit:
		c.kind = kebab(name) + "-loosened"
		if old == nil || new != nil && parseBound(c.after).tighter(parseBound(c.before), lowerIsTighter) {
			c.kind = kebab(name) + "-tightened"
		}
	case name == "enum" && (strings.HasPrefix(c.before, contradiction) || strings.HasPrefix(c.after, contradiction)):
		c.kind = "enum-contradicted"
	case name == "enum" && old == nil:
		c.kind = "enum-added"
	case name == "enum" && new == nil:
		c.kind = "enum-removed"
	case setKinds[word] != [2]string{}:
		w.compareValues(p, c, setKinds[word], before, after)
		return
	default:
		c.kind = whichOf(factKinds[word], old, new)
	}
	if c.kind == "deprecated" || c.kind == "undeprecated" {
		if p.old.kind == "operation" {
			c.kind = "operation-" + c.kind
		}
	}
	c.exact = fmt.Sprintf("%q %q %q", name, before, after)
	w.note(p, c)
}

func whichOf(kinds [3]string, old, new *fact) string {
	switch {
	case old == nil:
		return kinds[0]
	case new == nil:
		return kinds[1]
	}
	return kinds[2]
}

var upper = regexp.MustCompile("[A-Z]")

// kebab turns maxLength into max-length.
func kebab(name string) string { return strings.ToLower(upper.ReplaceAllString(name, "-$0")) }

// compareValues notes each value that a set has more or less, at the value itself
// where it stands in a list, and on the other side at the list.
func (w *walk) compareValues(p *pair, c change, kinds [2]string, before, after []string) {
	oldSet, newSet := c.oldAt, c.newAt
	inOld, inNew := byValue(oldSet), byValue(newSet)
	for _, value := range before {
		if !has(after, value) {
			c.kind, c.before, c.after, c.exact = kinds[1], value, "", c.fact
			c.oldAt, c.newAt = orElse(inOld[value], oldSet), newSet
			w.note(p, c)
		}
	}
	for _, value := range after {
		if !has(before, value) {
			c.kind, c.before, c.after, c.exact = kinds[0], "", value, c.fact
			c.oldAt, c.newAt = oldSet, orElse(inNew[value], newSet)
			w.note(p, c)
		}
	}
}

// byValue finds the members of lists by what they hold.
func byValue(lists []*node) map[string][]*node {
	out := map[string][]*node{}
	for _, list := range lists {
		if list.is(arrayNode) {
			for _, n := range list.kids {
				value := n.canonical()
				out[value] = append(out[value], n)
			}
		}
	}
	return out
}

func orElse(at, otherwise []*node) []*node {
	if len(at) == 0 {
		return otherwise
	}
	return at
}

// compareRequired notes what must now be there or may now be missing. A
// property that is itself added or removed is noted as that.
func (w *walk) compareRequired(p *pair, c change, before, after []string) {
	if p.old.kind != "schema" {
		c.kind = p.old.kind + "-optional"
		if len(before) == 0 {
			c.kind = p.old.kind + "-required"
		}
		c.before, c.after = optional(before), optional(after)
		w.note(p, c)
		return
	}
	oldAt, newAt := byText(c.oldAt), byText(c.newAt)
	note := func(name, kind, from, to string) {
		c.kind, c.label, c.before, c.after = kind, "property "+name, from, to
		c.oldAt, c.newAt = oldAt[name], newAt[name]
		if (p.old.edge(c.label) == nil) == (p.new.edge(c.label) == nil) {
			w.note(p, c)
		}
	}
	for _, name := range before {
		if !has(after, name) {
			note(name, "property-optional", "required", "optional")
		}
	}
	for _, name := range after {
		if !has(before, name) {
			note(name, "property-required", "optional", "required")
		}
	}
}

func byText(at []*node) map[string][]*node {
	out := make(map[string][]*node, len(at))
	for _, n := range at {
		out[n.text] = append(out[n.text], n)
	}
	return out
}

// has tells whether the values of a fact, which are in order, hold one.
func has(values []string, value string) bool {
	_, ok := slices.BinarySearch(values, value)
	return ok
}

func optional(values []string) string {
	if len(values) == 0 {
		return "optional"
	}
	return "required"
}

// compareNever tells whether one of two schemas allows no value at all.
func (w *walk) compareNever(p *pair) bool {
	old, new := p.old.fact("never"), p.new.fact("never")
	if (old == nil) == (new == nil) {
		return false
	}
	kinds := [2]string{"value-forbidden", "value-allowed"}
	if strings.HasPrefix(p.label, "additionalProperties") {
		kinds = [2]string{"additional-properties-forbidden", "additional-properties-allowed"}
	}
	c := change{kind: kinds[0], fact: "never", dir: p.old.dir, before: summary(p.old), after: summary(p.new), about: [2]*vertex{p.old, p.new}}
	if new == nil {
		c.kind = kinds[1]
	}
	w.note(p, c)
	return true
}

// compareTypes compares types and null, and tells whether nothing in common
// is left.
func (w *walk) compareTypes(p *pair) bool {
	old, new := p.old.types(), p.new.types()
	before, after := p.old.nullness(), p.new.nullness()
	c := change{fact: "type", dir: p.old.dir, before: typeText(p.old), after: typeText(p.new), oldAt: p.old.fact("type").places(), newAt: p.new.fact("type").places()}
	oldRest, newRest := old&^nullType, new&^nullType
	switch {
	case old == 0 || new == 0:
		if p.old.value("type") == p.new.value("type") {
			return false
		}
		c.kind = "type-changed"
	case old&new == 0:
		c.kind = "type-changed"
	case old == anyType || new == anyType:
		before, after = 0, 0
		c.kind = widenedOrNarrowed(old, new)
		c.whole = true // "any" does not tell what the rest of it leaves of that
		if old == new {
			before, after = p.old.nullness(), p.new.nullness()
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
		c.oldAt = append(c.oldAt, p.old.fact("nullable").places()...)
		c.newAt = append(c.newAt, p.new.fact("nullable").places()...)
		w.note(p, c)
	}
	return false
}

func widenedOrNarrowed(old, new typeSet) string {
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

func typeText(v *vertex) string {
	text := "any"
	if f := v.fact("type"); f != nil {
		text = strings.Join(f.values, "|")
	}
	if v.fact("nullable") != nil {
		text += ", nullable"
	}
	return text
}

// summary describes in a few words what was added or removed.
func summary(v *vertex) string {
	switch v.kind {
	case "schema":
		if v.fact("never") != nil {
			return "nothing"
		}
		text := typeText(v)
		for _, name := range []string{"format", "enum", "maxLength", "maximum"} {
			if f := v.fact(name); f != nil {
				text += ", " + name + " " + strings.Join(f.values, "|")
			}
		}
		return text
	case "operation":
		return v.title
	case "parameter", "header":
		if s := v.edge("schema"); s != nil {
			return summary(s)
		}
	}
	if choice := v.value("choice"); choice != "" {
		var branches []string
		for _, branch := range v.set("branch") {
			branches = append(branches, branchName(branch))
		}
		return choice + " of " + strings.Join(sorted(branches), ", ")
	}
	return ""
}
