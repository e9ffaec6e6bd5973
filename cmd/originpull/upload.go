package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/operator"
	"github.com/originpull/originpull-go/internal/printable"
	"github.com/originpull/originpull-go/originpull"
)

// waiting are the flags of a command that can wait until a change has taken effect.
type waiting struct {
	wait    bool
	timeout time.Duration
}

func (f *waiting) add(flags *pflag.FlagSet, until string) {
	flags.BoolVar(&f.wait, "wait", false, "wait until "+until)
	operator.DurationVar(flags, &f.timeout, "timeout", 2*time.Minute, "how long --wait waits at most")
}

func (f *waiting) check(cmd *cobra.Command) error {
	switch {
	case cmd.Flags().Changed("timeout") && !f.wait:
		return cli.Usage("--timeout needs --wait")
	case f.timeout <= 0:
		return cli.Usage("--timeout %s: want more than 0, such as 2m", operator.FormatDuration(f.timeout))
	}
	return nil
}

// until waits until a certificate has a status, and says on standard error that it does.
func (f *waiting) until(cmd *cobra.Command, zone *originpull.Zone, id string, want originpull.Status) (originpull.Certificate, error) {
	printable.Fprintf(cmd.ErrOrStderr(), "waiting until certificate %s is %s\n", id, want)
	ctx, cancel := context.WithTimeout(cmd.Context(), f.timeout)
	defer cancel()
	return zone.Certificates.Wait(ctx, id, want)
}

func newCertificatesUpload(z *zoneCommand) *cobra.Command {
	var certFile, keyFile string
	var weak bool
	var wait waiting
	cmd := &cobra.Command{
		Use:   "upload --cert FILE --key FILE",
		Short: "Upload a certificate with its private key",
		Long: `Upload uploads a leaf certificate with its private key and shows it. It is deployed
within a minute; with --wait the command ends when it is. The certificate that was
deployed last is the one that Cloudflare presents, once the zone is enabled.

A CA, a key of another certificate, an encrypted key, and an expired or weak
certificate are refused before anything is sent. The files can be pipes.

The token needs the permission "SSL and Certificates Write".
` + operator.Environment + `

` + certificatesJSON,
		Example: `  originpull certificates upload --zone example.com --cert client.pem --key client.key --wait
  originpull certificates upload --zone example.com --cert client.pem --key client.key -o noheader -o columns=id`,
		Args: cli.Args(),
	}
	printer := operator.NewPrinter(cmd, certificateColumns)
	flags := cmd.Flags()
	flags.StringVar(&certFile, "cert", "", "a `file` in PEM with the certificate, and any intermediates below it")
	flags.StringVar(&keyFile, "key", "", "a `file` in PEM with the private key; it may be the same file")
	flags.BoolVar(&weak, "allow-weak", false, "accept an RSA key below 2048 bits and signatures by SHA-1 or MD5, which common origins refuse")
	wait.add(flags, "the certificate is active")
	cmd.MarkFlagFilename("cert")
	cmd.MarkFlagFilename("key")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		pair, err := loadPair(certFile, keyFile, weak)
		if err == nil {
			err = wait.check(cmd)
		}
		if err != nil {
			return err
		}
		zone, err := z.open(cmd)
		if err != nil {
			return err
		}
		certificate, err := zone.Certificates.Upload(cmd.Context(), pair)
		if err != nil {
			return operator.Failure(fmt.Sprintf("the certificate of %s was not uploaded", certFile), err)
		}
		var waited error
		if wait.wait {
			id := certificate.ID
			if seen, err := wait.until(cmd, zone, id, originpull.StatusActive); err == nil {
				certificate = seen
			} else {
				waited = operator.Failure(fmt.Sprintf("the certificate %s was uploaded, and is not active", id), err)
			}
		}
		if err := printer.One(cmd.OutOrStdout(), newCertificateRow(certificate)); err != nil {
			return err
		}
		return waited
	}
	return cmd
}

// loadPair reads a certificate and its key. Nothing is sent if that fails.
func loadPair(certFile, keyFile string, weak bool) (originpull.KeyPair, error) {
	for _, flag := range []struct{ name, value string }{{"cert", certFile}, {"key", keyFile}} {
		if flag.value == "" {
			return originpull.KeyPair{}, cli.Usage("--%s is missing: want a file in PEM", flag.name)
		}
	}
	var options []originpull.KeyPairOption
	if weak {
		options = append(options, originpull.AllowWeak())
	}
	pair, err := originpull.LoadKeyPair(certFile, keyFile, options...)
	if err != nil {
		return pair, &cli.Problem{
			What: "the certificate and its key cannot be used", Why: err, Code: cli.Error,
			Next: "give --cert and --key another pair: nothing was sent",
		}
	}
	return pair, nil
}
