package originpull

import (
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
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

// limiter is the budget of a client, shared by all its goroutines.
type limiter struct {
	mu       sync.Mutex
	budget   RateLimit
	began    time.Time // when the window of budget began, as far as is known
	inFlight int
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
		ctx := x.request.Context()
		if err := ctx.Err(); err != nil {
			return unsent{err}
		}
		for {
			wait, open, turned := l.turn(time.Now())
			if turned {
				logger.LogAttrs(ctx, slog.LevelWarn, "near the rate limit, slowing down", slog.Duration("wait", wait))
			}
			if deadline, ok := ctx.Deadline(); ok && wait > 0 && time.Until(deadline) <= wait {
				return unsent{fmt.Errorf("%w: the next request may go in %s, after the context's deadline", ErrRateLimited, wait.Round(time.Millisecond))}
			}
			if err := sleep(ctx, wait); err != nil {
				return unsent{err}
			}
			if open && l.take(time.Now()) {
				break
			}
		}
		err := next(x)
		l.learn(x.status, x.header, time.Now())
		return err
	}
}

// turn gives a turn and tells how long to wait for it, or, not open, how long to
// wait before asking for one. turned tells that the client has just become slow.
func (l *limiter) turn(now time.Time) (wait time.Duration, open, turned bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := l.closed(now); !until.IsZero() {
		return until.Sub(now), false, false
	}
	if l.budget.Reset.IsZero() {
		return 0, true, false // nobody has told of a limit
	}
	was := l.slow
	l.slow = l.budget.Remaining < l.budget.Quota/5
	start := now
	if l.slow {
		start = earlier(later(now, l.next), l.budget.Reset)
		l.next = start.Add(l.budget.Reset.Sub(start) / time.Duration(l.budget.Remaining+1))
	}
	l.earned = later(l.earned, start.Add(-burst*time.Second/perSecond)).Add(time.Second / perSecond)
	return later(start, l.earned).Sub(now), true, l.slow && !was
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

// learn takes in what an answer tells. Answers overtake one another: within a
// window the smaller number is the later one.
func (l *limiter) learn(status int, header http.Header, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight--
	if quota, window, ok := parsePolicy(header); ok {
		l.budget.Quota, l.budget.Window = quota, window
	}
	if remaining, reset, ok := parseRateLimit(header); ok {
		l.adopt(remaining-l.inFlight, now.Add(reset), now)
	}
	if after := retryAfter(header); status == http.StatusTooManyRequests && after > 0 {
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

// parseRateLimit reads `Ratelimit: "default";r=50;t=30`: r requests remain, t
// seconds until the window resets. Of several the one with the fewest counts.
func parseRateLimit(header http.Header) (remaining int, reset time.Duration, ok bool) {
	for item := range items(header["Ratelimit"]) {
		r, haveR := parameter(item, "r")
		t, haveT := parameter(item, "t")
		if haveR && haveT && (!ok || r < remaining) {
			remaining, reset, ok = r, time.Duration(t)*time.Second, true
		}
	}
	return remaining, reset, ok
}

// parsePolicy reads `Ratelimit-Policy: "default";q=1200;w=300`: q requests in
// each window of w seconds. Of several the one with the longest window counts.
func parsePolicy(header http.Header) (quota int, window time.Duration, ok bool) {
	for item := range items(header["Ratelimit-Policy"]) {
		q, haveQ := parameter(item, "q")
		w, haveW := parameter(item, "w")
		if length := time.Duration(w) * time.Second; haveQ && haveW && length > window {
			quota, window, ok = q, length, true
		}
	}
	return quota, window, ok
}

// items returns the items of a header that holds lists.
func items(values []string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, value := range values {
			for item := range strings.SplitSeq(value, ",") {
				if !yield(item) {
					return
				}
			}
		}
	}
}

// parameter reads a whole number from an item's parameters.
func parameter(item, name string) (int, bool) {
	for part := range strings.SplitSeq(item, ";") {
		if value, ok := strings.CutPrefix(strings.TrimSpace(part), name+"="); ok {
			n, err := strconv.ParseUint(value, 10, 31)
			return int(n), err == nil
		}
	}
	return 0, false
}
