package rotate_test

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
	"github.com/originpull/originpull-go/originpull/rotate"
)

// check checks what has to hold at every instant: from the first at which the zone is enabled
// and presents a certificate that the origin trusts, it presents one.
func (s *stage) check() error {
	name, trusted := s.trusted[s.presented()]
	if s.reached != nil {
		s.reached[cmp.Or(name, "none that is trusted")+" is presented"] = true
		for _, c := range s.sim.Certificates(s.zoneID) {
			s.reached[s.nameOf(c)+" is "+string(c.Status)] = true
		}
	}
	switch {
	case trusted:
		s.armed = true
	case s.armed && !s.sim.Enabled(s.zoneID) && slices.ContainsFunc(s.runs, func(d rotate.Desired) bool { return d.Enablement == rotate.Disable }):
		s.armed = false
	case s.armed:
		return fmt.Errorf("after %s the edge presents no certificate that the origin trusts: %s", time.Since(began), s.zoneText())
	}
	return nil
}

// check checks that a key leaves in an upload only.
func (g *gated) check() error {
	if g.operation() != "UploadCertificate" && strings.Contains(fmt.Sprint(g.request.URL, g.request.Header, g.body), "PRIVATE KEY") {
		return fmt.Errorf("%s holds a private key", g.operation())
	}
	return nil
}

// checkRequest checks a request of a run that has taken effect: what it deleted is not the
// newest, and a newer one was active; and where it enabled the zone, the origin trusts what is
// presented. It counts the uploads.
func (s *stage) checkRequest(a *actor, before []originpulltest.Certificate, enabled bool) error {
	after := s.sim.Certificates(s.zoneID)
	if !enabled && s.sim.Enabled(s.zoneID) && s.trusted[s.presented()] == "" {
		return fmt.Errorf("the zone was enabled while the edge presents no certificate that the origin trusts: %s", s.zoneText())
	}
	unproven := a.desired.Prove != nil && !a.proven
	if unproven && !enabled && s.sim.Enabled(s.zoneID) {
		return errors.New("the zone was enabled before Desired.Prove was called")
	}
	for _, c := range after {
		i := slices.IndexFunc(before, func(b originpulltest.Certificate) bool { return b.ID == c.ID })
		if i < 0 || !before[i].UploadedOn.Equal(c.UploadedOn) {
			a.uploads++
			continue
		}
		if going(before[i]) || !going(c) {
			continue
		}
		if unproven && fingerprint(c) != a.desired.Pair.Fingerprint() {
			return fmt.Errorf("%s was deleted before Desired.Prove was called", s.nameOf(c))
		}
		if !slices.ContainsFunc(before, func(b originpulltest.Certificate) bool {
			return b.Status == originpull.StatusActive && newer(b, c)
		}) {
			return fmt.Errorf("%s was deleted while none that is newer was active: %s", s.nameOf(c), s.zoneText())
		}
	}
	return nil
}

func going(c originpulltest.Certificate) bool {
	return c.Status == originpull.StatusPendingDeletion || c.Status == originpull.StatusDeleted
}

func newer(a, b originpulltest.Certificate) bool {
	if !a.UploadedOn.Equal(b.UploadedOn) {
		return a.UploadedOn.After(b.UploadedOn)
	}
	return fingerprint(a) > fingerprint(b)
}

// end checks what is left when all runs have ended: as it is, after one more run at once, and
// after one when lists and deletions have settled.
func (s *stage) end() error {
	desired, done := s.winner()
	if done && !s.blurred {
		if err := s.holds(desired, !s.harmed); err != nil && !(s.harmed && s.tied(desired)) {
			return fmt.Errorf("as the runs have left it: %w", err)
		}
	}
	for _, a := range s.actors {
		if err := s.checkEnded(a); err != nil {
			return fmt.Errorf("%s: %w", a.name, err)
		}
	}
	if s.refused || s.blurred {
		return nil // the origin may trust none that is there
	}
	s.budget.faults, s.budget.preemptions = 0, 0
	for i, when := range []string{"after a further run at once", "after a further run when lists have caught up"} {
		if i == 1 {
			if err := s.settle(); err != nil {
				return err
			}
		}
		a := s.begin(fmt.Sprint("further run ", i+1), desired)
		for !a.ended {
			var err error
			if a.pending != nil {
				err = s.release(a, failure{})
			} else {
				err = s.advance()
			}
			if err != nil {
				return fmt.Errorf("%s: %w", when, err)
			}
		}
		switch {
		case errors.Is(a.err, rotate.ErrDeployment) && s.harmed:
			return s.check() // a person has to delete it
		case a.err != nil:
			return fmt.Errorf("%s: it failed: %w", when, a.err)
		}
		if err := s.holds(desired, i == 1); err != nil {
			return fmt.Errorf("%s: %w", when, err)
		}
	}
	return nil
}

