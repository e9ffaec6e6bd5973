package drift

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

// tree is a document as plain Go values, for tests that rewrite it.
type tree = map[string]any

func readTree(t testing.TB, file string) tree {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out tree
	if err := yaml.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return clone(out)
}

// clone copies a tree, and makes JSON values of what YAML knows besides.
func clone[T any](v T) T {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	var out T
	if err := json.Unmarshal(data, &out); err != nil {
		panic(err)
	}
	return out
}

// shuffled writes a tree as JSON with the members of objects in any order.
func shuffled(b *bytes.Buffer, v any, r *rand.Rand) {
	switch v := v.(type) {
	case tree:
		keys := slices.Sorted(maps.Keys(v))
		r.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		b.WriteByte('{')
		for i, key := range keys {
			if i > 0 {
				b.WriteByte(',')
			}
			writeJSON(b, key)
			b.WriteByte(':')
			shuffled(b, v[key], r)
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, kid := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			shuffled(b, kid, r)
		}
		b.WriteByte(']')
	default:
		writeJSON(b, v)
	}
}

func writeJSON(b *bytes.Buffer, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	b.Write(data)
}

// dig follows keys into a tree, making objects that are not there.
func dig(doc tree, keys ...string) tree {
	for _, key := range keys {
		next, ok := doc[key].(tree)
		if !ok {
			next = tree{}
			doc[key] = next
		}
		doc = next
	}
	return doc
}

// encodeTree writes a tree as YAML.
func encodeTree(t testing.TB, doc tree) []byte {
	t.Helper()
	data, err := yaml.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// withoutExamples takes out what means nothing on the wire and makes most of the
// text.
func withoutExamples(doc tree) tree {
	delete(dig(doc, "components"), "examples")
	return doc
}

// abridged leaves of our document what the mutations are about: they are many.
func abridged(doc tree) tree {
	delete(dig(doc, "paths", zonePath), "get")
	delete(dig(doc, "paths", zonePath+"/{certificate_id}"), "delete")
	for _, item := range dig(doc, "paths") {
		for _, method := range httpMethods {
			if op, ok := item.(tree)[method].(tree); ok {
				delete(dig(op, "responses"), "429")
				delete(dig(op, "responses"), "5XX")
			}
		}
	}
	return withoutExamples(doc)
}

func writeFile(t testing.TB, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func readFile(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

var someDay = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

// small is the least document that can be judged.
const small = `{"openapi":"3.0.3","paths":{"/a":{"get":{"responses":{"200":{"description":""}}}}}}`

// withSchema is a small document with this schema in its answer.
func withSchema(version, schema string) []byte {
	text := strings.Replace(small, "3.0.3", version, 1)
	return []byte(strings.Replace(text, `"description":""`, `"description":"","content":{"application/json":{"schema":`+schema+`}}`, 1))
}

func certificate(d tree) tree { return dig(d, "components", "schemas", "Certificate") }

func property(d tree, name string, schema tree) { dig(certificate(d), "properties")[name] = schema }

func headersOf(d tree) tree {
	return dig(op(d, settingsPath, "get"), "responses", "200", "headers")
}
