package contract

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/originpull/originpull-go/internal/printable"
	"github.com/originpull/originpull-go/originpull"
)

// Live is a zone of the live API, for [RunLive] and [Clean].
type Live struct {
	// Token is an API token that may read and edit the zone's certificates and
	// settings; ZoneID is the zone.
	Token, ZoneID string
	// BaseURL is where the API is served. Empty means Cloudflare's.
	BaseURL string
	// Transport sends the requests. Nil means [http.DefaultTransport].
	Transport http.RoundTripper
	// Force runs the cases also if the zone is in use: Authenticated Origin Pulls is
	// enabled, or the zone has certificates that no run uploaded. The settings are then
	// never changed. While a certificate of the run is the last one deployed to an
	// enabled zone, Cloudflare presents it to the origin.
	Force bool
	// Strict makes the run fail on drift.
	Strict bool
	// Recorder, if not nil, records the exchanges of the cases.
	Recorder *Recorder
}

// ErrInUse means that [RunLive] refused a zone that is in use: Authenticated Origin Pulls
// is enabled, or the zone has certificates that no run uploaded. See [Live.Force].
var ErrInUse = errors.New("the zone is in use")

// enabling ends the subject of the marker: the certificate that a run uploads just
// before it enables the zone, and deletes as soon as it has disabled it. Only by the
// marker does the next run after a crash know that a run enabled the zone.
const enabling = " enabling"

// RunLive runs on a live zone the cases that do not need [OwnZone]. It first removes what
// a crashed run has left, refuses a zone that is in use ([ErrInUse]), and leaves the zone
// as it was found. It sends at most 10 requests for each operation of the document, 60
// for the present ones, stops at the first 429, and never repeats a refused credential.
func RunLive(ctx context.Context, l Live) Report {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	t, guard := l.target(stop)
	r := Report{Target: t.Name, Strict: t.Strict, Started: time.Now()}
	z, err := l.zone(guard)
	if err == nil {
		err = l.prepare(ctx, z)
	}
	if err != nil {
		r.Error, r.cause = err.Error(), err
		return r
	}
	if l.Recorder != nil {
		l.Recorder.next, t.Transport, t.onCase = t.Transport, l.Recorder, l.Recorder.Begin
	}
	r = Run(ctx, t)
	guard.last()
	if _, err := z.clean(context.WithoutCancel(ctx), l.Force); err != nil {
		r.Error = strings.TrimPrefix(r.Error+"; ", "; ") + fmt.Sprintf("the zone may not be as it was found, run contract clean: %v", err)
	}
	return r
}

// Cleaned is what [Clean] did.
type Cleaned struct {
	Certificates int  // how many certificates it deleted
	Disabled     bool // whether it disabled the zone, which a crashed run had left enabled
}

// Clean deletes the certificates that crashed runs have left on a live zone, and disables
// the zone if one of them left it enabled. It changes nothing else.
func Clean(ctx context.Context, l Live) (Cleaned, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	_, guard := l.target(stop)
	z, err := l.zone(guard)
	if err != nil {
		return Cleaned{}, err
	}
	return z.clean(ctx, false)
}

func (l Live) target(stop context.CancelCauseFunc) (Target, *guard) {
	transport := l.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	guard := newGuard(transport, stop)
	t := Target{
		Name: cmp.Or(l.BaseURL, "the live API"), BaseURL: cmp.Or(l.BaseURL, originpull.DefaultBaseURL), Transport: guard,
		Token: l.Token, ZoneID: l.ZoneID, Strict: l.Strict, CaseTime: 5 * time.Minute,
		Capabilities: []Capability{Stateful, Pending, ValidatesTokens},
	}
	if !l.Force {
		t.Capabilities = append(t.Capabilities, Settings)
	}
	return t, guard
}

// liveZone is a zone that can be cleaned up.
type liveZone struct{ *originpull.Zone }

func (l Live) zone(transport http.RoundTripper) (liveZone, error) {
	client, err := originpull.New(originpull.WithToken(l.Token), originpull.WithTransport(transport),
		originpull.WithBaseURL(cmp.Or(l.BaseURL, originpull.DefaultBaseURL)))
	if err != nil {
		return liveZone{}, err
	}
	zone, err := client.Zone(l.ZoneID)
	return liveZone{zone}, err
}

