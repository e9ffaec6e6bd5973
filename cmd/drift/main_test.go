package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
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
		built.out, built.err = exec.Command("go", "build", "-o", built.file, ".").CombinedOutput()
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
