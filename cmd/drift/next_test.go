package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var nextLine = regexp.MustCompile(`(?mi)^next: (.*)$`)

// TestNextStep: the next step that is printed is one that gets further, and there is none
// when nothing is left to do.
func TestNextStep(t *testing.T) {
	t.Parallel()
	const isbn = "isbn: {type: string, minLength: 10, maxLength: 13}"
	tests := map[string]struct {
		becomes string // of the isbn
		config  string // added to drift.yaml
		args    []string
		accept  bool // before
		status  int
		want    string
	}{
		"additive":              {becomes: isbn + "\n            pages: {type: integer}", status: 1, want: "drift try theirs.yaml"},
		"additive, ours":        {becomes: isbn + "\n            pages: {type: integer}", config: "next: make follow THEIRS=DOC DOCS=1\n", status: 1, want: "make follow THEIRS=theirs.yaml DOCS=1"},
		"additive, in Markdown": {becomes: isbn + "\n            pages: {type: integer}", args: []string{"-o", "markdown"}, status: 1, want: "`drift try theirs.yaml`"},
		"another configuration": {becomes: isbn + "\n            pages: {type: integer}", args: []string{"--config", "./drift.yaml"}, status: 1, want: "drift try --config ./drift.yaml theirs.yaml"},
		"a name with a space":   {becomes: isbn + "\n            pages: {type: integer}", args: []string{"it's theirs.yaml"}, status: 1, want: `drift try 'it'\''s theirs.yaml'`},
		"from standard input":   {becomes: isbn + "\n            pages: {type: integer}", args: []string{"-"}, status: 1, want: "drift try DOC"},
		"breaking":              {becomes: "isbn: {type: integer}", config: "next: make follow DOC\n", status: 1, want: `change our document, correct theirs by an overlay, or record that it was looked at with "drift accept DOC --reason WHY --id ID"`},
		"accepted":              {becomes: "isbn: {type: integer}", accept: true},
		"accepted, in Markdown": {becomes: "isbn: {type: integer}", args: []string{"-o", "markdown"}, accept: true},
		"in step":               {becomes: isbn},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLibrary(t)
			l.edit(isbn, test.becomes)
			file := filepath.Join(l.dir, "drift.yaml")
			config, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, append(config, test.config...), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(l.dir, "it's theirs.yaml"), []byte(l.upstream), 0o600); err != nil {
				t.Fatal(err)
			}
			if test.accept {
				if out, _ := l.run(0, "accept", "theirs.yaml", "--reason", "any"); nextLine.MatchString(out) {
					t.Errorf("after an acceptance it says what to do next: %s", out)
				}
			}
			args := append([]string{"check"}, test.args...)
			if len(test.args) != 1 {
				args = append(args, "theirs.yaml")
			}
			out, _ := l.run(test.status, args...)
			got := ""
			if m := nextLine.FindStringSubmatch(out); m != nil {
				got = m[1]
			}
			if strings.TrimSuffix(got, ".") != test.want {
				t.Errorf("the next step is %q, want %q", got, test.want)
			}
		})
	}
}
