package originpull

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// attemptTime limits an attempt: a server that sends nothing, or a byte now and then,
// must not block a call whose context has no deadline. The largest response of the API
// takes a second.
const attemptTime = time.Minute

// errStalled says that an attempt exceeded attemptTime. The caller's context goes on.
var errStalled = errors.New("no complete response within " + attemptTime.String())

// withTimeout gives each attempt its own request, since the transport may still use that
// of the previous attempt, and ends an attempt that takes too long.
func withTimeout(next handler) handler {
	return func(x *exchange) error {
		if deadline, ok := x.ctx.Deadline(); ok && time.Until(deadline) <= attemptTime {
			if err := x.begin(x.ctx); err != nil {
				return err
			}
			return next(x)
		}
		bounded, cancel := context.WithTimeout(x.ctx, attemptTime)
		defer cancel()
		if err := x.begin(bounded); err != nil {
			return err
		}
		err := next(x)
		// An error that would come again, or that says that nothing was sent, is more
		// useful than the timeout.
		if err != nil && bounded.Err() != nil && x.ctx.Err() == nil && !permanent(err) && !neverSent(err) {
			return errStalled
		}
		return err
	}
}

// begin makes the request of an attempt. Its body starts from the first byte.
func (x *exchange) begin(ctx context.Context) error {
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
