//go:build !plain

package worker

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/bench/responses"
)

// fake is a client that decodes nothing: it returns what it was made with.
type fake struct {
	count   int
	id      string
	enabled bool
}

func (f fake) List(context.Context) (int, error)              { return f.count, nil }
func (f fake) Upload(context.Context) (string, error)         { return f.id, nil }
func (f fake) Settings(context.Context) (bool, error)         { return f.enabled, nil }
func (f fake) Enable(context.Context) (bool, error)           { return f.enabled, nil }
func (f fake) Get(context.Context, string) (string, error)    { return f.id, nil }
func (f fake) Delete(context.Context, string) (string, error) { return f.id, nil }

// TestWrongResultsAreNotMeasured lets a client be fast because it does not do what
// it should.
func TestWrongResultsAreNotMeasured(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{"list", "get", "upload", "delete", "settings", "enable", "unknown"} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			if err := call(fake{}, operation, "an-id"); err == nil {
				t.Errorf("%s: a client that returns nothing is measured", operation)
			}
		})
	}
}

func TestServe(t *testing.T) {
	t.Parallel()
	newClient := func(c Config) (Client, error) {
		return fake{count: responses.PerList, enabled: c.Transport != nil}, nil
	}
	tests := map[string]struct {
		in    string
		lines int
		fails string
	}{
		"two measures":   {"memory list 3\nsocket settings 2\n", 2, ""},
		"a wrong result": {"memory get 1\n", 0, "memory get: returned"},
		"unknown wire":   {"pigeon get 1\n", 0, `no wire "pigeon"`},
		"not understood": {"memory get\n", 0, "want WIRE OPERATION COUNT"},
		"nothing to do":  {"", 0, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			err := serve(newClient, "http://127.0.0.1:1", strings.NewReader(test.in), &out)
			if (err == nil) != (test.fails == "") || err != nil && !strings.Contains(err.Error(), test.fails) {
				t.Fatalf("it ends with %v, want %q", err, test.fails)
			}
			var took, bytes, allocations int64
			n := 0
			for lines := strings.NewReader(out.String()); ; n++ {
				if _, err := fmt.Fscanln(lines, &took, &bytes, &allocations); err == io.EOF {
					break
				} else if err != nil {
					t.Fatalf("it printed %q: %v", out.String(), err)
				}
			}
			if n != test.lines {
				t.Errorf("it printed %d measures, want %d", n, test.lines)
			}
		})
	}
}
