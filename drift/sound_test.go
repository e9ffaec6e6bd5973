package drift

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"unicode/utf8"
)

// What is not breaking breaks no program, by the rules of JSON Schema: each value that the
// older of two schemas allows in a request the newer allows too, and each that the newer
// allows in a response a program can read that was made for the older.
func TestNotBreaking(t *testing.T) {
	t.Parallel()
	for dir, holds := range map[Direction]func(old, new schemaTree, value any) bool{
		Request:  func(old, new schemaTree, value any) bool { return !allows(old, value) || allows(new, value) },
		Response: func(old, new schemaTree, value any) bool { return !allows(new, value) || reads(old, value) },
	} {
		t.Run(string(dir), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(1, 2))
			pairs, judged := rounds(4000), 0
			for range pairs {
				old := randomSchema(r, 3)
				new := changed(r, old)
				findings := mustDiff(t, holding(t, dir, old), holding(t, dir, new), Scope{})
				if slices.ContainsFunc(findings, func(f Finding) bool { return f.Class == Breaking }) {
					continue
				}
				judged++
				if i := slices.IndexFunc(someValues, func(v any) bool { return !holds(old, new, v) }); i >= 0 {
					t.Errorf("%s → %s is not breaking for %s, by what was found: %q", toJSON(old), toJSON(new), toJSON(someValues[i]), changes(findings))
				}
			}
			t.Logf("%d of %d pairs do not break", judged, pairs)
			if judged < pairs/4 {
				t.Errorf("only %d of %d pairs were judged", judged, pairs)
			}
		})
	}
}

func changes(findings []Finding) (out []string) {
	for _, f := range findings {
		out = append(out, f.Kind+": "+f.Change())
	}
	return out
}

type schemaTree = map[string]any

// holding returns a document that has a schema in a request or a response.
func holding(t *testing.T, dir Direction, schema schemaTree) *Document {
	t.Helper()
	content := schemaTree{"content": schemaTree{"application/json": schemaTree{"schema": schema}}}
	operation := schemaTree{"responses": schemaTree{"200": content}}
	if dir == Request {
		operation = schemaTree{"requestBody": content, "responses": schemaTree{}}
	}
	return mustParse(t, []byte(toJSON(schemaTree{"openapi": "3.1.0", "paths": schemaTree{"/x": schemaTree{"post": operation}}})))
}

func toJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // made of maps and texts
	}
	return string(text)
}

