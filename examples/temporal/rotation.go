// Package rotation rotates the certificate of a zone as a workflow of Temporal: one workflow for
// each zone. A workflow engine serves where no single machine may be the one that fails.
//
// The engine keeps what workflows and activities are given and return. So they are given the
// names of files, and each activity loads the key by itself, on the worker.
package rotation

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/rotate"
)

// Request says what to make the live certificate of which zone. It holds no secrets.
type Request struct {
	ZoneID   string
	CertFile string        // on the worker, or wherever Activities.Load finds it
	KeyFile  string        // the same
	Grace    time.Duration // how long the old certificate is kept
}

// Outcome is what a run has left. It holds no secrets.
type Outcome struct {
	CertificateID string
	Superseded    []string // the ids of the certificates that were deleted
	NextAt        time.Time
}

// Rotate is the workflow. It calls Reconcile until it succeeds, or until a person has to look at
// it, and once more after the grace period. The timer is the engine's: it survives the worker.
func Rotate(ctx workflow.Context, request Request) (Outcome, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 30 * time.Minute,
		HeartbeatTimeout:    6 * time.Minute, // longer than the longest pause of a run, for the rate limit
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 10 * time.Second, MaximumInterval: 10 * time.Minute},
	})
	var superseded []string
	for {
		var outcome Outcome
		if err := workflow.ExecuteActivity(ctx, (*Activities).Reconcile, request).Get(ctx, &outcome); err != nil {
			return Outcome{}, err
		}
		superseded = append(superseded, outcome.Superseded...)
		if outcome.NextAt.IsZero() {
			outcome.Superseded = superseded
			return outcome, nil
		}
		if err := workflow.Sleep(ctx, max(outcome.NextAt.Sub(workflow.Now(ctx)), time.Minute)); err != nil {
			return Outcome{}, err
		}
	}
}

// Activities are the activities of a worker.
type Activities struct {
	// Client sends the requests. Its rate limit is shared by all workflows of the worker.
	Client *originpull.Client
	// Load returns the key pair: a function that calls originpull.LoadKeyPair, or that reads a
	// secret store.
	Load func(certFile, keyFile string) (originpull.KeyPair, error)
	// Options are those of each run.
	Options []rotate.Option
}

// Reconcile makes one run. If the worker dies, another one makes the next.
func (a *Activities) Reconcile(ctx context.Context, request Request) (Outcome, error) {
	zone, err := a.Client.Zone(request.ZoneID)
	if err != nil {
		return Outcome{}, final(err)
	}
	pair, err := a.Load(request.CertFile, request.KeyFile)
	if err != nil {
		return Outcome{}, final(err)
	}
	heartbeat := rotate.WithProgress(func(e rotate.Event) { activity.RecordHeartbeat(ctx, string(e.Step.Action)) })
	result, err := rotate.Reconcile(ctx, zone, rotate.Desired{Pair: pair, Grace: request.Grace}, append(slices.Clip(a.Options), heartbeat)...)
	outcome := Outcome{CertificateID: result.Certificate.ID, NextAt: result.NextAt}
	for _, c := range result.Superseded {
		outcome.Superseded = append(outcome.Superseded, c.ID)
	}
	return outcome, final(err)
}

// final marks the errors that another attempt will not change. A person has to look at these.
func final(err error) error {
	for _, target := range []error{originpull.ErrInvalidInput, originpull.ErrDenied, rotate.ErrSuperseded, rotate.ErrDeployment, rotate.ErrUndecided} {
		if errors.Is(err, target) {
			return temporal.NewNonRetryableApplicationError(err.Error(), target.Error(), nil)
		}
	}
	return err
}
