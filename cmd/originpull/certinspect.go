package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/certs"
	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/operator"
)

var inspectColumns = []operator.Column[certs.Certificate]{
	{Name: "FILE", Text: func(c certs.Certificate) string { return c.File }, Wrap: 10},
	{Name: "SUBJECT", Text: func(c certs.Certificate) string { return c.Subject }, Wrap: 8},
	{Name: "ISSUER", Text: issuerText, Wrap: 8},
	{Name: "SHA256", Text: func(c certs.Certificate) string { return c.SHA256 }, Wrap: 16},
	{Name: "SERIAL", Text: func(c certs.Certificate) string { return c.SerialNumber }, Wide: true, Wrap: 16},
	{Name: "BEGINS", Text: func(c certs.Certificate) string { return operator.FormatTime(c.NotBefore, time.RFC3339) }, Wide: true},
	{Name: "EXPIRES", Text: expiresText, Wrap: 20, Color: func(c certs.Certificate) operator.Color {
		return expiryColor(certificateRow{ExpiresOn: c.NotAfter})
	}},
	{Name: "KEY", Text: func(c certs.Certificate) string { return c.Key }},
	{Name: "SIGNATURE", Text: func(c certs.Certificate) string { return c.Signature }, Wide: true},
	{Name: "USAGE", Text: usageText, Wrap: 10},
	{Name: "KEYFILE", Text: keyFileText, Wrap: 10},
	{Name: "CLOUDFLARE", Text: func(c certs.Certificate) string { return c.Cloudflare.String() }, Wrap: 12,
		Color: func(c certs.Certificate) operator.Color { return judgementColor(c.Cloudflare) }},
	{Name: "ORIGINS", Text: func(c certs.Certificate) string { return c.Origins.String() }, Wrap: 12,
		Color: func(c certs.Certificate) operator.Color { return judgementColor(c.Origins) }},
}

func issuerText(c certs.Certificate) string {
	if c.SelfSigned {
		return c.Issuer + " (self-signed)"
	}
	return c.Issuer
}

func expiresText(c certs.Certificate) string {
	left := fmt.Sprintf("%d days left", c.DaysLeft)
	switch {
	case c.DaysLeft < 0:
		left = "expired"
	case c.DaysLeft == 1:
		left = "1 day left"
	}
	return operator.FormatTime(c.NotAfter, time.RFC3339) + ", " + left
}

func usageText(c certs.Certificate) string {
	usages := c.ExtKeyUsage
	if c.CA {
		usages = append([]string{"CA"}, usages...)
	}
	if len(usages) == 0 {
		return "any"
	}
	return strings.Join(usages, ", ")
}

func keyFileText(c certs.Certificate) string {
	if c.PrivateKey == "" {
		return "not given"
	}
	return c.PrivateKey
}

func judgementColor(j certs.Judgement) operator.Color {
	switch j.Verdict {
	case certs.Accepted:
		return operator.Green
	case certs.Refused:
		return operator.Red
	}
	return operator.Yellow
}

const inspectJSON = `In JSON each certificate is an object with these fields; more may be added:

    file           the file that has it
    subject        distinguished name
    issuer         the same
    self_signed    true or false
    ca             true or false
    sha256         fingerprint in hexadecimal
    serial_number  hexadecimal
    not_before     time in RFC 3339
    not_after      the same
    days_left      whole days until it expires, negative if it has
    key            such as ECDSA P-256
    signature      such as ECDSA-SHA256
    ext_key_usage  list, such as clientAuth; empty if the use is not restricted
    private_key    the file with its private key, empty if that was not given
    cloudflare     object with verdict (accepted, refused or unknown) and reasons, a list
    origins        the same`

