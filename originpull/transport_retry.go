package originpull

import (
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"
)

// The pause before the second attempt is random, up to firstPause. Each further pause is
// up to twice as long (full jitter), until it is up to longestJitter. A pause is never
// shorter than Retry-After says. If it would be longer than longestPause, there is no
// further attempt.
const (
	firstPause    = 500 * time.Millisecond
	longestJitter = 8 * time.Second
	longestPause  = time.Hour
)

// defaultAttempts is how often a request is attempted if it fails. mostConflicts is how
// often it is repeated besides because another client changes the zone, which says nothing
// about the state of the service.
const (
	defaultAttempts = 5
	mostConflicts   = 5
)

// retry repeats an attempt that may be repeated, see [exchange.repeatable]. It returns the
// result of the last attempt when the attempts or the budget are used up, or if the pause
// would be longer than longestPause or than the context allows.
func retry(budget *retryBudget, c config, next handler) handler {
	return func(x *exchange) error {
		budget.deposit()
		ctx := x.ctx
		var last error
		conflicts := 0
		for x.attempt = 1; ; x.attempt++ {
			err := next(x)
			if isUnsent(err) {
				if x.attempt--; x.attempt == 0 {
					return err
				}
				return last // of the previous attempt, whose response is still there
			}
			repeat, conflict := x.repeatable(err)
			if c.attempts == 1 || !repeat {
				return err
			}
			if conflict {
				conflicts++
			}
			if conflicts > mostConflicts || x.attempt-conflicts >= c.attempts {
				return err
			}
			pause := max(retryAfter(x.header), rand.N(min(firstPause<<(x.attempt-1), longestJitter)))
			deadline, bounded := ctx.Deadline()
			if pause > longestPause || bounded && time.Until(deadline) <= pause || !conflict && !budget.withdraw() {
				return err
			}
			c.logger.LogAttrs(ctx, slog.LevelInfo, "retrying",
				slog.String("operation", x.op.ID), slog.Int("attempt", x.attempt),
				slog.Int("status", x.status), slog.Duration("pause", pause))
			if sleep(ctx, pause) != nil {
				return err
			}
			last = err
		}
	}
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
