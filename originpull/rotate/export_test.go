package rotate

import (
	"fmt"
	"time"
)

// Exact makes pauses exact, and calls attach with a function that returns what the run knows,
// as text: two runs that know the same go on in the same way.
func Exact(attach func(memory func() string)) Option {
	return func(c *config) error {
		c.exact = true
		c.attach = func(r *run) { attach(r.memory) }
		return nil
	}
}

// WithPlan replaces Plan, for a mutant.
func WithPlan(plan func(Observed, Desired) Step) Option {
	return func(c *config) error { c.plan = plan; return nil }
}

// WithFreshness replaces how old a list may be by which a certificate is deleted.
func WithFreshness(d time.Duration) Option {
	return func(c *config) error { c.freshness = d; return nil }
}

// memory returns what the run knows. Times are relative. How long nothing has changed and
// nothing has succeeded only matters after minutes, so these are in minutes.
func (r *run) memory() string {
	var uploaded time.Duration
	if !r.uploaded.IsZero() {
		uploaded = min(time.Since(r.uploaded), lag)
	}
	failing := time.Duration(0)
	if !r.failing.IsZero() {
		failing = time.Since(r.failing).Truncate(time.Minute)
	}
	enabled := "?"
	if r.enabled != nil {
		enabled = fmt.Sprint(*r.enabled)
	}
	return fmt.Sprint(r.known.Last.ID, r.known.Last.Status, r.known.Uploaded, r.known.Asked, r.known.Proven, enabled, r.waits, uploaded, failing,
		time.Since(r.changed).Truncate(time.Minute), len(r.tried))
}
