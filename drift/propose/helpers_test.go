package propose

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

const ourSpec = "../../spec/openapi.yaml"

// upstream is the folder of published documents, which not everyone has.
const upstream = "../../../shared/upstream"

func TestMain(m *testing.M) { drifttest.Main(m) }

func upstreamFile(t testing.TB, name string) string {
	t.Helper()
	return drifttest.Here(t, filepath.Join(upstream, name))
}

// ourTree returns our document, without the examples, which make most of the text.
func ourTree(t testing.TB) drifttest.Tree {
	t.Helper()
	return drifttest.WithoutExamples(drifttest.ReadTree(t, ourSpec))
}

// ourHouse returns a configuration of its own for our document.
func ourHouse(t testing.TB, ours drifttest.Tree) *drift.Config {
	t.Helper()
	c, err := drift.LoadConfig(drifttest.House(t, ours))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func parseTree(t testing.TB, doc drifttest.Tree) *drift.Document {
	t.Helper()
	return mustParse(t, drifttest.EncodeJSON(t, doc))
}

func mustParse(t testing.TB, data []byte) *drift.Document {
	t.Helper()
	doc, err := drift.Parse(data)
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	return doc
}

func mustFingerprint(t testing.TB, doc *drift.Document, scope drift.Scope) string {
	t.Helper()
	f, err := drift.Fingerprint(doc, scope)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func mustDiff(t testing.TB, old, new *drift.Document, scope drift.Scope) []drift.Finding {
	t.Helper()
	findings, err := drift.Diff(t.Context(), old, new, scope)
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

// textOf returns the text of a report.
func textOf(t testing.TB, r *drift.Report) string {
	t.Helper()
	var b strings.Builder
	if err := r.Write(&b, "text"); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
