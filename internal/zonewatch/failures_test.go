package zonewatch_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/zonewatch"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// TestFailures: what could not be read is unknown and has no metric, the failure of one zone
// hides nothing about another, and the next look is complete again.
func TestFailures(t *testing.T) {
	t.Parallel()
	reject := originpulltest.Always(originpulltest.Fault{Reject: true})
	const second = "00000000000000000000000000000002"
	tests := map[string]struct {
		operation    string
		certificates bool // are known all the same
		enabled      bool // is known all the same
		failed       bool // the look
		present      []string
		absent       []string
	}{
		"the list":     {operation: "ListCertificates", failed: true, absent: []string{"originpull_certificates{", "originpull_certificate_expiry", "originpull_zone_enabled", "originpull_zone_ssl_mode"}},
		"the settings": {operation: "GetSettings", certificates: true, failed: true, present: []string{"originpull_certificate_expiry"}, absent: []string{"originpull_zone_enabled", "originpull_zone_ssl_mode"}},
		"the SSL mode": {operation: "GetSSLMode", certificates: true, enabled: true, present: []string{"originpull_zone_enabled"}, absent: []string{"originpull_zone_ssl_mode", "originpull_zone_global_enabled"}},
		"global":       {operation: "GetGlobal", certificates: true, enabled: true, present: []string{"originpull_zone_ssl_mode"}, absent: []string{"originpull_zone_global_enabled"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, originpulltest.Options{}, func(w world) {
				w.enable()
				w.add(90 * day)
				if err := w.AddZone(second); err != nil {
					w.Fatal(err)
				}
				w.SetFaults(originpulltest.On(test.operation, func(r originpulltest.Request) originpulltest.Fault {
					if r.ZoneID == second {
						return originpulltest.Fault{}
					}
					return reject(r)
				}))
				watcher := w.watcher(w.Token(), w.ZoneID(), second)
				states := w.look(watcher)
				s := states[0]
				if s.Verdict != zonewatch.Unknown || len(s.Unknown) == 0 || (s.Certificates != nil) != test.certificates || (s.Enabled != nil) != test.enabled {
					w.Errorf("a zone that was not read is %s", s.Line())
				}
				if states[1].Verdict != zonewatch.Fine {
					w.Errorf("the other zone is %s", states[1].Line())
				}
				text := w.metrics(watcher)
				for _, name := range test.absent {
					if lines := about(text, name, w.ZoneID()); len(lines) > 0 {
						w.Errorf("what was not read has the metrics %q", lines)
					}
				}
				for _, name := range append(test.present, `originpull_zone_verdict{verdict="unknown"`) {
					if lines := about(text, name, w.ZoneID()); len(lines) == 0 {
						w.Errorf("%s is missing", name)
					}
				}
				failed := about(text, "originpull_looks_failed_total", w.ZoneID())
				if success := about(text, "originpull_zone_last_success", w.ZoneID()); (len(success) == 0) != test.failed || !slices.Equal(failed, []string{"originpull_looks_failed_total{zone=\"" + w.ZoneID() + "\"} " + map[bool]string{true: "1", false: "0"}[test.failed]}) {
					w.Errorf("failures are counted as %q, and the last success is %q", failed, success)
				}
				w.SetFaults(nil)
				if s := w.look(watcher)[0]; s.Verdict != zonewatch.Fine {
					w.Errorf("after the failure the zone is %s", s.Line())
				}
			})
		})
	}
}

// TestLostState: a zone that could be read once and cannot now is not shown as it was.
func TestLostState(t *testing.T) {
	t.Parallel()
	inWorld(t, originpulltest.Options{}, func(w world) {
		w.enable()
		w.add(90 * day)
		watcher := w.watcher(w.Token())
		w.look(watcher)
		w.SetFaults(originpulltest.Always(originpulltest.Fault{Reject: true}))
		time.Sleep(time.Hour)
		s := w.look(watcher)[0]
		text := w.metrics(watcher)
		if s.Verdict != zonewatch.Unknown || s.Presented.What != zonewatch.NotKnown || len(about(text, "originpull_zone_enabled", "")) > 0 || len(about(text, "originpull_certificate_expiry", "")) > 0 {
			w.Errorf("a zone that cannot be read is %s, with metrics\n%s", s.Line(), text)
		}
		if got := about(text, "originpull_zone_last_success_timestamp_seconds", ""); len(got) != 1 || !strings.HasSuffix(got[0], " 9.466848e+08") {
			w.Errorf("the last success is %q, want the time of the first look, 946684800", got)
		}
	})
}

// TestDesiredUnreadable: while the desired state cannot be read, drift is unknown.
func TestDesiredUnreadable(t *testing.T) {
	t.Parallel()
	inWorld(t, originpulltest.Options{}, func(w world) {
		for name, desired := range map[string]func() (zonewatch.Desired, error){
			"no file":   func() (zonewatch.Desired, error) { return nil, context.DeadlineExceeded },
			"no longer": func() (zonewatch.Desired, error) { return zonewatch.Desired{"example.com": {}}, nil },
		} {
			watcher := w.watcher(w.Token())
			watcher.Desired = desired
			if s := w.look(watcher)[0]; s.Verdict != zonewatch.Unknown || s.Drift != nil || s.DriftText() != "unknown" {
				w.Errorf("%s: the zone is %s", name, s.Line())
			}
		}
	})
}

// TestInterrupted: a look that is interrupted says nothing about zones.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	inWorld(t, originpulltest.Options{}, func(w world) {
		watcher := w.watcher(w.Token())
		ctx, cancel := context.WithTimeout(w.Context(), time.Second)
		defer cancel()
		w.SetFaults(originpulltest.Always(originpulltest.Fault{Delay: time.Minute}))
		if _, err := watcher.Look(ctx); err == nil {
			w.Error("an interrupted look has no error")
		}
		if got := about(w.metrics(watcher), "originpull_looks_failed_total", ""); len(got) != 1 || !strings.HasSuffix(got[0], " 0") {
			w.Errorf("an interrupt is counted as a failure: %q", got)
		}
	})
}

// TestManyZones: a look at more zones than the rate limit has requests for takes longer, and
// reads each of them without one that is refused.
func TestManyZones(t *testing.T) {
	t.Parallel()
	inWorld(t, originpulltest.Options{AnyZone: true}, func(w world) {
		var zones []string
		for i := range 700 {
			zones = append(zones, fmt.Sprintf("%032x", i))
		}
		client, err := originpull.New(originpull.WithToken(w.Token()), originpull.WithTransport(w.Transport()))
		if err != nil {
			w.Fatal(err)
		}
		watcher := &zonewatch.Watcher{Client: client, Zones: zones}
		w.SetFaults(originpulltest.Always(originpulltest.Fault{Delay: 50 * time.Millisecond})) // as a network has
		start := time.Now()
		if states := w.look(watcher); zonewatch.Worst(states) != zonewatch.Fine {
			w.Errorf("the worst zone is %s", zonewatch.Worst(states))
		}
		refused := 0
		for _, event := range w.Record() {
			if event.Kind == originpulltest.ResponseEvent && event.Status == 429 {
				refused++
			}
		}
		if took := time.Since(start); refused > 0 || took < 5*time.Minute || took > 10*time.Minute {
			w.Errorf("it took %s, and %d requests were refused", took, refused)
		}
	})
}
