package zonewatch_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/originpull/originpull-go/internal/zonewatch"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// metrics returns the metrics as text.
func (w world) metrics(watcher *zonewatch.Watcher) string {
	w.Helper()
	text, err := watcher.Metrics.Text()
	if err != nil {
		w.Fatal(err)
	}
	return string(text)
}

// about returns the lines of metrics that begin with name and hold the zone.
func about(text, name, zone string) (lines []string) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, name) && strings.Contains(line, zone) {
			lines = append(lines, strings.TrimSuffix(line, "\n"))
		}
	}
	return lines
}

// TestMetrics: Prometheus' own parser reads the metrics, its linter has nothing to say, and
// they say what the state says.
func TestMetrics(t *testing.T) {
	t.Parallel()
	inWorld(t, originpulltest.Options{}, func(w world) {
		w.enable()
		added, sum := w.add(90 * day)
		watcher := w.watcher(w.Token())
		yes := true
		watcher.Desired = func() (zonewatch.Desired, error) {
			return zonewatch.Desired{w.ZoneID(): {SHA256: sum, Enabled: &yes}}, nil
		}
		w.look(watcher)
		problems, err := testutil.GatherAndLint(watcher.Metrics.Registry())
		if err != nil || len(problems) > 0 {
			w.Errorf("the linter says %v, %v", problems, err)
		}
		parser := expfmt.NewTextParser(model.UTF8Validation)
		families, err := parser.TextToMetricFamilies(strings.NewReader(w.metrics(watcher)))
		if err != nil {
			w.Fatal(err)
		}
		if len(families) != 12 {
			w.Errorf("Prometheus reads %d metrics, want all 12", len(families))
		}
		value := func(name string, labels ...string) float64 {
			w.Helper()
			for _, metric := range families["originpull_"+name].GetMetric() {
				have := ""
				for _, label := range metric.GetLabel() {
					have += label.GetValue() + " "
				}
				if !slices.ContainsFunc(labels, func(label string) bool { return !strings.Contains(have, label+" ") }) {
					return metric.GetGauge().GetValue() + metric.GetCounter().GetValue()
				}
			}
			w.Errorf("there is no %s with %q", name, labels)
			return -1
		}
		zone := w.ZoneID()
		expires := float64(time.Now().Add(90 * day).Unix())
		for name, is := range map[string]bool{
			"the expiry":       value("certificate_expiry_timestamp_seconds", zone, added.ID, sum) == expires,
			"the status":       value("certificate_status", zone, added.ID, sum, "active") == 1,
			"the number":       value("certificates", zone) == 1,
			"the enablement":   value("zone_enabled", zone) == 1,
			"presented":        value("zone_presented", zone, "zone", sum) == 1,
			"drift":            value("zone_drift", zone) == 0,
			"the verdict":      value("zone_verdict", zone, "fine") == 1 && value("zone_verdict", zone, "todo") == 0,
			"the SSL mode":     value("zone_ssl_mode", zone, "full") == 1,
			"global":           value("zone_global_enabled", zone) == 0,
			"the last success": value("zone_last_success_timestamp_seconds", zone) == float64(time.Now().Unix()),
			"the looks":        value("looks_total", zone) == 1 && value("looks_failed_total", zone) == 0,
		} {
			if !is {
				w.Errorf("%s is wrong in\n%s", name, w.metrics(watcher))
			}
		}
	})
}

// TestMetricsBounded: whatever the API responds, the metrics can be gathered, and their
// number and size have bounds. The certificates that matter most are among them.
func TestMetricsBounded(t *testing.T) {
	t.Parallel()
	var list []string
	for i := range 100 {
		status := "active"
		if i >= 5 {
			status = fmt.Sprintf("st\\u202eatus-%d", i)
		}
		list = append(list, fmt.Sprintf(`{"id":"%d%s","status":%q,"certificate":"x","expires_on":"2001-01-01T00:00:00Z"}`, i%50, strings.Repeat("\\u0000", 2000), status))
	}
	inWorld(t, originpulltest.Options{}, func(w world) {
		w.SetFaults(originpulltest.On("ListCertificates", originpulltest.Always(originpulltest.Fault{Response: &originpulltest.Response{
			Status: 200, Body: `{"success":true,"errors":[],"messages":[],"result":[` + strings.Join(list, ",") + `]}`,
		}})))
		watcher := w.watcher(w.Token())
		s := w.look(watcher)[0]
		if s.Verdict != zonewatch.Unknown || s.Presented.What == zonewatch.Own {
			w.Errorf("the verdict is %s, presented %s", s.Verdict, s.Presented)
		}
		if _, err := testutil.GatherAndLint(watcher.Metrics.Registry()); err != nil {
			w.Errorf("the metrics cannot be gathered: %v", err)
		}
		text := w.metrics(watcher)
		if n := len(about(text, "originpull_certificate_status{", "")); n != 20 || len(about(text, "originpull_certificate_status{", `status="active"`)) != 5 || len(text) > 20_000 {
			w.Errorf("there are %d certificates, of %d bytes:\n%.3000s", n, len(text), text)
		}
		if got := about(text, "originpull_certificates{", ""); len(got) != 1 || !strings.HasSuffix(got[0], " 100") {
			w.Errorf("the number of certificates is %q", got)
		}
	})
}

// TestNoSecrets: neither token nor key is in what is known of a zone, also where the API
// sends the token back.
func TestNoSecrets(t *testing.T) {
	t.Parallel()
	inWorld(t, originpulltest.Options{}, func(w world) {
		w.SetFaults(originpulltest.Always(originpulltest.Fault{Reject: true, Response: &originpulltest.Response{
			Status: 403, Body: `{"success":false,"errors":[{"code":10000,"message":"Bearer ` + w.Token() + `"}],"messages":[]}`,
		}}))
		watcher := w.watcher(w.Token())
		s := w.look(watcher)[0]
		if shown := s.Line() + w.metrics(watcher); s.Verdict != zonewatch.Denied || strings.Contains(shown, w.Token()[8:24]) {
			w.Errorf("the verdict is %s, and the token is shown", s.Verdict)
		}
	})
}
