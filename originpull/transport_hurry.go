package originpull

import (
	"context"
	"errors"
	"time"
)

// attemptTime bounds an attempt: a server that sends nothing, or a byte now and
// then, must not hold up a call whose context has no end. The largest answer of the
// API comes in a second.
const attemptTime = time.Minute

// errStalled is why an attempt was ended. It is no end of the caller's context.
var errStalled = errors.New("no whole answer came within " + attemptTime.String())

// hurry ends an attempt that takes too long.
func hurry(next handler) handler {
	return func(x *exchange) error {
		whole := x.request
		ctx := whole.Context()
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= attemptTime {
			return next(x)
		}
		bounded, cancel := context.WithTimeout(ctx, attemptTime)
		defer cancel()
		x.request = whole.WithContext(bounded)
		defer func() { x.request = whole }()
		err := next(x)
		if err != nil && bounded.Err() != nil && ctx.Err() == nil {
			return errStalled
		}
		return err
	}
}
