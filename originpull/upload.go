package originpull

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/originpull/originpull-go/gen/api"
)

// ErrOutcomeUnknown says that the response to an upload was lost, and that
// [CertificateClient.Upload] could not find out whether it took effect. Calling Upload
// again with the same key pair is safe: a zone never holds a certificate twice.
var ErrOutcomeUnknown = errors.New("whether the upload took effect is not known")

// resolveTime limits the search for the certificate after a lost response. Lists lag by
// tens of seconds.
const resolveTime = 2 * time.Minute

// Upload uploads a key pair and returns the certificate, with status
// pending_deployment or initializing; [CertificateClient.Wait] with [StatusActive] waits
// until it is deployed. The error is [ErrAlreadyExists] if the zone already has the
// certificate; [ErrConflict] while another upload or deletion of the zone is in flight;
// or [ErrExpired] if the pair has expired since it was parsed.
//
// If the response is lost, is HTTP 5xx, cannot be understood or is about another
// certificate, the upload may have taken effect. Upload then looks for the certificate in
// the zone's list, and uploads it again if it is not there, for up to two minutes. The API
// refuses a certificate that the zone already has, so nothing is uploaded twice. Upload
// returns the certificate that it found or uploaded. The error is [ErrOutcomeUnknown] if it
// could not find out.
func (c CertificateClient) Upload(ctx context.Context, pair KeyPair, options ...CallOption) (Certificate, error) {
	if err := pair.check(); err != nil {
		return Certificate{}, err
	}
	call := c.client.call(options, requireCertificate)
	certificate, err := c.upload(ctx, pair, call)
	if !responseLost(err) || call.once {
		return certificate, err
	}
	c.client.logger.LogAttrs(ctx, slog.LevelWarn, "the response to an upload is lost, looking for the certificate",
		slog.String("zone", c.zone), slog.Any("error", err))
	return c.resolve(ctx, pair, options, call, err)
}

func (c CertificateClient) upload(ctx context.Context, pair KeyPair, call *caller) (Certificate, error) {
	envelope, err := api.UploadCertificate(ctx, call, c.zone, api.CertificateUpload{Certificate: pair.chain, PrivateKey: pair.key})
	if err != nil {
		return Certificate{}, err
	}
	if returned, err := parseReturned(envelope.Result.Certificate); err == nil && !returned.Equal(pair.leaf) {
		return Certificate{}, call.aboutAnother()
	}
	return envelope.Result, nil
}

// responseLost reports whether an upload with this error may have taken effect.
func responseLost(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.unsent || slices.ContainsFunc(e.Codes(), isRefusal) {
		return false
	}
	return e.Status == 0 || e.Status/100 == 2 || e.Status >= http.StatusInternalServerError
}

// resolve finds out whether an upload whose response is lost took effect. Since lists
// lag, a certificate that is not listed may still be there. Only another upload shows
// it: that is refused if the certificate is there, gets 409 while the first upload is
// in flight, and otherwise takes effect itself.
func (c CertificateClient) resolve(ctx context.Context, pair KeyPair, options []CallOption, call *caller, lost error) (Certificate, error) {
	whole := ctx
	ctx, cancel := context.WithTimeout(whole, resolveTime)
	defer cancel()
	outcomeUnknown := func(why error) error {
		if ctx.Err() != nil && whole.Err() == nil { // the caller's context has not ended
			why = errors.New("not found out within " + resolveTime.String())
		}
		return call.withContext(whole, fmt.Errorf("%w: %w; looking for the certificate: %w", ErrOutcomeUnknown, lost, why))
	}
	for pause := firstPoll; ; pause = min(pause*3/2, lastPoll) {
		found, err := c.Find(ctx, pair.leaf, call.followUpOptions(options)...)
		switch {
		case err == nil && found.Status != StatusPendingDeletion:
			c.client.logger.LogAttrs(ctx, slog.LevelInfo, "the upload had taken effect", slog.String("certificate", call.redact(found.ID, mostText)))
			return found, nil
		case err != nil && !errors.Is(err, ErrNotFound):
			return Certificate{}, outcomeUnknown(err)
		}
		again := c.client.call(options, requireCertificate)
		uploaded, err := c.upload(ctx, pair, again)
		switch {
		case err == nil:
			c.client.logger.LogAttrs(ctx, slog.LevelInfo, "the upload had not taken effect and was repeated", slog.String("certificate", call.redact(uploaded.ID, mostText)))
			return uploaded, nil
		case again.declined != nil: // whatever that error is
			return Certificate{}, outcomeUnknown(err)
		case isAboutAnother(err) && isAboutAnother(lost): // no single response that was mixed up
			return Certificate{}, outcomeUnknown(err)
		case !errors.Is(err, ErrAlreadyExists) && !errors.Is(err, ErrConflict) && !responseLost(err):
			return Certificate{}, outcomeUnknown(err)
		case isAboutAnother(err):
			lost = err
		}
		if err := sleep(ctx, jitter(pause)); err != nil {
			return Certificate{}, outcomeUnknown(err)
		}
	}
}
