package rotate_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/explore"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/rotate"
)

type plan = func(rotate.Observed, rotate.Desired) rotate.Step

// mutant is a run with one rule broken. The exploration has to find that out.
type mutant struct {
	rule    string // what is broken
	in      string // a part of the name of the configurations that have to find it
	plan    func() plan
	options []rotate.Option
}

// seeing is Plan with another view of the zone.
func seeing(change func(seen *rotate.Observed, want rotate.Desired)) func() plan {
	return func() plan {
		return func(seen rotate.Observed, want rotate.Desired) rotate.Step {
			seen.Certificates = slices.Clone(seen.Certificates)
			change(&seen, want)
			return rotate.Plan(seen, want)
		}
	}
}

// each changes each certificate; mine reports whether it is the desired one.
func each(change func(c *rotate.Certificate, mine bool)) func() plan {
	return seeing(func(seen *rotate.Observed, want rotate.Desired) {
		for i := range seen.Certificates {
			change(&seen.Certificates[i], seen.Certificates[i].Fingerprint == want.Pair.Fingerprint())
		}
	})
}

// stepping is Plan with another next step.
func stepping(change func(seen rotate.Observed, want rotate.Desired, step rotate.Step) rotate.Step) func() plan {
	return func() plan {
		return func(seen rotate.Observed, want rotate.Desired) rotate.Step {
			return change(seen, want, rotate.Plan(seen, want))
		}
	}
}

func isMine(c rotate.Certificate, want rotate.Desired) bool {
	return c.Fingerprint == want.Pair.Fingerprint()
}

