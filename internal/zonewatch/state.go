package zonewatch

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/originpull/originpull-go/originpull"
)

// Verdict says whether someone has to do something about a zone.
type Verdict string

// The verdicts.
const (
	Fine    Verdict = "fine"    // everything was read, and there is nothing to do
	Todo    Verdict = "todo"    // there is something to do, see [State.Todo]
	Unknown Verdict = "unknown" // something could not be read, or no one can know it, see [State.Unknown]
	Denied  Verdict = "denied"  // the credentials were rejected or lack the permission
)

// verdicts are all, the one that counts most last.
var verdicts = []Verdict{Fine, Unknown, Denied, Todo}

// State is what a look has found out about a zone. The help of originpull watch has its
// JSON.
type State struct {
	Zone         string        `json:"zone"`         // as it was named
	ZoneID       string        `json:"zone_id"`      // empty if its name was not found
	At           time.Time     `json:"at"`           // of the look, by the local clock
	Verdict      Verdict       `json:"verdict"`      //
	Todo         []string      `json:"todo"`         // what there is to do
	Unknown      []string      `json:"unknown"`      // what is not known
	Notes        []string      `json:"notes"`        // what else is worth knowing
	Enabled      *bool         `json:"enabled"`      // nil if not known
	Presented    Presented     `json:"presented"`    //
	Drift        *bool         `json:"drift"`        // nil if not known, or if nothing is desired
	SSLMode      *string       `json:"ssl_mode"`     // nil if not read
	Global       *bool         `json:"global"`       // nil if not read
	Certificates []Certificate `json:"certificates"` // nil if not read

	wanted bool // something is desired of the zone
}

// Certificate is a certificate of a zone.
type Certificate struct {
	ID        string            `json:"id"`
	Status    originpull.Status `json:"status"`
	SHA256    string            `json:"sha256"`              // empty if it could not be read
	Subject   string            `json:"subject"`             // empty if it could not be read
	ExpiresOn time.Time         `json:"expires_on,omitzero"` // zero if not known
	DaysLeft  *int              `json:"days_left"`           // whole days, negative once it has expired; nil if not known
}

// Presented is what Cloudflare should present to the origin by its rule: of several active
// certificates the one that was deployed last.
type Presented struct {
	What   What   `json:"what"`
	SHA256 string `json:"sha256"` // of the zone's certificate, with What [Own]
	Why    string `json:"why"`
}

// What is a kind of certificate that Cloudflare may present.
type What string

// The kinds.
const (
	Own          What = "zone"           // the zone's own
	Shared       What = "shared"         // the one that all customers share
	None         What = "none"           // none
	NoneOrShared What = "none_or_shared" // not the zone's own; the global setting was not read
	NotKnown     What = "unknown"
)

// CompareVerdicts orders verdicts: what there is to do counts most, then what is denied,
// then what is unknown.
func CompareVerdicts(a, b Verdict) int {
	return slices.Index(verdicts, a) - slices.Index(verdicts, b)
}

// Worst returns the verdict on all zones, the one that counts most.
func Worst(states []State) Verdict {
	worst := Fine
	for _, s := range states {
		if CompareVerdicts(s.Verdict, worst) > 0 {
			worst = s.Verdict
		}
	}
	return worst
}

// DaysLeft returns how many days are left of the active certificate that expires first.
func (s State) DaysLeft() (days int, known bool) {
	for _, c := range s.Certificates {
		if c.Status == originpull.StatusActive && c.DaysLeft != nil && (!known || *c.DaysLeft < days) {
			days, known = *c.DaysLeft, true
		}
	}
	return days, known
}

// Remarks returns what there is to say about the zone, the most important first.
func (s State) Remarks() []string {
	var remarks []string
	remarks = append(remarks, s.Todo...)
	for _, text := range s.Unknown {
		remarks = append(remarks, "unknown: "+text)
	}
	return append(remarks, s.Notes...)
}

// Line returns the state as one line, without its time.
func (s State) Line() string {
	parts := []string{
		fmt.Sprintf("%s: %s", s.Zone, s.Verdict), "enabled " + s.EnabledText(), "presents " + s.Presented.String(), s.CertificatesText(),
	}
	if s.wanted {
		parts = append(parts, "drift "+s.DriftText())
	}
	return strings.Join(append(parts, s.Remarks()...), "; ")
}

// EnabledText returns "yes", "no" or "unknown".
func (s State) EnabledText() string { return YesNo(s.Enabled) }

// DriftText returns "yes", "no" or "unknown", and "-" if nothing is desired.
func (s State) DriftText() string {
	if !s.wanted {
		return "-"
	}
	return YesNo(s.Drift)
}

// YesNo returns a value as "yes" or "no", and "unknown" for nil.
func YesNo(b *bool) string {
	switch {
	case b == nil:
		return "unknown"
	case *b:
		return "yes"
	}
	return "no"
}

// CertificatesText returns the certificates with their status and the days that are left.
func (s State) CertificatesText() string {
	switch {
	case s.Certificates == nil:
		return "certificates unknown"
	case len(s.Certificates) == 0:
		return "no certificate"
	}
	var texts []string
	for _, c := range s.Certificates {
		texts = append(texts, fmt.Sprintf("%s %s %s", c.name(), c.Status, c.left()))
	}
	return strings.Join(texts, ", ")
}

// name returns the first digits of the fingerprint, else the id.
func (c Certificate) name() string {
	if c.SHA256 == "" {
		return c.ID
	}
	return short(c.SHA256)
}

// left returns how many days are left, in words.
func (c Certificate) left() string {
	switch {
	case c.DaysLeft == nil:
		return "expiry unknown"
	case *c.DaysLeft < 0:
		return "expired"
	}
	return fmt.Sprintf("%dd left", *c.DaysLeft)
}

// String returns the certificate's first digits, or the kind.
func (p Presented) String() string {
	if p.What == Own && p.SHA256 != "" {
		return short(p.SHA256)
	}
	return strings.ReplaceAll(string(p.What), "_", " ")
}

func short(sha256 string) string { return sha256[:min(8, len(sha256))] }
