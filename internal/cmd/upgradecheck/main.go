// Upgradecheck finds out what newer versions of the code generator would change.
package main

import (
	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/upgrade"
)

func main() { cli.Main(newRoot()) }

func newRoot() *cobra.Command {
	root := &cobra.Command{Use: "upgradecheck", Short: "Find out what newer versions of the code generator would change"}
	root.AddCommand(&cobra.Command{
		Use:   "run",
		Short: "Try the newest versions in a copy and report what they change",
		Long: `Run tries the newest versions of the code generator, and of the modules that go
with it, in a copy of the module, and reports what they change. Run it in the root
of the module, where it changes nothing.

Exit status: 0 the report is complete; 2 usage or environment error.`,
		Args: cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			report, err := upgrade.Check(cmd.Context(), ".")
			if err != nil {
				return err
			}
			return report.Write(cmd.OutOrStdout())
		},
	})
	return root
}
