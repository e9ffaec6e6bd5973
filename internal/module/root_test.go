// Package module tests the module as a whole: what its packages import, what its
// README shows, and what a service that requires it gets.
package module_test

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// temporary is a folder that the tests share.
var temporary string

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
	if temporary, err = os.MkdirTemp("", "module-test"); err != nil {
		return 1, err
	}
	defer func() {
		exec.Command("chmod", "-R", "u+w", temporary).Run() // go makes a module cache read-only
		os.RemoveAll(temporary)
	}()
	return m.Run(), nil
}
