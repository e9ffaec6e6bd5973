package drift

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

// rewriter changes a document in ways that nobody sees on the wire.
type rewriter struct {
	r     *rand.Rand
	doc   tree
	fresh int
}

// place is where a schema stands, to be read and replaced.
type schemaSpot struct {
	get func() any
	set func(any)
}

var rewrites = map[string]func(*rewriter){
	"rename":  (*rewriter).rename,
	"reorder": (*rewriter).reorder,
	"inline":  (*rewriter).inline,
	"outline": (*rewriter).outline,
	"wrap":    (*rewriter).wrap,
	"split":   (*rewriter).split,
	"prose":   (*rewriter).prose,
	"vacuous": (*rewriter).vacuous,
}

// spots returns every schema of the document.
func (w *rewriter) spots() []schemaSpot {
	var out []schemaSpot
	var schema func(get func() any, set func(any))
	inMap := func(m tree, key string, f func(get func() any, set func(any))) {
		f(func() any { return m[key] }, func(v any) { m[key] = v })
	}
	schema = func(get func() any, set func(any)) {
		s, ok := get().(tree)
		if !ok {
			return
		}
		out = append(out, schemaSpot{get, set})
		for _, key := range slices.Sorted(maps.Keys(s)) {
			switch v := s[key].(type) {
			case tree:
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
		case tree:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				switch {
				case key == "schema":
					inMap(v, key, schema)
				case key == "schemas":
					m, _ := v[key].(tree)
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
	find(w.doc)
	return out
}

func (w *rewriter) some(f func(s schemaSpot, schema tree) bool) {
	spots := w.spots()
	done := 0
	for _, i := range w.r.Perm(len(spots)) {
		s := spots[i]
		schema, ok := s.get().(tree)
		if ok && f(s, schema) {
			done++
		}
		if done > len(spots)/8 {
			return
		}
	}
}

func (w *rewriter) name() string {
	w.fresh++
	return fmt.Sprintf("N%d_%d", w.r.IntN(1000), w.fresh)
}

func (w *rewriter) rename() {
	names := map[string]string{}
	components, _ := w.doc["components"].(tree)
	for section, v := range components {
		members, _ := v.(tree)
		renamed := tree{}
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
	w.each(w.doc, func(m tree) {
		if ref, ok := m["$ref"].(string); ok && names[ref] != "" {
			m["$ref"] = names[ref]
		}
		if mapping, ok := m["mapping"].(tree); ok {
			for value, ref := range mapping {
				mapping[value] = names[ref.(string)]
			}
		}
		if list, ok := m["security"].([]any); ok {
			for i, requirement := range list {
				renamed := tree{}
				for name, scopes := range requirement.(tree) {
					renamed[names["security "+name]] = scopes
				}
				list[i] = renamed
			}
		}
	})
}

func (w *rewriter) each(v any, f func(tree)) {
	switch v := v.(type) {
	case tree:
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

func (w *rewriter) reorder() {
	w.each(w.doc, func(m tree) {
		for _, key := range []string{"allOf", "oneOf", "anyOf", "enum", "required", "parameters", "security", "servers", "tags"} {
			if list, ok := m[key].([]any); ok {
				w.r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			}
		}
	})
}

func (w *rewriter) target(ref string) any {
	v := any(w.doc)
	for _, step := range strings.Split(strings.TrimPrefix(ref, "#"), "/")[1:] {
		m, ok := v.(tree)
		if !ok {
			return nil
		}
		v = m[pointerUnescaped.Replace(step)]
	}
	return v
}

func (w *rewriter) inline() {
	w.some(func(s schemaSpot, schema tree) bool {
		ref, ok := schema["$ref"].(string)
		if !ok {
			return false
		}
		s.set(clone(w.target(ref)))
		return true
	})
}

func (w *rewriter) outline() {
	w.some(func(s schemaSpot, schema tree) bool {
		name := w.name()
		dig(w.doc, "components", "schemas")[name] = schema
		s.set(tree{"$ref": "#/components/schemas/" + name})
		return true
	})
}

func (w *rewriter) wrap() {
	w.some(func(s schemaSpot, schema tree) bool {
		s.set(tree{[]string{"allOf", "oneOf", "anyOf"}[w.r.IntN(3)]: []any{schema}})
		return true
	})
}

// split moves one keyword into a claim of its own.
func (w *rewriter) split() {
	movable := []string{"maxLength", "minLength", "pattern", "format", "maxItems", "uniqueItems", "readOnly", "required", "enum", "items", "default"}
	w.some(func(s schemaSpot, schema tree) bool {
		for _, key := range movable {
			if v, ok := schema[key]; ok && schema["allOf"] == nil && schema["$ref"] == nil {
				delete(schema, key)
				s.set(tree{"allOf": []any{schema, tree{key: v}}})
				return true
			}
		}
		return false
	})
}

// vacuous adds keywords that say nothing, in more and more roundabout ways.
func (w *rewriter) vacuous() {
	nothing := func() any {
		return []any{true, tree{}, tree{"minLength": 0}, tree{"deprecated": false, "nullable": false}, tree{"items": tree{"additionalProperties": tree{}}}}[w.r.IntN(5)]
	}
	w.some(func(_ schemaSpot, schema tree) bool {
		if schema["$ref"] != nil {
			return false
		}
		added := []tree{
			{"minItems": 0}, {"minProperties": 0}, {"minLength": 0}, {"deprecated": false}, {"nullable": false}, {"uniqueItems": false},
			{"readOnly": false}, {"writeOnly": false}, {"required": []any{}}, {"properties": tree{}}, {"allOf": []any{nothing()}}, {"items": nothing()},
			{"additionalProperties": nothing()}, {"propertyNames": nothing()}, {"if": tree{"type": "string"}}, {"exclusiveMinimum": false},
			{"dependentRequired": tree{"a": []any{}}}, {"dependentSchemas": tree{"a": nothing()}},
		}[w.r.IntN(18)]
		for key, v := range added {
			if _, ok := schema[key]; ok {
				return false
			}
			schema[key] = v
		}
		return true
	})
}

func (w *rewriter) prose() {
	w.some(func(_ schemaSpot, schema tree) bool {
		schema["description"], schema["x-"+w.name()] = w.name(), w.r.IntN(9)
		schema["title"], schema["example"] = w.name(), w.name()
		return true
	})
	for _, item := range w.doc["paths"].(tree) {
		for method, op := range item.(tree) {
			if op, ok := op.(tree); ok && slices.Contains(httpMethods, method) {
				op["summary"], op["tags"] = w.name(), []any{w.name()}
			}
		}
	}
}

// text writes the document in any order of members, as JSON or YAML.
func (w *rewriter) text(t *testing.T) []byte {
	var b bytes.Buffer
	shuffled(&b, w.doc, w.r)
	if w.r.IntN(10) > 0 {
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
