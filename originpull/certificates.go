package originpull

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"

	"github.com/originpull/originpull-go/gen/api"
)

// CertificateClient manages the client certificates of a zone. They are immutable:
// there is no update, only upload and delete. Get it from a [Zone].
//
// Every method checks its arguments before a request is made
// ([ErrInvalidInput]), and returns an [*Error] where the API or the network
// fails.
type CertificateClient struct {
	client *Client
	zone   string
}

// List returns the zone's certificates, none for a zone without; the API does not
// page. A new certificate can be missing for tens of seconds, [CertificateClient.Get]
// finds it at once. A deleted one is not listed.
func (c CertificateClient) List(ctx context.Context, options ...CallOption) ([]Certificate, error) {
	call := c.client.call(options)
	answer, err := api.ListCertificates(ctx, call, c.zone)
	if err != nil {
		return nil, err
	}
	for i, certificate := range answer.Result {
		if certificate.ID == "" {
			return nil, call.failed(fmt.Errorf("%w: certificate %d of %d has no id", ErrMalformedResponse, i+1, len(answer.Result)))
		}
	}
	return answer.Result, nil
}

// All iterates over the zone's certificates as [CertificateClient.List] returns
// them. An error is the last pair, with the zero certificate.
func (c CertificateClient) All(ctx context.Context, options ...CallOption) iter.Seq2[Certificate, error] {
	return func(yield func(Certificate, error) bool) {
		certificates, err := c.List(ctx, options...)
		if err != nil {
			yield(Certificate{}, err)
			return
		}
		for _, certificate := range certificates {
			if !yield(certificate, nil) {
				return
			}
		}
	}
}

// Get returns one certificate, also one that is deleted, with [StatusDeleted];
// [ErrNotFound] if there never was one of that id.
func (c CertificateClient) Get(ctx context.Context, id string, options ...CallOption) (Certificate, error) {
	if err := c.client.checkCertificateID(id); err != nil {
		return Certificate{}, err
	}
	return c.get(ctx, id, c.client.call(options))
}

func (c CertificateClient) get(ctx context.Context, id string, call *caller) (Certificate, error) {
	answer, err := api.GetCertificate(ctx, call, c.zone, id)
	return call.certificate(answer, err)
}

// certificate takes the certificate out of an answer, which has to hold one.
func (c *caller) certificate(answer api.CertificateEnvelope, err error) (Certificate, error) {
	if err != nil {
		return Certificate{}, err
	}
	if answer.Result.ID == "" {
		return Certificate{}, c.failed(fmt.Errorf("%w: it holds no certificate", ErrMalformedResponse))
	}
	return answer.Result, nil
}

// Find returns the listed certificate that is the same as leaf, whatever its PEM
// looks like; [ErrNotFound] if there is none. Lists lag: what was uploaded a
// moment ago may not be found yet.
func (c CertificateClient) Find(ctx context.Context, leaf *x509.Certificate, options ...CallOption) (Certificate, error) {
	if leaf == nil {
		return Certificate{}, fmt.Errorf("%w: Find: no certificate", ErrInvalidInput)
	}
	certificates, err := c.List(ctx, options...)
	if err != nil {
		return Certificate{}, err
	}
	unreadable := 0
	for _, certificate := range certificates {
		listed, err := ParseCertificate([]byte(certificate.Certificate))
		if err != nil {
			unreadable++
			continue
		}
		if listed.Equal(leaf) {
			return certificate, nil
		}
	}
	if unreadable > 0 {
		return Certificate{}, fmt.Errorf("find certificate: %w: %d of %d listed certificates cannot be parsed", ErrMalformedResponse, unreadable, len(certificates))
	}
	return Certificate{}, fmt.Errorf("find certificate: %w: none of the %d listed certificates is the same", ErrNotFound, len(certificates))
}

// Delete deletes a certificate and returns it as it begins to go;
// [CertificateClient.Wait] with [StatusDeleted] waits for the end of that. The API
// may leave everything but the id out of the answer. It returns [ErrNotFound],
// [ErrAlreadyDeleted], [ErrPendingDeployment] while the certificate is being
// deployed, and [ErrConflict] while another upload or deletion of the zone is in
// flight.
func (c CertificateClient) Delete(ctx context.Context, id string, options ...CallOption) (Certificate, error) {
	if err := c.client.checkCertificateID(id); err != nil {
		return Certificate{}, err
	}
	call := c.client.call(options)
	answer, err := api.DeleteCertificate(ctx, call, c.zone, id)
	if err != nil {
		return c.confirmDeleted(ctx, id, call.followUpOptions(options), err)
	}
	if answer.Result.ID == "" {
		answer.Result.ID = id
	}
	return answer.Result, nil
}

// confirmDeleted looks into the refusal of a deletion: the API answers the
// deletion of what is deleted by 400 with a code that nobody has recorded, so the
// certificate itself is asked. If it was an earlier attempt of the same call that
// deleted it, all is well.
func (c CertificateClient) confirmDeleted(ctx context.Context, id string, options []CallOption, refusal error) (Certificate, error) {
	e, ok := errors.AsType[*Error](refusal)
	if !ok || e.Status != http.StatusBadRequest || e.Err != nil {
		return Certificate{}, refusal
	}
	told := slices.ContainsFunc(e.Codes(), func(code Code) bool { return sentinel(code) != nil })
	if told && (e.Attempts == 1 || !errors.Is(refusal, ErrAlreadyDeleted)) {
		return Certificate{}, refusal
	}
	certificate, err := c.Get(ctx, id, options...)
	if err != nil || certificate.Status != StatusDeleted && certificate.Status != StatusPendingDeletion {
		return Certificate{}, refusal
	}
	if e.Attempts > 1 {
		return certificate, nil
	}
	e.Err = fmt.Errorf("%w: its status is %s", ErrAlreadyDeleted, certificate.Status)
	return Certificate{}, refusal
}
