package originpull

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/originpull/originpull-go/gen/api"
)

// Wait polls at these intervals by default: firstPoll at first, then half as long again
// each time, up to lastPoll. A random fifth more or less keeps many waiting callers from
// sending at the same time. Deployment takes up to a minute, which is about ten requests.
const (
	firstPoll = time.Second
	lastPoll  = 10 * time.Second
)

// longestOutage limits for how long Wait goes on while no request succeeds.
const longestOutage = 2 * time.Minute

// StatusError says that a certificate ended in another status than the one that
// [CertificateClient.Wait] waited for. Its Status is always one of the constants of this
// package, so it never holds text that a server could choose.
type StatusError struct {
	ID     string // the certificate's id, as passed to Wait
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
// [StatusActive] or [StatusDeleted], and returns it. Without a deadline Wait can wait for
// ever: use [context.WithTimeout]; two minutes are enough. [WithFirstPoll] and
// [WithPollInterval] change when it sends requests.
//
// Wait goes on if a request fails and the next one may succeed: after a network error,
// HTTP 408, 425, 429 or 5xx, or [ErrMalformedResponse]. It then pauses at least as long
// as Retry-After says. It returns the last failure when two minutes have passed since the
// first one and no request has succeeded in between, or if Retry-After is longer than an
// hour or than the context allows. Each request is one attempt, so Wait takes nothing
// from the client's retry budget. With [WithoutRetry], Wait ends at the first failure.
//
// Any other failure ends Wait at once, such as [ErrDenied] or [ErrNotFound]. However, a
// certificate that an earlier request found, and that the API no longer knows, counts as
// deleted if want is StatusDeleted.
//
// If the certificate ends in another status, the error is a [*StatusError]. If the context
// ends, [errors.Is] finds the context's error, its cause and the failure of the last
// request, if it failed. With an error, Wait also returns the certificate as it was last
// seen, or the zero Certificate if it never was.
func (c CertificateClient) Wait(ctx context.Context, id string, want Status, options ...CallOption) (Certificate, error) {
	w := waiting{certificates: c, id: id, want: want, call: c.client.call(options, requireCertificate)}
	o, err := applyCallOptions(w.call.options)
	if err == nil {
		err = w.check(ctx)
	}
	if err != nil {
		return Certificate{}, err
	}
	w.options, w.once = append(slices.Clip(options), WithoutRetry()), o.once
	pace, slowest := firstPoll, lastPoll
	if o.pollInterval > 0 {
		pace, slowest = o.pollInterval, o.pollInterval
	}
	for pause := o.firstPoll; ; pace = min(pace*3/2, slowest) {
		if sleep(ctx, pause) != nil {
			return w.last, w.interrupted(ctx)
		}
		if done, err := w.poll(ctx); done {
			return w.last, err
		}
		pause = max(jitter(pace), w.retryAfter)
	}
}

// waiting is one call of Wait.
type waiting struct {
	certificates CertificateClient
	id           string
	want         Status
	options      []CallOption // of each poll
	once         bool         // the first failure ends it
	call         *caller      // the last poll

	last       Certificate   // as last seen
	failure    error         // of the last poll
	failing    time.Time     // when the first poll failed since one succeeded
	retryAfter time.Duration // of the last poll
}

func (w *waiting) check(ctx context.Context) error {
	switch client := w.certificates.client; {
	case client == nil:
		return fmt.Errorf("%w: Wait: the zone is empty: get it from Client.Zone", ErrInvalidInput)
	case ctx == nil:
		return fmt.Errorf("%w: Wait: the context is nil", ErrInvalidInput)
	case w.want == "":
		return fmt.Errorf("%w: Wait: the status to wait for is empty", ErrInvalidInput)
	default:
		return client.checkCertificateID(w.id)
	}
}

// poll gets the certificate once, and reports whether Wait is done.
func (w *waiting) poll(ctx context.Context) (done bool, err error) {
	w.call = w.certificates.client.call(w.options, requireCertificate)
	certificate, err := w.certificates.get(ctx, w.id, w.call)
	switch {
	case err == nil:
		w.last, w.failure, w.retryAfter = certificate, nil, 0
	case w.want == StatusDeleted && w.last.ID != "" && isGone(err):
		w.last.Status = StatusDeleted
	default:
		return w.fail(ctx, err)
	}
	if w.last.Status != w.want && endsElsewhere(w.last.Status, w.want) {
		return true, &StatusError{ID: w.id, Status: w.last.Status, Want: w.want}
	}
	return w.last.Status == w.want, nil
}

// fail records that a poll failed, and reports whether that ends Wait.
func (w *waiting) fail(ctx context.Context, err error) (done bool, _ error) {
	if w.failure == nil {
		w.failing = time.Now()
	}
	w.failure = err
	switch e, ok := errors.AsType[*Error](err); {
	case ctx.Err() != nil:
		return true, w.interrupted(ctx)
	case !ok || w.once || w.call.declined != nil || !mayPass(e) || !fits(ctx, e.RetryAfter):
		return true, w.wrap("last seen as", err)
	case time.Since(w.failing) >= longestOutage:
		return true, w.wrap("last seen as", fmt.Errorf("no request has succeeded for %s: %w", time.Since(w.failing).Round(time.Second), err))
	default:
		w.retryAfter = e.RetryAfter
		return false, nil
	}
}

// mayPass reports whether a poll that failed may succeed later.
func mayPass(e *Error) bool {
	switch {
	case e.Is(ErrDenied), slices.ContainsFunc(e.Codes(), isFinal), permanent(e.Err):
		return false
	case e.Status == 0, e.Status >= http.StatusInternalServerError, errors.Is(e, ErrMalformedResponse):
		return true
	}
	return e.Status == http.StatusRequestTimeout || e.Status == http.StatusTooEarly || e.Status == http.StatusTooManyRequests
}

// fits reports whether there is time for a pause.
func fits(ctx context.Context, pause time.Duration) bool {
	deadline, bounded := ctx.Deadline()
	return pause <= longestPause && (!bounded || pause < time.Until(deadline))
}

// interrupted is the error if the context ends, during a request or in a pause.
func (w *waiting) interrupted(ctx context.Context) error {
	if w.failure == nil {
		return w.wrap("it is still", w.call.contextError(ctx))
	}
	return w.wrap("it is still", w.call.withContext(ctx, w.failure))
}

// wrap says what was waited for and, if the certificate was seen, its last status.
func (w *waiting) wrap(seen string, err error) error {
	waited := fmt.Sprintf("wait for certificate %s to be %s", w.id, w.want)
	if w.last.ID == "" {
		return fmt.Errorf("%s: %w", waited, err)
	}
	return fmt.Errorf("%s: %s %s: %w", waited, seen, excerpt(w.call.redact(string(w.last.Status), mostText)), err)
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
