// Package cli is what the programs of this module share: how they end.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/printable"
	"github.com/originpull/originpull-go/originpull"
)

// The exit statuses of all programs.
const (
	Done    = 0 // what was asked for is done, and all is as it should be
	Failed  = 1 // it was tried, and it is not as it should be
	Trouble = 2 // wrong usage, or it could not be tried
	Denied  = 4 // the credentials were rejected or lack the permission
)

// Status is an error that ends a program with an exit status of its own.
type Status struct {
	Code int
	Err  error
}

// Error implements error.
func (s *Status) Error() string { return s.Err.Error() }

// Unwrap returns the cause.
func (s *Status) Unwrap() error { return s.Err }

// Main runs the program's root command and exits with its status.
func Main(root *cobra.Command) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := Run(ctx, root, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// Run runs a root command with args and returns the exit status. An error is
// printed as one line on stderr, errors that are joined as one each.
func Run(ctx context.Context, root *cobra.Command, args []string, stdout, stderr io.Writer) int {
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SilenceErrors, root.SilenceUsage = true, true
	root.Version = version()
	begun := false
	root.PersistentPreRun = func(*cobra.Command, []string) { begun = true }
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return Done
	case !begun: // cobra refused the command, a flag or an argument
		printable.Fprintf(stderr, "%s: %v\nSee '%s --help'.\n", root.Name(), err, root.Name())
		return Trouble
	}
	for _, one := range joined(err) {
		printable.Fprintf(stderr, "%s: %v\n", root.Name(), one)
	}
	return statusOf(err)
}

// joined returns the errors that [errors.Join] put on a line each.
func joined(err error) (errs []error) {
	if status, ok := err.(*Status); ok {
		return joined(status.Err)
	}
	all, ok := err.(interface{ Unwrap() []error })
	if !ok || errors.Join(all.Unwrap()...).Error() != err.Error() {
		return []error{err}
	}
	for _, one := range all.Unwrap() {
		errs = append(errs, joined(one)...)
	}
	return errs
}

func statusOf(err error) int {
	var status *Status
	switch {
	case errors.As(err, &status):
		return status.Code
	case errors.Is(err, originpull.ErrDenied):
		return Denied
	case errors.Is(err, originpull.ErrInvalidInput):
		return Trouble
	}
	return Failed
}

// version is the module's version and, where the build knows it, the revision.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return originpull.Version
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return fmt.Sprintf("%s (%.12s)", originpull.Version, setting.Value)
		}
	}
	return originpull.Version
}
