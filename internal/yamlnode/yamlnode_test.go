package yamlnode

import (
	"slices"
	"testing"

	"gopkg.in/yaml.v3"
)

func TestObjects(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text  string
		names []string // of the members
		a     string   // the value of a, empty for none
	}{
		"an object":             {"{b: 1, a: 2}", []string{"b", "a"}, "2"},
		"an object without it":  {"{b: a}", []string{"b"}, ""},
		"an empty object":       {"{}", nil, ""},
		"a list with its name":  {"[a, 2]", nil, ""},
		"a text with its name":  {"a", nil, ""},
		"nothing, a nil node":   {"", nil, ""},
		"a value with its name": {"{b: {a: 1}, a: 3}", []string{"b", "a"}, "3"},
	} {
		var root yaml.Node
		if err := yaml.Unmarshal([]byte(test.text), &root); err != nil {
			t.Fatal(err)
		}
		var n *yaml.Node
		if len(root.Content) > 0 {
			n = root.Content[0]
		}
		var names []string
		for name := range Members(n) {
			names = append(names, name)
		}
		if !slices.Equal(names, test.names) {
			t.Errorf("%s has the members %q, want %q", name, names, test.names)
		}
		have := ""
		if field := Field(n, "a"); field != nil {
			have = field.Value
		}
		if have != test.a {
			t.Errorf("%s: the value of a is %q, want %q", name, have, test.a)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":              "the file is empty",
		"# nothing":     "the file is empty",
		"a\n---\nb":     "more than one document in the file",
		"a: b\n---\n[":  "more than one document in the file",
		"a: b\n...\n":   "",
		"--- {a: b}\n":  "",
		"a: b\n---\n\n": "more than one document in the file",
	} {
		got := ""
		if _, err := Parse([]byte(text)); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: error %q, want %q", text, got, want)
		}
	}
}
