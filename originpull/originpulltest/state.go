package originpulltest

import (
	"cmp"
	"crypto"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/originpull/originpull-go/gen/api"
)

// The types of the API are the same as in package originpull.
type (
	// Certificate is a certificate as the API returns it:
	//
	//	ID           string    // UUID, unique within the zone
	//	Status       Status    // originpull.StatusActive and others
	//	Certificate  string    // the leaf certificate in PEM
	//	Issuer       string    // distinguished name of the issuer
	//	Signature    string    // algorithm, such as ECDSA-SHA256
	//	SerialNumber string    // decimal
	//	ExpiresOn    time.Time // end of the validity
	//	UploadedOn   time.Time // time of the upload
	Certificate = api.Certificate

	// Status is the status of a certificate, a string. Package originpull has the
	// constants.
	Status = api.CertificateStatus
)

// SSLMode is a zone's SSL/TLS encryption mode.
type SSLMode string

// The SSL modes. In the first two the edge connects to the origin by plain HTTP. Only in
// the last one does it verify the origin's certificate.
const (
	SSLOff      SSLMode = "off"
	SSLFlexible SSLMode = "flexible"
	SSLFull     SSLMode = "full"
	SSLStrict   SSLMode = "strict"
)

// zone is the state of a zone, guarded by Simulator.mu.
type zone struct {
	certificates []*certificate // in the order of their uploads, with the deleted ones
	byID         map[string]*certificate
	byContent    map[[sha256.Size]byte]*certificate
	name         string // empty if it has none
	enabled      bool
	pending      []*exchange // changes that have not taken effect yet
	global       setting[bool]
	ssl          setting[SSLMode]
}

// setting is a zone setting and when it was last changed, zero if never.
type setting[T any] struct {
	value    T
	modified time.Time
}

// zone returns the zone with an id, and makes it on first use. The caller holds mu and has
// checked the id with exists.
func (s *Simulator) zone(id string) *zone {
	z := s.read(id)
	s.zones[strings.ToLower(id)] = z
	return z
}

// read is like zone, for callers that do not change it: a zone that was not used yet is
// not stored.
func (s *Simulator) read(id string) *zone {
	if z := s.zones[strings.ToLower(id)]; z != nil {
		return z
	}
	return &zone{
		byID:      map[string]*certificate{},
		byContent: map[[sha256.Size]byte]*certificate{},
		ssl:       setting[SSLMode]{value: SSLFull},
	}
}

// exists reports whether the zone exists. The caller holds mu.
func (s *Simulator) exists(id string) bool {
	_, known := s.zones[strings.ToLower(id)]
	return known || s.anyZone && isZoneID(id)
}

func (z *zone) certificate(id string) *certificate { return z.byID[id] }

// add adds an uploaded certificate. If the same certificate was deleted before, it gets
// its old id.
func (z *zone) add(parsed *certificate, now time.Time) (*certificate, error) {
	if old := z.byContent[parsed.content]; old != nil {
		if old.status(now) != api.StatusDeleted {
			return nil, errExists
		}
		parsed.shown.ID = old.shown.ID
		parsed.revived = now             // deploy sets the time
		parsed.pair.Leaf = old.pair.Leaf // for Presentations to be equal
		i := slices.Index(z.certificates, old)
		z.certificates = slices.Delete(z.certificates, i, i+1)
	}
	z.certificates = append(z.certificates, parsed)
	z.byID[parsed.shown.ID], z.byContent[parsed.content] = parsed, parsed
	return parsed, nil
}

// deploy sets the times of an upload that begins now, with a fault. A certificate that is re-uploaded
// after deletion is pending_deletion for the first tenth of its deployment, and is missing
// from lists twice as long.
func (s *Simulator) deploy(c *certificate, now time.Time, fault Fault) {
	deployment := max(cmp.Or(fault.DeployDelay, s.deployDelay), 0)
	c.uploaded = now
	c.deployed = now.Add(deployment)
	c.deployFails = fault.TimeOut
	c.listed = now.Add(s.listLag)
	if !c.revived.IsZero() {
		c.revived = now.Add(deployment / 10)
		c.listed = now.Add(2 * s.listLag)
	}
	s.deployments++
	c.deployNumber = s.deployments
}

// inZone calls change with an existing zone, holding mu.
func (s *Simulator) inZone(zoneID string, change func(*zone) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.exists(zoneID) {
		return noZone(zoneID)
	}
	return change(s.zone(zoneID))
}

func noZone(id string) error {
	return fmt.Errorf("originpulltest: no zone %q: add it with AddZone", id)
}

