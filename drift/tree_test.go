package drift

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"gopkg.in/yaml.v3"
)

// tree is a document as plain Go values, for tests that rewrite it.
type tree = map[string]any

const ourSpec = "../spec/openapi.yaml"

// upstream is the folder of published documents, which not everybody has.
const upstream = "../../shared/upstream"

func upstreamFile(t testing.TB, name string) string {
	t.Helper()
	file := filepath.Join(upstream, name)
	if _, err := os.Stat(file); err != nil {
		t.Skipf("%s is not here", file)
	}
	return file
}

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

func parseTree(t testing.TB, doc tree) *Document {
	t.Helper()
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return mustParse(t, data)
}

func mustParse(t testing.TB, data []byte) *Document {
	t.Helper()
	doc, err := Parse(data)
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	return doc
}

func mustRead(t testing.TB, file string) *Document {
	t.Helper()
	doc, err := Read(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func mustFingerprint(t testing.TB, doc *Document, scope Scope) string {
	t.Helper()
	f, err := Fingerprint(doc, scope)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func mustDiff(t testing.TB, old, new *Document, scope Scope) []Finding {
	t.Helper()
	findings, err := Diff(t.Context(), old, new, scope)
	if err != nil {
		t.Fatal(err)
	}
	return findings
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