func one[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// randomSchema returns a schema with alternatives down to a depth.
func randomSchema(r *rand.Rand, depth int) schemaTree {
	switch n := r.IntN(10); {
	case depth > 0 && n < 4:
		return withAlternatives(r, schemaTree{}, depth)
	case depth > 0 && n < 6:
		s := schemaTree{"type": "object", "properties": schemaTree{"a": randomSchema(r, depth-1), "b": randomSchema(r, depth-2)}}
		if r.IntN(2) == 0 {
			s["required"] = []any{one(r, "a", "b")}
		}
		if r.IntN(3) == 0 {
			withAlternatives(r, s, depth)
		}
		return s
	case n < 7:
		return schemaTree{"type": []any{one(r, "string", "integer"), one(r, "null", "boolean")}}
	case n < 8:
		return schemaTree{"enum": []any{one[any](r, "a", 1, nil), one[any](r, "b", "", 2)}}
	case n < 9:
		return schemaTree{"type": "string", one(r, "maxLength", "minLength"): 1 + r.IntN(2)}
	}
	return schemaTree{"type": one(r, "string", "integer", "null", "boolean")}
}

func withAlternatives(r *rand.Rand, s schemaTree, depth int) schemaTree {
	var branches []any
	for range 1 + r.IntN(3) {
		if s["type"] == "object" && r.IntN(2) == 0 {
			branches = append(branches, schemaTree{"required": []any{one(r, "a", "b")}})
		} else {
			branches = append(branches, randomSchema(r, depth-1))
		}
	}
	s[one(r, "anyOf", "oneOf")] = branches
	return s
}

// changed returns another version of a schema, which allows more, less or the same.
func changed(r *rand.Rand, s schemaTree) schemaTree {
	out := maps.Clone(s)
	for _, keyword := range []string{"anyOf", "oneOf"} {
		branches, ok := s[keyword].([]any)
		if !ok {
			continue
		}
		branches = slices.Clone(branches)
		i := r.IntN(len(branches))
		switch r.IntN(6) {
		case 0: // one of them alone
			delete(out, keyword)
			maps.Copy(out, branches[i].(schemaTree))
			return out
		case 1:
			out[keyword] = append(branches, randomSchema(r, 1))
		case 2:
			out[keyword] = append(branches, schemaTree{"type": "null"})
		case 3:
			r.Shuffle(len(branches), func(i, j int) { branches[i], branches[j] = branches[j], branches[i] })
			out[keyword] = branches
		case 4:
			if len(branches) > 1 {
				out[keyword] = slices.Delete(branches, i, i+1)
			}
		default:
			branches[i] = changed(r, branches[i].(schemaTree))
			out[keyword] = branches
		}
		return out
	}
	if properties, ok := s["properties"].(schemaTree); ok && r.IntN(2) == 0 {
		properties = maps.Clone(properties)
		name := one(r, "a", "b")
		properties[name] = changed(r, properties[name].(schemaTree))
		out["properties"] = properties
		return out
	}
	switch r.IntN(5) {
	case 0:
		return schemaTree{one(r, "anyOf", "oneOf"): []any{s, randomSchema(r, 1)}}
	case 1:
		return schemaTree{one(r, "anyOf", "oneOf"): []any{schemaTree{"type": "null"}, s}}
	case 2:
		if values, ok := s["enum"].([]any); ok {
			var branches []any
			for _, v := range values {
				branches = append(branches, schemaTree{"const": v})
			}
			return schemaTree{one(r, "anyOf", "oneOf"): branches}
		}
		if types, ok := s["type"].([]any); ok {
			return schemaTree{"anyOf": []any{schemaTree{"type": types[0]}, schemaTree{"type": types[1]}}}
		}
	case 3:
		return schemaTree{"anyOf": []any{s, schemaTree{"enum": []any{one[any](r, "", "a", "abc", 1)}}}}
	case 4:
		return randomSchema(r, 2)
	}
	return out
}

// someValues distinguish the schemas that randomSchema makes.
var someValues = values(2)

func values(depth int) []any {
	out := []any{nil, true, "", "a", "b", "abc", 1, 2, 7}
	if depth > 0 {
		out = append(out, schemaTree{})
		for _, v := range values(depth - 1) {
			out = append(out, schemaTree{"a": v}, schemaTree{"b": v}, schemaTree{"a": v, "b": 1}, schemaTree{"a": "a", "b": v})
		}
	}
	return out
}

// allows reports whether a schema allows a value.
func allows(s schemaTree, value any) bool { return judges(s, value, false) }

// reads reports whether a program that was made for a schema can read a value: it takes
// any value of the types that it knows.
func reads(s schemaTree, value any) bool { return judges(s, value, true) }

// judges reports whether a value is right for a schema, or for one that is open. Of a oneOf
// any branch will do: documents rarely mean that no other must match.
func judges(s schemaTree, value any, open bool) bool {
	equal := func(v any) bool { return toJSON(v) == toJSON(value) || open && typeOf(v) == typeOf(value) }
	if types, ok := s["type"]; ok && !slices.Contains(listOf(types), any(typeOf(value))) {
		return false
	}
	if enum, ok := s["enum"]; ok && !slices.ContainsFunc(listOf(enum), equal) {
		return false
	}
	if constant, ok := s["const"]; ok && !equal(constant) {
		return false
	}
	if text, ok := value.(string); ok && !open {
		if most, ok := s["maxLength"].(int); ok && utf8.RuneCountInString(text) > most {
			return false
		}
		if least, ok := s["minLength"].(int); ok && utf8.RuneCountInString(text) < least {
			return false
		}
	}
	if object, ok := value.(schemaTree); ok {
		for _, name := range listOf(s["required"]) {
			if _, ok := object[name.(string)]; !ok {
				return false
			}
		}
		properties, _ := s["properties"].(schemaTree)
		for name, of := range properties {
			if v, ok := object[name]; ok && !judges(of.(schemaTree), v, open) {
				return false
			}
		}
	}
	for _, keyword := range []string{"anyOf", "oneOf"} {
		if branches, ok := s[keyword].([]any); ok && !slices.ContainsFunc(branches, func(b any) bool { return judges(b.(schemaTree), value, open) }) {
			return false
		}
	}
	return true
}

func listOf(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

func typeOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case schemaTree:
		return "object"
	}
	return "integer"
}
