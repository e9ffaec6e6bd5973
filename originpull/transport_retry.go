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

// An attempt is followed by another after up to half a second, then up to one, two
// and four, by full jitter, and never before what Retry-After says.
// One that is to come later than that is left to the caller.
const (
	maxAttempts  = 5
	firstPause   = 500 * time.Millisecond
	longestPause = time.Hour
)

// retry repeats what may be repeated; see [exchange.repeatable]. It gives up with
// what the last attempt met: after maxAttempts, when the budget is spent, or when
// the pause would outlast the context or longestPause.
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
				return last // of the attempt that was made; its answer is still there
			}
			if !x.repeatable(err) || x.attempt == maxAttempts {
				return err
			}
			pause := max(retryAfter(x.header), rand.N(firstPause<<(x.attempt-1)))
			deadline, bounded := ctx.Deadline()
			if pause > longestPause || bounded && time.Until(deadline) <= pause || !budget.withdraw() {
				return err
			}
			logger.LogAttrs(ctx, slog.LevelInfo, "trying again",
				slog.String("operation", x.op.ID), slog.Int("attempt", x.attempt),
				slog.Int("status", x.status), slog.Duration("pause", pause))
			if sleep(ctx, pause) != nil {
				return err
			}
			last = err
		}
	}
}

// idempotentMethods can be repeated without another effect (RFC 9110, section
// 9.2.2). Of a method that is not known nothing is assumed.
var idempotentMethods = []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodTrace}

// repeatable reports whether another attempt may be made: one that could not take
// effect twice, and could go better. What is refused for its credentials never
// is.
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
		// The API refuses these before they take effect; of a proxy that is not known.
		codes, ok := x.codes()
		return (ok || idempotent) && !slices.Contains(codes, api.CodeTooManyFailures)
	case http.StatusRequestTimeout, http.StatusTooEarly,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return idempotent
	}
	return idempotent && x.status >= 520 && x.status <= 530 // Cloudflare's own, about the host behind it
}

// permanent reports whether an error would come again: a server that cannot be
// trusted, an answer over the limit.
func permanent(err error) bool {
	_, large := errors.AsType[*tooLarge](err)
	return large || untrusted(err)
}

func untrusted(err error) bool {
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}

// unsent is why a request was held back: the wait for its turn was too long, or of a
// length that is not known (0).
type unsent struct {
	error
	wait time.Duration
}

func (e unsent) Unwrap() error { return e.error }

func isUnsent(err error) bool {
	_, ok := errors.AsType[unsent](err)
	return ok
}

// neverSent reports whether nothing can have been sent: no turn came, no
// connection, or one to a server that cannot be trusted.
func neverSent(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return isUnsent(err) || untrusted(err) || ok && op.Op == "dial"
}

// codes returns the codes of an answer of failure; ok is false if it is not the
// API's.
func (x *exchange) codes() (codes []Code, ok bool) {
	var failure api.FailureEnvelope
	if saysNotJSON(x.header) || unmarshal(x.body.Bytes(), &failure) != nil {
		return nil, false
	}
	e := Error{Errors: failure.Errors}
	return e.Codes(), len(failure.Errors) > 0
}

// retryBudget bounds what repeating adds to an outage: each call deposits a fifth
// of an attempt, each repetition withdraws one, up to ten are saved, and so many
// are there at first.
type retryBudget struct {
	mu    sync.Mutex
	spent int // in fifths, so that the zero budget is full
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
