package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/operator"
	"github.com/originpull/originpull-go/internal/printable"
	"github.com/originpull/originpull-go/originpull"
)

func newCertificatesDelete(z *zoneCommand) *cobra.Command {
	var yes bool
	var wait waiting
	cmd := &cobra.Command{
		Use:   "delete ID...",
		Short: "Delete certificates of a zone",
		Long: `Delete deletes certificates and shows them. Before it deletes any, it looks up all of
them: an id that does not exist ends the command, and nothing is deleted. One that is
deleted already is shown and does no harm.

If the zone is enabled and would have no active certificate left, or expired ones only,
Cloudflare could not present a valid one, and an origin that requires it would refuse
every visitor. Delete then asks first; without a terminal it wants --yes.

The token needs the permission "SSL and Certificates Write".
` + operator.Environment + `

` + certificatesJSON,
		Example: `  originpull certificates delete --zone example.com fa633cc7-4afc-4875-8814-b321153fee13
  originpull certificates delete --zone example.com fa633cc7-4afc-4875-8814-b321153fee13 --yes --wait -o json`,
		Args: cli.Args("ID..."),
	}
	printer := operator.NewPrinter(cmd, certificateColumns)
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	wait.add(cmd.Flags(), "the certificates are deleted")
	cmd.RunE = func(cmd *cobra.Command, ids []string) error {
		for i, id := range ids {
			if err := checkCertificateID(id); err != nil {
				return err
			}
			if slices.Contains(ids[:i], id) {
				return cli.Usage("ID %q is given twice", id)
			}
		}
		if err := wait.check(cmd); err != nil {
			return err
		}
		zone, err := z.open(cmd)
		if err != nil {
			return err
		}
		risk, err := lookBeforeDeletion(cmd.Context(), zone, ids)
		if err != nil {
			return err
		}
		if risk != "" && !yes {
			if err := operator.Confirm(cmd, risk); err != nil {
				return err
			}
		}
		rows, deleted := deleteAll(cmd, zone, ids, wait)
		if len(rows) > 0 {
			deleted = errors.Join(deleted, printer.List(cmd.OutOrStdout(), rows))
		}
		return deleted
	}
	return cmd
}

// lookBeforeDeletion checks that there are certificates with all ids, and returns what
// would be wrong after their deletion, empty if nothing would be.
func lookBeforeDeletion(ctx context.Context, zone *originpull.Zone, ids []string) (risk string, err error) {
	active := false
	for _, id := range ids {
		certificate, err := zone.Certificates.Get(ctx, id)
		if err != nil {
			return "", operator.Failure("nothing was deleted: a certificate could not be looked up", err)
		}
		active = active || certificate.Status == originpull.StatusActive
	}
	if !active {
		return "", nil
	}
	settings, err := zone.Settings.Get(ctx)
	if err != nil || !settings.Enabled {
		return "", operator.Failure("nothing was deleted: the zone's settings were not read", err)
	}
	listed, err := zone.Certificates.List(ctx)
	if err != nil {
		return "", operator.Failure("nothing was deleted: the zone's certificates were not listed", err)
	}
	for _, c := range listed {
		if c.Status == originpull.StatusActive && c.ExpiresOn.After(time.Now()) && !slices.Contains(ids, c.ID) {
			return "", nil
		}
	}
	return "the zone is enabled, and no other certificate of it is active and valid: an origin that requires one would refuse every visitor", nil
}

// deleteAll deletes certificates, and returns those that it has deleted.
func deleteAll(cmd *cobra.Command, zone *originpull.Zone, ids []string, wait waiting) (rows []certificateRow, err error) {
	for _, id := range ids {
		certificate, failed := zone.Certificates.Delete(cmd.Context(), id)
		if errors.Is(failed, originpull.ErrAlreadyDeleted) {
			printable.Fprintf(cmd.ErrOrStderr(), "certificate %s is deleted already\n", id)
			certificate, failed = zone.Certificates.Get(cmd.Context(), id)
		}
		if failed != nil {
			err = errors.Join(err, operator.Failure(fmt.Sprintf("the certificate %s was not deleted", id), failed))
			if errors.Is(failed, originpull.ErrDenied) || cmd.Context().Err() != nil {
				break
			}
			continue
		}
		rows = append(rows, newCertificateRow(certificate))
	}
	for i := range rows {
		if !wait.wait || cmd.Context().Err() != nil {
			break
		}
		certificate, failed := wait.until(cmd, zone, rows[i].ID, originpull.StatusDeleted)
		if failed != nil {
			err = errors.Join(err, operator.Failure(fmt.Sprintf("the certificate %s was deleted by the command, and the API does not show it as deleted", rows[i].ID), failed))
			continue
		}
		if certificate.ID != "" { // else the API no longer knows it
			rows[i] = newCertificateRow(certificate)
		}
	}
	return rows, err
}
