package main

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/operator"
	"github.com/originpull/originpull-go/originpull/probe"
)

// originCheck are the flags of origin check, and what they stand for.
type originCheck struct {
	serverNames, connect []string
	originCA             string
	certFile, keyFile    string
	path                 string
	timeout              time.Duration
	httpPort             int
	watch                bool
	interval             time.Duration

	https, http  probe.Target
	certificates probe.Certificates
	logger       *slog.Logger
}

func newOriginCheck(logger func(*cobra.Command) *slog.Logger) *cobra.Command {
	var f originCheck
	cmd := &cobra.Command{
		Use:   "check HOST[:PORT]",
		Short: "Find out whether an origin accepts only your certificate",
		Long: `Check sends the same request to the origin without a certificate, with a stranger's,
and with yours (--cert and --key), and compares what happens. A row is about one
address, one server name and one version of TLS, and has a verdict:

  enforced       only your certificate gets through
  optional       requests without a certificate get through
  off            the same, and the origin requests none
  any            a certificate that anyone can make gets through
  refuses yours  pulls with your certificate fail ("refused" in JSON)
  unknown        nothing is certain: do not take it for enforced
  not offered    the origin does not offer this version of TLS; it counts for nothing

Below the table, on standard error, are warnings, what the CAs that the origin names
hint at, and what to change in its configuration. Besides, check asks for plain HTTP
(TLS "none"): a closed port and a redirect to https are good ("not offered"),
everything that serves requests is "off".

Give the origin's own address: the name of a proxied zone leads to Cloudflare's edge.
HOST is the server name too, unless --server-name says otherwise. Nothing is sent if
a flag or a file is wrong. No credentials of the API are needed.

In JSON each row is an object with address, server_name, tls, verdict, reason,
warnings, observations, cas, verified and remedy, and with --watch the time.

Exit status: 0 enforced everywhere; 1 some row is known to be otherwise; 3 some row is
unknown, and the others are enforced; 2 usage or environment error. With --watch it is
that of the last look.`,
		Example: `  # A zone's origin, as Cloudflare pulls from it:
  originpull origin check 192.0.2.1 --server-name www.example.com --cert client.pem --key client.key

  # Two machines behind one name, verified, watched while their configuration is edited:
  originpull origin check origin.example.com:8443 --connect 192.0.2.1 --connect 192.0.2.2 \
    --origin-ca origin-ca.pem --cert client.pem --key client.key --watch`,
		Args: cli.Args("HOST[:PORT]"),
	}
	printer := operator.NewPrinter(cmd, originColumns)
	f.addFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		f.logger = logger(cmd)
		if err := f.prepare(cmd, args[0]); err != nil {
			return err
		}
		if f.watch {
			return f.runWatch(cmd, printer)
		}
		rows, err := f.look(cmd.Context())
		if err != nil {
			return err
		}
		if err := printer.List(cmd.OutOrStdout(), rows); err != nil {
			return err
		}
		if !printer.JSON() {
			f.explain(cmd.ErrOrStderr(), rows)
		}
		return originStatus(rows)
	}
	return cmd
}

func (f *originCheck) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVar(&f.serverNames, "server-name", nil, "a host `name` that Cloudflare proxies to the origin (default HOST); may be repeated")
	flags.StringVar(&f.certFile, "cert", "", "a `file` in PEM with your client certificate, and any intermediates below it")
	flags.StringVar(&f.keyFile, "key", "", "a `file` in PEM with its private key")
	flags.StringVar(&f.originCA, "origin-ca", "", "a `file` in PEM with the CAs that verify the origin's own certificate (default it is not verified)")
	flags.StringArrayVar(&f.connect, "connect", nil, "an `address`, with a port or without, to connect to in place of HOST; may be repeated")
	flags.StringVar(&f.path, "path", probe.DefaultPath, "the `path` to request; the origin need not know it")
	operator.DurationVar(flags, &f.timeout, "timeout", probe.DefaultTimeout, "how long a request may take")
	flags.IntVar(&f.httpPort, "http-port", 80, "the port of plain HTTP, 0 not to ask for it")
	flags.BoolVar(&f.watch, "watch", false, "look again and again, until an interrupt")
	operator.DurationVar(flags, &f.interval, "interval", 2*time.Second, "how long --watch pauses between two looks")
	cmd.MarkFlagFilename("cert")
	cmd.MarkFlagFilename("key")
	cmd.MarkFlagFilename("origin-ca")
	for _, name := range []string{"server-name", "connect", "path"} {
		cmd.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
}

