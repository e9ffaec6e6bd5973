package rotate

import (
	"context"
	"fmt"
	"strings"

	"github.com/originpull/originpull-go/originpull/probe"
)

// askOrigins asks the origins whether they accept the certificate. What they do about others
// decides nothing here: it is a warning.
func askOrigins(ctx context.Context, want Desired) (warnings []string, err error) {
	certificates := probe.Certificates{New: want.Pair.TLSCertificate(), Old: want.Old.TLSCertificate()}
	results, err := probe.Check(ctx, want.Origins, certificates)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotProven, err)
	}
	if ctx.Err() != nil {
		return nil, contextError(ctx)
	}
	var refusing []string
	for _, r := range results {
		switch {
		case r.Verdict == probe.NotOffered:
		case !r.Accepts():
			refusing = append(refusing, r.String())
		case r.Verdict != probe.Enforced:
			warnings = append(warnings, r.String())
		}
		for _, w := range r.Warnings {
			warnings = append(warnings, fmt.Sprintf("%s %s TLS %s: %s", r.Address, r.ServerName, r.TLS, w))
		}
	}
	switch {
	case len(refusing) > 0:
		return warnings, fmt.Errorf("%w: %d of %d rows do not accept the certificate:\n\t%s", ErrNotProven, len(refusing), len(results), strings.Join(refusing, "\n\t"))
	case len(results) == 0:
		return warnings, fmt.Errorf("%w: no origin was asked", ErrNotProven)
	}
	return warnings, nil
}
