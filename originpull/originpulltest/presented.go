package originpulltest

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"time"

	"github.com/originpull/originpull-go/gen/api"
)

// Presented is the kind of the client certificate that the edge presents, or that an
// origin got.
type Presented string

// The certificates that the edge can present.
const (
	PresentedZone   Presented = "zone"   // the zone's own
	PresentedShared Presented = "shared" // Cloudflare's, on the global level
	PresentedNone   Presented = "none"   // none
)

// Presentation is what the edge presents to the origins of a zone. Two of one simulator
// are equal (==) if the edge presents the same.
type Presentation struct {
	// Kind is empty if the zone does not exist.
	Kind Presented
	// CertificateID is the id of the zone's certificate, empty with any other Kind.
	CertificateID string
	// Certificate is the leaf, nil if there is none.
	Certificate *x509.Certificate
}

// String returns the presentation in a few words.
func (p Presentation) String() string {
	switch p.Kind {
	case PresentedZone:
		return fmt.Sprintf("zone certificate %s (%s)", p.CertificateID, p.Certificate.Subject)
	case PresentedShared:
		return "shared certificate"
	case PresentedNone:
		return "no certificate"
	}
	return "no such zone"
}

// Presented returns what [Simulator.Pull] would present to an origin of a zone now, if the
// origin asks for a client certificate: the zone's certificate that was deployed last if
// the zone level is on, else the shared one if global is on, else none. With SSL mode off
// or flexible it is none.
func (s *Simulator) Presented(zoneID string) Presentation {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.exists(zoneID) {
		return Presentation{}
	}
	return s.read(zoneID).choose(time.Now()).Presentation
}

// choice is how the edge connects to an origin.
type choice struct {
	Presentation
	pair   *tls.Certificate
	plain  bool // no TLS
	verify bool // the origin's certificate
	why    string
}

// choose returns what Cloudflare would present at a time. The zone level has precedence
// over the global level. The caller holds mu.
func (z *zone) choose(now time.Time) choice {
	c := choice{verify: z.ssl.value == SSLStrict, Presentation: Presentation{Kind: PresentedNone}}
	last := z.deployedLast(now)
	switch {
	case z.ssl.value == SSLOff || z.ssl.value == SSLFlexible:
		c.plain = true
		c.why = fmt.Sprintf("with SSL mode %s the edge speaks plain HTTP to the origin", z.ssl.value)
	case z.enabled && last != nil:
		c.Presentation, c.pair = Presentation{PresentedZone, last.shown.ID, last.pair.Leaf}, &last.pair
		c.why = "the zone level is on, and of its active certificates " + last.shown.ID + " was deployed last"
	case z.global.value:
		pair := &shared().pair
		c.Presentation, c.pair = Presentation{Kind: PresentedShared, Certificate: pair.Leaf}, pair
		c.why = "global is on, and " + z.withoutZoneLevel()
	default:
		c.why = "global is off, and " + z.withoutZoneLevel()
	}
	return c
}

func (z *zone) withoutZoneLevel() string {
	if z.enabled {
		return "the zone level is on without an active certificate"
	}
	return "the zone level is off"
}

// deployedLast returns the active certificate that was deployed last, nil if none is
// active.
func (z *zone) deployedLast(now time.Time) *certificate {
	var last *certificate
	for _, c := range z.certificates {
		if c.status(now) == api.StatusActive && (last == nil || c.deployedAfter(last)) {
			last = c
		}
	}
	return last
}

// deployedAfter reports whether c was deployed after another certificate. Of two that
// were deployed at the same time, it is the one that was uploaded last.
func (c *certificate) deployedAfter(other *certificate) bool {
	return c.deployed.After(other.deployed) || c.deployed.Equal(other.deployed) && c.deployNumber > other.deployNumber
}
