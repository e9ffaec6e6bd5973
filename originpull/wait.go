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

// Wait polls at these intervals: firstPoll at first, then half as long again each time,
// up to lastPoll. A random fifth more or less keeps many waiting callers from sending at
// the same time. Deployment takes up to a minute, which is about ten requests.
const (
	firstPoll = time.Second
	lastPoll  = 10 * time.Second
)

// StatusError says that a certificate ended in another status than the one that
// [CertificateClient.Wait] waited for. Its Status is always one of the constants of this
// package, so it never holds text that a server could choose.
type StatusError struct {
	ID     string // of the certificate, as passed to Wait
	Status Status // the status that it has
	Want   Status // the status that Wait waited for
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

// Wait gets a certificate again and again until its status is want, usually
// [StatusActive] or [StatusDeleted], and returns it. It waits until the context ends:
// use [context.WithTimeout]; two minutes are enough. If the certificate ends in another
// status, the error is a [*StatusError]. If the context ends, the error wraps the
// context's error and says the last status, and Wait returns the certificate as it was
// last seen.
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

// stillWaiting is the error if the context ends, during a request or between two.
func stillWaiting(call *caller, id string, last, want Status, err error) error {
	return fmt.Errorf("wait for certificate %s to be %s: it is still %s: %w", id, want, excerpt(call.redact(string(last), mostText)), err)
}

// isGone reports whether the API says that there is no such certificate. HTTP status 404
// alone could also be about the zone.
func isGone(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && slices.ContainsFunc(e.Codes(), func(code Code) bool {
		return code == api.CodeNotFound || code == api.CodeCertificateNotFound
	})
}

// endsElsewhere reports whether a certificate with status got can no longer reach status
// want by itself. An unknown status may lead anywhere. So may pending_deletion: a
// deleted certificate that was uploaded again has it for a moment.
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
