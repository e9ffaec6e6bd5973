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
const (
	maxAttempts = 5
	firstPause  = 500 * time.Millisecond
)

// retry repeats what may be repeated; see [exchange.repeatable]. It gives up with
// what the last attempt met: after maxAttempts, when the budget is spent, or when
// the pause would outlast the context.
func retry(budget *retryBudget, logger *slog.Logger, next handler) handler {
	return func(x *exchange) error {
		budget.deposit()
		for x.attempt = 1; ; x.attempt++ {
			err := next(x)
			if !x.repeatable(err) || x.attempt == maxAttempts || !budget.withdraw() {
				return err
			}
			ctx := x.request.Context()
			pause := max(retryAfter(x.header), rand.N(firstPause<<(x.attempt-1)))
			if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= pause {
				return err
			}
			logger.LogAttrs(ctx, slog.LevelInfo, "trying again",
				slog.String("operation", x.op.ID), slog.Int("attempt", x.attempt),
				slog.Int("status", x.status), slog.Duration("pause", pause))
			if sleep(ctx, pause) != nil {
				return err
			}
			x.forget()
			if x.request, err = again(x.request); err != nil {
				return err
			}
		}
	}
}

// again returns the request with its body from the start. It is a copy: the
// transport may still look at the one it failed on.
func again(request *http.Request) (*http.Request, error) {
	request = request.WithContext(request.Context())
	if request.GetBody == nil {
		return request, nil
	}
	var err error
	request.Body, err = request.GetBody()
	return request, err
}

// repeatable reports whether another attempt may be made: one that could not take
// effect twice, and could go better. What is refused for its credentials never
// is.
func (x *exchange) repeatable(err error) bool {
	idempotent := x.request.Method != http.MethodPost && x.request.Method != http.MethodPatch
	switch {
	case x.once || x.request.Context().Err() != nil:
		return false
	case err != nil:
		return !lasting(err) && (idempotent || neverConnected(err))
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

// lasting reports whether an error would come again: a server that cannot be
// trusted, an answer over the limit, a budget that is spent for longer than the
// context lasts.
func lasting(err error) bool {
	var untrusted *tls.CertificateVerificationError
	var large *tooLarge
	return errors.As(err, &untrusted) || errors.As(err, &large) || errors.Is(err, ErrRateLimited)
}

// neverConnected reports whether nothing can have been sent.
func neverConnected(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// codes returns the codes of an answer of failure; ok is false if it is not the
// API's.
func (x *exchange) codes() (codes []Code, ok bool) {
	var failure api.FailureEnvelope
	if unmarshal(x.body.Bytes(), &failure) != nil {
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
