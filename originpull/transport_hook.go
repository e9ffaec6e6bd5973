package originpull

import (
	"context"
	"time"
)

// Attempt is one attempt of a call, as a hook sees it; see [WithAttemptHook]. It holds no
// credentials and no body.
type Attempt struct {
	Operation string        // as in [Error]
	Number    int           // number of the attempt in its call, from 1
	Status    int           // HTTP status, 0 if there was no response
	Duration  time.Duration // from the start of sending until the response was read
	RayID     string        // Cf-Ray
	Err       error         `json:"-"` // why there is no response or it could not be read; nil for a response with any HTTP status
}

// callHooks calls the hooks after each attempt.
func callHooks(hooks []func(context.Context, Attempt), next handler) handler {
	if len(hooks) == 0 {
		return next
	}
	return func(x *exchange) error {
		start := time.Now()
		err := next(x)
		attempt := Attempt{
			Operation: x.op.ID, Number: x.attempt, Status: x.status,
			Duration: time.Since(start), RayID: x.rayID(), Err: err,
		}
		for _, hook := range hooks {
			hook(x.ctx, attempt)
		}
		return err
	}
}
