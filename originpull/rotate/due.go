package rotate

import (
	"fmt"

	"github.com/originpull/originpull-go/originpull"
)

// notDue reports whether the zone is left as it is because of [Desired].RenewBefore, and
// returns the certificate that is valid for long enough. What could not be known, such as
// when a certificate expires, is no reason to leave it. Neither is a desired certificate
// that is the newest already: then its rotation has begun.
func (seen Observed) notDue(want Desired, s sorted) (live Certificate, ok bool) {
	begun := seen.Uploaded || s.mine != nil && !s.mine.leaving() && len(s.newer) == 0
	if want.RenewBefore == 0 || begun || len(s.unknown) > 0 {
		return Certificate{}, false
	}
	for _, c := range append(s.older[:len(s.older):len(s.older)], s.newer...) { // the newest active one is the last
		if c.Status == originpull.StatusActive {
			live = c
		}
	}
	now := seen.Now
	if now.IsZero() {
		now = seen.At
	}
	return live, live.ID != "" && !now.IsZero() && now.Before(live.ExpiresOn.Add(-want.RenewBefore))
}

// done notes what is left, and what could not be known.
func (r *run) done(seen Observed, step Step) {
	r.result.NextAt = step.NextAt
	s := seen.sort(r.want)
	_, notDue := seen.notDue(r.want, s)
	if notDue && r.want.Enablement == Enable && !seen.Enabled {
		r.result.Warnings = append(r.result.Warnings, "the zone is not enabled: it presents no certificate before the renewal enables it")
	}
	for _, c := range s.unknown {
		r.result.Warnings = append(r.result.Warnings, fmt.Sprintf("certificate %s stays: when it was uploaded, or when the desired one was, could not be read", c.ID))
	}
	if !notDue && !step.NextAt.IsZero() && seen.Now.IsZero() {
		r.result.Warnings = append(r.result.Warnings, "the other certificates stay: the response did not say the time, so whether the grace is over is not known")
	}
}
