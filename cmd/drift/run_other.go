//go:build !unix

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/originpull/originpull-go/internal/cli"
)

// run runs a program, and returns its exit status as that of this one. The system sends
// an interrupt to both.
func run(program string, args []string) error {
	cmd := exec.Command(program, args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		return &cli.Status{Code: failed.ExitCode()}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", program, err)
	}
	return nil
}
