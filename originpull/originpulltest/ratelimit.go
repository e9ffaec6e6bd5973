package originpulltest

import (
	"fmt"
	"math"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/originpull/originpull-go/gen/api"
)

const (
	userWindow    = 5 * time.Minute
	userRequests  = 1200
	burstRequests = 200 // a second for an IP address
	badWindow     = 5 * time.Minute
	badRequests   = 10 // refused credentials before all further ones get 429
)

// window counts requests until it resets.
type window struct {
	count  int
	resets time.Time
}

// hit counts one more request, in a new window if the last one has ended, and returns the
// count.
func (w *window) hit(now time.Time, length time.Duration) int {
	if !now.Before(w.resets) {
		*w = window{resets: now.Add(length)}
	}
	w.count++
	return w.count
}

// limitUser counts a request of the user and returns a failure if it exceeds the limit.
// The first such request begins a new window in which all are refused. The caller holds
// mu.
func (s *Simulator) limitUser(now time.Time) *failure {
	if s.rateLimit < 0 {
		return nil
	}
	switch count := s.user.hit(now, userWindow); {
	case count <= s.rateLimit:
		return nil
	case count == s.rateLimit+1:
		s.user.resets = now.Add(userWindow)
	}
	return limitFailure(api.CodeThrottled, "Please wait and consider throttling your request speed")
}

// limitBurst does the same for an IP address. The caller holds mu.
func (s *Simulator) limitBurst(remote string, now time.Time) *failure {
	if s.rateLimit < 0 {
		return nil
	}
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote // in memory
	}
	if !now.Before(s.second) {
		s.second = now.Add(time.Second)
		clear(s.burst)
	}
	s.burst[host]++
	if s.burst[host] > burstRequests {
		return limitFailure(api.CodeRateLimited, "Rate limited. Please wait and consider throttling your request speed")
	}
	return nil
}

// refuse counts a refused credential. It returns f, or a 429 after too many. The caller
// holds mu.
func (s *Simulator) refuse(now time.Time, f *failure) *failure {
	if s.bad.hit(now, badWindow) <= badRequests {
		return f
	}
	return limitFailure(api.CodeTooManyFailures, "Too many authentication failures. Please try again later.")
}

// limitHeaders sets the headers of the rate limit. The caller holds mu.
func (s *Simulator) limitHeaders(h http.Header, f *failure, now time.Time) {
	if s.rateLimit >= 0 {
		left, resets := s.rateLimit, userWindow
		if now.Before(s.user.resets) {
			left, resets = max(s.rateLimit-s.user.count, 0), s.user.resets.Sub(now)
		}
		h.Set("Ratelimit", fmt.Sprintf(`"default";r=%d;t=%d`, left, seconds(resets)))
		h.Set("Ratelimit-Policy", fmt.Sprintf(`"default";q=%d;w=%d`, s.rateLimit, seconds(userWindow)))
	}
	if f != nil && f.status == http.StatusTooManyRequests {
		h.Set("Retry-After", strconv.Itoa(seconds(s.retryAfter(f.body.Errors[0].Code, now))))
	}
}

// retryAfter returns how long the limit with the given code still applies.
func (s *Simulator) retryAfter(code api.ErrorCode, now time.Time) time.Duration {
	switch code {
	case api.CodeThrottled:
		return s.user.resets.Sub(now)
	case api.CodeTooManyFailures:
		return s.bad.resets.Sub(now)
	}
	return s.second.Sub(now)
}

// seconds rounds up, so that waiting that long is long enough.
func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
