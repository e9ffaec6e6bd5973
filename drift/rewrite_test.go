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
			names["#/components/"+section+"/"+escapePointer(name)] = "#/components/" + section + "/" + fresh
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
	for _, step := range pointerSteps(strings.TrimPrefix(ref, "#")) {
		m, ok := v.(tree)
		if !ok {
			return nil
		}
		v = m[step]
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
			if op, ok := op.(tree); ok && slices.Contains(methods, method) {
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

// rounds is how often chance is tried: with -short, which the race detector runs with,
// a tenth, since it is the same code each time.
func rounds(n int) int {
	if testing.Short() {
		return n / 10
	}
	return n
}

// Whoever maintains a document renames, moves and wraps its parts all the
// time. None of that may raise an alarm.
func TestRewritesAreNoFindings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file   string
		rounds int
		scope  Scope
	}{
		{ourSpec, 120, Scope{Prefix: "/zones"}},
		{"testdata/library.yaml", 240, Scope{}},
		{upstream + "/2024-07-31.slice.json", 120, Scope{Prefix: "/zones/{x}/origin_tls_client_auth"}},
	} {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			if strings.HasPrefix(c.file, upstream) {
				upstreamFile(t, "2024-07-31.slice.json")
			}
			original := readTree(t, c.file)
			old := parseTree(t, original)
			want := mustFingerprint(t, old, c.scope)
			kinds := slices.Sorted(maps.Keys(rewrites))
			for seed := range rounds(c.rounds) {
				w := &rewriter{r: rand.New(rand.NewPCG(uint64(seed), 7)), doc: clone(original)}
				var done []string
				for range 1 + w.r.IntN(6) {
					kind := kinds[w.r.IntN(len(kinds))]
					done = append(done, kind)
					rewrites[kind](w)
				}
				new := mustParse(t, w.text(t))
				if findings := mustDiff(t, old, new, c.scope); len(findings) > 0 {
					t.Fatalf("seed %d: after %v, which change nothing: %s (%s → %s)", seed, done, findings[0].Change(), findings[0].Old, findings[0].New)
				}
				if got := mustFingerprint(t, new, c.scope); got != want {
					t.Fatalf("seed %d: after %v, which change nothing, the fingerprint is another", seed, done)
				}
			}
		})
	}
}

// A slice says what the document says, for any document.
func TestSliceMeansTheSame(t *testing.T) {
	t.Parallel()
	for _, file := range []string{ourSpec, "testdata/library.yaml"} {
		doc := mustRead(t, file)
		n, err := Slice(doc, Scope{})
		if err != nil {
			t.Fatal(err)
		}
		data, err := yaml.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"Person", "Journal", "FailureEnvelope"} {
			if bytes.Contains(data, []byte("schemas/"+name)) {
				t.Errorf("the slice of %s names the component %s", file, name)
			}
		}
		if findings := mustDiff(t, doc, mustParse(t, data), Scope{}); len(findings) > 0 {
			t.Errorf("the slice of %s differs from it: %s", file, findings[0].Change())
		}
		again, err := Slice(mustParse(t, data), Scope{})
		if err != nil {
			t.Fatal(err)
		}
		if second, err := yaml.Marshal(again); err != nil || !bytes.Equal(data, second) {
			t.Errorf("the slice of the slice of %s is another text (%v)", file, err)
		}
	}
}

// A finding keeps its id however the newer document is cut into components,
// or an acceptance would be lost with every rewrite upstream.
func TestRewritesKeepIDs(t *testing.T) {
	t.Parallel()
	original := readTree(t, "testdata/library.yaml")
	changed := clone(original)
	schemas := dig(changed, "components", "schemas")
	dig(schemas, "Person", "properties", "name")["maxLength"] = 80
	dig(schemas, "Base", "properties")["language"] = tree{"type": "string"}
	delete(dig(schemas, "Loan", "properties"), "fee")
	old := parseTree(t, original)
	ids := func(doc *Document) []string {
		var out []string
		for _, f := range mustDiff(t, old, doc, Scope{}) {
			out = append(out, f.ID)
		}
		return out
	}
	want := ids(parseTree(t, changed))
	if len(want) != 7 {
		t.Fatalf("found %v, want a limit and two properties of two objects in both directions, and one property gone", want)
	}
	kinds := slices.Sorted(maps.Keys(rewrites))
	for seed := range rounds(150) {
		w := &rewriter{r: rand.New(rand.NewPCG(uint64(seed), 9)), doc: clone(changed)}
		for range 1 + w.r.IntN(6) {
			rewrites[kinds[w.r.IntN(len(kinds))]](w)
		}
		if got := ids(mustParse(t, w.text(t))); !slices.Equal(got, want) {
			t.Fatalf("seed %d: ids %v, want %v", seed, got, want)
		}
	}
}
