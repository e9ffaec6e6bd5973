package main

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/operator"
	"github.com/originpull/originpull-go/originpull"
)

// certificateRow is what certificates prints. Its JSON is documented in certificatesJSON.
type certificateRow struct {
	ID           string            `json:"id"`
	Status       originpull.Status `json:"status"`
	SHA256       string            `json:"sha256"`
	Subject      string            `json:"subject"`
	ExpiresOn    time.Time         `json:"expires_on,omitzero"`
	UploadedOn   time.Time         `json:"uploaded_on,omitzero"`
	Issuer       string            `json:"issuer"`
	SerialNumber string            `json:"serial_number"`
	Signature    string            `json:"signature"`
	Certificate  string            `json:"certificate"`
}

const certificatesJSON = `In JSON a certificate is an object with these fields, all of them text; more may be
added:

    id             the certificate's id
    status         initializing, pending_deployment, active, pending_deletion, deleted,
                   deployment_timed_out or deletion_timed_out; expect others too
    sha256         fingerprint in hexadecimal; empty if the certificate cannot be read
    subject        distinguished name; empty as above
    expires_on     time in RFC 3339; left out if the API does not say it
    uploaded_on    the same
    issuer         distinguished name
    serial_number  decimal
    signature      algorithm, such as ECDSA-SHA256
    certificate    the certificate in PEM`

func newCertificateRow(c originpull.Certificate) certificateRow {
	row := certificateRow{
		ID: c.ID, Status: c.Status, ExpiresOn: c.ExpiresOn, UploadedOn: c.UploadedOn,
		Issuer: c.Issuer, SerialNumber: c.SerialNumber, Signature: c.Signature, Certificate: c.Certificate,
	}
	if leaf, err := originpull.ParseCertificate([]byte(c.Certificate)); err == nil {
		sum := sha256.Sum256(leaf.Raw)
		row.SHA256, row.Subject = hex.EncodeToString(sum[:]), leaf.Subject.String()
	}
	return row
}

// certificateColumns are ID, STATUS, SHA256, SUBJECT, EXPIRES, and those of -o wide.
var certificateColumns = []operator.Column[certificateRow]{
	{Name: "ID", Text: func(r certificateRow) string { return r.ID }},
	{Name: "STATUS", Text: func(r certificateRow) string { return string(r.Status) }, Color: statusColor, Wrap: len("deployment")},
	{Name: "SHA256", Text: func(r certificateRow) string { return r.SHA256 }, Short: func(r certificateRow) string { return r.SHA256[:min(8, len(r.SHA256))] }},
	{Name: "SUBJECT", Text: func(r certificateRow) string { return r.Subject }, Wrap: 8},
	{Name: "EXPIRES", Text: func(r certificateRow) string { return operator.FormatTime(r.ExpiresOn, time.RFC3339) },
		Short: func(r certificateRow) string { return operator.FormatTime(r.ExpiresOn, time.DateOnly) }, Color: expiryColor},
	{Name: "UPLOADED", Text: func(r certificateRow) string { return operator.FormatTime(r.UploadedOn, time.RFC3339) }, Wide: true},
	{Name: "ISSUER", Text: func(r certificateRow) string { return r.Issuer }, Wide: true, Wrap: 12},
	{Name: "SERIAL", Text: func(r certificateRow) string { return r.SerialNumber }, Wide: true, Wrap: 12},
	{Name: "SIGNATURE", Text: func(r certificateRow) string { return r.Signature }, Wide: true},
}

func statusColor(r certificateRow) operator.Color {
	switch r.Status {
	case originpull.StatusActive:
		return operator.Green
	case originpull.StatusDeploymentTimedOut, originpull.StatusDeletionTimedOut:
		return operator.Red
	}
	return operator.Yellow
}

// expiryColor warns from 30 days before the end, as Cloudflare does by mail.
func expiryColor(r certificateRow) operator.Color {
	left := time.Until(r.ExpiresOn)
	switch {
	case r.ExpiresOn.IsZero(), left > 30*24*time.Hour:
		return ""
	case left > 0:
		return operator.Yellow
	}
	return operator.Red
}

func newCertificates(logger func(*cobra.Command) *slog.Logger) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "certificates",
		Short: "List, show, upload and delete a zone's client certificates",
		Long: `Certificates manages the client certificates of a zone. They cannot be changed, only
uploaded and deleted. If several are active, Cloudflare presents the one that was
deployed last.

` + operator.Environment,
		Example: `  originpull certificates list --zone example.com
  originpull certificates upload --zone example.com --cert client.pem --key client.key --wait`,
	}
	z := newZoneCommand(cmd, logger)
	cmd.AddCommand(newCertificatesList(z), newCertificatesShow(z), newCertificatesUpload(z), newCertificatesDelete(z))
	return cmd
}

// certificateID is what package originpull accepts as an id. It is checked here too,
// before the request that looks for the zone's name.
var certificateID = regexp.MustCompile(`^[0-9A-Za-z_-]{1,36}$`)

func checkCertificateID(id string) error {
	if !certificateID.MatchString(id) || strings.EqualFold(id, "settings") || strings.EqualFold(id, "hostnames") {
		return cli.Usage("ID %q: want the id of a certificate, as originpull certificates list shows it", id)
	}
	return nil
}

func newCertificatesList(z *zoneCommand) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the certificates of a zone",
		Long: `List shows all certificates of the zone, in the order of the API. A new one can be
missing for tens of seconds. A deleted one is not listed.

The token needs the permission "SSL and Certificates Read".
` + operator.Environment + `

` + certificatesJSON + `

A list without certificates is [].`,
		Example: `  originpull certificates list --zone example.com
  originpull certificates list --zone 023e105f4ecef8ad9ca31a8372d0c353 -o noheader -o columns=id,expires`,
		Args: cli.Args(),
	}
	printer := operator.NewPrinter(cmd, certificateColumns)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		zone, err := z.open(cmd)
		if err != nil {
			return err
		}
		certificates, err := zone.Certificates.List(cmd.Context())
		if err != nil {
			return operator.Failure("the certificates of zone "+zone.ID()+" were not listed", err)
		}
		var rows []certificateRow
		for _, c := range certificates {
			rows = append(rows, newCertificateRow(c))
		}
		return printer.List(cmd.OutOrStdout(), rows)
	}
	return cmd
}

func newCertificatesShow(z *zoneCommand) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show a certificate of a zone",
		Long: `Show shows a certificate, also one that is deleted.

The token needs the permission "SSL and Certificates Read".
` + operator.Environment + `

` + certificatesJSON,
		Example: `  originpull certificates show --zone example.com fa633cc7-4afc-4875-8814-b321153fee13
  originpull certificates show --zone example.com fa633cc7-4afc-4875-8814-b321153fee13 -o json | jq -r .certificate`,
		Args: cli.Args("ID"),
	}
	printer := operator.NewPrinter(cmd, certificateColumns)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkCertificateID(args[0]); err != nil {
			return err
		}
		zone, err := z.open(cmd)
		if err != nil {
			return err
		}
		certificate, err := zone.Certificates.Get(cmd.Context(), args[0])
		if err != nil {
			return operator.Failure("the certificate was not read", err)
		}
		return printer.One(cmd.OutOrStdout(), newCertificateRow(certificate))
	}
	return cmd
}
