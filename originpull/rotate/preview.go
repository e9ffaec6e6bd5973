package rotate

import (
	"fmt"
	"strings"
	"time"
)

// Preview returns what a run would change, as a diff with a line for each certificate and one
// for the enablement: "+" is added, "-" is deleted, "~" is changed, "?" could not be known,
// and a space stays as it is. The last line says what a run would do first. Other runs, and
// what the origins say, can change all that.
func Preview(seen Observed, want Desired) string {
	var b strings.Builder
	line := func(sign string, c Certificate, what string) {
		fmt.Fprintf(&b, "%s certificate %s: %s\n", sign, c.describe(), what)
	}
	s, first := seen.sort(want), Plan(seen, want)
	if want.Pair.Leaf() == nil {
		return "First: " + first.String() + "\n"
	}
	_, notDue := seen.notDue(want, s)
	changes := first.Action != Stop && !notDue
	newest := Certificate{Fingerprint: want.Pair.Fingerprint(), Subject: want.Pair.Leaf().Subject.String(), ExpiresOn: want.Pair.Leaf().NotAfter}
	again := s.mine != nil && len(s.newer) > 0
	switch {
	case s.mine == nil && changes:
		line("+", newest, "uploaded")
	case s.mine != nil && (s.mine.leaving() || again) && changes:
		line("~", *s.mine, "deleted and uploaded again, to become the newest")
	case s.mine != nil:
		line(" ", *s.mine, "is there, "+word(string(s.mine.Status)))
	}
	for _, c := range append(s.older, s.newer...) {
		switch {
		case !changes:
			line(" ", c, "stays, "+word(string(c.Status)))
		case want.Grace > 0:
			line("-", c, "deleted "+want.Grace.String()+" after the upload of the desired one, by a later run")
		default:
			line("-", c, "deleted once the desired one is active")
		}
	}
	for _, c := range s.unknown {
		if want.Supersede.names(c) && changes && (s.mine == nil || !s.mine.UploadedOn.IsZero()) {
			line("-", c, "deleted once the desired one is active")
			continue
		}
		line("?", c, "stays: whether it is older than the desired one could not be known")
	}
	for _, c := range s.leaving {
		line(" ", c, "is being deleted already")
	}
	if set, needed := want.setsEnablement(seen.Enabled); needed && changes {
		fmt.Fprintf(&b, "~ enabled: %t -> %t\n", seen.Enabled, set)
	} else {
		fmt.Fprintf(&b, "  enabled: %t\n", seen.Enabled)
	}
	if notDue {
		return b.String() + fmt.Sprintf("Nothing to do before %s, when certificate %s is due for renewal.\n", first.NextAt.UTC().Format(time.RFC3339), first.Certificate.ID)
	}
	if first.Action == Done {
		return b.String() + "Nothing to do now.\n"
	}
	return b.String() + "First: " + first.String() + "\n"
}

// describe names a certificate for people.
func (c Certificate) describe() string {
	var parts []string
	if c.ID != "" {
		parts = append(parts, word(c.ID))
	}
	if c.Subject != "" {
		parts = append(parts, fmt.Sprintf("%q", c.Subject))
	}
	if c.Fingerprint != "" {
		parts = append(parts, "SHA-256 "+c.Fingerprint)
	}
	if !c.ExpiresOn.IsZero() {
		parts = append(parts, "expires "+c.ExpiresOn.UTC().Format(time.DateOnly))
	}
	if c.UploadedOn.IsZero() && c.ID != "" {
		parts = append(parts, "time of upload not readable")
	}
	return strings.Join(parts, ", ")
}
