package try

import (
	"errors"
	"strings"
	"testing"
)

// TestCommand distinguishes what fails with the new code from what says nothing of it, for
// want of a module.
func TestCommand(t *testing.T) {
	t.Setenv("GOPROXY", "off")
	const test = "package m\n\nimport \"testing\"\n\nfunc TestIt(t *testing.T) {\n\tt.Error(`the cause`)\n\tt.Error(`go: example.com/x: Get: dial tcp: i/o timeout`)\n}\n"
	tests := map[string]struct {
		file, text string
		failure    bool
		says       string
	}{
		"a test prints what a download could":  {"m_test.go", test, true, "the cause"},
		"a test prints it at the line's start": {"m_test.go", strings.ReplaceAll(test, "t.Error(`go:", "println(`go:"), true, "the cause"},
		"a module is missing":                  {"m.go", "package m\n\nimport _ \"example.com/x\"\n", false, "cannot be downloaded: "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := small(t)
			set(t, root, "go.mod", "module m\n\ngo 1.26\n\nrequire example.com/x v1.0.0\n")
			set(t, root, "go.sum", "example.com/x v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nexample.com/x v1.0.0/go.mod h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")
			set(t, root, test.file, test.text)
			err := copyOf(t, root).command(t.Context(), ".", "test", "-vet=off", ".")
			var failed *failure
			if errors.As(err, &failed) != test.failure || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%T %v; want a failure: %v, which says %q", err, err, test.failure, test.says)
			}
		})
	}
}

// TestBrief keeps both ends of an output: of a document that is printed at length
// the cause stands before it, of tests that go on the last stands at the end.
func TestBrief(t *testing.T) {
	t.Parallel()
	long := "the cause\n" + strings.Repeat("a line of the schema\n", 1000) + "the end\n"
	if got := brief(long); !strings.HasPrefix(got, "the cause\n") || !strings.HasSuffix(got, "\nthe end") || len(got) > 5000 {
		t.Errorf("%d bytes are left, which begin %.40q and end %.40q", len(got), got, got[max(0, len(got)-40):])
	}
	if got := brief("short\n"); got != "short" {
		t.Errorf("a short output becomes %q", got)
	}
}
