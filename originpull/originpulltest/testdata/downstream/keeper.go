// Package keeper keeps a zone's client certificate in place: a small service
// written on the SDK's documentation alone.
package keeper

import (
	"context"
	"errors"

	"github.com/originpull/originpull-go/originpull"
)

// Keep uploads pair unless the zone has it, waits until it is active and
// enables the zone level.
func Keep(ctx context.Context, zone *originpull.Zone, pair originpull.KeyPair) error {
	cert, err := zone.Certificates.Upload(ctx, pair)
	if errors.Is(err, originpull.ErrAlreadyExists) {
		cert, err = zone.Certificates.Find(ctx, pair.Leaf())
	}
	if err != nil {
		return err
	}
	if _, err := zone.Certificates.Wait(ctx, cert.ID, originpull.StatusActive); err != nil {
		return err
	}
	return zone.Settings.Enable(ctx)
}
