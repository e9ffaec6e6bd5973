package zonewatch

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/originpull/originpull-go/internal/operator"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/rotate"
)

const day = 24 * time.Hour

// When a certificate that expires is something to do, and when it is urgent. Cloudflare
// sends mails at these times.
const (
	WarnDays   = 30
	UrgentDays = 14
)

// stuck is after how long a deployment, which takes up to a minute, is something to look
// after.
const stuck = 15 * time.Minute

// sighting is what a look has read of a zone.
type sighting struct {
	zone, id     string
	at           time.Time            // by the local clock
	now          time.Time            // at the API, zero if not known
	certificates []rotate.Certificate // nil if not read
	enabled      *bool                // nil if not read
	settings     settings
	err          error // why something was not read

	want    *Want // nil if nothing is desired
	wantErr error // why it is not known what is desired
}

// judge returns what a sighting means.
func judge(seen sighting) State {
	now := cmp.Or(seen.now, seen.at)
	s := State{
		Zone: seen.zone, ZoneID: seen.id, At: seen.at, Enabled: seen.enabled,
		SSLMode: seen.settings.sslMode, Global: seen.settings.global,
		Todo: []string{}, Unknown: []string{}, Notes: []string{}, // in JSON never null
	}
	if seen.certificates != nil {
		s.Certificates = []Certificate{}
	}
	for _, c := range seen.certificates {
		s.addCertificate(c, now)
	}
	if seen.err != nil {
		s.Unknown = append(s.Unknown, seen.err.Error())
	}
	if seen.settings.denied {
		s.Notes = append(s.Notes, `SSL mode and global Authenticated Origin Pulls are not read: the token lacks the permission "Zone Settings Read"`)
	}
	if seen.settings.err != nil {
		s.Unknown = append(s.Unknown, seen.settings.err.Error())
	}
	s.Presented = s.present(seen.certificates)
	s.judgeEnablement()
	s.judgeDrift(seen)
	switch {
	case len(s.Todo) > 0:
		s.Verdict = Todo
	case errors.Is(seen.err, originpull.ErrDenied):
		s.Verdict = Denied
	case len(s.Unknown) > 0:
		s.Verdict = Unknown
	default:
		s.Verdict = Fine
	}
	return s
}

// addCertificate adds a certificate, and what there is to do about it.
func (s *State) addCertificate(c rotate.Certificate, now time.Time) {
	shown := Certificate{ID: c.ID, Status: c.Status, SHA256: c.Fingerprint, Subject: c.Subject, ExpiresOn: c.ExpiresOn}
	left := c.ExpiresOn.Sub(now)
	if !c.ExpiresOn.IsZero() {
		days := int(math.Floor(left.Hours() / 24))
		shown.DaysLeft = &days
	}
	s.Certificates = append(s.Certificates, shown)
	todo := func(format string, args ...any) {
		s.Todo = append(s.Todo, "certificate "+shown.name()+" "+fmt.Sprintf(format, args...))
	}
	switch c.Status {
	case originpull.StatusActive:
		date := operator.FormatTime(c.ExpiresOn, time.DateOnly)
		switch {
		case c.ExpiresOn.IsZero():
			s.Unknown = append(s.Unknown, "when certificate "+shown.name()+" expires")
		case left <= 0:
			todo("expired on %s: replace it now", date)
		case left <= UrgentDays*day:
			todo("expires in %d days, on %s: replace it now", *shown.DaysLeft, date)
		case left <= WarnDays*day:
			todo("expires in %d days, on %s: replace it", *shown.DaysLeft, date)
		}
	case originpull.StatusDeploymentTimedOut, originpull.StatusDeletionTimedOut:
		todo("is %s: delete it", c.Status)
	case originpull.StatusInitializing, originpull.StatusPendingDeployment:
		if !c.UploadedOn.IsZero() && now.Sub(c.UploadedOn) > stuck {
			todo("is %s since %s: a deployment takes a minute", c.Status, operator.FormatTime(c.UploadedOn, time.RFC3339))
		}
	case originpull.StatusPendingDeletion, originpull.StatusDeleted:
	default:
		s.Unknown = append(s.Unknown, fmt.Sprintf("what the status %s of certificate %s means", c.Status, shown.name()))
	}
}

// mayBePresented reports whether Cloudflare may present a certificate of an enabled zone:
// one that is active, and one of which that is not known.
func mayBePresented(status originpull.Status) bool {
	switch status {
	case originpull.StatusInitializing, originpull.StatusPendingDeployment, originpull.StatusDeploymentTimedOut,
		originpull.StatusPendingDeletion, originpull.StatusDeleted:
		return false
	}
	return true
}

// candidates returns the certificates that may be the live one.
func (s *State) candidates() []Certificate {
	return slices.DeleteFunc(slices.Clone(s.Certificates), func(c Certificate) bool { return !mayBePresented(c.Status) })
}

