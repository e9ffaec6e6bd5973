package originpull

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/originpull/originpull-go/gen/api"
)

// The pause before the second attempt is random, up to firstPause. Each further pause is
// up to twice as long (full jitter). A pause is never shorter than Retry-After says. If it
// would be longer than longestPause, there is no further attempt.
const (
	maxAttempts  = 5
	firstPause   = 500 * time.Millisecond
	longestPause = time.Hour
)

// retry repeats an attempt that may be repeated, see [exchange.repeatable]. It returns the
// result of the last attempt after maxAttempts, when the budget is used up, or if the
// pause would be longer than longestPause or than the context allows.
func retry(budget *retryBudget, logger *slog.Logger, next handler) handler {
	return func(x *exchange) error {
		budget.deposit()
		ctx := x.ctx
		var last error
		for x.attempt = 1; ; x.attempt++ {
			err := next(x)
			if isUnsent(err) {
				if x.attempt--; x.attempt == 0 {
					return err
				}
				return last // of the previous attempt, whose response is still there
			}
			if !x.repeatable(err) || x.attempt == maxAttempts {
				return err
			}
			pause := max(retryAfter(x.header), rand.N(firstPause<<(x.attempt-1)))
			deadline, bounded := ctx.Deadline()
			if pause > longestPause || bounded && time.Until(deadline) <= pause || !budget.withdraw() {
				return err
			}
			logger.LogAttrs(ctx, slog.LevelInfo, "retrying",
				slog.String("operation", x.op.ID), slog.Int("attempt", x.attempt),
				slog.Int("status", x.status), slog.Duration("pause", pause))
			if sleep(ctx, pause) != nil {
				return err
			}
			last = err
		}
	}
}

// idempotentMethods can be repeated without another effect (RFC 9110, section 9.2.2). An
// unknown method is not assumed to be idempotent.
var idempotentMethods = []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodTrace}

// repeatable reports whether another attempt may be made: if it cannot take effect twice,
// and may succeed. A request whose credentials were refused is never repeated.
func (x *exchange) repeatable(err error) bool {
	idempotent := slices.Contains(idempotentMethods, x.plain.Method)
	switch {
	case x.once || x.ctx.Err() != nil:
		return false
	case err != nil:
		return !permanent(err) && (idempotent || neverSent(err))
	}
	switch x.status {
	case http.StatusConflict, http.StatusTooManyRequests:
		// The API refuses these before they take effect. A proxy may not.
		codes, ok := x.codes()
		return (ok || idempotent) && !slices.Contains(codes, api.CodeTooManyFailures)
	case http.StatusRequestTimeout, http.StatusTooEarly,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return idempotent
	}
	return idempotent && x.status >= 520 && x.status <= 530 // Cloudflare's, about the server behind it
}

// permanent reports whether another attempt would fail in the same way: the server's
// certificate is not trusted, or the response is too large.
func permanent(err error) bool {
	_, large := errors.AsType[*tooLarge](err)
	return large || untrusted(err)
}

func untrusted(err error) bool {
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}

// unsent is the error of a request that was not sent, because it would have had to wait
// too long for the rate limit. wait is how long, 0 if that is unknown.
type unsent struct {
	error
	wait time.Duration
}

func (e unsent) Unwrap() error { return e.error }

func isUnsent(err error) bool {
	_, ok := errors.AsType[unsent](err)
	return ok
}

// neverSent reports whether certainly nothing was sent: the request waited for the rate
// limit, there was no connection, or the server's certificate is not trusted.
func neverSent(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return isUnsent(err) || untrusted(err) || ok && op.Op == "dial"
}

// codes returns the error codes of the response; ok is false if it is not a response of
// the API.
func (x *exchange) codes() (codes []Code, ok bool) {
	var failure api.FailureEnvelope
	if saysNotJSON(x.header) || unmarshal(x.body.Bytes(), &failure) != nil {
		return nil, false
	}
	e := Error{Errors: failure.Errors}
	return e.Codes(), len(failure.Errors) > 0
}

// retryBudget limits how much retries add to the load during an outage. Each call
// deposits a fifth of an attempt, and each retry withdraws a whole one. The budget holds
// at most ten attempts, and starts with ten.
type retryBudget struct {
	mu    sync.Mutex
	spent int // in fifths of an attempt; the zero value is a full budget
}

const (
	fifths     = 5
	savedTries = 10
)

func (b *retryBudget) deposit() {
	b.mu.Lock()
	b.spent = max(b.spent-1, 0)
	b.mu.Unlock()
}

func (b *retryBudget) withdraw() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.spent+fifths > savedTries*fifths {
		return false
	}
	b.spent += fifths
	return true
}
