package rotate

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/originpull/originpull-go/originpull"
)

// look lists the certificates, and reads the enablement the first time.
func (r *run) look(ctx context.Context) (Observed, error) {
	once := r.once()
	seen, err := list(ctx, r.zone, once...)
	if err != nil {
		return seen, err
	}
	if err := r.findUploaded(ctx, &seen); err != nil {
		return seen, err
	}
	if r.enabled == nil {
		settings, err := r.zone.Settings.Get(ctx, once...)
		if err != nil {
			return seen, err
		}
		r.enabled = &settings.Enabled
	}
	seen.Enabled = *r.enabled
	seen.Last, seen.Uploaded, seen.Asked, seen.Proven = r.known.Last, r.known.Uploaded, r.known.Asked, r.known.Proven
	r.failing = time.Time{}
	if !r.reported && r.client != nil {
		warnings, err := surroundings(ctx, r.client, r.zone, once...)
		if err != nil {
			return seen, err
		}
		r.result.Warnings, r.reported = append(r.result.Warnings, warnings...), true
	}
	return seen, nil
}

// findUploaded adds the certificate that the run has uploaded, if the list does not show it.
// A list lags for tens of seconds. After that, the API knows by the id whether it is there.
func (r *run) findUploaded(ctx context.Context, seen *Observed) error {
	mine := r.known.Last
	if !r.known.Uploaded || mine.ID == "" || slices.ContainsFunc(seen.Certificates, func(c Certificate) bool { return c.ID == mine.ID }) {
		return nil
	}
	if time.Since(r.uploaded) >= lag {
		certificate, err := r.zone.Certificates.Get(ctx, mine.ID, r.once()...)
		if errors.Is(err, originpull.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		mine = view(certificate)
	}
	if mine.Hidden = true; mine.Status != originpull.StatusDeleted {
		seen.Certificates = append(seen.Certificates, mine)
	}
	return nil
}

// once returns the options of each request: one attempt, which is counted.
func (r *run) once() []originpull.CallOption {
	return []originpull.CallOption{originpull.WithoutRetry(), originpull.WithBeforeSend(func(context.Context) error {
		if r.requests++; r.requests == 1 && r.beforeFirst != nil {
			r.beforeFirst()
		}
		return nil
	})}
}