// AddZone adds a zone without certificates, with nothing enabled. The id is 32 hexadecimal
// digits. A zone that exists is not changed.
func (s *Simulator) AddZone(zoneID string) error {
	if !isZoneID(zoneID) {
		return fmt.Errorf("originpulltest: zone id %q: want 32 hexadecimal digits", zoneID)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.zone(zoneID)
	return nil
}

// AddCertificate adds a certificate with its key to a zone, as if it had been uploaded and
// deployed now, and returns it as a GET would. As for an upload, a CA is refused, and so
// is a key that is missing or belongs to another certificate.
func (s *Simulator) AddCertificate(zoneID string, pair tls.Certificate) (Certificate, error) {
	if len(pair.Certificate) == 0 {
		return Certificate{}, fmt.Errorf("originpulltest: add certificate: the pair holds none")
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return Certificate{}, fmt.Errorf("originpulltest: add certificate: %w", err)
	}
	if leaf.IsCA {
		return Certificate{}, fmt.Errorf("originpulltest: add certificate: %q is a CA, want a leaf", leaf.Subject)
	}
	key, ok := pair.PrivateKey.(crypto.Signer)
	if !ok {
		return Certificate{}, fmt.Errorf("originpulltest: add certificate: the pair has no private key that can sign (%T)", pair.PrivateKey)
	}
	if public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool }); !ok || !public.Equal(leaf.PublicKey) {
		return Certificate{}, fmt.Errorf("originpulltest: add certificate: the private key is not that of %q", leaf.Subject)
	}
	var shown Certificate
	err = s.inZone(zoneID, func(z *zone) error {
		now := time.Now()
		c, err := z.add(newCertificate(pair, leaf), now)
		if err != nil {
			return fmt.Errorf("originpulltest: add certificate: %w", err)
		}
		s.deploy(c, now, Fault{})
		c.deployed, c.listed, c.revived = now, now, now
		shown = c.view(now)
		return nil
	})
	return shown, err
}

// SetStatus sets the status of a certificate, also to one that the API does not know, which
// must not be empty. It
// stays until the certificate is deleted or uploaded again. With status active, the
// certificate becomes the one that was deployed last.
func (s *Simulator) SetStatus(zoneID, certificateID string, status Status) error {
	return s.inZone(zoneID, func(z *zone) error {
		c := z.certificate(certificateID)
		switch {
		case c == nil:
			return fmt.Errorf("originpulltest: no certificate %q in zone %s", certificateID, zoneID)
		case status == "":
			return fmt.Errorf("originpulltest: certificate %s: the status is empty", certificateID)
		}
		c.forced = status
		if status == api.StatusActive {
			s.deployments++
			c.deployed, c.deployNumber = time.Now(), s.deployments
		}
		return nil
	})
}

// Certificates returns all certificates of a zone in the order of their uploads, each as a
// GET would return it now. Deleted certificates are included, and so are those that lists
// do not show yet. It returns nil for a zone that does not exist.
func (s *Simulator) Certificates(zoneID string) []Certificate {
	var shown []Certificate
	s.inZone(zoneID, func(z *zone) error {
		now := time.Now()
		for _, c := range z.certificates {
			shown = append(shown, c.view(now))
		}
		return nil
	})
	return shown
}

// Enabled reports whether the zone-level setting of a zone is enabled.
func (s *Simulator) Enabled(zoneID string) (enabled bool) {
	s.inZone(zoneID, func(z *zone) error { enabled = z.enabled; return nil })
	return enabled
}

// SetEnabled enables or disables the zone-level setting of a zone.
func (s *Simulator) SetEnabled(zoneID string, enabled bool) error {
	return s.inZone(zoneID, func(z *zone) error { z.enabled = enabled; return nil })
}

// SetGlobal turns global Authenticated Origin Pulls of a zone, which is the zone setting
// tls_client_auth, on or off.
func (s *Simulator) SetGlobal(zoneID string, on bool) error {
	return s.inZone(zoneID, func(z *zone) error {
		z.global = setting[bool]{on, time.Now()}
		return nil
	})
}

// SetSSLMode sets the SSL mode of a zone. The SSL mode of a new zone is SSLFull.
func (s *Simulator) SetSSLMode(zoneID string, mode SSLMode) error {
	switch mode {
	case SSLOff, SSLFlexible, SSLFull, SSLStrict:
	default:
		return fmt.Errorf("originpulltest: SSL mode %q: want off, flexible, full or strict", mode)
	}
	return s.inZone(zoneID, func(z *zone) error {
		z.ssl = setting[SSLMode]{mode, time.Now()}
		return nil
	})
}
