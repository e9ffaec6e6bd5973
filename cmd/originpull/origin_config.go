package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/originconfig"
	"github.com/originpull/originpull-go/internal/printable"
)

func newOriginConfig() *cobra.Command {
	var c originconfig.Config
	cmd := &cobra.Command{
		Use:   "config nginx|apache|haproxy|go --ca FILE",
		Short: "Print a configuration that accepts only certificates of your CA",
		Long: `Config prints the smallest configuration with which nginx, Apache or HAProxy, or a
program in Go, accepts only clients with a certificate of your CA. It can be started as
it is; its comments say which part a server that runs already needs, and why.

--ca is the file of the CA, or of the certificate itself if it is self-signed. It is
read, and has to hold certificates in PEM and nothing else. The files of the origin's
own certificate are only named. Check the origin once it runs: originpull origin check.`,
		Example: `  originpull origin config nginx --ca ca.pem --server-name www.example.com > origin.conf
  originpull origin config haproxy --ca /etc/ssl/origin-pull-ca.pem --cert /etc/haproxy/origin.pem --listen 8443 --backend 127.0.0.1:3000`,
		Args:      cli.Args("nginx|apache|haproxy|go"),
		ValidArgs: originconfig.Kinds(),
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&c.CA, "ca", "", "a `file` in PEM with the CA whose certificates are accepted")
	flags.StringArrayVar(&c.ServerNames, "server-name", nil, "a host `name` that Cloudflare proxies to the origin; may be repeated")
	flags.StringVar(&c.Cert, "cert", "/etc/ssl/origin.pem", "the `file` of the origin's own certificate")
	flags.StringVar(&c.Key, "key", "", "the `file` of its key (default that of --cert with .key in place of .pem, for HAProxy at its end)")
	flags.StringVar(&c.Listen, "listen", "443", "the `port` to listen on, or an IP address and a port")
	flags.StringVar(&c.Backend, "backend", "127.0.0.1:8080", "the `host:port` of the program that gets the requests")
	for _, name := range []string{"ca", "cert", "key"} {
		cmd.MarkFlagFilename(name)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		kind := args[0]
		if !slices.Contains(originconfig.Kinds(), kind) {
			return cli.Usage("%q: want %s", kind, strings.Join(originconfig.Kinds(), ", "))
		}
		if c.CA == "" {
			return cli.Usage("--ca is missing: want a file in PEM with the CA whose certificates are accepted")
		}
		cas, err := readCertificates(c.CA)
		if err == nil {
			err = checkCAs(cas, time.Now())
		}
		if err != nil {
			return &cli.Problem{What: "the CA of --ca cannot be used", Why: err, Next: "give a file in PEM with the CA that issued your client certificate, or with that certificate if it is self-signed", Code: cli.Error}
		}
		for _, path := range []*string{&c.CA, &c.Cert, &c.Key} {
			if *path == "" {
				continue
			}
			if *path, err = filepath.Abs(*path); err != nil {
				return err
			}
		}
		if c.Key == "" {
			c.Key = strings.TrimSuffix(c.Cert, ".pem") + ".key"
			if kind == "haproxy" {
				c.Key = c.Cert + ".key"
			}
		}
		text, err := originconfig.Write(kind, c)
		if err != nil {
			return cli.Usage("%v", err)
		}
		if slices.ContainsFunc(cas, func(ca *x509.Certificate) bool { return ca.Subject.CommonName == sharedCA }) {
			printable.Fprintf(cmd.ErrOrStderr(), "warning: %s has %s, the CA of Cloudflare's shared certificate: the pulls of every Cloudflare customer are accepted\n", c.CA, sharedCA)
		}
		_, err = io.WriteString(cmd.OutOrStdout(), text)
		return err
	}
	return cmd
}

// sharedCA is the common name of the CA of the certificate that Cloudflare presents for every
// customer.
const sharedCA = "origin-pull.cloudflare.net"

// checkCAs refuses certificates with which servers refuse everyone.
func checkCAs(cas []*x509.Certificate, now time.Time) error {
	selfSigned := false
	for _, ca := range cas {
		if now.After(ca.NotAfter) {
			return fmt.Errorf("%q has expired: it was valid until %s", ca.Subject, ca.NotAfter.Format(time.RFC3339))
		}
		selfSigned = selfSigned || string(ca.RawIssuer) == string(ca.RawSubject)
	}
	if !selfSigned {
		return errors.New("no certificate in it is self-signed, and servers verify up to one that is: add the root")
	}
	return nil
}
