//go:build unix

package main

import (
	"fmt"
	"os"
	"syscall"
)

// run puts a program in the place of this one, so that a signal reaches it once.
func run(program string, args []string) error {
	return fmt.Errorf("%s: %w", program, syscall.Exec(program, args, os.Environ()))
}
