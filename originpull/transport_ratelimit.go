package originpull

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// paceRequests makes a request wait while the budget is used up. When less than a fifth
// of the budget is left, it spreads the remaining requests over the rest of the window.
func paceRequests(l *limiter, logger *slog.Logger, next handler) handler {
	return func(x *exchange) error {
		if err := l.await(x.ctx, logger); err != nil {
			return err
		}
		if x.beforeSend != nil {
			if err := l.callBeforeSend(x); err != nil {
				return err
			}
		}
		// Deferred, so that it also runs if a transport or a hook panics.
		defer l.finish(x)
		return next(x)
	}
}

// callBeforeSend calls the hook of [WithBeforeSend]. Unless it agrees, the request is given
// back to the budget, also if the hook panics.
func (l *limiter) callBeforeSend(x *exchange) error {
	agreed := false
	defer func() {
		if !agreed {
			l.giveBack()
		}
	}()
	if err := x.beforeSend(x.ctx); err != nil {
		x.declined = x.redactError(err)
		return unsent{x.declined, 0}
	}
	if err := x.ctx.Err(); err != nil { // the hook may have taken its time
		return unsent{err, 0}
	}
	agreed = true
	return nil
}

// await waits until a request may be sent, and takes it from the budget. One request
// waits for the rate limit, and the others wait in the queue behind it. A request whose
// context ends leaves the queue.
func (l *limiter) await(ctx context.Context, logger *slog.Logger) error {
	if err := ctx.Err(); err != nil {
		return unsent{err, 0}
	}
	deadline, bounded := ctx.Deadline()
	if bounded {
		now := time.Now()
		if until := l.waitUntil(now); !until.IsZero() && !until.Before(deadline) {
			return tooLate(until.Sub(now)) // at once, not after waiting in the queue
		}
	}
	select {
	case l.queue <- struct{}{}:
		defer func() { <-l.queue }()
	case <-ctx.Done():
		return unsent{fmt.Errorf("waiting for the requests before this one: %w", l.causeOf(ctx.Err())), 0}
	}
	for {
		now := time.Now()
		t := l.take(now)
		if t.slowed {
			logger.LogAttrs(ctx, slog.LevelWarn, "near the rate limit, slowing down", slog.Duration("wait", t.wait))
		}
		switch {
		case t.wait == 0:
			return nil
		case t.limited && bounded && !now.Add(t.wait).Before(deadline):
			return tooLate(t.wait)
		}
		if err := sleep(ctx, t.wait); err != nil {
			return unsent{err, 0}
		}
	}
}

// causeOf adds ErrRateLimited to the error of a context that ended in the queue, if there
// is a rate limit.
func (l *limiter) causeOf(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.budget.Reset.IsZero() && l.blockedUntil.IsZero() {
		return err
	}
	return fmt.Errorf("%w: %w", ErrRateLimited, err)
}

// tooLate is the error of a request that may only be sent after its deadline.
func tooLate(wait time.Duration) error {
	return unsent{fmt.Errorf("%w: the next request may be sent in %s, after the context's deadline", ErrRateLimited, wait.Round(time.Millisecond)), wait}
}
