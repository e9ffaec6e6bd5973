package rotate

import (
	"fmt"
	"slices"
	"strings"
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

// memory returns what the run knows. Times are relative, and certificates are named by what
// is in them, since ids are random. How long nothing has succeeded only matters after minutes,
// so it is in minutes.
func (r *run) memory() string {
	var b strings.Builder
	var uploaded, failing, last time.Duration
	if !r.uploaded.IsZero() {
		uploaded = min(time.Since(r.uploaded), lag)
	}
	if !r.failing.IsZero() {
		failing = time.Since(r.failing).Truncate(time.Minute)
	}
	if !r.known.Last.UploadedOn.IsZero() {
		last = time.Since(r.known.Last.UploadedOn)
	}
	enabled := "?"
	if r.enabled != nil {
		enabled = fmt.Sprint(*r.enabled)
	}
	fmt.Fprint(&b, r.known.Last.Fingerprint, r.known.Last.Status, last, r.known.Uploaded, r.known.Asked, r.known.Proven, enabled,
		r.waits, uploaded, failing, r.waited, len(r.tried), len(r.result.Changes), len(r.result.Superseded))
	for _, c := range slices.Concat([]Certificate{r.result.Certificate}, r.result.Kept, r.result.Leaving) {
		fmt.Fprint(&b, c.Fingerprint, c.Status, c.Hidden)
	}
	return b.String()
}
