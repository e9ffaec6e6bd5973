package drift

import (
	"os"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/document"
)

// A pair is two versions of a document, and the one right class of what changed.
type pair struct {
	Name, Class, Why string
	Open             bool // what Diff reports is not right yet
	Old, New         yaml.Node
}

func readPairs(t *testing.T, file string) []pair {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var pairs []pair
	if err := yaml.Unmarshal(text, &pairs); err != nil {
		t.Fatal(err)
	}
	return pairs
}

// diff returns what Diff reports of a pair: the gravest class that matters on the
// wire, none or error, and the findings and the error for people.
func (p *pair) diff(t *testing.T) (class string, told []string) {
	t.Helper()
	old, err := documentOf(document.FromYAML(&p.Old))
	if err != nil {
		return "error", []string{err.Error()}
	}
	new, err := documentOf(document.FromYAML(&p.New))
	if err != nil {
		return "error", []string{err.Error()}
	}
	findings, err := Diff(t.Context(), old, new, Scope{})
	if err != nil {
		return "error", []string{err.Error()}
	}
	class = "none"
	for _, f := range findings {
		told = append(told, f.ID+": "+f.Change())
		if class != "breaking" && f.Class != Editorial {
			class = string(f.Class)
		}
	}
	return class, told
}

// Each pair has one right class, whatever else is found.
func TestPairs(t *testing.T) {
	t.Parallel()
	for _, p := range readPairs(t, "testdata/cases.yaml") {
		t.Run(p.Name, func(t *testing.T) {
			switch class, told := p.diff(t); {
			case p.Open && class == p.Class:
				t.Errorf("%s is right now: it is no longer open", p.Why)
			case !p.Open && class != p.Class:
				t.Errorf("%s: want %s, is %s: %q", p.Why, p.Class, class, told)
			}
		})
	}
}

// What check compares is a slice: it says what the document says.
func TestSlicesOfPairs(t *testing.T) {
	t.Parallel()
	for _, p := range readPairs(t, "testdata/cases.yaml") {
		for _, n := range []*yaml.Node{&p.Old, &p.New} {
			doc, err := documentOf(document.FromYAML(n))
			if err != nil {
				t.Fatal(err)
			}
			slice, err := Slice(doc, Scope{})
			if err != nil {
				continue // such as one that TestPairs wants refused
			}
			again, err := documentOf(document.FromYAML(slice))
			if err != nil {
				t.Fatalf("%s: the slice is not a document: %v", p.Name, err)
			}
			if findings := mustDiff(t, doc, again, Scope{}); len(findings) > 0 {
				t.Errorf("%s: the slice says another thing: %s", p.Name, findings[0].Change())
			}
			if mustFingerprint(t, doc, Scope{}) != mustFingerprint(t, again, Scope{}) {
				t.Errorf("%s: the slice has another fingerprint", p.Name)
			}
		}
	}
}