// checkEnded checks how a run has ended.
func (s *stage) checkEnded(a *actor) error {
	superseded := errors.Is(a.err, rotate.ErrSuperseded)
	switch {
	case s.refused && !a.died && !superseded && (a.err == nil || !s.harmed):
		return fmt.Errorf("it ended with %v, want ErrSuperseded", a.err)
	case s.refused && len(a.result.Changes) > 0:
		return fmt.Errorf("it was superseded from the beginning, and it made the changes %v", a.result.Changes)
	case s.harmed:
	case a.err != nil && !(superseded && len(s.actors) > 1) && !s.refused:
		return fmt.Errorf("it failed, though no request did: %w", a.err)
	case a.uploads > 1:
		return fmt.Errorf("it uploaded %d times, though no request failed: it replaces a newer desire", a.uploads)
	}
	return nil
}

// winner returns the desire that has to hold at the end: that of the certificate that was
// uploaded last. done reports whether its run said that all is done.
func (s *stage) winner() (desired rotate.Desired, done bool) {
	var last originpulltest.Certificate
	desired = s.runs[0]
	for _, c := range s.sim.Certificates(s.zoneID) {
		for _, a := range s.actors {
			if fingerprint(c) == a.desired.Pair.Fingerprint() && (last.ID == "" || newer(c, last)) {
				last, desired = c, a.desired
			}
		}
	}
	for _, a := range s.actors {
		if a.desired.Pair.Fingerprint() == desired.Pair.Fingerprint() && !a.died && a.err == nil {
			done = true
		}
	}
	return desired, done
}

// tied reports whether what is presented was uploaded at the same time as the desired
// certificate. If a list then omitted it, the run could not know that it is there.
func (s *stage) tied(desired rotate.Desired) bool {
	var at [2]time.Time
	for _, c := range s.sim.Certificates(s.zoneID) {
		for i, f := range []string{s.presented(), desired.Pair.Fingerprint()} {
			if fingerprint(c) == f {
				at[i] = c.UploadedOn
			}
		}
	}
	return at[0].Equal(at[1])
}

// holds checks that the desired certificate is active, presented and the newest; with alone,
// also that there is no other that is not being deleted.
func (s *stage) holds(desired rotate.Desired, alone bool) error {
	want := desired.Pair.Fingerprint()
	if s.presented() != want {
		return fmt.Errorf("presented is not the desired certificate: %s", s.zoneText())
	}
	for _, c := range s.sim.Certificates(s.zoneID) {
		if alone && fingerprint(c) != want && c.Status != originpull.StatusPendingDeletion && c.Status != originpull.StatusDeleted {
			return fmt.Errorf("%s is left: %s", s.nameOf(c), s.zoneText())
		}
	}
	return nil
}

// presented returns the fingerprint of the zone's certificate that the edge presents, empty if
// it presents none, or Cloudflare's shared one.
func (s *stage) presented() string {
	p := s.sim.Presented(s.zoneID)
	if p.Kind != originpulltest.PresentedZone {
		return ""
	}
	return digest(p.Certificate.Raw)
}

func fingerprint(c originpulltest.Certificate) string {
	block, _ := pem.Decode([]byte(c.Certificate))
	return digest(block.Bytes)
}

func digest(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

func (s *stage) nameOf(c originpulltest.Certificate) string {
	if name, ok := s.trusted[fingerprint(c)]; ok {
		return name
	}
	return "a foreign certificate"
}

// zoneText describes the zone.
func (s *stage) zoneText() string {
	text := fmt.Sprintf("enabled %t", s.sim.Enabled(s.zoneID))
	for _, c := range s.sim.Certificates(s.zoneID) {
		text += fmt.Sprintf("; %s, uploaded at %s, is %s", s.nameOf(c), c.UploadedOn.Sub(began), c.Status)
	}
	return text
}
