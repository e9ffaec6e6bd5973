// Originpull shows Cloudflare's zone-level Authenticated Origin Pulls at work.
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
		Long: `Originpull shows Cloudflare's zone-level Authenticated Origin Pulls at work: the
zone's own client certificate, by which an origin server recognises Cloudflare.

Exit status: 0 success, 1 failed, 2 usage or environment error, 4 denied.`,
	}
	root.PersistentFlags().BoolVar(&debug, "debug", false, "log every exchange to standard error, with its details")
	logger := func(cmd *cobra.Command) *slog.Logger {
		if !debug {
			return slog.New(slog.DiscardHandler)
		}
		return slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	root.AddCommand(newDemo(logger), newServe(&debug))
	return root
}