// prepare checks the flags and reads the files. Package probe checks the rest before it
// sends anything.
func (f *originCheck) prepare(cmd *cobra.Command, host string) error {
	switch {
	case f.timeout <= 0:
		return cli.Usage("--timeout %s: want more than 0, such as 10s", operator.FormatDuration(f.timeout))
	case f.interval <= 0:
		return cli.Usage("--interval %s: want more than 0, such as 2s", operator.FormatDuration(f.interval))
	case cmd.Flags().Changed("interval") && !f.watch:
		return cli.Usage("--interval needs --watch")
	case f.httpPort < 0 || f.httpPort > 65535:
		return cli.Usage("--http-port %d: want a port from 1 to 65535, or 0 for none", f.httpPort)
	case (f.certFile == "") != (f.keyFile == ""):
		return cli.Usage("--cert and --key belong together: give both, or neither")
	}
	if err := f.setTargets(host); err != nil {
		return err
	}
	if cmd.Flags().Changed("origin-ca") {
		cas, err := readCertificates(f.originCA)
		if err != nil {
			return &cli.Problem{What: "the CAs of --origin-ca cannot be used", Why: err, Next: "give a file in PEM, such as /etc/ssl/certs/ca-certificates.crt: nothing was sent", Code: cli.Error}
		}
		f.https.RootCAs = x509.NewCertPool()
		for _, ca := range cas {
			f.https.RootCAs.AddCert(ca)
		}
	}
	if cmd.Flags().Changed("cert") || cmd.Flags().Changed("key") {
		pair, err := loadPair(f.certFile, f.keyFile, true) // the origin says whether it is too weak
		if err != nil {
			return err
		}
		f.certificates.New = pair.TLSCertificate()
	}
	return nil
}

// setTargets sets what is asked by TLS and by plain HTTP.
func (f *originCheck) setTargets(argument string) error {
	host, port, err := splitHost(argument, "443")
	if err != nil {
		return err
	}
	f.https = probe.Target{ServerNames: f.serverNames, Path: f.path, Timeout: f.timeout}
	if len(f.serverNames) == 0 {
		f.https.ServerNames = []string{host}
	}
	f.http = f.https
	addresses := f.connect
	if len(addresses) == 0 {
		addresses = []string{argument}
	}
	for _, address := range addresses {
		host, port, err := splitHost(address, port)
		if err != nil {
			return err
		}
		f.https.Addresses = append(f.https.Addresses, net.JoinHostPort(host, port))
		f.http.Addresses = append(f.http.Addresses, net.JoinHostPort(host, strconv.Itoa(f.httpPort)))
	}
	return nil
}

// splitHost splits a host with or without a port.
func splitHost(text, defaultPort string) (host, port string, err error) {
	bare := strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	if _, err := netip.ParseAddr(bare); err == nil {
		return bare, defaultPort, nil
	}
	host, port = text, defaultPort
	if strings.Contains(text, ":") {
		host, port, err = net.SplitHostPort(text)
	}
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || n == 0 || host == "" || strings.Contains(text, "/") {
		return "", "", cli.Usage("%q: want a host or host:port, such as origin.example.com or [2001:db8::1]:8443, and not a URL", text)
	}
	return host, port, nil
}

// look asks the origin.
func (f *originCheck) look(ctx context.Context) ([]originRow, error) {
	results, err := probe.Check(ctx, f.https, f.certificates)
	if err == nil && f.httpPort != 0 {
		var plain []probe.Result
		plain, err = probe.CheckHTTP(ctx, f.http)
		results = append(results, plain...)
	}
	if ctx.Err() != nil {
		return nil, &cli.Problem{What: "the origin was not checked", Why: errors.New("it was interrupted"), Next: "run the command again", Code: cli.Failed}
	}
	if err != nil {
		return nil, &cli.Problem{What: "the origin was not checked", Why: errors.New(strings.TrimPrefix(err.Error(), "probe: ")), Next: "correct it: nothing was sent", Code: cli.Error}
	}
	rows := make([]originRow, len(results))
	for i, r := range results {
		rows[i] = originRow{Result: r, Remedy: r.Remedy()}
		for _, o := range r.Observations {
			f.logger.DebugContext(ctx, "request", "address", r.Address, "server_name", r.ServerName, "tls", r.TLS, "observation", o.String(), "requested", o.Requested, "server", o.Server)
		}
	}
	return rows, nil
}

// originStatus returns the exit status: nil if the certificate is enforced everywhere.
func originStatus(rows []originRow) error {
	unknown := false
	for _, r := range rows {
		switch r.Verdict {
		case probe.Enforced, probe.NotOffered:
		case probe.Unknown:
			unknown = true
		default:
			return &cli.Status{Code: cli.Failed}
		}
	}
	if unknown {
		return &cli.Status{Code: cli.Unknown}
	}
	return nil
}
