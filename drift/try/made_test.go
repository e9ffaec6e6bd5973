package try

import (
	"errors"
	"strings"
	"testing"
)

// TestVet puts into the generated code of a copy what generated code may not be,
// and requires that each of it is refused before any is compiled.
func TestVet(t *testing.T) {
	t.Parallel()
	c := copyOf(t, root)
	tests := map[string]struct{ file, old, new, want string }{
		"an import":           {"gen/api/api.gen.go", "import (\n", "import (\n\t\"os/exec\"\n", `import "os/exec" is not in the list`},
		"func init":           {"gen/api/api.gen.go", "// Defines values for ErrorCode.\n", "func init() {}\n\n// Defines values for ErrorCode.\n", "func init"},
		"a variable's call":   {"gen/server/server.gen.go", "// ServerInterface represents", "var x = fmt.Sprint()\n\n// ServerInterface represents", "calls a function"},
		"linkname":            {"gen/server/server.gen.go", "// ServerInterface represents", "//go:linkname now time.now\n\n// ServerInterface represents", "directive //go:linkname"},
		"an import of values": {"originpull/values.gen.go", "import \"github.com", "import _ \"unsafe\"\n\nimport \"github.com", `import "unsafe" is not in the list`},
		"a file of its own":   {"gen/api/more.go", "", "package api\n", "more.go"},
	}
	for _, test := range tests {
		text := get(c.module.Dir, test.file)
		if test.old == "" {
			text = ""
		}
		if !strings.Contains(text, test.old) {
			t.Fatalf("%s does not hold %q any more: fix the test", test.file, test.old)
		}
		set(t, c.module.Dir, test.file, strings.Replace(text, test.old, test.new, 1))
	}
	var refused *refusal
	if err := (&trial{Copy: c}).vet(t.Context()); !errors.As(err, &refused) {
		t.Fatalf("code that holds it would be compiled: %v", err)
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { mention(t, "reasons", refused.reasons, test.want) })
	}
}

// TestVetRefusesHarmOnly lets code pass that only reads badly: it is compiled, and the
// other tests in gen say what to fix.
func TestVetRefusesHarmOnly(t *testing.T) {
	t.Parallel()
	c := copyOf(t, root)
	const file, before = "gen/api/api.gen.go", "// Defines values for ErrorCode.\n"
	text := strings.Replace(string(c.module.Before[file]), before, "type Anything struct {\n\tURL interface{}\n}\n\n"+before, 1)
	if err := c.module.Write(file, []byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := (&trial{Copy: c}).vet(t.Context()); err != nil {
		t.Errorf("it is not compiled: %v", err)
	}
	var failed *failure
	if err := c.command(t.Context(), ".", "test", "-vet=off", "./gen"); !errors.As(err, &failed) {
		t.Fatalf("error %v, want a failure", err)
	}
	mention(t, "failures", []string{failed.text}, "TestGeneratedCodeIsPlain", "interface{}")
}

// TestGenerate lets commands of go generate fail, and write where they have nothing to
// write. Only that is refused.
func TestGenerate(t *testing.T) {
	t.Parallel()
	const more = "\n//go:generate cp LICENSE originpull/more.gen.go\n//go:generate cp LICENSE README.md\n"
	tests := map[string]struct {
		commands string
		refused  []string
		fails    string
	}{
		"it writes elsewhere":                 {more, []string{"README.md: generating", "originpull/more.gen.go: generating"}, ""},
		"it fails":                            {"\n//go:generate cp LICENSE gen/api/api.gen.go\n//go:generate cat no-such-file\n", nil, "no-such-file"},
		"it fails when it has done so":        {more + "//go:generate cat no-such-file\n", []string{"README.md: generating", "originpull/more.gen.go: generating"}, ""},
		"it writes what it is there to write": {"\n//go:generate cp LICENSE gen/api/api.gen.go\n", nil, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := small(t)
			for name, text := range map[string]string{
				"LICENSE": "any", "README.md": "read", "gen/api/api.gen.go": "package api\n", "originpull/more.go": "package originpull\n",
				"generate.go": "package originpullgo\n" + test.commands,
			} {
				set(t, tree, name, text)
			}
			c := copyOf(t, tree)
			r := &Result{}
			err := (&trial{Copy: c, result: r}).generate(t.Context())
			var refused *refusal
			if errors.As(err, &refused) {
				mention(t, "reasons", refused.reasons, test.refused...)
			} else {
				refused = &refusal{}
			}
			if len(refused.reasons) != len(test.refused) {
				t.Errorf("refuses %q, want %q", refused.reasons, test.refused)
			}
			var failed *failure
			if errors.As(err, &failed) != (test.fails != "") || err != nil && !strings.Contains(err.Error(), test.fails) {
				t.Errorf("error %v, want a failure that says %q", err, test.fails)
			}
			if test.fails == "" {
				return
			}
			if got := get(c.module.Dir, "gen/api/api.gen.go"); got != string(c.module.Before["gen/api/api.gen.go"]) {
				t.Errorf("what no one has looked at stays, and would be written into the tree: %.40q", got)
			}
			if !r.unlisted {
				t.Error("the changelog would not say that the Go API was not compared")
			}
		})
	}
}
