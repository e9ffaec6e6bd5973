package overlay

import (
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestEncode requires that what is escaped is read back as it was, and that nothing
// reaches a terminal.
func TestEncode(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"a tab":                "first\tsecond",
		"a tab in a paragraph": "first line\n\tsecond line\nthird\n",
		"an escape sequence":   "ok\n::error::pwn \x1b[31m\u202e",
		"a line separator":     "one\u2028two",
		"a no-break space":     "one\u00a0two",
		"an emoji":             "\U0001f600\U000e0001",
		"plain":                "plain text, ü 世",
	} {
		tree := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{
			{Kind: yaml.ScalarNode, Value: value, HeadComment: "# of " + value},
			{Kind: yaml.ScalarNode, Value: value, Style: yaml.LiteralStyle},
		}}
		text, err := Encode(tree)
		if err != nil {
			t.Fatal(err)
		}
		var back map[string]string
		if err := yaml.Unmarshal(text, &back); err != nil || len(back) != 1 || back[value] != value {
			t.Errorf("%s: it is read back as %q (%v):\n%s", name, back, err, text)
		}
		if strings.ContainsAny(string(text), "\x1b\u202e\u2028") {
			t.Errorf("%s: what acts on a terminal is written raw: %q", name, text)
		}
	}
}
