package drifttest

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// Rewriter changes a document in ways that no one sees on the wire.
type Rewriter struct {
	R     *rand.Rand
	Doc   Tree
	fresh int
}

// place is where a schema stands, to be read and replaced.
type schemaSpot struct {
	Get func() any
	set func(any)
}

// Rewrites are the ways in which a rewriter changes a document, by name.
var Rewrites = map[string]func(*Rewriter){
	"rename":  (*Rewriter).rename,
	"reorder": (*Rewriter).reorder,
	"inline":  (*Rewriter).Inline,
	"outline": (*Rewriter).Outline,
	"wrap":    (*Rewriter).Wrap,
	"split":   (*Rewriter).Split,
	"prose":   (*Rewriter).prose,
	"vacuous": (*Rewriter).vacuous,
}

// Spots returns every schema of the document.
func (w *Rewriter) Spots() []schemaSpot {
	var out []schemaSpot
	var schema func(get func() any, set func(any))
	inMap := func(m Tree, key string, f func(get func() any, set func(any))) {
		f(func() any { return m[key] }, func(v any) { m[key] = v })
	}
	schema = func(get func() any, set func(any)) {
		s, ok := get().(Tree)
		if !ok {
			return
		}
		out = append(out, schemaSpot{get, set})
		for _, key := range slices.Sorted(maps.Keys(s)) {
			switch v := s[key].(type) {
			case Tree:
				switch key {
				case "properties", "patternProperties":
					for _, name := range slices.Sorted(maps.Keys(v)) {
						inMap(v, name, schema)
					}
				case "items", "additionalProperties", "not":
					inMap(s, key, schema)
				}
			case []any:
				if key == "allOf" || key == "oneOf" || key == "anyOf" {
					for i := range v {
						schema(func() any { return v[i] }, func(x any) { v[i] = x })
					}
				}
			}
		}
	}
	var find func(v any)
	find = func(v any) {
		switch v := v.(type) {
		case Tree:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				switch {
				case key == "schema":
					inMap(v, key, schema)
				case key == "schemas":
					m, _ := v[key].(Tree)
					for _, name := range slices.Sorted(maps.Keys(m)) {
						inMap(m, name, schema)
					}
				case key != "example" && key != "examples":
					find(v[key])
				}
			}
		case []any:
			for _, kid := range v {
				find(kid)
			}
		}
	}
	find(w.Doc)
	return out
}

func (w *Rewriter) some(f func(s schemaSpot, schema Tree) bool) {
	spots := w.Spots()
	done := 0
	for _, i := range w.R.Perm(len(spots)) {
		s := spots[i]
		schema, ok := s.Get().(Tree)
		if ok && f(s, schema) {
			done++
		}
		if done > len(spots)/8 {
			return
		}
	}
}

func (w *Rewriter) name() string {
	w.fresh++
	return fmt.Sprintf("N%d_%d", w.R.IntN(1000), w.fresh)
}

func (w *Rewriter) rename() {
	names := map[string]string{}
	components, _ := w.Doc["components"].(Tree)
	for section, v := range components {
		members, _ := v.(Tree)
		renamed := Tree{}
		for name, member := range members {
			fresh := w.name()
			names["#/components/"+section+"/"+pointerEscaped.Replace(name)] = "#/components/" + section + "/" + fresh
			if section == "securitySchemes" {
				names["security "+name] = fresh
			}
			renamed[fresh] = member
		}
		components[section] = renamed
	}
	w.each(w.Doc, func(m Tree) {
		if ref, ok := m["$ref"].(string); ok && names[ref] != "" {
			m["$ref"] = names[ref]
		}
		if mapping, ok := m["mapping"].(Tree); ok {
			for value, ref := range mapping {
				mapping[value] = names[ref.(string)]
			}
		}
		if list, ok := m["security"].([]any); ok {
			for i, requirement := range list {
				renamed := Tree{}
				for name, scopes := range requirement.(Tree) {
					renamed[names["security "+name]] = scopes
				}
				list[i] = renamed
			}
		}
	})
}

func (w *Rewriter) each(v any, f func(Tree)) {
	switch v := v.(type) {
	case Tree:
		f(v)
		for _, key := range slices.Sorted(maps.Keys(v)) {
			w.each(v[key], f)
		}
	case []any:
		for _, kid := range v {
			w.each(kid, f)
		}
	}
}

func (w *Rewriter) reorder() {
	w.each(w.Doc, func(m Tree) {
		for _, key := range []string{"allOf", "oneOf", "anyOf", "enum", "required", "parameters", "security", "servers", "tags"} {
			if list, ok := m[key].([]any); ok {
				w.R.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			}
		}
	})
}

