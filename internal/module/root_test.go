// Package module tests the module as a whole: what its packages import, what its
// README shows, and what a service that requires it gets.
package module_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/originpull/originpull-go/internal/modcopy"
)

// temporary is a folder that the tests share. It has the same name in each run, so that
// what one run has compiled there serves the next.
var temporary string

// newFolder makes an empty folder with a name of its own.
func newFolder(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join(temporary, name)
	if err := os.RemoveAll(dir); err != nil { // of the run before, with -count
		t.Fatal(err)
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestMain runs the tests in the root of the module.
func TestMain(m *testing.M) {
	status, err := inRoot(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(status)
}

func inRoot(m *testing.M) (status int, err error) {
	if err := os.Chdir("../.."); err != nil {
		return 1, err
	}
	folder, err := modcopy.NewFolder("module-test")
	if err != nil {
		return 1, err
	}
	defer folder.Remove()
	temporary = folder.Dir
	// What the tests compile is small: the garbage collector would have a fifth of the time.
	if os.Getenv("GOGC") == "" {
		os.Setenv("GOGC", "400")
	}
	return m.Run(), nil
}
