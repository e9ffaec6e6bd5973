package zonewatch

import (
	"bytes"
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"github.com/originpull/originpull-go/internal/printable"
	"github.com/originpull/originpull-go/originpull"
)

// mostCertificates is how many certificates of a zone have metrics, active ones and those
// that expire first before others. A zone should have one.
const mostCertificates = 20

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("originpull_"+name, help, append([]string{"zone"}, labels...), nil)
}

var (
	descExpiry      = desc("certificate_expiry_timestamp_seconds", "When a certificate of the zone expires.", "id", "sha256")
	descStatus      = desc("certificate_status", "1 for the status of a certificate of the zone.", "id", "sha256", "status")
	descCount       = desc("certificates", "How many certificates the zone has; 20 of them have metrics.")
	descEnabled     = desc("zone_enabled", "Whether the zone is enabled. Absent if that is not known.")
	descPresented   = desc("zone_presented", "1 for what Cloudflare should present to the origin: zone, shared, none, none_or_shared or unknown.", "what", "sha256")
	descDrift       = desc("zone_drift", "Whether the zone is not as desired. Absent if that is not known, or if nothing is desired.")
	descVerdict     = desc("zone_verdict", "1 for the verdict on the last look at the zone, 0 for the others: fine, todo, unknown, denied.", "verdict")
	descSSLMode     = desc("zone_ssl_mode", "1 for the SSL mode of the zone. Absent if it is not known.", "mode")
	descGlobal      = desc("zone_global_enabled", "Whether global Authenticated Origin Pulls is on. Absent if that is not known.")
	descLastSuccess = desc("zone_last_success_timestamp_seconds", "When the zone was last read, certificates and enablement. Absent if it never was.")
	descLooks       = desc("looks_total", "How many looks at the zone there were.")
	descFailed      = desc("looks_failed_total", "How many looks did not read the zone, certificates and enablement.")
)

// Metrics are the metrics of zones. It implements [prometheus.Collector].
type Metrics struct {
	zones []string

	mu      sync.Mutex
	records map[string]*record
}

// record is what is known of a zone.
type record struct {
	state         State
	looks, failed int
	success       time.Time
}

// NewMetrics returns the metrics of zones. Zones that were not looked at have counters of 0
// and nothing else.
func NewMetrics(zones []string) *Metrics {
	m := &Metrics{zones: zones, records: map[string]*record{}}
	for _, zone := range zones {
		m.records[zone] = &record{}
	}
	return m
}

// set records a look.
func (m *Metrics) set(s State) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.records[s.Zone]
	if r == nil {
		return
	}
	r.state = s
	r.looks++
	if s.Enabled == nil || s.Certificates == nil {
		r.failed++
	} else {
		r.success = s.At
	}
}

// Registry returns a registry with the metrics and nothing else.
func (m *Metrics) Registry() *prometheus.Registry {
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(m)
	return registry
}

// Text returns the metrics in the text format of Prometheus.
func (m *Metrics) Text() ([]byte, error) {
	families, err := m.Registry().Gather()
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&text, family); err != nil {
			return nil, err
		}
	}
	return text.Bytes(), nil
}

// Describe implements [prometheus.Collector].
func (m *Metrics) Describe(descs chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descExpiry, descStatus, descCount, descEnabled, descPresented, descDrift, descVerdict, descSSLMode, descGlobal, descLastSuccess, descLooks, descFailed} {
		descs <- d
	}
}

// Collect implements [prometheus.Collector].
func (m *Metrics) Collect(metrics chan<- prometheus.Metric) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, zone := range m.zones {
		m.records[zone].collect(func(d *prometheus.Desc, value float64, labels ...string) {
			kind := prometheus.GaugeValue
			if d == descLooks || d == descFailed {
				kind = prometheus.CounterValue
			}
			metrics <- prometheus.MustNewConstMetric(d, kind, value, append([]string{printable.Cut(zone, 253)}, labels...)...)
		})
	}
}

// collect emits the metrics of a zone. What is not known has none.
func (r *record) collect(emit func(d *prometheus.Desc, value float64, labels ...string)) {
	emit(descLooks, float64(r.looks))
	emit(descFailed, float64(r.failed))
	if r.looks == 0 {
		return
	}
	if !r.success.IsZero() {
		emit(descLastSuccess, float64(r.success.Unix()))
	}
	s := r.state
	for _, v := range verdicts {
		emit(descVerdict, number(s.Verdict == v), string(v))
	}
	emit(descPresented, 1, string(s.Presented.What), s.Presented.SHA256)
	for d, known := range map[*prometheus.Desc]*bool{descEnabled: s.Enabled, descDrift: s.Drift, descGlobal: s.Global} {
		if known != nil {
			emit(d, number(*known))
		}
	}
	if s.SSLMode != nil {
		emit(descSSLMode, 1, *s.SSLMode)
	}
	if s.Certificates == nil {
		return
	}
	emit(descCount, float64(len(s.Certificates)))
	shown := map[string]bool{} // a list may hold a certificate twice, the metrics may not
	for _, c := range byImportance(s.Certificates) {
		id := printable.Cut(c.ID, 64)
		if shown[id] || len(shown) == mostCertificates {
			continue
		}
		shown[id] = true
		emit(descStatus, 1, id, c.SHA256, status(c.Status))
		if !c.ExpiresOn.IsZero() {
			emit(descExpiry, float64(c.ExpiresOn.Unix()), id, c.SHA256)
		}
	}
}

// byImportance returns the certificates that matter most first.
func byImportance(certificates []Certificate) []Certificate {
	sorted := slices.Clone(certificates)
	slices.SortStableFunc(sorted, func(a, b Certificate) int {
		return cmp.Or(cmp.Compare(number(b.Status == originpull.StatusActive), number(a.Status == originpull.StatusActive)), a.ExpiresOn.Compare(b.ExpiresOn))
	})
	return sorted
}

// status returns a status as a label, of which there are only so many.
func status(s originpull.Status) string {
	switch s {
	case originpull.StatusInitializing, originpull.StatusPendingDeployment, originpull.StatusActive, originpull.StatusPendingDeletion,
		originpull.StatusDeleted, originpull.StatusDeploymentTimedOut, originpull.StatusDeletionTimedOut:
		return string(s)
	}
	return "other"
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
