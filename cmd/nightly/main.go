// Nightly looks whether everything that must agree still does.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/nightly"
	"github.com/originpull/originpull-go/internal/printable"
)

func main() { cli.Main(newRoot()) }

func newRoot() *cobra.Command {
	var dir string
	root := &cobra.Command{
		Use:   "nightly",
		Short: "Look whether everything that must agree still does, and write a report",
		Long: `Nightly compares upstream's document (UPSTREAM, a file or an https URL) with ours,
runs the contract on every counterpart that can be had, the foreign clients and
the search for known vulnerabilities, looks what the newest code generator would
change, and writes one report. It is run in the folder of the module.

Exit status: 0 passed, or skipped with the reason; 1 something failed; 2
something could not be found out.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			night := &nightly.Night{Upstream: os.Getenv("UPSTREAM")}
			r := nightly.Run(cmd.Context(), nightly.Checks(), night, filepath.Join(dir, "history.json"))
			if err := r.Write(dir); err != nil {
				return &cli.Status{Code: cli.Trouble, Err: err}
			}
			for _, part := range r.Parts {
				printable.Fprintf(cmd.OutOrStdout(), "%-16s %s: %s\n", part.Outcome, part.Name, part.Reason)
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
	root.Flags().StringVar(&dir, "report", "report", "the `folder` for the report and the history")
	return root
}
