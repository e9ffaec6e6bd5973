package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// serveFlags are the flags of serve.
type serveFlags struct {
	addr, token, permission            string
	tls                                bool
	caFile                             string
	zone                               string
	zoneNames                          []string
	certificates                       []string
	changeTakes, deployDelay           time.Duration
	deleteDelay, listLag               time.Duration
	rateLimit                          int
	chaos                              uint64
	chaotic, deprecated, deploymentBad bool
}

func newServe(debug *bool) *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Simulate the API for other clients",
		Long: `Serve simulates Cloudflare's API for zone-level Authenticated Origin Pulls, for
clients of any kind. It prints its base URL; paths without /client/v4 work too.
It accepts any token, and every id of 32 hexadecimal digits is a zone, unless a flag
says otherwise. It logs one line for each request to standard error, with --debug
also the headers with which it arrived, without credentials. It ends on an
interrupt.

With --tls it serves HTTPS. It makes a CA, writes its certificate to a file, and
prints the file's path in a second line: have the client trust that file. The CA's
key is never written. The server's certificate is for localhost, 127.0.0.1, ::1 and
the host of --addr.`,
		Example: `  # For a program that uses the SDK, cloudflare-go v7 or the TypeScript SDK:
  originpull serve --deploy-delay 5s &
  CLOUDFLARE_API_TOKEN=any CLOUDFLARE_BASE_URL=http://127.0.0.1:8787/client/v4 ./program

  # HTTPS, one zone that has a certificate already, and tokens that may only read:
  originpull serve --tls --tls-ca ca.pem --permission read \
    --zone 023e105f4ecef8ad9ca31a8372d0c353 --certificate client.pem &
  curl --cacert ca.pem -H "Authorization: Bearer any" \
    https://localhost:8787/client/v4/zones/023e105f4ecef8ad9ca31a8372d0c353/origin_tls_client_auth`,
		Args: cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.chaotic = cmd.Flags().Changed("chaos")
			if err := f.check(cmd.Flags().Changed); err != nil {
				return err
			}
			return serve(cmd, f, *debug)
		},
	}
	f.add(cmd.Flags())
	return cmd
}

// add adds the flags to those of the command.
func (f *serveFlags) add(flags *pflag.FlagSet) {
	flags.SortFlags = false
	flags.StringVar(&f.addr, "addr", "127.0.0.1:8787", "`host:port` to listen on; port 0 takes a free one")
	flags.BoolVar(&f.tls, "tls", false, "serve HTTPS, see above")
	flags.StringVar(&f.caFile, "tls-ca", "", "the `file` for the CA's certificate with --tls (default a temporary one)")
	flags.StringVar(&f.token, "token", "", "the only token to accept, not a secret (default any)")
	flags.StringVar(&f.permission, "permission", "write", "what credentials may do, `read or write`; write includes read")
	flags.StringVar(&f.zone, "zone", "", "the `id` of the only zone there is (default any)")
	flags.StringArrayVar(&f.zoneNames, "zone-name", nil, "a `name` by which a zone is found, or name=id; without an id it is that of --zone or "+defaultZone+"; may be repeated")
	flags.StringArrayVar(&f.certificates, "certificate", nil, "a `file` in PEM with a certificate that the zone of --zone has, active; may be repeated")
	flags.DurationVar(&f.changeTakes, "change-takes", 200*time.Millisecond, "how long an upload or a deletion takes; the zone refuses another one meanwhile (HTTP 409)")
	flags.DurationVar(&f.deployDelay, "deploy-delay", time.Second, "how long a certificate is being deployed")
	flags.DurationVar(&f.deleteDelay, "delete-delay", time.Second, "how long a certificate is being deleted")
	flags.DurationVar(&f.listLag, "list-lag", 0, "how long lists do not show a new certificate")
	flags.IntVar(&f.rateLimit, "rate-limit", 1200, "requests in five minutes, negative for no limit")
	flags.BoolVar(&f.deploymentBad, "deployment-fails", false, "let every deployment end in deployment_timed_out")
	flags.BoolVar(&f.deprecated, "deprecated", false, "announce the end of every operation, by the headers Deprecation and Sunset")
	flags.Uint64Var(&f.chaos, "chaos", 0, "make a few per cent of the requests fail, chosen by this `seed`")
}

// serve runs the simulator until the command is interrupted.
func serve(cmd *cobra.Command, f serveFlags, debug bool) error {
	leaves, err := readLeaves(f.certificates)
	if err != nil {
		return err
	}
	options := f.options()
	level := slog.LevelInfo
	if debug {
		level = slog.LevelDebug
	}
	options.Logger = slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: level}))
	simulator := originpulltest.New(options)
	defer simulator.Close()
	if f.zone != "" {
		if err := furnish(simulator, f.zone, leaves); err != nil {
			return err
		}
	}
	if err := f.nameZones(simulator); err != nil {
		return err
	}
	printed := ""
	if f.tls {
		ca, err := listenTLS(simulator, f)
		if err != nil {
			return err
		}
		defer ca.remove()
		printed = ca.path + "\n"
	} else if err := simulator.Listen(f.addr); err != nil {
		return cannotListen("--addr", f.addr, err)
	}
	// In one write: whoever has read the first line need not wait for the second.
	if _, err := fmt.Fprint(cmd.OutOrStdout(), simulator.URL()+"\n"+printed); err != nil {
		return err
	}
	<-cmd.Context().Done()
	return nil
}

// cannotListen returns the error of an address of a flag on which it is not possible to
// listen.
func cannotListen(flag, addr string, err error) error {
	if failed, ok := errors.AsType[*net.OpError](err); ok {
		err = failed.Err
	}
	return cli.Usage("cannot listen on %s: %w: choose another address with %s; 127.0.0.1:0 takes a free port", addr, err, flag)
}
