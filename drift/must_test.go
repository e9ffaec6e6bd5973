package drift

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// ourHouse returns a configuration of its own in a folder with our document,
// without corrections and without a lock so far.
func ourHouse(t testing.TB, ours tree) *Config {
	t.Helper()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "ours.yaml"), string(encodeTree(t, ours)))
	config := filepath.Join(dir, "drift.yaml")
	writeFile(t, config, "# What is compared.\nprefix: /zones\nspec: ours.yaml\nlock: upstream.lock\npropose:\n  source: a document of theirs\n")
	c, err := LoadConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return c
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
