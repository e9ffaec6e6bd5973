package zonewatch_test

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/internal/zonewatch"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

const day = 24 * time.Hour

// world is a simulator in a bubble of synctest.
type world struct {
	*testing.T
	*originpulltest.Simulator
}

func inWorld(t *testing.T, options originpulltest.Options, test func(w world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(world{t, originpulltest.NewServer(t, options)}) })
}

// watcher returns a watcher of zones, of which none is the simulator's own.
func (w world) watcher(token string, zones ...string) *zonewatch.Watcher {
	w.Helper()
	client, err := originpull.New(originpull.WithToken(token), originpull.WithTransport(w.Transport()), originpull.WithCallOptions(originpull.WithoutRetry()))
	if err != nil {
		w.Fatal(err)
	}
	if zones == nil {
		zones = []string{w.ZoneID()}
	}
	return &zonewatch.Watcher{Client: client, Zones: zones, Settings: true, Metrics: zonewatch.NewMetrics(zones)}
}

// look returns the states of a look.
func (w world) look(watcher *zonewatch.Watcher) []zonewatch.State {
	w.Helper()
	states, err := watcher.Look(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return states
}

// add gives the zone an active certificate that lasts for some time, and returns it with its
// fingerprint.
func (w world) add(lasts time.Duration) (originpulltest.Certificate, string) {
	w.Helper()
	pair := testpki.Leaf("client", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(lasts) })
	added, err := w.AddCertificate(w.ZoneID(), pair.TLS())
	if err != nil {
		w.Fatal(err)
	}
	sum := sha256.Sum256(pair.Certificate.Raw)
	return added, hex.EncodeToString(sum[:])
}

// requests returns the operations of the requests since the last call.
func (w world) requests(since *int) (operations []string) {
	record := w.Record()
	for _, event := range record[*since:] {
		if event.Kind == originpulltest.RequestEvent {
			operations = append(operations, event.Operation)
		}
	}
	*since = len(record)
	return operations
}

// TestVerdicts: what an operator reads of a zone in each state, and that what is said to be
// presented is what the edge presents.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		arrange func(w world)
		verdict zonewatch.Verdict
		what    zonewatch.What
		says    string // one of the remarks, empty for none at all
	}{
		"nothing there":              {func(world) {}, zonewatch.Fine, zonewatch.None, ""},
		"nothing there, global on":   {func(w world) { w.SetGlobal(w.ZoneID(), true) }, zonewatch.Fine, zonewatch.Shared, ""},
		"31 days":                    {func(w world) { w.add(31 * day) }, zonewatch.Fine, zonewatch.None, ""},
		"enabled, 31 days":           {func(w world) { w.enable(); w.add(31 * day) }, zonewatch.Fine, zonewatch.Own, ""},
		"enabled, 30 days":           {func(w world) { w.enable(); w.add(30 * day) }, zonewatch.Todo, zonewatch.Own, "expires in 30 days, on 2000-01-31: replace it"},
		"enabled, 14 days":           {func(w world) { w.enable(); w.add(14 * day) }, zonewatch.Todo, zonewatch.Own, "expires in 14 days, on 2000-01-15: replace it now"},
		"enabled, an hour":           {func(w world) { w.enable(); w.add(time.Hour) }, zonewatch.Todo, zonewatch.Own, "expires in 0 days, on 2000-01-01: replace it now"},
		"enabled, expired":           {func(w world) { w.enable(); w.add(time.Hour); time.Sleep(2 * time.Hour) }, zonewatch.Todo, zonewatch.Own, "expired on 2000-01-01: replace it now"},
		"enabled without":            {func(w world) { w.enable() }, zonewatch.Todo, zonewatch.None, "the zone is enabled and has no active certificate"},
		"enabled without, global":    {func(w world) { w.enable(); w.SetGlobal(w.ZoneID(), true) }, zonewatch.Todo, zonewatch.Shared, "the zone is enabled and has no active certificate"},
		"two are active":             {func(w world) { w.enable(); w.add(90 * day); w.add(60 * day) }, zonewatch.Unknown, zonewatch.NotKnown, "ambiguous: 2 certificates are active"},
		"two, one expires":           {func(w world) { w.enable(); w.add(90 * day); w.add(10 * day) }, zonewatch.Todo, zonewatch.NotKnown, "expires in 10 days"},
		"two, not enabled":           {func(w world) { w.add(90 * day); w.add(60 * day) }, zonewatch.Fine, zonewatch.None, ""},
		"plain HTTP":                 {func(w world) { w.enable(); w.add(90 * day); w.SetSSLMode(w.ZoneID(), originpulltest.SSLFlexible) }, zonewatch.Todo, zonewatch.None, "with SSL mode flexible Cloudflare connects to the origin by plain HTTP"},
		"plain HTTP, not enabled":    {func(w world) { w.SetSSLMode(w.ZoneID(), originpulltest.SSLOff) }, zonewatch.Fine, zonewatch.None, ""},
		"a deployment timed out":     {func(w world) { w.enable(); w.add(90 * day); w.addAs("deployment_timed_out") }, zonewatch.Todo, zonewatch.Own, "is deployment_timed_out: delete it"},
		"a deletion timed out":       {func(w world) { w.enable(); w.add(90 * day); w.addAs("deletion_timed_out") }, zonewatch.Todo, zonewatch.NotKnown, "is deletion_timed_out: delete it"},
		"being deployed":             {func(w world) { w.enable(); w.add(90 * day); w.addAs("pending_deployment") }, zonewatch.Fine, zonewatch.Own, ""},
		"being deployed for long":    {func(w world) { w.enable(); w.add(90 * day); w.addAs("initializing"); time.Sleep(time.Hour) }, zonewatch.Todo, zonewatch.Own, "is initializing since 2000-01-01T00:00:00Z"},
		"being deleted, expired":     {func(w world) { w.enable(); w.add(90 * day); w.addAs("pending_deletion") }, zonewatch.Fine, zonewatch.Own, ""},
		"a status that is not known": {func(w world) { w.enable(); w.add(90 * day); w.addAs("resting") }, zonewatch.Unknown, zonewatch.NotKnown, "ambiguous: 2 certificates may be presented"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, originpulltest.Options{}, func(w world) {
				test.arrange(w)
				s := w.look(w.watcher(w.Token()))[0]
				if s.Verdict != test.verdict || s.Presented.What != test.what {
					w.Errorf("the verdict is %s and presented is %s, want %s and %s: %s", s.Verdict, s.Presented.What, test.verdict, test.what, s.Line())
				}
				remarks := strings.Join(s.Remarks(), "; ")
				if !strings.Contains(remarks, test.says) || test.says == "" && remarks != "" {
					w.Errorf("it says %q, want %q", remarks, test.says)
				}
				edge := w.Presented(w.ZoneID())
				switch {
				case s.Presented.What == zonewatch.NotKnown:
				case string(edge.Kind) != string(s.Presented.What):
					w.Errorf("it says that %s is presented, and the edge presents the %s", s.Presented.What, edge)
				case edge.Kind == originpulltest.PresentedZone && s.Presented.SHA256 != fingerprint(edge.Certificate):
					w.Errorf("it says that %s is presented, and the edge presents the %s", s.Presented.SHA256, edge)
				}
			})
		})
	}
}