// present returns what Cloudflare should present.
func (s *State) present(seen []rotate.Certificate) Presented {
	live := s.candidates()
	switch {
	case s.plainHTTP():
		return Presented{None, "", fmt.Sprintf("with SSL mode %s Cloudflare connects to the origin by plain HTTP", *s.SSLMode)}
	case s.Enabled == nil || s.Certificates == nil:
		return Presented{NotKnown, "", "the zone was not read"}
	case *s.Enabled && len(live) == 1 && live[0].Status == originpull.StatusActive:
		return Presented{Own, live[0].SHA256, "the zone is enabled, and it is the only active certificate"}
	case *s.Enabled && len(live) > 0:
		return Presented{NotKnown, "", ambiguous(live, seen)}
	}
	why := "the zone is not enabled"
	if *s.Enabled {
		why = "the zone is enabled without an active certificate"
	}
	switch {
	case s.Global == nil:
		return Presented{NoneOrShared, "", why + ", and the global setting is not read"}
	case *s.Global:
		return Presented{Shared, "", why + ", and global Authenticated Origin Pulls is on"}
	}
	return Presented{None, "", why + ", and global Authenticated Origin Pulls is off"}
}

// plainHTTP reports whether Cloudflare is known to connect to the origin without TLS.
func (s *State) plainHTTP() bool {
	return s.SSLMode != nil && (*s.SSLMode == "off" || *s.SSLMode == "flexible")
}

// ambiguous says why it is not known which certificate is presented. Certificates are in
// the order of their uploads.
func ambiguous(live []Certificate, seen []rotate.Certificate) string {
	if len(live) == 1 {
		return fmt.Sprintf("the only certificate that may be presented, %s, is %s", live[0].name(), live[0].Status)
	}
	are := "are active"
	if slices.ContainsFunc(live, func(c Certificate) bool { return c.Status != originpull.StatusActive }) {
		are = "may be presented"
	}
	text := fmt.Sprintf("ambiguous: %d certificates %s, and the API does not show which of them was deployed last", len(live), are)
	last := live[len(live)-1]
	if !slices.ContainsFunc(seen, func(c rotate.Certificate) bool { return c.UploadedOn.IsZero() }) {
		text += "; " + last.name() + " was uploaded last"
	}
	return text
}

// judgeEnablement adds what there is to do about the enablement.
func (s *State) judgeEnablement() {
	if s.Enabled == nil || s.Certificates == nil || !*s.Enabled {
		return
	}
	switch {
	case s.plainHTTP():
		s.Todo = append(s.Todo, s.Presented.Why+", so no certificate is presented: choose full or strict")
	case len(s.candidates()) == 0:
		s.Todo = append(s.Todo, "the zone is enabled and has no active certificate: upload one")
	case s.Presented.What == NotKnown:
		s.Unknown = append(s.Unknown, "which certificate is presented: "+s.Presented.Why)
	}
}

// judgeDrift compares the zone with what is desired.
func (s *State) judgeDrift(seen sighting) {
	s.wanted = seen.wantErr != nil || seen.want != nil && *seen.want != (Want{})
	if seen.wantErr != nil {
		s.Unknown = append(s.Unknown, "what is desired: "+seen.wantErr.Error())
	}
	if seen.want == nil || !s.wanted {
		return
	}
	certificate, enabled := s.certificateDrift(seen.want.SHA256), s.enabledDrift(seen.want.Enabled)
	switch no := false; {
	case certificate != nil && *certificate, enabled != nil && *enabled:
		yes := true
		s.Drift = &yes
	case certificate != nil && enabled != nil:
		s.Drift = &no
	}
}

// enabledDrift reports whether the enablement is not as desired, nil if that is not known.
func (s *State) enabledDrift(want *bool) *bool {
	if want != nil && s.Enabled == nil {
		return nil
	}
	drift := want != nil && *want != *s.Enabled
	if drift {
		s.Todo = append(s.Todo, map[bool]string{true: "drift: the zone should be enabled", false: "drift: the zone should not be enabled"}[*want])
	}
	return &drift
}

// certificateDrift reports whether the live certificate is another than the desired one,
// nil if that is not known.
func (s *State) certificateDrift(want string) *bool {
	drift := false
	if want == "" {
		return &drift
	}
	if s.Certificates == nil {
		return nil
	}
	live := s.candidates()
	if slices.ContainsFunc(live, func(c Certificate) bool { return c.SHA256 == want }) {
		if len(live) == 1 && live[0].Status == originpull.StatusActive {
			return &drift
		}
		s.Unknown = append(s.Unknown, "whether the desired certificate "+short(want)+" is the live one: it may be another")
		return nil
	}
	if slices.ContainsFunc(s.Certificates, func(c Certificate) bool { return c.SHA256 == "" }) {
		s.Unknown = append(s.Unknown, "whether the zone has the desired certificate "+short(want)+": one of its certificates cannot be read")
		return nil
	}
	drift = true
	text := "drift: the zone does not have the desired certificate " + short(want)
	for _, c := range s.Certificates {
		if c.SHA256 == want {
			text = fmt.Sprintf("drift: the desired certificate %s is %s", short(want), c.Status)
		}
	}
	s.Todo = append(s.Todo, text)
	return &drift
}
