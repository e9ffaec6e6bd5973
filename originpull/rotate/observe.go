package rotate

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/originpull/originpull-go/originpull"
)

// Certificate is a certificate of the zone, as the API returned it.
type Certificate struct {
	ID          string
	Status      originpull.Status
	Fingerprint string    // SHA-256 of the DER in hexadecimal, empty if the certificate could not be read
	Subject     string    // empty if the certificate could not be read
	UploadedOn  time.Time // zero if it could not be read
	ExpiresOn   time.Time // zero if it could not be read
	Hidden      bool      // the list does not show it, though the API has it
}

// leaving reports whether the certificate is deleted, or about to be.
func (c Certificate) leaving() bool {
	return c.Status == originpull.StatusPendingDeletion || c.Status == originpull.StatusDeleted
}

// deploying reports whether the certificate may still become active by itself. The API
// refuses to delete it before that.
func (c Certificate) deploying() bool {
	return c.Status == originpull.StatusInitializing || c.Status == originpull.StatusPendingDeployment
}

// order compares the times of two uploads, and the certificates if these are equal. Neither
// time may be unknown.
func (c Certificate) order(other Certificate) int {
	return cmp.Or(c.UploadedOn.Compare(other.UploadedOn), strings.Compare(c.Fingerprint, other.Fingerprint))
}

// Observed is the state of a zone at one time, and what the run knows from before.
type Observed struct {
	// At is when the request for the list was sent, by the local clock. No certificate is deleted by
	// a list that is more than five seconds old.
	At time.Time
	// Now is the time at the API, zero if the response did not say it.
	Now time.Time
	// Certificates are those of the list, and the one that the run has uploaded, also while
	// the list does not show it.
	Certificates []Certificate
	// Enabled is the zone's enablement.
	Enabled bool

	// Last is the desired certificate as the run has last seen it in effect; the zero
	// Certificate if it has not, or has deleted it itself.
	Last Certificate
	// Uploaded reports whether the run has uploaded the desired certificate.
	Uploaded bool
	// Asked reports whether the origins have accepted the desired certificate, and Proven
	// whether [Desired.Prove] has returned nil.
	Asked, Proven bool
}

// Observe looks at a zone, as a run does when it begins: two requests, which change nothing.
// [Plan] and [Preview] say what a run would do. If the list was read and the enablement was
// not, the certificates are returned beside the error.
func Observe(ctx context.Context, zone *originpull.Zone) (Observed, error) {
	if zone == nil {
		return Observed{}, invalid("the zone is nil: get it from Client.Zone")
	}
	seen, err := list(ctx, zone)
	if err != nil {
		return Observed{}, err
	}
	settings, err := zone.Settings.Get(ctx)
	seen.Enabled = settings.Enabled
	return seen, err
}

// list asks for the certificates of the zone.
func list(ctx context.Context, zone *originpull.Zone, options ...originpull.CallOption) (Observed, error) {
	var raw originpull.Response
	var seen Observed
	sent := originpull.WithBeforeSend(func(context.Context) error {
		seen.At = time.Now() // not earlier: a request can wait for the rate limit
		return nil
	})
	certificates, err := zone.Certificates.List(ctx, append(slices.Clip(options), originpull.WithResponse(&raw), sent)...)
	if err != nil {
		return seen, err
	}
	seen.Now, _ = http.ParseTime(raw.Header.Get("Date"))
	for _, certificate := range certificates {
		seen.Certificates = append(seen.Certificates, view(certificate))
	}
	slices.SortFunc(seen.Certificates, func(a, b Certificate) int {
		return cmp.Or(a.order(b), strings.Compare(a.ID, b.ID))
	})
	return seen, nil
}

// view returns what matters of a certificate.
func view(c originpull.Certificate) Certificate {
	shown := Certificate{ID: c.ID, Status: c.Status, UploadedOn: c.UploadedOn, ExpiresOn: c.ExpiresOn}
	if parsed, err := originpull.ParseCertificate([]byte(c.Certificate)); err == nil {
		sum := sha256.Sum256(parsed.Raw)
		shown.Fingerprint, shown.Subject = hex.EncodeToString(sum[:]), parsed.Subject.String()
	}
	return shown
}

// sorted is the zone's certificates in relation to the desired one.
type sorted struct {
	mine    *Certificate  // the desired one, nil if it is not there
	older   []Certificate // than the desired one, or than it was when it was last there
	newer   []Certificate
	unknown []Certificate // could be either
	leaving []Certificate // others that are being deleted
}

// sort sorts the certificates by whether they are older or newer than the desired one. If it
// was never there, all are older than it will be.
func (seen Observed) sort(want Desired) sorted {
	var s sorted
	fingerprint := want.Pair.Fingerprint()
	for i := range seen.Certificates {
		// Content that was uploaded again under another id is there twice for a while: what counts is
		// the one in effect that the list shows.
		c := &seen.Certificates[i]
		if c.Fingerprint == fingerprint && (s.mine == nil || !c.leaving() && (s.mine.leaving() || !c.Hidden)) {
			s.mine = c
		}
	}
	than, wasThere := seen.Last, seen.Last != Certificate{}
	if s.mine != nil && !s.mine.leaving() {
		than, wasThere = *s.mine, true
	}
	for _, c := range seen.Certificates {
		switch {
		case c.Fingerprint == fingerprint:
		case c.leaving():
			s.leaving = append(s.leaving, c)
		case c.UploadedOn.IsZero(), c.Fingerprint == "", wasThere && than.UploadedOn.IsZero():
			s.unknown = append(s.unknown, c)
		case wasThere && c.order(than) > 0:
			s.newer = append(s.newer, c)
		default:
			s.older = append(s.older, c)
		}
	}
	return s
}
