package originpulltest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/originpull/originpull-go/gen/api"
)

// NextChange returns when the status of a certificate, the list or what is presented next
// changes in a zone, without a further request, or when a request that waits takes effect.
// It returns false if that will not happen.
func (s *Simulator) NextChange(zoneID string) (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	z, now := s.read(zoneID), time.Now()
	var next time.Time
	consider := func(t time.Time) {
		if t.After(now) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, c := range z.certificates {
		// What is presented changes only together with a status.
		for _, step := range c.ahead(now) {
			consider(step.at)
		}
		if c.isListed(c.listed) {
			consider(c.listed)
		}
	}
	for _, x := range z.pending {
		consider(x.until)
	}
	return next, !next.IsZero()
}

// step is a status that a certificate will have from a time on.
type step struct {
	at     time.Time
	status api.CertificateStatus
}

// ahead returns the statuses that a certificate will have without a further request.
func (c *certificate) ahead(now time.Time) []step {
	var steps []step
	last, times := c.status(now), []time.Time{c.revived, c.deployed, c.deleted}
	slices.SortFunc(times, time.Time.Compare)
	for _, t := range times {
		if status := c.status(t); t.After(now) && status != last {
			steps = append(steps, step{t, status})
			last = status
		}
	}
	return steps
}

// finally returns the status that a certificate will keep.
func (c *certificate) finally(now time.Time) api.CertificateStatus {
	if steps := c.ahead(now); len(steps) > 0 {
		return steps[len(steps)-1].status
	}
	return c.status(now)
}

// State describes all that the further behaviour of a zone depends on, as text to compare
// and to print: the settings; what is presented; the certificates in the order of their
// uploads, with their statuses now and later, whether lists show them, and the order of
// their deployments; deleted certificates; and the changes that have not taken effect yet.
// Certificates are named by the SHA-256 of their contents, and times are relative to now.
// So two simulators with the same [Options] whose zones are in the same state return the
// same text.
//
// It does not say how long ago something happened, such as an upload, nor what does not
// belong to a zone: tokens, rate limits, and the rule of the faults.
func (s *Simulator) State(zoneID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.exists(zoneID) {
		return Presentation{}.String()
	}
	z, now := s.read(zoneID), time.Now()
	var b strings.Builder
	fmt.Fprintf(&b, "zone level %s, global %s, SSL mode %s\n", onOff(z.enabled), onOff(z.global.value), z.ssl.value)
	presented := z.choose(now).Presentation
	b.WriteString("presented: " + string(presented.Kind))
	if c := z.byID[presented.CertificateID]; c != nil {
		b.WriteString(" " + c.fingerprint())
	}
	b.WriteString("\n")
	var deleted []string
	var before time.Time
	order := z.deployments(now)
	for _, c := range z.certificates {
		if c.status(now) == api.StatusDeleted {
			deleted = append(deleted, "deleted: "+c.fingerprint()+"\n")
			continue
		}
		uploaded := c.view(now).UploadedOn
		c.describe(&b, now, slices.Index(order, c), uploaded.Equal(before))
		before = uploaded
	}
	slices.Sort(deleted)
	b.WriteString(strings.Join(deleted, ""))
	var pending []string
	for _, x := range z.pending {
		pending = append(pending, fmt.Sprintf("in %s: %s\n", x.until.Sub(now), x.change(z)))
	}
	slices.Sort(pending)
	b.WriteString(strings.Join(pending, ""))
	return b.String()
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// deployments returns the certificates that are or will be active, in the order of their
// deployments.
func (z *zone) deployments(now time.Time) []*certificate {
	var order []*certificate
	for _, c := range z.certificates {
		if c.finally(now) == api.StatusActive {
			order = append(order, c)
		}
	}
	slices.SortFunc(order, func(a, b *certificate) int {
		if a.deployedAfter(b) {
			return 1
		}
		return -1
	})
	return order
}

// describe writes a line of State.
func (c *certificate) describe(b *strings.Builder, now time.Time, deployment int, together bool) {
	fmt.Fprintf(b, "%s: %s", c.fingerprint(), c.status(now))
	for _, step := range c.ahead(now) {
		fmt.Fprintf(b, ", %s in %s", step.status, step.at.Sub(now))
	}
	if c.listed.After(now) {
		fmt.Fprintf(b, ", listed in %s", c.listed.Sub(now))
	}
	if deployment >= 0 {
		fmt.Fprintf(b, ", deployment %d", deployment+1)
	}
	if together {
		b.WriteString(", uploaded together with the one before")
	}
	b.WriteString("\n")
}

// fingerprint returns enough of the content's SHA-256 to recognise it.
func (c *certificate) fingerprint() string { return fmt.Sprintf("%x", c.content[:8]) }

// change describes a change that has not taken effect yet. The caller holds mu.
func (x *exchange) change(z *zone) string {
	var text string
	switch x.route.ID {
	case "UploadCertificate":
		text = "upload of nothing that is accepted"
		var body api.CertificateUpload
		if json.Unmarshal(x.body, &body) == nil {
			if c, err := parseUpload(body.Certificate, body.PrivateKey.Reveal()); err == nil {
				text = "upload of " + c.fingerprint()
			}
		}
	case "DeleteCertificate":
		text = "deletion of no certificate"
		if c := z.certificate(x.certificateID); c != nil {
			text = "deletion of " + c.fingerprint()
		}
	default:
		var body bytes.Buffer
		json.Compact(&body, x.body) // is JSON, or the gateway would have refused it
		text = x.route.ID + " " + body.String()
	}
	if effect := x.fault.effect(); effect != "" {
		text += ", " + effect
	}
	return text
}
