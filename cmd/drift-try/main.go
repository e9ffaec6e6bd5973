// Command drift-try is what "drift try" runs: it follows a document in a copy of this
// module, and reports what that would mean. It is a program of its own since it holds
// much of the Go toolchain, which no other command of drift needs.
//
// docs/drift.md and docs/upstream.md are its guides.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/try"
	"github.com/originpull/originpull-go/internal/cli"
)

// errDrift ends the program with the status of what is found; the report has said
// what.
var errDrift = &cli.Status{Code: cli.Failed}

func main() {
	cli.Main(newCommand())
}

func newCommand() *cobra.Command {
	var config, output, source, patch string
	var follow []string
	var apply bool
	cmd := &cobra.Command{
		Use:   "drift-try DOC",
		Short: "Follow a document in a copy of this module, and report what that would mean",
		Long: `"drift try" is this program. It follows a document in a copy of this module, and
reports what that would mean.

Exit status: 0 safe, ignored or additive, 1 breaking or something to decide;
2 usage or environment error, or a document that is refused.`,
		Args: cli.Args("DOC"),
		PreRunE: func(*cobra.Command, []string) error {
			if output != "text" && output != "json" {
				return cli.Usage("--output %q: want text or json", output)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			doc, err := drift.Read(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			progress := cli.NewProgress(cmd.ErrOrStderr())
			defer progress.End() // also where a step is interrupted
			progress.Begin(try.CopyStep)
			c, err := try.NewCopy(cmd.Context(), filepath.Dir(config))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, c.Remove()) }()
			r, err := c.Try(cmd.Context(), try.Input{
				Document: doc, Config: filepath.Base(config), Follow: follow, Today: time.Now(), Source: source,
				Begin: progress.Begin, End: func(s try.Step) { progress.Ended(s.Name, s.How()) },
			})
			if err != nil {
				return err
			}
			if err := r.Write(cmd.OutOrStdout(), output); err != nil {
				return err
			}
			if patch != "" {
				text, err := c.Patch(cmd.Context(), r)
				if err == nil {
					err = os.WriteFile(patch, text, 0o644)
				}
				if err != nil {
					return ended(err)
				}
			}
			if apply {
				if err := c.Keep(cmd.Context(), r); err != nil {
					return ended(err)
				}
				fmt.Fprintln(cmd.ErrOrStderr(), "\n"+kept(len(r.Files)))
			}
			return ended(r.Err())
		},
	}
	cmd.Flags().StringVar(&config, "config", "drift.yaml", "the configuration `file`")
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	cmd.Flags().StringArrayVar(&follow, "follow", nil, "follow also the finding with this `id`, though it is breaking (can be repeated; \"all\" follows each)")
	cmd.Flags().StringVar(&source, "source", "", "what the lock records as the source, instead of the name or the URL of DOC")
	cmd.Flags().StringVar(&patch, "patch", "", "the `file` to which the result is written as a patch for git apply, unless it is refused or something is to be decided")
	cmd.Flags().BoolVar(&apply, "apply", false, "leave the result in the working tree, unless it is refused or something is to be decided")
	return cmd
}

// ended gives an error its exit status: what a trial found is not an error of the
// program, and the report has said it.
func ended(err error) error {
	switch {
	case err == try.ErrUnsafe:
		return errDrift
	case errors.Is(err, try.ErrUnsafe): // it says what else that means
		return &cli.Status{Code: cli.Failed, Err: err}
	}
	return err
}

// kept says what a trial that was applied has left.
func kept(files int) string {
	switch files {
	case 0:
		return "Nothing had to change in the working tree."
	case 1:
		return "One file is changed in the working tree, to be reviewed and committed."
	}
	return fmt.Sprintf("%d files are changed in the working tree, to be reviewed and committed.", files)
}
