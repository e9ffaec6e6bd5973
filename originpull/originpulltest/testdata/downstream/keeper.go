// Package keeper keeps a zone's client certificate in place: a small service
// written on the SDK's documentation alone.
package keeper

import (
	"context"

	"github.com/originpull/originpull-go/originpull"
)

// Keep uploads pair unless it is active in the zone, waits until it is active and
// enables the zone level. The error is [originpull.ErrAlreadyExists] while the zone is
// deleting the certificate, or does not list it yet: call Keep again later.
func Keep(ctx context.Context, zone *originpull.Zone, pair originpull.KeyPair) error {
	for cert, err := range zone.Certificates.All(ctx) {
		if err != nil {
			return err
		}
		if pair.Matches(cert) && cert.Status == originpull.StatusActive {
			return zone.Settings.Enable(ctx)
		}
	}
	cert, err := zone.Certificates.Upload(ctx, pair)
	if err != nil {
		return err
	}
	if _, err := zone.Certificates.Wait(ctx, cert.ID, originpull.StatusActive); err != nil {
		return err
	}
	return zone.Settings.Enable(ctx)
}
