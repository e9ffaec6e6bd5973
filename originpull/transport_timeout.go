package originpull

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// attemptTime bounds an attempt: a server that sends nothing, or a byte now and
// then, must not hold up a call whose context has no end. The largest answer of the
// API comes in a second.
const attemptTime = time.Minute

// errStalled is why an attempt was ended. It is no end of the caller's context.
var errStalled = errors.New("no whole answer came within " + attemptTime.String())

// withTimeout gives each attempt a request of its own, since the transport may still look
// at that of the attempt before, and ends an attempt that takes too long.
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
		// What would come again, or was never sent, is worth more than that it took long.
		if err != nil && bounded.Err() != nil && x.ctx.Err() == nil && !permanent(err) && !neverSent(err) {
			return errStalled
		}
		return err
	}
}

// begin makes the request of an attempt, with its body from the start.
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
