package main

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/certs"
	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/operator"
	"github.com/originpull/originpull-go/internal/printable"
)

func newCert() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cert",
		Short: "Make, inspect and compare certificates in files",
		Long: `Cert makes the client certificate that Cloudflare presents to your origin, and the CA
that the origin trusts; it says what is in files with certificates and keys, and
compares them. It needs neither the network nor credentials, and never prints a key.`,
		Example: `  originpull cert create --name www.example.com
  originpull cert inspect client.pem client.key`,
	}
	cmd.AddCommand(newCertCreate(), newCertInspect(), newCertDiff())
	return cmd
}

// createdRow is a file that cert create has written, or the CA's that it has used.
type createdRow struct {
	File      string    `json:"file"`
	Holds     string    `json:"holds"`
	Use       string    `json:"use"`
	Subject   string    `json:"subject"`
	SHA256    string    `json:"sha256"`
	ExpiresOn time.Time `json:"expires_on"`
}

var createdColumns = []operator.Column[createdRow]{
	{Name: "FILE", Text: func(r createdRow) string { return r.File }, Wrap: 10},
	{Name: "HOLDS", Text: func(r createdRow) string { return r.Holds }, Wrap: 11},
	{Name: "USE", Text: func(r createdRow) string { return r.Use }, Wrap: 8},
	{Name: "SUBJECT", Text: func(r createdRow) string { return r.Subject }, Wide: true, Wrap: 8},
	{Name: "SHA256", Text: func(r createdRow) string { return r.SHA256 }, Wide: true},
	{Name: "EXPIRES", Text: func(r createdRow) string { return operator.FormatTime(r.ExpiresOn, time.RFC3339) },
		Short: func(r createdRow) string { return operator.FormatTime(r.ExpiresOn, time.DateOnly) }},
}

const createdJSON = `In JSON each file is an object with these fields; more may be added:

    file        its name
    holds       certificate, private key, CA certificate or CA private key
    use         what it is for
    subject     distinguished name of the certificate, or of the one that the key is of
    sha256      fingerprint of that certificate in hexadecimal
    expires_on  when it expires, in RFC 3339`

func newCertCreate() *cobra.Command {
	var order certs.Order
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Make a client certificate, and a CA for it",
		Long: `Create makes a client certificate with its key, client.pem and client.key, and a CA
with its key, ca.pem and ca.key. The certificate is a leaf for client authentication
(clientAuth), valid for a year; the CA is valid for ten.

With --ca and --ca-key that CA issues the certificate, and only client.pem and
client.key are written: an origin that trusts the CA accepts the next certificate
as it accepts the last one.

A file that exists is never replaced: then nothing is written. Only you can read the
key files. Keep ca.key away from the origin: who has it can make certificates that the
origin accepts.

` + createdJSON + `

Exit status: 0 all files were written; 2 none was.`,
		Example: `  originpull cert create --name www.example.com --out /etc/originpull
  originpull cert create --out next --ca ca.pem --ca-key ca.key --valid 90d`,
		Args: cli.Args(),
	}
	flags := cmd.Flags()
	flags.StringVar(&order.Folder, "out", ".", "the `folder` to write to; it must exist")
	flags.StringVar(&order.Name, "name", "origin pull", "the common name of the certificate, at most 61 bytes")
	flags.StringVar(&order.KeyType, "key-type", certs.KeyTypes[0], "the `type` of the keys: "+strings.Join(certs.KeyTypes, " or "))
	operator.DurationVar(flags, &order.Lifetime, "valid", certs.LeafLifetime, "how long the certificate is valid, such as 90d")
	flags.StringVar(&order.CA, "ca", "", "the `file` with the certificate of a CA that issues it")
	flags.StringVar(&order.CAKey, "ca-key", "", "the `file` with the private key of that CA")
	cmd.MarkFlagDirname("out")
	cmd.MarkFlagFilename("ca")
	cmd.MarkFlagFilename("ca-key")
	cmd.RegisterFlagCompletionFunc("key-type", cobra.FixedCompletions(certs.KeyTypes, cobra.ShellCompDirectiveNoFileComp))
	printer := operator.NewPrinter(cmd, createdColumns)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		created, err := certs.Create(order)
		if err != nil {
			return &cli.Problem{What: "no certificate was made", Why: err, Next: createNext(err), Code: cli.Error}
		}
		if err := printer.List(cmd.OutOrStdout(), createdRows(created, order.CA == "")); err != nil {
			return err
		}
		printable.Fprintf(cmd.ErrOrStderr(), "Have the origin trust %v and require a client certificate; then make it the live one:\n  originpull rotate --cert %v --key %v --zone NAME\n",
			created.CAFile, created.LeafFile, created.KeyFile)
		return nil
	}
	return cmd
}

func createNext(err error) string {
	switch {
	case errors.Is(err, os.ErrExist):
		return "choose another folder with --out, or move the file away"
	case errors.Is(err, certs.ErrInvalid):
		return "correct it and run the command again: see originpull cert create --help"
	}
	return "check that the files can be read, and that the folder of --out exists and can be written to"
}

func createdRows(created certs.Created, newCA bool) []createdRow {
	row := func(file, holds, use string, c *x509.Certificate) createdRow {
		sum := sha256.Sum256(c.Raw)
		return createdRow{file, holds, use, c.Subject.String(), hex.EncodeToString(sum[:]), c.NotAfter.UTC()}
	}
	rows := []createdRow{
		row(created.LeafFile, "certificate", "upload it", created.Leaf),
		row(created.KeyFile, "private key", "upload it, keep it secret", created.Leaf),
	}
	if newCA {
		rows = append(rows, row(created.CAFile, "CA certificate", "the origin trusts it", created.CA),
			row(created.CAKeyFile, "CA private key", "makes the next certificate, keep it secret and away from the origin", created.CA))
	}
	return rows
}

// readCertFiles reads files for inspect and diff.
func readCertFiles(names []string) ([]certs.File, error) {
	var files []certs.File
	for _, name := range names {
		file, err := certs.Read(name)
		if err != nil {
			return nil, unreadable(err)
		}
		files = append(files, file)
	}
	return files, nil
}

func unreadable(err error) error {
	return &cli.Problem{What: "the files were not read", Why: err, Next: "give files with certificates or keys in PEM, or a certificate in DER", Code: cli.Error}
}
