package originpull

import (
	"net/http"
	"sync"
	"time"
)

// RateLimit is what the API last said about the rate limit. It is 1,200 requests in
// five minutes, for all tokens of a user or an account together.
type RateLimit struct {
	Remaining int           // requests left until Reset; those in flight are already subtracted
	Quota     int           // requests in each Window, 0 if unknown
	Window    time.Duration // how long a window is, 0 if unknown
	Reset     time.Time     // when Remaining becomes Quota again, rounded up to a second
}

// RateLimit returns the last known rate limit; ok is false until a response has said it.
func (c *Client) RateLimit() (limit RateLimit, ok bool) {
	if c.check() != nil {
		return RateLimit{}, false
	}
	c.limiter.mu.Lock()
	defer c.limiter.mu.Unlock()
	return c.limiter.budget, !c.limiter.budget.Reset.IsZero()
}

// An IP address may send 200 requests in a second. A client stays below that, since
// delayed requests can arrive together: it sends perSecond, and up to burst more at once
// after a pause. It divides both by the number of programs that share the limit, as far as
// the responses show them. This applies only if the responses say that there is a rate
// limit.
const (
	burst     = 50
	perSecond = 100
)

// After fresh, what a response says counts as old: other programs may have used the limit
// since. Then, and before the first response, a client sends less: perSecondOld, and up to
// burstOld at once.
const (
	fresh        = time.Second
	burstOld     = 10
	perSecondOld = 25
)

// mostPrograms may share the limit, each with so many requests in flight that together they
// do not exceed what is left, which a response shows only later. It is less than burst and
// burstOld, so that each of them can send at least one request after a pause.
const mostPrograms = 8

// defaultShare is the share of the rate limit that is used. The rest is for what other
// programs send before a response shows it: whoever exceeds the limit is refused for five
// minutes, together with all others.
const defaultShare = .95

// longestBlock limits for how long a response can block all calls of a client. The API's
// own windows are five minutes, and a proxy can send any header.
const longestBlock = time.Hour

// rounded is added to times that the API rounds to seconds: a request that comes too
// early is refused.
const rounded = time.Second

// limiter is the rate limit of a client, shared by all its goroutines.
type limiter struct {
	queue chan struct{} // has one place: the request that is next

	mu           sync.Mutex
	budget       RateLimit
	began        time.Time // when the window of budget began, as far as known
	inFlight     int
	share        float64   // of the quota, the most that all programs together may use
	heard        time.Time // when a response last said what is left, or was the first
	programs     float64   // how many programs share the limit, as far as known; 1 for this one alone
	next         time.Time // while slow: when the next request may go
	blockedUntil time.Time // until then the API refuses requests, by Retry-After
	slow         bool      // whether the rate limit is almost used up
	earned       time.Time // each request moves it on by a hundredth of a second; never more than burst requests behind now
}

func newLimiter(share float64) *limiter {
	return &limiter{queue: make(chan struct{}, 1), share: share, programs: 1}
}

// left returns how many requests may be sent before the window ends. The caller holds mu.
func (l *limiter) left() int {
	return l.budget.Remaining - int(float64(l.budget.Quota)*(1-l.share))
}

// turn says how long a request has to wait.
type turn struct {
	wait    time.Duration // 0: it was taken from the budget
	limited bool          // it waits for the rate limit, not to learn whether there is one
	slowed  bool          // the client has just become slow
}

// take takes one request from the budget, or returns how long it has to wait.
func (l *limiter) take(now time.Time) (t turn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := l.waitUntilLocked(now); !until.IsZero() {
		return turn{wait: until.Sub(now), limited: true}
	}
	known := !l.budget.Reset.IsZero()
	old := l.heard.IsZero() || known && now.Sub(l.heard) > fresh
	if known && !old && l.inFlight >= max(1, l.left()/mostPrograms) {
		return turn{wait: time.Second / perSecond, limited: true}
	}
	if known || old {
		pause, atOnce := time.Second/perSecond, time.Duration(burst)
		if old {
			pause, atOnce = time.Second/perSecondOld, burstOld
		}
		earned := later(l.earned, now.Add(-atOnce*pause)).Add(time.Duration(l.programs * float64(pause)))
		begin := earned
		if known {
			was := l.slow
			l.slow = l.left() < l.budget.Quota/5
			t.limited, t.slowed = true, l.slow && !was
			if l.slow {
				begin = later(begin, earlier(l.next, l.budget.Reset))
			}
		}
		if begin.After(now) {
			t.wait = begin.Sub(now)
			return t
		}
		l.earned = earned
		l.next = now.Add(l.budget.Reset.Sub(now) / time.Duration(max(l.left(), 0)+1))
	}
	l.budget.Remaining--
	l.inFlight++
	return t
}

// waitUntil returns when the next request may be sent, zero for now.
func (l *limiter) waitUntil(now time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waitUntilLocked(now)
}

// waitUntilLocked is waitUntil for callers that hold mu.
func (l *limiter) waitUntilLocked(now time.Time) time.Time {
	l.renewWindow(now)
	switch {
	case now.Before(l.blockedUntil):
		return l.blockedUntil
	case l.left() <= 0:
		return l.budget.Reset // zero while unknown
	}
	return time.Time{}
}

// renewWindow begins a new window when the last one has ended. It assumes the same quota
// until a response says otherwise.
func (l *limiter) renewWindow(now time.Time) {
	if l.budget.Reset.IsZero() || now.Before(l.budget.Reset) {
		return
	}
	if l.budget.Quota == 0 {
		l.budget = RateLimit{}
		return
	}
	l.began, l.budget.Remaining, l.budget.Reset = now, l.budget.Quota-l.inFlight, now.Add(l.budget.Window+rounded)
}

// giveBack returns a request to the budget that is not sent after all.
func (l *limiter) giveBack() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.budget.Remaining++
	l.inFlight--
}

// finish ends an attempt and reads the rate limit from its response. A proxy's page says
// nothing about the rate limit.
func (l *limiter) finish(x *exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight--
	now := time.Now()
	if x.status != 0 && l.heard.IsZero() {
		l.heard = now
	}
	if saysNotJSON(x.header) {
		return
	}
	if quota, window, ok := parsePolicy(x.header); ok {
		l.budget.Quota, l.budget.Window = quota, min(window, longestBlock)
	}
	if remaining, reset, ok := parseRateLimit(x.header); ok {
		l.heard = now
		l.updateWindow(remaining-l.inFlight, now.Add(min(reset+rounded, longestBlock)), now)
	}
	if x.status == http.StatusTooManyRequests {
		if after := min(retryAfter(x.header), longestBlock); after > 0 {
			l.blockedUntil = later(l.blockedUntil, now.Add(after))
		}
	}
}

// updateWindow updates the budget by what a response said: left requests may be sent
// before the window ends at until.
func (l *limiter) updateWindow(left int, until, now time.Time) {
	const rounding = 3 * time.Second // of the header, of this limiter, and the time on the network
	switch {
	case until.Before(l.began.Add(rounding)): // of the previous window, in a late response
	case until.After(l.budget.Reset.Add(rounding)):
		l.began, l.budget.Remaining, l.budget.Reset = now, left, until
	default:
		// What is missing without having been sent here, others have sent. The average
		// is over some dozen responses, since those of several requests come together.
		others := max(0, l.budget.Remaining-left)
		l.programs = min(l.programs+(1+float64(others)-l.programs)/16, mostPrograms)
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
