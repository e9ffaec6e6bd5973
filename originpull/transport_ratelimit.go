package originpull

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// RateLimit is what the API last told about the limit: 1,200 requests in five
// minutes, of all that a user's or an account's tokens do.
type RateLimit struct {
	Remaining int           // requests that are left until Reset, those in flight counted as made
	Quota     int           // requests in each Window, 0 if not told
	Window    time.Duration // 0 if not told
	Reset     time.Time     // when Remaining is Quota again
}

// RateLimit returns the last known budget; ok is false as long as no answer has
// told.
func (c *Client) RateLimit() (budget RateLimit, ok bool) {
	if c.check() != nil {
		return RateLimit{}, false
	}
	c.limiter.mu.Lock()
	defer c.limiter.mu.Unlock()
	return c.limiter.budget, !c.limiter.budget.Reset.IsZero()
}

// Where there is a limit, a client keeps below 200 requests in any second too, the
// limit of an IP address, with room for requests that are held up on their way and
// arrive together: it saves up to 50 and earns 100 a second.
const (
	burst     = 50
	perSecond = 100
)

// longestShut bounds for how long an answer can hold up all calls of a client: the
// API's own windows are five minutes, and anyone on the way can write a header.
const longestShut = time.Hour

// limiter is the budget of a client, shared by all its goroutines.
type limiter struct {
	mu       sync.Mutex
	budget   RateLimit
	began    time.Time // when the window of budget began, as far as is known
	inFlight int
	heard    bool      // whether any answer has come yet
	next     time.Time // while slow: when the next request may go
	shut     time.Time // until when the API has said not to ask
	slow     bool      // whether the wall is near
	earned   time.Time // up to when the requests of a second are used, less burst
}

// pace holds a request back while the budget is spent, and spreads what is left
// of it when that is less than a fifth: slow, before the wall, and not all at
// once after it.
func pace(l *limiter, logger *slog.Logger, next handler) handler {
	return func(x *exchange) error {
		if err := l.await(x.request.Context(), logger); err != nil {
			return unsent{err}
		}
		// Also where a transport or a hook panics: the place in flight is given back.
		defer l.settle(x)
		return next(x)
	}
}

// await waits for the turn of a request, and takes the request from the budget.
func (l *limiter) await(ctx context.Context, logger *slog.Logger) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		now := time.Now()
		deadline, bounded := ctx.Deadline()
		if !bounded {
			deadline = now.Add(2 * longestShut)
		}
		t := l.turn(now, deadline)
		if t.slowed {
			logger.LogAttrs(ctx, slog.LevelWarn, "near the rate limit, slowing down", slog.Duration("wait", t.wait))
		}
		if t.wait > 0 && bounded && !now.Add(t.wait).Before(deadline) {
			return fmt.Errorf("%w: the next request may go in %s, after the context's deadline", ErrRateLimited, t.wait.Round(time.Millisecond))
		}
		err := sleep(ctx, t.wait)
		switch {
		case err == nil && t.given && l.take(time.Now()):
			return nil
		case t.given:
			l.giveBack(t) // whoever gives up must not keep the others waiting
		}
		if err != nil {
			return err
		}
	}
}

// turn is when a request may go.
type turn struct {
	wait   time.Duration
	given  bool          // else ask again after wait
	slowed bool          // the client has just become slow
	step   time.Duration // by which the turn put off the next one while slow
}

// turn gives a turn, unless that is at the deadline or after it.
func (l *limiter) turn(now, deadline time.Time) (t turn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := l.closed(now); !until.IsZero() {
		t.wait = until.Sub(now)
		return t
	}
	if l.budget.Reset.IsZero() {
		t.given = true // nobody has told of a limit
		return t
	}
	was := l.slow
	l.slow = l.budget.Remaining < l.budget.Quota/5
	t.slowed = l.slow && !was
	start := now
	if l.slow {
		start = earlier(later(now, l.next), l.budget.Reset)
		t.step = l.budget.Reset.Sub(start) / time.Duration(l.budget.Remaining+1)
	}
	earned := later(l.earned, start.Add(-burst*time.Second/perSecond)).Add(time.Second / perSecond)
	begin := later(start, earned)
	t.wait = begin.Sub(now)
	if t.given = begin.Before(deadline); t.given {
		l.earned = earned
		if l.slow {
			l.next = start.Add(t.step)
		}
	}
	return t
}

// giveBack returns a turn that was not used.
func (l *limiter) giveBack(t turn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next = l.next.Add(-t.step)
	l.earned = l.earned.Add(-time.Second / perSecond)
}

// take takes a request from the budget when its turn has come; false if that has
// been spent meanwhile.
func (l *limiter) take(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed(now).IsZero() {
		return false
	}
	l.budget.Remaining--
	l.inFlight++
	return true
}

// closed tells until when no request may go, zero if one may.
func (l *limiter) closed(now time.Time) time.Time {
	l.renew(now)
	switch {
	case now.Before(l.shut):
		return l.shut
	case !l.heard && l.inFlight >= burst:
		return now.Add(time.Second / perSecond) // until an answer tells whether there is a limit
	case l.budget.Remaining <= 0:
		return l.budget.Reset // zero while no answer has told
	}
	return time.Time{}
}

// renew begins a new window when the last has run out: as the last one was, until
// an answer tells.
func (l *limiter) renew(now time.Time) {
	if l.budget.Reset.IsZero() || now.Before(l.budget.Reset) {
		return
	}
	if l.budget.Quota == 0 {
		l.budget = RateLimit{}
		return
	}
	l.began, l.budget.Remaining, l.budget.Reset = now, l.budget.Quota-l.inFlight, now.Add(l.budget.Window)
}

// settle ends an attempt and takes in what its answer tells. A page of someone on
// the way tells nothing of the API's limit.
func (l *limiter) settle(x *exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight--
	l.heard = l.heard || x.status != 0
	if foreign(x.header) != "" {
		return
	}
	now := time.Now()
	if quota, window, ok := parsePolicy(x.header); ok {
		l.budget.Quota, l.budget.Window = quota, min(window, longestShut)
	}
	if remaining, reset, ok := parseRateLimit(x.header); ok {
		l.adopt(remaining-l.inFlight, now.Add(min(reset, longestShut)), now)
	}
	if after := min(retryAfter(x.header), longestShut); x.status == http.StatusTooManyRequests && after > 0 {
		l.shut = later(l.shut, now.Add(after))
	}
}

// adopt takes in what an answer told about a window: that left requests may be made
// until it resets.
func (l *limiter) adopt(left int, until, now time.Time) {
	const rounding = 2 * time.Second // of the header, and on the way
	switch {
	case until.Before(l.began.Add(rounding)): // of the window before, told late
	case until.After(l.budget.Reset.Add(rounding)):
		l.began, l.budget.Remaining, l.budget.Reset = now, left, until
	default:
		l.budget.Remaining = min(l.budget.Remaining, left)
		l.budget.Reset = earlier(l.budget.Reset, until)
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
