package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/cli"
)

// tryProgram is the program that does what "drift try" says. It links much of the Go
// toolchain, which would make each of the other commands start slower.
const tryProgram = "drift-try"

func tryCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "try DOC",
		Short: "Follow a document in a copy of this module, and report what that would mean",
		Long: `Try runs the program drift-try, which stands beside this one or in PATH. "drift
try --help" prints its help.`,
		DisableFlagParsing: true, // they are drift-try's
		RunE: func(_ *cobra.Command, args []string) error {
			program, err := findTry()
			if err != nil {
				return err
			}
			return run(program, append([]string{tryProgram}, args...))
		},
	}
}

// findTry returns where drift-try is.
func findTry() (string, error) {
	if self, err := os.Executable(); err == nil {
		if beside, err := exec.LookPath(filepath.Join(filepath.Dir(self), tryProgram)); err == nil {
			return beside, nil
		}
	}
	if inPath, err := exec.LookPath(tryProgram); err == nil {
		return inPath, nil
	}
	return "", &cli.Problem{
		What: "nothing was tried",
		Why:  errors.New("the program " + tryProgram + " is neither beside drift nor in PATH"),
		Next: "go install github.com/originpull/originpull-go/cmd/" + tryProgram + "@latest",
		Code: cli.Error,
	}
}
