// Nightly checks whether the document, the SDK, the simulator and what others release
// still agree, and writes a report.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/nightly"
	"github.com/originpull/originpull-go/internal/printable"
)

func main() { cli.Main(newRoot()) }

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "nightly",
		Short: "Check whether the document, the SDK and what others release still agree",
	}
	root.AddCommand(newRun())
	return root
}

func newRun() *cobra.Command {
	var dir string
	var only []string
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run all checks and write a report",
		Long: `Run compares upstream's document (UPSTREAM, a file or an https URL) with ours, runs
the contract on every provider that is available, the foreign clients and the
search for known vulnerabilities, finds out what the newest code generator would
change, and writes one report. Run it in the root of the module.

With --only it runs one part, or those whose names begin so, and leaves the history as it
is.

Exit status: 0 passed, or skipped with a reason; 1 something failed; 2 something
could not be checked, or nothing was.`,
		Args: cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			checks := nightly.Checks()
			if len(only) > 0 {
				var err error
				if checks, err = nightly.Select(checks, only); err != nil {
					return cli.Usage("--only: %w", err)
				}
			}
			progress := cli.NewProgress(cmd.ErrOrStderr())
			night := &nightly.Night{
				Upstream: os.Getenv("UPSTREAM"), Only: only, Begin: progress.Begin,
				End: func(p nightly.Part) {
					progress.End()
					printable.Fprintf(cmd.OutOrStdout(), "%-16s %s: %s (%s)\n", p.Outcome, p.Name, p.Reason, p.Duration.Round(time.Second))
				},
			}
			r := nightly.Run(cmd.Context(), checks, night, filepath.Join(dir, "history.json"))
			if err := r.Write(dir); err != nil {
				return err
			}
			for _, warning := range r.Warnings {
				printable.Fprintf(cmd.OutOrStdout(), "warning          %s\n", warning)
			}
			if status := r.Status(); status != cli.Done {
				return &cli.Status{Code: status, Err: fmt.Errorf("%s; the report is in %s", r.Outcome, dir)}
			}
			return nil
		},
	}
	cmd.Flags().StringArrayVar(&only, "only", nil, "the `part` to run, or how its name begins; may be given again")
	cmd.Flags().StringVar(&dir, "report", "report", "the `folder` for the report and the history")
	return cmd
}
