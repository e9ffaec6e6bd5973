package drift

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var someDay = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

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

func mustPropose(t testing.TB, c *Config, doc *Document, follow ...string) *Proposal {
	t.Helper()
	p, err := Propose(t.Context(), doc, c, someDay, follow)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A new property comes into our document in our words, at the component that
// all its uses share, and then the two agree.
func TestProposeProperty(t *testing.T) {
	t.Parallel()
	ours := readTree(t, ourSpec)
	c := ourHouse(t, ours)
	theirs := clone(ours)
	dig(theirs, "components", "schemas", "Certificate", "properties")["owner"] = tree{"type": "string", "maxLength": 80, "description": "Their own words."}
	doc := parseTree(t, theirs)
	p := mustPropose(t, c, doc)
	if len(p.Open) > 0 || len(p.Adopted) != 1 {
		t.Fatalf("open %v, adopted %v", p.Open, p.Adopted)
	}
	for _, want := range []string{"$.components.schemas.Certificate.properties", "is called owner and holds a text", "x-review: describe it", "x-source: a document of theirs"} {
		if !strings.Contains(string(p.Overlay), want) {
			t.Errorf("the overlay does not say %q:\n%s", want, p.Overlay)
		}
	}
	if strings.Contains(string(p.Overlay), "Their own words") {
		t.Error("the overlay holds their words")
	}
	if err := p.Apply(c, someDay, "theirs of today"); err != nil {
		t.Fatal(err)
	}
	r, err := Check(t.Context(), doc, c, someDay)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Findings) > 0 || r.Version == nil || r.Version.Source != "theirs of today" {
		t.Errorf("after it: %+v", r)
	}
	if again := mustPropose(t, c, doc); again.Overlay != nil || len(again.Adopted)+len(again.Open) > 0 {
		t.Errorf("there is still something to propose: %s", again.summary())
	}
}
