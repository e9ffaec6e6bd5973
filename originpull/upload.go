package originpull

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/originpull/originpull-go/gen/api"
)

// ErrOutcomeUnknown says that the answer to an upload was lost and that it could
// not be found out whether it took effect. Calling [CertificateClient.Upload]
// again with the same key pair is safe: a zone does not hold a certificate twice.
var ErrOutcomeUnknown = errors.New("whether the upload took effect is not known")

// resolveTime bounds the search for what became of a lost upload. Lists lag by
// tens of seconds.
const resolveTime = 2 * time.Minute

// Upload uploads a key pair and returns the certificate as it begins to be
// deployed; [CertificateClient.Wait] waits for the end of that. Besides the errors
// of [ParseKeyPair], for a pair that has expired meanwhile, it returns
// [ErrAlreadyExists] if the zone has the certificate, and [ErrConflict] while
// another upload or deletion of the zone is in flight.
//
// Where the answer is lost, the certificate is looked for by its content, for up
// to two minutes, and uploaded again only when it is not listed: the API refuses
// what is there already, so nothing is uploaded twice. What is found is returned
// as the answer would have been, or [ErrOutcomeUnknown].
func (c CertificateClient) Upload(ctx context.Context, pair KeyPair, options ...CallOption) (Certificate, error) {
	if err := pair.check(); err != nil {
		return Certificate{}, err
	}
	call := c.client.call(options, requireCertificate)
	certificate, err := c.upload(ctx, pair, call)
	if !responseLost(err) || call.once {
		return certificate, err
	}
	c.client.logger.LogAttrs(ctx, slog.LevelWarn, "the answer to an upload is lost, looking for the certificate",
		slog.String("zone", c.zone), slog.Any("error", err))
	return c.resolve(ctx, pair, options, call, err)
}

func (c CertificateClient) upload(ctx context.Context, pair KeyPair, call *caller) (Certificate, error) {
	envelope, err := api.UploadCertificate(ctx, call, c.zone, api.CertificateUpload{Certificate: pair.chain, PrivateKey: pair.key})
	if err != nil {
		return Certificate{}, err
	}
	return envelope.Result, nil
}

// responseLost reports whether an upload with this error may have taken effect.
func responseLost(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok || neverSent(e.Err) {
		return false
	}
	return e.Status == 0 || e.Status/100 == 2 || e.Status >= http.StatusInternalServerError
}

// resolve finds out what became of an upload whose answer is lost. Not listed does
// not mean not there, since lists lag; only another upload can tell: it is refused
// when the certificate is there, told to wait while the first is still in flight,
// and else it is what was wanted.
func (c CertificateClient) resolve(ctx context.Context, pair KeyPair, options []CallOption, call *caller, lost error) (Certificate, error) {
	whole := ctx
	ctx, cancel := context.WithTimeout(whole, resolveTime)
	defer cancel()
	outcomeUnknown := func(why error) error {
		if ctx.Err() != nil && whole.Err() == nil { // it is not the caller's context that has ended
			why = errors.New("not found out within " + resolveTime.String())
		}
		return fmt.Errorf("%w: %w; looking for the certificate: %w", ErrOutcomeUnknown, lost, why)
	}
	for pause := firstPoll; ; pause = min(pause*3/2, lastPoll) {
		found, err := c.Find(ctx, pair.leaf, call.followUpOptions(options)...)
		switch {
		case err == nil && found.Status != StatusPendingDeletion:
			c.client.logger.LogAttrs(ctx, slog.LevelInfo, "the upload had arrived", slog.String("certificate", call.redact(found.ID, mostText)))
			return found, nil
		case err != nil && !errors.Is(err, ErrNotFound):
			return Certificate{}, outcomeUnknown(err)
		}
		uploaded, err := c.upload(ctx, pair, c.client.call(options, requireCertificate))
		switch {
		case err == nil:
			c.client.logger.LogAttrs(ctx, slog.LevelInfo, "the upload had not arrived, it was made again", slog.String("certificate", call.redact(uploaded.ID, mostText)))
			return uploaded, nil
		case !errors.Is(err, ErrAlreadyExists) && !errors.Is(err, ErrConflict) && !responseLost(err):
			return Certificate{}, outcomeUnknown(err)
		}
		if err := sleep(ctx, jitter(pause)); err != nil {
			return Certificate{}, outcomeUnknown(err)
		}
	}
}
