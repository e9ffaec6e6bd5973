package originpull

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"
)

// defaultAttemptTime limits an attempt: a server that sends nothing, or a byte now and
// then, must not block a call whose context has no deadline. The largest response of the
// API takes a second.
const defaultAttemptTime = time.Minute

// withTimeout gives each attempt its own request, since the transport may still use that
// of the previous attempt, and ends an attempt after limit.
func withTimeout(limit time.Duration, next handler) handler {
	// The caller's context goes on in both cases.
	errStalled := errors.New("no complete response within " + limit.String())
	errNoConnection := errors.New("no connection within " + limit.String() + ", nothing was sent")
	return func(x *exchange) error {
		if deadline, ok := x.ctx.Deadline(); ok && time.Until(deadline) <= limit {
			if err := x.begin(x.ctx); err != nil {
				return err
			}
			return next(x)
		}
		bounded, cancel := context.WithTimeout(x.ctx, limit)
		defer cancel()
		if err := x.begin(bounded); err != nil {
			return err
		}
		err := next(x)
		if err == nil || bounded.Err() == nil || x.ctx.Err() != nil || permanent(err) {
			return err
		}
		if !x.neverSent(err) {
			return errStalled
		}
		if _, ok := errors.AsType[*net.OpError](err); ok {
			return err // more useful, it names the address
		}
		return errNoConnection
	}
}

// begin makes the request of an attempt. Its body starts from the first byte.
func (x *exchange) begin(ctx context.Context) error {
	if x.wire = nil; !x.idempotent() {
		x.wire = new(wireTrace)
		ctx = x.wire.follow(ctx)
	}
	x.request = x.plain.WithContext(ctx)
	if x.plain.GetBody == nil {
		return nil
	}
	body, err := x.plain.GetBody()
	if err != nil {
		return fmt.Errorf("%w: the body: %w", ErrInvalidInput, err)
	}
	x.request.Body = body
	return nil
}
