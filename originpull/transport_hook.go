package originpull

import (
	"context"
	"time"
)

// Attempt is one attempt of a call, as a hook sees it. It holds no credential and
// no body.
type Attempt struct {
	Operation string        // operationId of the document, or method and path without ids for [Client.Do]
	Number    int           // which attempt of the call it is, from 1
	Status    int           // HTTP status, 0 where no answer came
	Duration  time.Duration // until the answer was read
	RayID     string        // Cf-Ray
	Err       error         `json:"-"` // why no answer came or could be read; an answer of failure is none
}

// callHooks tells the hooks about each attempt.
func callHooks(hooks []func(context.Context, Attempt), next handler) handler {
	if len(hooks) == 0 {
		return next
	}
	return func(x *exchange) error {
		start := time.Now()
		err := next(x)
		attempt := Attempt{
			Operation: withoutIDs(x.op.ID), Number: x.attempt, Status: x.status,
			Duration: time.Since(start), RayID: x.rayID(), Err: err,
		}
		for _, hook := range hooks {
			hook(x.ctx, attempt)
		}
		return err
	}
}
