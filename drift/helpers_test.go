package drift

import (
	"flag"
	"path/filepath"
	"testing"

	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

const ourSpec = "../spec/openapi.yaml"

// upstream is the folder of published documents, which not everyone has.
const upstream = "../../shared/upstream"

var thorough = flag.Bool("thorough", false, "try chance and pairs as often as makes sense, which takes minutes")

// rounds is how often chance is tried: a quarter of what is thorough, and with
// -short, which the race detector runs with, a tenth.
func rounds(n int) int {
	switch {
	case testing.Short():
		return n / 10
	case *thorough:
		return n
	}
	return n / 4
}

func TestMain(m *testing.M) { drifttest.Main(m) }

func upstreamFile(t testing.TB, name string) string {
	t.Helper()
	return drifttest.Here(t, filepath.Join(upstream, name))
}

// ourHouse returns a configuration of its own for our document.
func ourHouse(t testing.TB, ours drifttest.Tree) *Config {
	t.Helper()
	c, err := LoadConfig(drifttest.House(t, ours))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func parseTree(t testing.TB, doc drifttest.Tree) *Document {
	t.Helper()
	return mustParse(t, drifttest.EncodeJSON(t, doc))
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