var mutants = []mutant{
	{rule: "the old one is deleted before the new one is uploaded", in: "one run, 0 failures", plan: stepping(func(seen rotate.Observed, want rotate.Desired, step rotate.Step) rotate.Step {
		if step.Action == rotate.Upload && len(seen.Certificates) > 0 {
			return rotate.Step{Action: rotate.Delete, Certificate: seen.Certificates[0]}
		}
		return step
	})},
	{rule: "the old one is deleted before the new one is active", in: "one run, 0 failures", plan: each(func(c *rotate.Certificate, mine bool) {
		if mine && c.Status == originpull.StatusPendingDeployment {
			c.Status = originpull.StatusActive
		}
	})},
	{rule: "a certificate whose deployment timed out counts as active", in: "one run, 1 failures", plan: each(func(c *rotate.Certificate, mine bool) {
		if mine && c.Status == originpull.StatusDeploymentTimedOut {
			c.Status = originpull.StatusActive
		}
	})},
	{rule: "a certificate that is being deleted counts as active", in: "old, and new being deleted, enabled true, older, 0", plan: each(func(c *rotate.Certificate, mine bool) {
		if mine && c.Status == originpull.StatusPendingDeletion {
			c.Status = originpull.StatusActive
		}
	})},
	{rule: "a deletion that timed out is not repeated", in: "one run, 1 failures", plan: seeing(func(seen *rotate.Observed, want rotate.Desired) {
		seen.Certificates = slices.DeleteFunc(seen.Certificates, func(c rotate.Certificate) bool { return c.Status == originpull.StatusDeletionTimedOut })
	})},
	{rule: "a list of any age is good enough to delete by", in: "two runs, back to the old one, 1 failure, 1 preemption, lag 0s", options: []rotate.Option{rotate.WithFreshness(time.Hour)}},
	{rule: "it is done before the list shows the certificate", in: "two runs, other desires, 1 preemptions, lag 25s", plan: seeing(func(seen *rotate.Observed, _ rotate.Desired) {
		for i, c := range seen.Certificates {
			if c.Hidden && seen.At.Sub(c.UploadedOn) > 10*time.Second { // as a GET would show it
				seen.Certificates[i].Hidden, seen.Certificates[i].Status = false, originpull.StatusActive
			}
		}
	})},
	{rule: "after 1406 it waits for the list to show the certificate", in: "not listed, enabled true, older, 0 failures, lag 25s", plan: func() plan {
		uploaded := false
		return func(seen rotate.Observed, want rotate.Desired) rotate.Step {
			step := rotate.Plan(seen, want)
			if step.Action == rotate.Upload && uploaded && !seen.Uploaded {
				return rotate.Step{Action: rotate.Wait}
			}
			uploaded = uploaded || step.Action == rotate.Upload
			return step
		}
	}},
	{rule: "a newer certificate is deleted like an older one", in: "new, then old, enabled true, older, 0 failures", plan: stepping(func(seen rotate.Observed, want rotate.Desired, step rotate.Step) rotate.Step {
		if errors.Is(step.Err, rotate.ErrSuperseded) && step.Certificate.Status == originpull.StatusActive {
			return rotate.Step{Action: rotate.Delete, Certificate: step.Certificate}
		}
		return step
	})},
	{rule: "a newer certificate does not matter", in: "new, then old, enabled true, older, 0 failures", plan: stepping(func(seen rotate.Observed, want rotate.Desired, step rotate.Step) rotate.Step {
		if errors.Is(step.Err, rotate.ErrSuperseded) {
			return rotate.Step{Action: rotate.Done}
		}
		return step
	})},
	{rule: "the newest is deleted because it is named", in: "new, then old, enabled true, named, 0 failures", plan: stepping(func(seen rotate.Observed, want rotate.Desired, step rotate.Step) rotate.Step {
		if step.Action == rotate.Delete && isMine(step.Certificate, want) {
			for _, c := range seen.Certificates {
				if !isMine(c, want) && c.Status == originpull.StatusActive {
					return rotate.Step{Action: rotate.Delete, Certificate: c}
				}
			}
		}
		return step
	})},
	{rule: "the desired one is deleted to be uploaded again while no newer one is active", in: "which is being deployed, enabled true, all, 0 failures", plan: each(func(c *rotate.Certificate, mine bool) {
		if !mine && c.Status == originpull.StatusPendingDeployment {
			c.Status = originpull.StatusActive
		}
	})},
	{rule: "a run that has uploaded replaces what is newer once more", in: "two runs, all, 0 preemptions", plan: seeing(func(seen *rotate.Observed, _ rotate.Desired) { seen.Uploaded = false })},
	{rule: "a run that was superseded uploads again", in: "two runs, all, 0 preemptions", plan: seeing(func(seen *rotate.Observed, _ rotate.Desired) {
		seen.Last, seen.Uploaded = rotate.Certificate{}, false
	})},
	{rule: "the zone is enabled first", in: "nothing, enabled false, older, 0 failures", plan: stepping(func(seen rotate.Observed, want rotate.Desired, step rotate.Step) rotate.Step {
		if !seen.Enabled && want.Enablement == rotate.Enable {
			return rotate.Step{Action: rotate.EnableZone}
		}
		return step
	})},
	{rule: "the zone is enabled while a newer certificate is left", in: "new, then old, enabled false, older, 0 failures", plan: stepping(func(seen rotate.Observed, want rotate.Desired, step rotate.Step) rotate.Step {
		if errors.Is(step.Err, rotate.ErrSuperseded) && !seen.Enabled {
			return rotate.Step{Action: rotate.EnableZone}
		}
		return step
	})},
	{rule: "a certificate whose time of upload is unknown counts as old", in: "a foreign one whose time of upload cannot be read", plan: each(func(c *rotate.Certificate, mine bool) {
		if !mine && c.UploadedOn.IsZero() {
			c.UploadedOn = time.Unix(1, 0)
		}
	})},
	{rule: "of two that were uploaded at the same time, each is the newer", in: "new and foreign at the same time, enabled true, older", plan: seeing(func(seen *rotate.Observed, want rotate.Desired) {
		for _, mine := range seen.Certificates {
			for i, c := range seen.Certificates {
				if isMine(mine, want) && !isMine(c, want) && c.UploadedOn.Equal(mine.UploadedOn) {
					seen.Certificates[i].UploadedOn = c.UploadedOn.Add(-time.Nanosecond)
				}
			}
		}
	})},
	{rule: "others are deleted before the certificate is proven", in: "old, to be proven, enabled true", plan: seeing(func(seen *rotate.Observed, _ rotate.Desired) { seen.Proven = true })},
	{rule: "the zone is enabled before the certificate is proven", in: "old, to be proven, enabled false", plan: stepping(func(seen rotate.Observed, want rotate.Desired, step rotate.Step) rotate.Step {
		if step.Action == rotate.Prove && !seen.Enabled {
			return rotate.Step{Action: rotate.EnableZone}
		}
		return step
	})},
	{rule: "it is done after the last deletion, without a look", in: "old, enabled false, older, 0 failures", plan: func() plan {
		deleted := false
		return func(seen rotate.Observed, want rotate.Desired) rotate.Step {
			step := rotate.Plan(seen, want)
			if deleted {
				return rotate.Step{Action: rotate.Done}
			}
			deleted = deleted || step.Action == rotate.Delete
			return step
		}
	}},
	{rule: "it is done once the certificate is active", in: "one run, 0 failures", plan: stepping(func(seen rotate.Observed, want rotate.Desired, step rotate.Step) rotate.Step {
		if step.Action == rotate.Delete && !isMine(step.Certificate, want) {
			return rotate.Step{Action: rotate.Done}
		}
		return step
	})},
}

// TestMutants breaks each rule in turn: an exploration has to find it.
func TestMutants(t *testing.T) {
	if testing.Short() {
		t.Skip("the rules are the same with the race detector")
	}
	all := configurations()
	for _, m := range mutants {
		t.Run(m.rule, func(t *testing.T) {
			for _, c := range all {
				if !strings.Contains(c.name, m.in) {
					continue
				}
				run := func(p *explore.Path) error {
					broken := c.scenario
					broken.options = m.options
					if m.plan != nil {
						broken.plan = m.plan
					}
					return broken.explored(t, p)
				}
				report, err := explore.All(20_000, true, run)
				var failure *explore.Failure
				if errors.As(err, &failure) {
					t.Logf("found by %q, schedule %d, %d choices that are not the usual: %v", c.name, report.Schedules, failure.Changes, failure)
					return
				}
			}
			t.Error("no exploration finds it")
		})
	}
}
