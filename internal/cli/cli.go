// Package cli is how the programs of this module begin and end: it passes them the
// arguments and the signals, prints their errors, and returns their exit status.
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
	Done    = 0 // success
	Failed  = 1 // a check failed
	Error   = 2 // usage or environment error: it was not checked, or not all of it
	Unknown = 3 // everything was checked, and there is something that no one can know
	Denied  = 4 // the credentials were rejected or lack the permission
)

// Status is an error with an exit status. Other errors have the status [Error], or
// [Denied] where they mean [originpull.ErrDenied]. If Err is nil, nothing is printed:
// the program has said what there is to say.
type Status struct {
	Code int
	Err  error

	usage bool
}

// Error implements error.
func (s *Status) Error() string {
	if s.Err == nil {
		return ""
	}
	return s.Err.Error()
}

// Unwrap returns the cause.
func (s *Status) Unwrap() error { return s.Err }

// Problem is an error in three lines: what was not done, why, and what to do next.
type Problem struct {
	What string // without a full stop
	Why  error
	Next string
	Code int // exit status
}

// Error implements error, in one line.
func (p *Problem) Error() string { return fmt.Sprintf("%s: %v: %s", p.What, p.Why, p.Next) }

// Unwrap returns why.
func (p *Problem) Unwrap() error { return p.Why }

// Usage returns the error of a command that was not used as its help says, for what
// cobra does not check. Below it the user reads how to get that help.
func Usage(format string, args ...any) error {
	return &Status{Code: Error, Err: fmt.Errorf(format, args...), usage: true}
}

// Main runs the program's root command and exits with its status. The first interrupt
// or SIGTERM cancels the command's context, the second ends the program.
func Main(root *cobra.Command) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	code := Run(ctx, root, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// Run runs a root command with args and returns the exit status. An error is
// printed as one line on stderr, a [Problem] as three, joined errors one after the other. A command without
// Run, such as a root with subcommands, prints its help.
func Run(ctx context.Context, root *cobra.Command, args []string, stdout, stderr io.Writer) int {
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetFlagErrorFunc(flagError)
	root.Version = version()
	refuseUnknown(root)
	begun := false
	onRun(root, func() { begun = true })
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return Done
	}
	var status *Status
	var problem *Problem
	known := errors.As(err, &status)
	if !known && errors.As(err, &problem) {
		status, known = &Status{Code: problem.Code}, true
	}
	if !known && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = context.Cause(ctx) // which signal it was
	}
	for _, one := range joined(err) {
		printError(stderr, root.Name(), one)
	}
	switch {
	case !begun || known && status.usage: // before it begins, cobra refuses arguments
		printable.Fprintf(stderr, "See '%s --help'.\n", cmd.CommandPath())
		return Error
	case known:
		return status.Code
	case errors.Is(err, originpull.ErrDenied):
		return Denied
	}
	return Error
}

func printError(w io.Writer, program string, err error) {
	if problem, ok := errors.AsType[*Problem](err); ok {
		printable.Fprintf(w, "%s: %s\n  why:  %v\n  next: %s\n", program, problem.What, problem.Why, problem.Next)
		return
	}
	printable.Fprintf(w, "%s: %v\n", program, err)
}

// refuseUnknown has the commands below root that only hold others refuse what is not one
// of these. Cobra does so for root alone, and prints the help for all other ones.
func refuseUnknown(root *cobra.Command) {
	for _, cmd := range root.Commands() {
		refuseUnknown(cmd)
		if !cmd.HasSubCommands() || cmd.Runnable() {
			continue
		}
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			hint := ""
			cmd.SuggestionsMinimumDistance = 2 // as cobra has it for root
			if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
				hint = fmt.Sprintf(": do you mean %s?", near[0])
			}
			return Usage("unknown command %q for %q%s", args[0], cmd.CommandPath(), hint)
		}
	}
}

// onRun has begin called when a command of the tree runs, which is after cobra has
// checked the arguments and the flags.
func onRun(cmd *cobra.Command, begin func()) {
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			begin()
			return run(cmd, args)
		}
	}
	for _, sub := range cmd.Commands() {
		onRun(sub, begin)
	}
}

// joined returns the errors that [errors.Join] put on a line each.
func joined(err error) (errs []error) {
	if status, ok := err.(*Status); ok {
		if status.Err == nil {
			return nil
		}
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

// version returns the module's version and what the build knows besides.
func version() string {
	info, _ := debug.ReadBuildInfo()
	return describe(info)
}

// describe returns the module's version. The revision follows it if the program was
// built in a repository, or the version of the module if that is another one, such as
// that of a commit for which it was installed.
func describe(info *debug.BuildInfo) string {
	if info == nil {
		return originpull.Version
	}
	revision, modified := "", ""
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision":
			revision = fmt.Sprintf("%.12s", setting.Value)
		case setting.Key == "vcs.modified" && setting.Value == "true":
			modified = ", modified"
		}
	}
	if revision == "" && info.Main.Version != "(devel)" && info.Main.Version != "v"+originpull.Version {
		revision = info.Main.Version
	}
	if revision == "" {
		return originpull.Version
	}
	return fmt.Sprintf("%s (%s%s)", originpull.Version, revision, modified)
}