// state is what cleaning up needs to know about a zone.
type state struct {
	ours    []originpull.Certificate // of earlier runs
	foreign int
	enabled bool
	byUs    bool // a crashed run enabled it, or was about to
}

func (z liveZone) look(ctx context.Context) (s state, err error) {
	list, err := z.Certificates.List(ctx, originpull.WithoutRetry())
	if err != nil {
		return s, err
	}
	for _, certificate := range list {
		leaf, err := originpull.ParseCertificate([]byte(certificate.Certificate))
		if err != nil || !strings.HasPrefix(leaf.Subject.CommonName, subject) {
			s.foreign++
			continue
		}
		s.ours = append(s.ours, certificate)
		s.byUs = s.byUs || strings.HasSuffix(leaf.Subject.CommonName, enabling) && certificate.Status != originpull.StatusPendingDeletion
	}
	settings, err := z.Settings.Get(ctx, originpull.WithoutRetry())
	s.enabled = settings.Enabled
	return s, err
}

// clean deletes certificates by their subject. A zone that a run enabled, and that
// no one has used since, is disabled first. With leaveEnabled nothing of such a zone
// is deleted, the marker included, and the error says what to do.
func (z liveZone) clean(ctx context.Context, leaveEnabled bool) (Cleaned, error) {
	_, done, err := z.cleanUp(ctx, leaveEnabled)
	return done, err
}

// cleanUp does what clean does, and returns the state that it found.
func (z liveZone) cleanUp(ctx context.Context, leaveEnabled bool) (s state, done Cleaned, err error) {
	if s, err = z.look(ctx); err != nil {
		return s, done, err
	}
	if s.enabled && s.byUs && s.foreign == 0 {
		if leaveEnabled {
			return s, done, fmt.Errorf("%w: a stopped run left Authenticated Origin Pulls enabled: run contract clean first, which disables it", ErrInUse)
		}
		if err := z.Settings.Disable(ctx, originpull.WithoutRetry()); err != nil {
			return s, done, err
		}
		done.Disabled = true
	}
	for _, certificate := range s.ours {
		if certificate.Status == originpull.StatusPendingDeletion {
			continue
		}
		if err := remove(ctx, z.Zone, certificate.ID); err != nil {
			return s, done, err
		}
		done.Certificates++
	}
	return s, done, nil
}

// prepare cleans up and refuses a zone that is in use.
func (l Live) prepare(ctx context.Context, z liveZone) error {
	s, done, err := z.cleanUp(ctx, l.Force)
	if err == nil && done != (Cleaned{}) {
		s, err = z.look(ctx)
	}
	switch {
	case err != nil:
		return err
	case l.Force:
		return nil
	case s.foreign > 0:
		return fmt.Errorf("%w: it has %s of others", ErrInUse, printable.Count(s.foreign, "certificate"))
	case s.enabled:
		return fmt.Errorf("%w: Authenticated Origin Pulls is enabled (if a run was stopped a moment ago, its certificate may not be listed yet: try again in a minute)", ErrInUse)
	}
	return nil
}

// remove deletes a certificate, as soon as it may be deleted. It tries, and does not look at
// the status: a provider may be wrong about that.
func remove(ctx context.Context, zone *originpull.Zone, id string) error {
	for wait := time.Second; ; wait = min(2*wait, 10*time.Second) {
		_, err := zone.Certificates.Delete(ctx, id, originpull.WithoutRetry())
		if errors.Is(err, originpull.ErrPendingDeployment) && pause(ctx, wait) == nil {
			continue
		}
		if err != nil && !errors.Is(err, originpull.ErrAlreadyDeleted) && !errors.Is(err, originpull.ErrNotFound) {
			return fmt.Errorf("remove certificate %s: %w", id, err)
		}
		return nil
	}
}

// forget returns ids without one of them.
func forget(ids []string, id string) []string {
	return slices.DeleteFunc(ids, func(one string) bool { return one == id })
}
