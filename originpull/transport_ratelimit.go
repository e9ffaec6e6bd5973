package originpull

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// paceRequests holds a request back while the budget is spent, and spreads what is left
// of it when that is less than a fifth: slow, before the wall, and not all at
// once after it.
func paceRequests(l *limiter, logger *slog.Logger, next handler) handler {
	return func(x *exchange) error {
		if err := l.await(x.ctx, logger); err != nil {
			return err
		}
		// Also where a transport or a hook panics: the place in flight is given back.
		defer l.finish(x)
		return next(x)
	}
}

// await waits for the turn of a request and takes it from the budget. One waits for
// the limit, the others in line behind it, so that whoever gives up just leaves.
func (l *limiter) await(ctx context.Context, logger *slog.Logger) error {
	if err := ctx.Err(); err != nil {
		return unsent{err, 0}
	}
	deadline, bounded := ctx.Deadline()
	if bounded {
		now := time.Now()
		if until := l.waitUntil(now); !until.IsZero() && !until.Before(deadline) {
			return tooLate(until.Sub(now)) // at once, not at the end of the line
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

// causeOf says that it was the rate limit that made a context end, if one is known.
func (l *limiter) causeOf(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.budget.Reset.IsZero() && l.blockedUntil.IsZero() {
		return err
	}
	return fmt.Errorf("%w: %w", ErrRateLimited, err)
}

// tooLate is the error of a request that may go after its deadline only.
func tooLate(wait time.Duration) error {
	return unsent{fmt.Errorf("%w: the next request may go in %s, after the context's deadline", ErrRateLimited, wait.Round(time.Millisecond)), wait}
}
