package originpull

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/originpull/originpull-go/gen/api"
)

// The time between two looks at a certificate that is waited for: it starts at
// the first and grows by half each time up to the second, give or take a fifth,
// so that many waiting at once do not ask at once. Deployment takes seconds, up
// to a minute; a minute's wait costs about ten requests.
const (
	firstPoll = time.Second
	lastPoll  = 10 * time.Second
)

// StatusError says that a certificate came to rest in another status than the one
// waited for. It holds nothing that the other side could choose freely: the status is
// one that is known.
type StatusError struct {
	ID     string // of the certificate, as it was given to Wait
	Status Status // that it has now
	Want   Status // what was waited for
}

// Error implements error.
func (e *StatusError) Error() string {
	msg := fmt.Sprintf("wait for certificate %s: it is %s and will not become %s", e.ID, e.Status, e.Want)
	switch e.Status {
	case StatusDeploymentTimedOut:
		return msg + ": delete it and upload it again"
	case StatusDeletionTimedOut:
		return msg + ": delete it again"
	}
	return msg
}

// Wait asks for a certificate until it has the status want, [StatusActive] or
// [StatusDeleted] as a rule, and returns it. How long it waits is for the context
// to say: with [context.WithTimeout], two minutes are plenty. A certificate that
// comes to rest in another status is a [*StatusError]; when the context ends,
// the error wraps the context's and tells the last status, and the certificate is
// returned as it was last seen.
func (c CertificateClient) Wait(ctx context.Context, id string, want Status, options ...CallOption) (Certificate, error) {
	if err := c.client.checkCertificateID(id); err != nil {
		return Certificate{}, err
	}
	var last Certificate
	for pause := firstPoll; ; pause = min(pause*3/2, lastPoll) {
		call := c.client.call(options, requireCertificate)
		certificate, err := c.get(ctx, id, call)
		switch {
		case err != nil && want == StatusDeleted && isGone(err):
			return Certificate{ID: id, Status: StatusDeleted}, nil
		case err != nil && last.ID != "" && errors.Is(err, ctx.Err()):
			return last, stillWaiting(call, id, last.Status, want, err)
		case err != nil:
			return Certificate{}, err
		case certificate.Status == want:
			return certificate, nil
		case endsElsewhere(certificate.Status, want):
			return certificate, &StatusError{ID: id, Status: certificate.Status, Want: want}
		}
		last = certificate
		if err := sleep(ctx, jitter(pause)); err != nil {
			return last, stillWaiting(call, id, last.Status, want, err)
		}
	}
}

// stillWaiting is the error of a context that ends, between two looks or during
// one.
func stillWaiting(call *caller, id string, last, want Status, err error) error {
	return fmt.Errorf("wait for certificate %s to be %s: it is still %s: %w", id, want, excerpt(call.redact(string(last), mostText)), err)
}

// isGone reports whether the service says that there is no such certificate; a
// 404 alone could also be about the zone.
func isGone(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && slices.ContainsFunc(e.Codes(), func(code Code) bool {
		return code == api.CodeNotFound || code == api.CodeCertificateNotFound
	})
}

// endsElsewhere reports whether a certificate in status got will not come to
// want by itself. A status that is not known may lead anywhere. So may
// pending_deletion: an upload of what was just deleted reads so for a moment.
func endsElsewhere(got, want Status) bool {
	switch got {
	case StatusDeleted:
		return true
	case StatusActive, StatusDeploymentTimedOut:
		return want != StatusDeleted && want != StatusPendingDeletion
	case StatusDeletionTimedOut:
		return true
	}
	return false
}

func jitter(d time.Duration) time.Duration {
	return d - d/5 + rand.N(2*d/5)
}

// sleep waits for d or for the end of the context, whose error it returns.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
