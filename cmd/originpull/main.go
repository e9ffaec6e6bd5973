// Originpull manages Cloudflare's zone-level Authenticated Origin Pulls, and shows them at
// work.
package main

import (
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/cli"
)

func main() { cli.Main(newRoot()) }

func newRoot() *cobra.Command {
	var debug bool
	root := &cobra.Command{
		Use:   "originpull",
		Short: "Cloudflare's zone-level Authenticated Origin Pulls",
		Example: `  originpull demo
  originpull certificates list --zone example.com`,
		DisableAutoGenTag: true, // of docs/commands.md
		Long: `Originpull manages Cloudflare's zone-level Authenticated Origin Pulls: the zone's own
client certificate, by which an origin server recognises Cloudflare. It also shows
them at work, without an account.

Data goes to standard output, everything else to standard error. Output has colors
on a terminal only, and none if NO_COLOR is set. Tables fit the terminal, or the
number of columns in COLUMNS; elsewhere a row is a line.

Exit status: 0 done, or nothing to do; 1 failed; 2 usage or environment error;
3 unknown; 4 denied.`,
	}
	root.PersistentFlags().BoolVar(&debug, "debug", false, "log every exchange to standard error, with its details")
	logger := func(cmd *cobra.Command) *slog.Logger {
		if !debug {
			return slog.New(slog.DiscardHandler)
		}
		return slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	root.AddCommand(newCertificates(logger), newSettings(logger), newRotate(logger), newWatch(logger), newCert(), newOrigin(logger), newDemo(logger), newServe(&debug))
	return root
}
