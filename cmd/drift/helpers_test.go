package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/originpull/originpull-go/drift"
)

var built struct {
	sync.Once
	dir  string
	file string
	out  []byte
	err  error
}

// program builds the program once, and returns where it is.
func program(t *testing.T) string {
	t.Helper()
	built.Do(func() {
		built.dir, built.err = os.MkdirTemp("", "drift-test-")
		if built.err != nil {
			return
		}
		built.file = filepath.Join(built.dir, "drift")
		// What go run links is kept in the build cache, what go build links is not.
		built.out, built.err = exec.Command("go", "run", "-exec=cp", ".", built.file).CombinedOutput()
	})
	if built.err != nil {
		t.Fatalf("build: %v\n%s", built.err, built.out)
	}
	return built.file
}

func TestMain(m *testing.M) {
	code := m.Run()
	os.RemoveAll(built.dir)
	os.Exit(code)
}

// library is a folder with a document of our own on lending books, its
// configuration and a correction, and the document of its upstream.
type library struct {
	t        *testing.T
	dir      string
	upstream string
}

func newLibrary(t *testing.T) *library {
	t.Helper()
	l := &library{t: t, dir: t.TempDir()}
	if err := os.CopyFS(l.dir, os.DirFS("testdata/library")); err != nil {
		t.Fatal(err)
	}
	ours, err := os.ReadFile(filepath.Join(l.dir, "ours.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	// What the correction puts right.
	l.upstream = strings.Replace(string(ours), "title: {type: string, maxLength: 200}\n                cover", "title: {type: string}\n                cover", 1)
	l.edit("/books/{book_id}:\n", "/books/{book_id}:\n    delete: {operationId: dropBook, responses: {'204': {description: Gone.}}}\n")
	return l
}

// edit changes the upstream document.
func (l *library) edit(old, new string) {
	l.t.Helper()
	if !strings.Contains(l.upstream, old) {
		l.t.Fatalf("%q is not in the document", old)
	}
	l.upstream = strings.Replace(l.upstream, old, new, 1)
}

// correct adds a correction.
func (l *library) correct(target, deed string) {
	l.t.Helper()
	text := fmt.Sprintf("overlay: 1.1.0\ninfo: {title: More, version: 1.0.0}\nactions:\n  - target: %q\n    description: why\n    %s\n", target, deed)
	if err := os.WriteFile(filepath.Join(l.dir, "overlays", "020-more.yaml"), []byte(text), 0o600); err != nil {
		l.t.Fatal(err)
	}
}

// run runs the program in the folder on the upstream document.
func (l *library) run(want int, args ...string) (stdout, stderr string) {
	l.t.Helper()
	cmd := exec.Command(program(l.t), args...)
	cmd.Dir = l.dir
	if err := os.WriteFile(filepath.Join(l.dir, "theirs.yaml"), []byte(l.upstream), 0o600); err != nil {
		l.t.Fatal(err)
	}
	cmd.Stdin = strings.NewReader(l.upstream)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		l.t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != want {
		l.t.Errorf("drift %s: status %d, want %d\n%s%s", strings.Join(args, " "), got, want, out.String(), errs.String())
	}
	return out.String(), errs.String()
}

func (l *library) findings(want int, args ...string) []drift.Finding {
	l.t.Helper()
	out, _ := l.run(want, append(args, "-o", "json")...)
	var r drift.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		l.t.Fatalf("%v: %s", err, out)
	}
	return r.Findings
}

func (l *library) wantKinds(want int, kinds ...string) []drift.Finding {
	l.t.Helper()
	findings := l.findings(want, "check", "theirs.yaml")
	var got []string
	for _, f := range findings {
		got = append(got, f.Kind)
	}
	if strings.Join(got, " ") != strings.Join(kinds, " ") {
		l.t.Errorf("found %v, want %v", got, kinds)
	}
	return findings
}
