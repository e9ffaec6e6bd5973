package main

import (
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

func newServe() *cobra.Command {
	var addr string
	var chaos uint64
	options := originpulltest.Options{AnyZone: true}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Simulate the API for other clients",
		Long: `Serve simulates Cloudflare's API for zone-level Authenticated Origin Pulls, for
clients of any kind. It prints its base URL; paths without /client/v4 work too.
Every id of 32 hexadecimal digits is a zone. It accepts any token that is not
empty, or with --token only that one, which is not a secret. It logs one line for
each request to standard error, and ends on an interrupt.`,
		Args: cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			options.AnyToken = options.Token == ""
			options.Logger = slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
			if cmd.Flags().Changed("chaos") {
				options.Faults = originpulltest.Chaos(chaos)
			}
			return serve(cmd, addr, options)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&addr, "addr", "127.0.0.1:8787", "address to listen on")
	flags.StringVar(&options.Token, "token", "", "the only token to accept (default any)")
	flags.DurationVar(&options.DeployDelay, "deploy-delay", time.Second, "how long a certificate is being deployed")
	flags.DurationVar(&options.DeleteDelay, "delete-delay", time.Second, "how long a certificate is being deleted")
	flags.DurationVar(&options.ListLag, "list-lag", 0, "how long lists do not show a new certificate")
	flags.IntVar(&options.RateLimit, "rate-limit", 0, "requests in five minutes (default 1200, negative for no limit)")
	flags.Uint64Var(&chaos, "chaos", 0, "make a few per cent of the requests fail, chosen by this `seed`")
	return cmd
}

func serve(cmd *cobra.Command, addr string, options originpulltest.Options) error {
	for name, d := range map[string]*time.Duration{"deploy-delay": &options.DeployDelay, "delete-delay": &options.DeleteDelay} {
		if *d == 0 && cmd.Flags().Changed(name) {
			*d = -1 // at once; 0 would be the simulator's default
		}
	}
	if strings.TrimSpace(options.Token) != options.Token || strings.ContainsFunc(options.Token, unicode.IsControl) {
		return cli.Usage("--token %q: no client can send it in a header; want no control characters and no space around it", options.Token)
	}
	simulator := originpulltest.New(options)
	defer simulator.Close()
	if err := simulator.Listen(addr); err != nil {
		return err
	}
	fmt.Fprintln(cmd.OutOrStdout(), simulator.URL())
	<-cmd.Context().Done()
	return nil
}