func newCertInspect() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "inspect FILE...",
		Short: "Show the certificates in files, and whether keys belong to them",
		Long: `Inspect shows each certificate in the files, and which file has its private key.
Two more things it judges:

    CLOUDFLARE  whether an upload of the certificate with its key is accepted; a CA is
                not. Cloudflare also accepts certificates that origins refuse
    ORIGINS     whether common origins (nginx, Apache, HAProxy, Go) that trust the
                certificate or its CA accept it: not if it has expired, has an extended
                key usage without clientAuth, or is weak (RSA below 2048 bits, SHA-1)

A certificate can be in PEM or DER, a key in PEM. Keys are never printed.

` + inspectJSON + `

Exit status: 0 shown; 1 shown, and a private key belongs to none of the certificates
or is encrypted; 2 a file cannot be read.`,
		Example: `  originpull cert inspect client.pem client.key
  originpull cert inspect ca.pem client.pem -o json | jq '.[].days_left'`,
		Args: cli.Args("FILE..."),
	}
	printer := operator.NewPrinter(cmd, inspectColumns)
	cmd.RunE = func(cmd *cobra.Command, names []string) error {
		files, err := readCertFiles(names)
		if err != nil {
			return err
		}
		report, err := certs.Inspect(files, time.Now())
		if err != nil {
			return unreadable(err)
		}
		if err := printInspected(cmd, printer, report.Certificates); err != nil {
			return err
		}
		return keyProblem(report)
	}
	return cmd
}

// printInspected prints a certificate as lines of its own: a table of so many columns is
// hard to read.
func printInspected(cmd *cobra.Command, printer *operator.Printer[certs.Certificate], certificates []certs.Certificate) error {
	w := cmd.OutOrStdout()
	if !slices.Contains([]string{"table", "wide"}, printer.String()) {
		return printer.List(w, certificates)
	}
	for i, c := range certificates {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if err := printer.One(w, c); err != nil {
			return err
		}
	}
	return nil
}

// keyProblem is the error of keys that belong to no certificate.
func keyProblem(report certs.Report) error {
	problem := &cli.Problem{What: "a private key does not belong to any of the certificates", Code: cli.Failed,
		Next: "give the certificate of the key too, or the key that the certificate was made with"}
	switch {
	case len(report.Stray) > 0:
		problem.Why = errors.New("it is in " + strings.Join(report.Stray, ", "))
	case len(report.Encrypted) > 0:
		problem.What = "a private key was not compared with the certificates"
		problem.Why = errors.New("it is encrypted: " + strings.Join(report.Encrypted, ", "))
		problem.Next = "decrypt it, with openssl pkey for instance: Cloudflare does not accept an encrypted one either"
	default:
		return nil
	}
	return problem
}

var diffColumns = []operator.Column[certs.Comparison]{
	{Name: "WHAT", Text: func(c certs.Comparison) string { return c.What }},
	{Name: "SAME", Text: func(c certs.Comparison) string {
		if c.Same {
			return "same"
		}
		return "different"
	}, Color: func(c certs.Comparison) operator.Color {
		if c.Same {
			return operator.Green
		}
		return operator.Yellow
	}},
	{Name: "A", Text: func(c certs.Comparison) string { return c.A }, Wrap: 16},
	{Name: "B", Text: func(c certs.Comparison) string { return c.B }, Wrap: 16},
}

const diffJSON = `In JSON each comparison is an object with these fields; more may be added:

    what  certificate, key, subject, issuer, serial number, valid until or chain
    same  true or false
    a     of the first file
    b     of the second`

func newCertDiff() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Compare the certificates in two files",
		Long: `Diff compares the first certificates in two files, whatever their PEM looks like, or
in DER: whether it is the same certificate, and where it is not, whether it has the
same key, subject, issuer and so on. It shows fingerprints of public keys only.

` + diffJSON + `

Exit status: 0 the same certificate, also if the chains that follow it differ;
1 different ones; 2 a file cannot be read.`,
		Example: `  originpull cert diff client.pem next/client.pem
  originpull cert diff client.pem downloaded.der -o json`,
		Args: cli.Args("A", "B"),
	}
	printer := operator.NewPrinter(cmd, diffColumns)
	cmd.RunE = func(cmd *cobra.Command, names []string) error {
		files, err := readCertFiles(names)
		if err != nil {
			return err
		}
		comparisons, same, err := certs.Diff(files[0], files[1])
		if err != nil {
			return unreadable(err)
		}
		if err := printer.List(cmd.OutOrStdout(), comparisons); err != nil {
			return err
		}
		if !same {
			return &cli.Status{Code: cli.Failed}
		}
		return nil
	}
	return cmd
}
