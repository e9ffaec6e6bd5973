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
// they can be uploaded and deleted, not changed. Get a CertificateClient from a [Zone].
//
// Every method checks its arguments before it sends a request ([ErrInvalidInput]), and
// returns an [*Error] if the API or the network fails.
type CertificateClient struct {
	client *Client
	zone   string
}

// List returns all certificates of the zone. A new certificate can be missing for tens
// of seconds; [CertificateClient.Get] returns it immediately. A deleted certificate is
// not listed.
func (c CertificateClient) List(ctx context.Context, options ...CallOption) ([]Certificate, error) {
	return c.list(ctx, c.client.call(options, requireCertificates))
}

func (c CertificateClient) list(ctx context.Context, call *caller) ([]Certificate, error) {
	envelope, err := api.ListCertificates(ctx, call, c.zone)
	if err != nil {
		return nil, err
	}
	return envelope.Result, nil
}

// requireCertificates is the [check] of a response that has to list certificates.
func requireCertificates(out any, body []byte, unreadable []string) string {
	envelope, ok := out.(*api.CertificateListEnvelope)
	if !ok {
		return "it is not a list of certificates"
	}
	for i, certificate := range envelope.Result {
		if missing := missingFrom(certificate); missing != "" {
			return fmt.Sprintf("certificate %d of %d has no %s", i+1, len(envelope.Result), missing)
		}
	}
	return requireReadable(out, body, unreadable)
}

// missingFrom returns which field that a caller depends on a certificate lacks, empty if
// none.
func missingFrom(certificate Certificate) string {
	switch {
	case certificate.ID == "":
		return "id"
	case certificate.Status == "":
		return "status"
	}
	return ""
}

// All iterates over the zone's certificates as [CertificateClient.List] returns
// them. If that fails, the only pair is the zero Certificate and the error.
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

// Get returns the certificate with the given id. A deleted certificate has the status
// [StatusDeleted]. The error is [ErrNotFound] if there never was such a certificate.
func (c CertificateClient) Get(ctx context.Context, id string, options ...CallOption) (Certificate, error) {
	if err := c.client.checkCertificateID(id); err != nil {
		return Certificate{}, err
	}
	return c.get(ctx, id, c.client.call(options, requireCertificate))
}

func (c CertificateClient) get(ctx context.Context, id string, call *caller) (Certificate, error) {
	envelope, err := api.GetCertificate(ctx, call, c.zone, id)
	if err != nil {
		return Certificate{}, err
	}
	if !sameID(envelope.Result.ID, id) {
		return Certificate{}, call.aboutAnother()
	}
	return envelope.Result, nil
}

// requireCertificate is the [check] of a response that has to hold a certificate.
func requireCertificate(out any, _ []byte, _ []string) string {
	envelope, ok := out.(*api.CertificateEnvelope)
	if !ok {
		return "it holds no certificate"
	}
	if missing := missingFrom(envelope.Result); missing != "" {
		return "its certificate has no " + missing
	}
	return ""
}

// Find lists the certificates of the zone and returns the one that is equal to leaf;
// [ErrNotFound] if there is none. Lists lag: a certificate that was uploaded a moment
// ago may not be found yet.
func (c CertificateClient) Find(ctx context.Context, leaf *x509.Certificate, options ...CallOption) (Certificate, error) {
	if leaf == nil {
		return Certificate{}, fmt.Errorf("%w: Find: no certificate", ErrInvalidInput)
	}
	certificates, err := c.list(ctx, c.client.call(options, requireReadable))
	if err != nil {
		return Certificate{}, err
	}
	unreadable := 0
	for _, certificate := range certificates {
		listed, err := parseReturned(certificate.Certificate)
		switch {
		case err == nil && !listed.Equal(leaf):
		case err == nil && missingFrom(certificate) == "":
			return certificate, nil
		default:
			unreadable++
		}
	}
	if unreadable > 0 {
		return Certificate{}, fmt.Errorf("find certificate: %w: %d of %d listed certificates cannot be read", ErrMalformedResponse, unreadable, len(certificates))
	}
	return Certificate{}, fmt.Errorf("find certificate: %w: none of the %d listed certificates is equal", ErrNotFound, len(certificates))
}

// Delete deletes a certificate and returns it, with status pending_deletion;
// [CertificateClient.Wait] with [StatusDeleted] waits until it is deleted. If the
// response does not hold the certificate, only the field ID is set. The error is
// [ErrNotFound]; [ErrAlreadyDeleted]; [ErrPendingDeployment] while the certificate is
// being deployed; or [ErrConflict] while another upload or deletion of the zone is in
// flight.
func (c CertificateClient) Delete(ctx context.Context, id string, options ...CallOption) (Certificate, error) {
	if err := c.client.checkCertificateID(id); err != nil {
		return Certificate{}, err
	}
	call := c.client.call(options, anything)
	envelope, err := api.DeleteCertificate(ctx, call, c.zone, id)
	if err != nil {
		certificate, err := c.confirmDeleted(ctx, id, call.followUpOptions(options), err)
		return certificate, call.withContext(ctx, err)
	}
	switch got := envelope.Result.ID; {
	case got == "":
		envelope.Result.ID = id
	case !sameID(got, id):
		return Certificate{}, call.aboutAnother()
	}
	return envelope.Result, nil
}

// confirmDeleted finds out why a deletion was refused. The API responds to the deletion
// of a deleted certificate with 400 and a code that is not documented, so confirmDeleted
// gets the certificate. If an earlier attempt of the same call deleted it, the call has
// succeeded.
func (c CertificateClient) confirmDeleted(ctx context.Context, id string, options []CallOption, refusal error) (Certificate, error) {
	e, ok := errors.AsType[*Error](refusal)
	if !ok || e.Status != http.StatusBadRequest || e.Err != nil {
		return Certificate{}, refusal
	}
	explained := slices.ContainsFunc(e.Codes(), func(code Code) bool { return sentinel(code) != nil })
	if explained && (e.Attempts == 1 || !errors.Is(refusal, ErrAlreadyDeleted)) {
		return Certificate{}, refusal
	}
	call := c.client.call(options, requireCertificate)
	certificate, err := c.get(ctx, id, call)
	if call.declined != nil {
		return Certificate{}, fmt.Errorf("%w; whether it is already deleted was not asked: %w", refusal, call.declined)
	}
	if err != nil || certificate.Status != StatusDeleted && certificate.Status != StatusPendingDeletion {
		return Certificate{}, refusal
	}
	if e.Attempts > 1 {
		return certificate, nil
	}
	e.Err = fmt.Errorf("%w: its status is %s", ErrAlreadyDeleted, certificate.Status)
	return Certificate{}, refusal
}
