package spec_test

import (
	"bytes"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestForm holds the document to the form in which programs write YAML. A
// proposal that is applied to it must change its own lines only, or no one can
// review it.
func TestForm(t *testing.T) {
	t.Parallel()
	requireNone(t, strayLines(t, read(t)))
}

// strayLines finds the first line that comes out otherwise when the text is read
// and written again.
func strayLines(t *testing.T, text string) (found faults) {
	t.Helper()
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(&document); err != nil {
		t.Fatal(err)
	}
	have, written := strings.SplitAfter(text, "\n"), strings.SplitAfter(out.String(), "\n")
	for i, line := range have {
		if i >= len(written) || line != written[i] {
			found.add("openapi.yaml", "line %d is written again as %q: write it so, have %q", i+1, strings.Join(written[i:min(i+1, len(written))], ""), line)
			return found
		}
	}
	return found
}

func TestFormFindsFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ old, new, want string }{
		"a list on lines of its own":  {"required: [message]", "required:\n        [message]", `"      required: [message]\n"`},
		"more space than needed":      {"title: Cloudflare", "title:   Cloudflare", `"  title: Cloudflare`},
		"a list that is not indented": {"    parameters:\n      - $ref", "    parameters:\n    - $ref", `have "    - $ref`},
		"an empty line":               {"\npaths:\n", "\n\npaths:\n", `"paths:\n": write it so, have "\n"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := read(t)
			if !strings.Contains(text, test.old) {
				t.Fatalf("openapi.yaml does not hold %q any more: fix the test", test.old)
			}
			requireFault(t, strayLines(t, strings.Replace(text, test.old, test.new, 1)), test.want)
		})
	}
}
