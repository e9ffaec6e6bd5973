package originpull

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// withContext returns err, the error of a call. If the context has ended too, whether
// during a request, in a pause or while the call waited for the rate limit, it adds that:
// [errors.Is] finds err, the context's error and its cause. A call whose next attempt
// would come after the context's deadline fails earlier; the context has not ended then.
func (x *exchange) withContext(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil || errors.Is(err, ctx.Err()) && errors.Is(err, context.Cause(ctx)) {
		return err
	}
	return fmt.Errorf("%w: the context has ended: %w", err, x.contextError(ctx))
}

// contextError returns the error of a context that has ended, with its cause.
func (x *exchange) contextError(ctx context.Context) error {
	ended, cause := ctx.Err(), context.Cause(ctx)
	if cause == ended {
		return ended
	}
	return fmt.Errorf("%w: %w", ended, x.redactError(cause))
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