func (w *Rewriter) target(ref string) any {
	v := any(w.Doc)
	for _, step := range strings.Split(strings.TrimPrefix(ref, "#"), "/")[1:] {
		m, ok := v.(Tree)
		if !ok {
			return nil
		}
		v = m[pointerUnescaped.Replace(step)]
	}
	return v
}

// Inline puts a component in the place of a reference to it.
func (w *Rewriter) Inline() {
	w.some(func(s schemaSpot, schema Tree) bool {
		ref, ok := schema["$ref"].(string)
		if !ok {
			return false
		}
		s.set(Clone(w.target(ref)))
		return true
	})
}

// Outline makes a component of a schema.
func (w *Rewriter) Outline() {
	w.some(func(s schemaSpot, schema Tree) bool {
		name := w.name()
		Dig(w.Doc, "components", "schemas")[name] = schema
		s.set(Tree{"$ref": "#/components/schemas/" + name})
		return true
	})
}

// Wrap puts a schema into an allOf of one.
func (w *Rewriter) Wrap() {
	w.some(func(s schemaSpot, schema Tree) bool {
		s.set(Tree{[]string{"allOf", "oneOf", "anyOf"}[w.R.IntN(3)]: []any{schema}})
		return true
	})
}

// Split moves one keyword into a claim of its own.
func (w *Rewriter) Split() {
	movable := []string{"maxLength", "minLength", "pattern", "format", "maxItems", "uniqueItems", "readOnly", "required", "enum", "items", "default"}
	w.some(func(s schemaSpot, schema Tree) bool {
		for _, key := range movable {
			if v, ok := schema[key]; ok && schema["allOf"] == nil && schema["$ref"] == nil {
				delete(schema, key)
				s.set(Tree{"allOf": []any{schema, Tree{key: v}}})
				return true
			}
		}
		return false
	})
}

// vacuous adds keywords that say nothing, in more and more roundabout ways.
func (w *Rewriter) vacuous() {
	nothing := func() any {
		return []any{true, Tree{}, Tree{"minLength": 0}, Tree{"deprecated": false, "nullable": false}, Tree{"items": Tree{"additionalProperties": Tree{}}}}[w.R.IntN(5)]
	}
	w.some(func(_ schemaSpot, schema Tree) bool {
		if schema["$ref"] != nil {
			return false
		}
		added := []Tree{
			{"minItems": 0}, {"minProperties": 0}, {"minLength": 0}, {"deprecated": false}, {"nullable": false}, {"uniqueItems": false},
			{"readOnly": false}, {"writeOnly": false}, {"required": []any{}}, {"properties": Tree{}}, {"allOf": []any{nothing()}}, {"items": nothing()},
			{"additionalProperties": nothing()}, {"propertyNames": nothing()}, {"if": Tree{"type": "string"}}, {"exclusiveMinimum": false},
			{"dependentRequired": Tree{"a": []any{}}}, {"dependentSchemas": Tree{"a": nothing()}},
		}[w.R.IntN(18)]
		for key, v := range added {
			if _, ok := schema[key]; ok {
				return false
			}
			schema[key] = v
		}
		return true
	})
}

func (w *Rewriter) prose() {
	w.some(func(_ schemaSpot, schema Tree) bool {
		schema["description"], schema["x-"+w.name()] = w.name(), w.R.IntN(9)
		schema["title"], schema["example"] = w.name(), w.name()
		return true
	})
	for _, item := range w.Doc["paths"].(Tree) {
		for method, op := range item.(Tree) {
			if op, ok := op.(Tree); ok && slices.Contains(httpMethods, method) {
				op["summary"], op["tags"] = w.name(), []any{w.name()}
			}
		}
	}
}

// Text writes the document in any order of members, as JSON or YAML.
func (w *Rewriter) Text(t *testing.T) []byte {
	var b bytes.Buffer
	shuffled(&b, w.Doc, w.R)
	if w.R.IntN(10) > 0 {
		return b.Bytes()
	}
	var n yaml.Node
	if err := yaml.Unmarshal(b.Bytes(), &n); err != nil {
		t.Fatal(err)
	}
	data, err := yaml.Marshal(&n)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

var (
	pointerEscaped   = strings.NewReplacer("~", "~0", "/", "~1")
	pointerUnescaped = strings.NewReplacer("~1", "/", "~0", "~")
	httpMethods      = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}
)