func (w world) enable() { w.SetEnabled(w.ZoneID(), true) }

// addAs gives the zone a certificate with a status.
func (w world) addAs(status originpull.Status) {
	w.Helper()
	added, _ := w.add(90 * day)
	if err := w.SetStatus(w.ZoneID(), added.ID, status); err != nil {
		w.Fatal(err)
	}
}

func fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}

// TestDrift: a zone that is not as desired is something to do, and where no one can know
// whether it is, that is unknown and never "no drift".
func TestDrift(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	other := strings.Repeat("ab", 32)
	tests := map[string]struct {
		arrange func(w world) (sha256 string)
		enabled *bool
		drift   *bool
		verdict zonewatch.Verdict
		says    string
	}{
		"as desired":            {func(w world) string { w.enable(); _, sum := w.add(90 * day); return sum }, &yes, &no, zonewatch.Fine, ""},
		"the certificate alone": {func(w world) string { _, sum := w.add(90 * day); return sum }, nil, &no, zonewatch.Fine, ""},
		"the enablement alone":  {func(w world) string { return "" }, &no, &no, zonewatch.Fine, ""},
		"nothing is desired":    {func(w world) string { return "" }, nil, nil, zonewatch.Fine, ""},
		"not enabled":           {func(w world) string { _, sum := w.add(90 * day); return sum }, &yes, &yes, zonewatch.Todo, "drift: the zone should be enabled"},
		"enabled":               {func(w world) string { w.enable(); w.add(90 * day); return "" }, &no, &yes, zonewatch.Todo, "drift: the zone should not be enabled"},
		"another certificate":   {func(w world) string { w.enable(); w.add(90 * day); return other }, &yes, &yes, zonewatch.Todo, "drift: the zone does not have the desired certificate abababab"},
		"two others":            {func(w world) string { w.add(90 * day); w.add(90 * day); return other }, nil, &yes, zonewatch.Todo, "drift: the zone does not have the desired certificate abababab"},
		"not deployed": {func(w world) string {
			w.enable()
			w.add(90 * day)
			added, sum := w.add(90 * day)
			w.SetStatus(w.ZoneID(), added.ID, "pending_deployment")
			return sum
		}, &yes, &yes, zonewatch.Todo, "is pending_deployment"},
		"one of two":                  {func(w world) string { w.enable(); w.add(90 * day); _, sum := w.add(90 * day); return sum }, &yes, nil, zonewatch.Unknown, "is the live one: it may be another"},
		"one of two disabled":         {func(w world) string { w.add(90 * day); _, sum := w.add(90 * day); return sum }, nil, nil, zonewatch.Unknown, "is the live one: it may be another"},
		"one of two, and not enabled": {func(w world) string { w.add(90 * day); _, sum := w.add(90 * day); return sum }, &yes, &yes, zonewatch.Todo, "drift: the zone should be enabled"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, originpulltest.Options{}, func(w world) {
				sum := test.arrange(w)
				watcher := w.watcher(w.Token())
				watcher.Desired = func() (zonewatch.Desired, error) {
					return zonewatch.Desired{w.ZoneID(): {SHA256: sum, Enabled: test.enabled}}, nil
				}
				s := w.look(watcher)[0]
				if nothing := sum == "" && test.enabled == nil; (s.DriftText() == "-") != nothing {
					w.Errorf("drift is shown as %s", s.DriftText())
				}
				if s.Verdict != test.verdict || zonewatch.YesNo(s.Drift) != zonewatch.YesNo(test.drift) || !strings.Contains(strings.Join(s.Remarks(), "; "), test.says) {
					w.Errorf("the verdict is %s and drift %s, want %s and %s, and %q: %s", s.Verdict, zonewatch.YesNo(s.Drift), test.verdict, zonewatch.YesNo(test.drift), test.says, s.Line())
				}
			})
		})
	}
}

