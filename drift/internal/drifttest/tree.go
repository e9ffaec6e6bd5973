// Package drifttest has what the tests of several packages of drift share. It knows
// none of them.
package drifttest

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

// Tree is a document as plain Go values, for tests that rewrite it.
type Tree = map[string]any

// trees holds the JSON of each file that ReadTree has read: many tests read the same,
// and YAML takes long to parse.
var trees sync.Map

// ReadTree reads a YAML or JSON file.
func ReadTree(t testing.TB, file string) Tree {
	t.Helper()
	text, ok := trees.Load(file)
	if !ok {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var tree Tree
		if err := yaml.Unmarshal(data, &tree); err != nil {
			t.Fatal(err)
		}
		text, _ = trees.LoadOrStore(file, EncodeJSON(t, tree))
	}
	var out Tree
	if err := json.Unmarshal(text.([]byte), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// Main runs the tests of a package that makes many graphs, with less work for the
// garbage collector: hardly any of them outlives its test.
func Main(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

// Clone copies a tree, and makes JSON values of what YAML knows besides.
func Clone[T any](v T) T {
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
	case Tree:
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

// Dig follows keys into a tree, making objects that are not there.
func Dig(doc Tree, keys ...string) Tree {
	for _, key := range keys {
		next, ok := doc[key].(Tree)
		if !ok {
			next = Tree{}
			doc[key] = next
		}
		doc = next
	}
	return doc
}

// EncodeTree writes a tree as YAML.
func EncodeTree(t testing.TB, doc Tree) []byte {
	t.Helper()
	data, err := yaml.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// WithoutExamples takes out what means nothing on the wire and makes most of the
// text.
func WithoutExamples(doc Tree) Tree {
	delete(Dig(doc, "components"), "examples")
	return doc
}

// Abridged leaves of our document what the mutations are about: they are many.
func Abridged(doc Tree) Tree {
	delete(Dig(doc, "paths", ZonePath), "get")
	delete(Dig(doc, "paths", ZonePath+"/{certificate_id}"), "delete")
	for _, item := range Dig(doc, "paths") {
		for _, method := range httpMethods {
			if op, ok := item.(Tree)[method].(Tree); ok {
				delete(Dig(op, "responses"), "429")
				delete(Dig(op, "responses"), "5XX")
			}
		}
	}
	return WithoutExamples(doc)
}

// WriteFile writes a file.
func WriteFile(t testing.TB, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// ReadFile reads a file.
func ReadFile(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// SomeDay is the day on which tests run.
var SomeDay = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

// Small is the least document that can be judged.
const Small = `{"openapi":"3.0.3","paths":{"/a":{"get":{"responses":{"200":{"description":""}}}}}}`

// WithSchema is a small document with this schema in its response.
func WithSchema(version, schema string) []byte {
	text := strings.Replace(Small, "3.0.3", version, 1)
	return []byte(strings.Replace(text, `"description":""`, `"description":"","content":{"application/json":{"schema":`+schema+`}}`, 1))
}

// Certificate returns the schema of a certificate.
func Certificate(d Tree) Tree { return Dig(d, "components", "schemas", "Certificate") }

// Property gives a certificate a property.
func Property(d Tree, name string, schema Tree) { Dig(Certificate(d), "properties")[name] = schema }

// HeadersOf returns the headers of a response of GetSettings.
func HeadersOf(d Tree) Tree {
	return Dig(Op(d, SettingsPath, "get"), "responses", "200", "headers")
}

// House puts our document into a folder with a configuration of its own, without
// corrections and without a lock so far, and returns the configuration file.
func House(t testing.TB, ours Tree) string {
	t.Helper()
	dir := t.TempDir()
	WriteFile(t, filepath.Join(dir, "ours.yaml"), string(EncodeTree(t, ours)))
	config := filepath.Join(dir, "drift.yaml")
	WriteFile(t, config, "# What is compared.\nprefix: /zones\nspec: ours.yaml\nlock: upstream.lock\npropose:\n  source: a document of theirs\n")
	return config
}

// Here returns the name of a file, and skips the test where it does not exist.
func Here(t testing.TB, file string) string {
	t.Helper()
	if _, err := os.Stat(file); err != nil {
		t.Skipf("%s is not here", file)
	}
	return file
}

// EncodeJSON writes a tree as JSON.
func EncodeJSON(t testing.TB, doc Tree) []byte {
	t.Helper()
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
