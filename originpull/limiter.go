package originpull

import (
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
	Reset     time.Time     // when Remaining is Quota again, up to a second late: the API tells whole seconds
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

// longestBlock bounds for how long an answer can hold up all calls of a client: the
// API's own windows are five minutes, and anyone on the way can write a header.
const longestBlock = time.Hour

// rounded is what a number of whole seconds may be short of: a window that is begun
// early runs into the wall.
const rounded = time.Second

// limiter is the budget of a client, shared by all its goroutines.
type limiter struct {
	queue chan struct{} // of one place: who is next

	mu           sync.Mutex
	budget       RateLimit
	began        time.Time // when the window of budget began, as far as is known
	inFlight     int
	sawResponse  bool      // whether any answer has come yet
	next         time.Time // while slow: when the next request may go
	blockedUntil time.Time // until when the API has said not to ask
	slow         bool      // whether the wall is near
	earned       time.Time // each request moves it on by a hundredth of a second; never more than burst requests behind now
}

func newLimiter() *limiter { return &limiter{queue: make(chan struct{}, 1)} }

// turn says how long the next request has to wait.
type turn struct {
	wait    time.Duration // 0: it was taken from the budget
	limited bool          // for the limit, and not until it is known whether there is one
	slowed  bool          // the client has just become slow
}

// take takes a request from the budget, or says how long it has to wait.
func (l *limiter) take(now time.Time) (t turn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := l.waitUntilLocked(now); !until.IsZero() {
		return turn{wait: until.Sub(now), limited: true}
	}
	if !l.sawResponse && l.inFlight >= burst {
		return turn{wait: time.Second / perSecond}
	}
	if !l.budget.Reset.IsZero() {
		was := l.slow
		l.slow = l.budget.Remaining < l.budget.Quota/5
		t.limited, t.slowed = true, l.slow && !was
		earned := later(l.earned, now.Add(-burst*time.Second/perSecond)).Add(time.Second / perSecond)
		begin := earned
		if l.slow {
			begin = later(begin, earlier(l.next, l.budget.Reset))
		}
		if begin.After(now) {
			t.wait = begin.Sub(now)
			return t
		}
		l.earned = earned
		l.next = now.Add(l.budget.Reset.Sub(now) / time.Duration(l.budget.Remaining+1))
	}
	l.budget.Remaining--
	l.inFlight++
	return t
}

// waitUntil tells until when no request may go, zero if one may.
func (l *limiter) waitUntil(now time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waitUntilLocked(now)
}

// waitUntilLocked is waitUntil for those who hold the lock.
func (l *limiter) waitUntilLocked(now time.Time) time.Time {
	l.renewWindow(now)
	switch {
	case now.Before(l.blockedUntil):
		return l.blockedUntil
	case l.budget.Remaining <= 0:
		return l.budget.Reset // zero while no answer has told
	}
	return time.Time{}
}

// renewWindow begins a new window when the last has run out: as the last one was, until
// an answer tells.
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

// finish ends an attempt and takes in what its answer tells. A page of someone on
// the way tells nothing of the API's limit.
func (l *limiter) finish(x *exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight--
	l.sawResponse = l.sawResponse || x.status != 0
	if saysNotJSON(x.header) {
		return
	}
	now := time.Now()
	if quota, window, ok := parsePolicy(x.header); ok {
		l.budget.Quota, l.budget.Window = quota, min(window, longestBlock)
	}
	if remaining, reset, ok := parseRateLimit(x.header); ok {
		l.updateWindow(remaining-l.inFlight, now.Add(min(reset+rounded, longestBlock)), now)
	}
	if x.status == http.StatusTooManyRequests {
		if after := min(retryAfter(x.header), longestBlock); after > 0 {
			l.blockedUntil = later(l.blockedUntil, now.Add(after))
		}
	}
}

// updateWindow takes in what an answer told about a window: that left requests may be made
// until it resets.
func (l *limiter) updateWindow(left int, until, now time.Time) {
	const rounding = 3 * time.Second // of the header and here, and on the way
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