// TestRequests: a look costs two requests for each zone; the settings two more in the first
// look and each hour, and a name one more until it is found.
func TestRequests(t *testing.T) {
	t.Parallel()
	inWorld(t, originpulltest.Options{}, func(w world) {
		watcher, since := w.watcher(w.Token(), "example.com", w.ZoneID()), 0
		want := func(when string, names, settings, zones int) {
			w.Helper()
			w.look(watcher)
			counts := map[string]int{}
			for _, operation := range w.requests(&since) {
				counts[operation]++
			}
			if counts["ListZones"] != names || counts["GetSSLMode"] != settings || counts["GetGlobal"] != settings || counts["ListCertificates"] != zones || counts["GetSettings"] != zones {
				w.Errorf("%s the requests are %v, want %d names, %d settings, %d zones", when, counts, names, settings, zones)
			}
		}
		want("in the first look", 1, 1, 1)
		if err := w.SetZoneName(w.ZoneID(), "example.com"); err != nil {
			w.Fatal(err)
		}
		want("once the name is found", 1, 1, 2)
		want("in the next look", 0, 0, 2)
		time.Sleep(61 * time.Minute)
		want("after an hour", 0, 2, 2)
		watcher = w.watcher(w.Token())
		watcher.Settings = false
		want("without settings", 0, 0, 1)
	})
}

// TestPermissions: a token that may not read the settings is no failure, and it is said; one
// that may read nothing is denied.
func TestPermissions(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		permissions []string
		verdict     zonewatch.Verdict
		what        zonewatch.What
		says        string
	}{
		"all":             {[]string{originpulltest.PermissionRead, originpulltest.PermissionSettingsRead}, zonewatch.Fine, zonewatch.None, ""},
		"no settings":     {[]string{originpulltest.PermissionRead}, zonewatch.Fine, zonewatch.NoneOrShared, `the token lacks the permission "Zone Settings Read"`},
		"no certificates": {[]string{originpulltest.PermissionSettingsRead}, zonewatch.Denied, zonewatch.NotKnown, `"SSL and Certificates Read"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, originpulltest.Options{}, func(w world) {
				watcher, since := w.watcher(w.NewToken(originpulltest.Grant{Permissions: test.permissions})), 0
				s := w.look(watcher)[0]
				if s.Verdict != test.verdict || s.Presented.What != test.what || !strings.Contains(strings.Join(s.Remarks(), "; "), test.says) {
					w.Errorf("the verdict is %s, presented %s, and it says %q, want %+v", s.Verdict, s.Presented.What, s.Remarks(), test)
				}
				w.requests(&since)
				w.look(watcher) // a refused request is not repeated at each look
				if again := w.requests(&since); test.verdict == zonewatch.Fine && len(again) != 2 {
					w.Errorf("the next look sends %v", again)
				}
			})
		})
	}
}

// TestWorst: what there is to do counts more than what is denied, and that more than what
// is unknown.
func TestWorst(t *testing.T) {
	t.Parallel()
	order := []zonewatch.Verdict{zonewatch.Todo, zonewatch.Denied, zonewatch.Unknown, zonewatch.Fine}
	for i, want := range order {
		var states []zonewatch.State
		for _, v := range order[i:] {
			states = append(states, zonewatch.State{Verdict: v})
		}
		if got := zonewatch.Worst(states); got != want {
			t.Errorf("of %v the worst is %s", order[i:], got)
		}
	}
}
