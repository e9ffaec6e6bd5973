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

	"github.com/originpull/originpull-go/originpull"
)

// Live is a zone of the live API.
type Live struct {
	Token, ZoneID string
	BaseURL       string            // empty is the live API's
	Transport     http.RoundTripper // nil is the usual one
	// IKnow runs also where the zone is in use: AOP is enabled, or there are
	// certificates of others. The enablement is then never touched. A certificate
	// that is uploaded to an enabled zone is presented to the origin while it is the
	// one deployed last.
	IKnow  bool
	Strict bool
	// Recorder, if not nil, takes down the exchanges of the cases.
	Recorder *Recorder
}

// ErrInUse says that a zone is not there for tests alone.
var ErrInUse = errors.New("the zone is in use")

// enabling ends the subject of the certificate that a run uploads just before it
// enables the zone, and removes as soon as it has disabled it: by it, and by no
// other, the next run after a crash knows who enabled the zone.
const enabling = " enabling"

// RunLive runs on a live zone the cases that need no zone to themselves. It first
// removes what a run that crashed has left, refuses a zone that is in use, and in
// the end leaves the zone as it was found; it sends at most 60 requests, stops at
// the first 429, and never repeats a refused credential.
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
		r.Trouble, r.cause = err.Error(), err
		return r
	}
	if l.Recorder != nil {
		l.Recorder.next, t.Transport, t.begin = t.Transport, l.Recorder, l.Recorder.Begin
	}
	r = Run(ctx, t)
	guard.last()
	if _, err := z.clean(context.WithoutCancel(ctx), l.IKnow); err != nil {
		r.Trouble = strings.TrimPrefix(r.Trouble+"; ", "; ") + fmt.Sprintf("the zone may not be as it was, run contract clean: %v", err)
	}
	return r
}

// Cleaned is what cleaning has done.
type Cleaned struct {
	Certificates int  // removed
	Disabled     bool // the zone was enabled by a run that crashed, and is no more
}

// Clean removes from a live zone what a run that crashed has left, and nothing
// else.
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
		Can: []Ability{Memory, Pending, Knows},
	}
	if !l.IKnow {
		t.Can = append(t.Can, Enabling)
	}
	return t, guard
}

// liveZone is a zone as cleaning sees it.
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

// state is what cleaning wants to know of a zone.
type state struct {
	ours    []originpull.Certificate // of runs before
	foreign int
	enabled bool
	byUs    bool // a run that crashed enabled it, or was about to
}

func (z liveZone) look(ctx context.Context) (s state, err error) {
	list, err := z.Certificates.List(ctx, originpull.WithoutRetry())
	if err != nil {
		return s, err
	}
	for _, certificate := range list {
		leaf, err := originpull.ParseCertificate(certificate.Certificate)
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

// clean removes certificates by their subject. A zone that a run has enabled, and
// that nobody has taken into use since, is disabled first; where the enablement is
// to be left alone nothing is removed then, least of all what tells who enabled it.
func (z liveZone) clean(ctx context.Context, leaveEnabled bool) (done Cleaned, err error) {
	s, err := z.look(ctx)
	if err != nil {
		return done, err
	}
	if s.enabled && s.byUs && s.foreign == 0 {
		if leaveEnabled {
			return done, fmt.Errorf("%w: a run that was stopped left Authenticated Origin Pulls enabled: run contract clean first, which disables it", ErrInUse)
		}
		if err := z.Settings.Disable(ctx, originpull.WithoutRetry()); err != nil {
			return done, err
		}
		done.Disabled = true
	}
	for _, certificate := range s.ours {
		if certificate.Status == originpull.StatusPendingDeletion {
			continue
		}
		if err := remove(ctx, z.Zone, certificate.ID); err != nil {
			return done, err
		}
		done.Certificates++
	}
	return done, nil
}

// prepare cleans up and refuses a zone that is in use.
func (l Live) prepare(ctx context.Context, z liveZone) error {
	if _, err := z.clean(ctx, l.IKnow); err != nil {
		return err
	}
	s, err := z.look(ctx)
	switch {
	case err != nil:
		return err
	case l.IKnow:
		return nil
	case s.foreign > 0:
		return fmt.Errorf("%w: it has %d certificates of others", ErrInUse, s.foreign)
	case s.enabled:
		return fmt.Errorf("%w: Authenticated Origin Pulls is enabled (if a run was stopped a moment ago, its certificate may not be listed yet: try again in a minute)", ErrInUse)
	}
	return nil
}

// remove deletes a certificate, as soon as it may be deleted.
func remove(ctx context.Context, zone *originpull.Zone, id string) error {
	_, err := zone.Certificates.Delete(ctx, id, originpull.WithoutRetry())
	if errors.Is(err, originpull.ErrPendingDeployment) {
		_, err = zone.Certificates.Wait(ctx, id, originpull.StatusActive, originpull.WithoutRetry())
		var rests *originpull.StatusError
		if err != nil && !errors.As(err, &rests) {
			return err
		}
		_, err = zone.Certificates.Delete(ctx, id, originpull.WithoutRetry())
	}
	if err != nil && !errors.Is(err, originpull.ErrAlreadyDeleted) && !errors.Is(err, originpull.ErrNotFound) {
		return fmt.Errorf("remove certificate %s: %w", id, err)
	}
	return nil
}

// forget takes an id off a list.
func forget(ids []string, id string) []string {
	return slices.DeleteFunc(ids, func(one string) bool { return one == id })
}
