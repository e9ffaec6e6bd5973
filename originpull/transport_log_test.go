package originpull_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/originpull"
)

// slogTo is a logger that logs everything.
func slogTo(w io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// TestLogOfBodies requires that the log at debug level shows what helps of each
// operation, and nothing of a body that is not on the list.
func TestLogOfBodies(t *testing.T) {
	t.Parallel()
	wanted := map[string]map[string]any{
		"CertificateList":     {"success": true, "listed": 1.0},
		"NoCertificates":      {"success": true},
		"PendingCertificate":  {"success": true, "id": certificateID, "status": "pending_deployment"},
		"ActiveCertificate":   {"success": true, "id": certificateID, "status": "active"},
		"DeletingCertificate": {"success": true, "id": certificateID, "status": "pending_deletion"},
		"NothingToShow":       {"success": true},
		"Enabled":             {"success": true, "enabled": true},
		"Disabled":            {"success": true, "enabled": false},
	}
	for _, op := range operations(t) {
		for name := range op.responses {
			var log strings.Builder
			if _, err := op.call(t.Context(), newZone(t, always(example(t, name)), originpull.WithLogger(slogTo(&log)))); err != nil {
				t.Fatal(err)
			}
			var line struct {
				Operation string
				Status    int
				Enable    *bool
				Response  map[string]any
			}
			if err := json.Unmarshal([]byte(log.String()), &line); err != nil {
				t.Fatalf("%s: %v in %s", op.id, err, log.String())
			}
			if line.Operation != op.id || line.Status != 200 || !equalMaps(line.Response, wanted[name]) || (line.Enable != nil) != (op.method == "PUT") {
				t.Errorf("%s with %s is logged as %s, want %v of the response", op.id, name, log.String(), wanted[name])
			}
			for _, hidden := range []string{"CERTIFICATE", "PRIVATE", "issuer", "originpull example", "serial", "expires"} {
				if strings.Contains(log.String(), hidden) {
					t.Errorf("the log of %s shows %s: %s", op.id, hidden, log.String())
				}
			}
		}
	}
}

func equalMaps(a, b map[string]any) bool {
	for name, value := range a {
		if b[name] != value {
			return false
		}
	}
	return len(a) == len(b)
}

// TestLogOfEchoes lets a proxy put the credentials and other texts into the very
// fields that the log shows.
func TestLogOfEchoes(t *testing.T) {
	t.Parallel()
	for _, field := range []string{"id", "status"} {
		var log strings.Builder
		zone := newZone(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
			return success(t, map[string]any{field: token, "enabled": true, "note": token}).respond(r)
		}), originpull.WithLogger(slogTo(&log)), originpull.WithToken("short-lower"))
		if _, err := zone.Settings.Get(t.Context()); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(log.String(), "short-lower") || !strings.Contains(log.String(), `"success":true`) {
			t.Errorf("an echo in %s shows in the log: %s", field, log.String())
		}
	}
	for _, value := range []string{"ACTIVE\n", "active; rm", "\x1b[31m", strings.Repeat("A", 100), "../x", "ключ"} {
		var log strings.Builder
		zone := newZone(t, always(success(t, map[string]any{"id": value, "status": value, "enabled": true})), originpull.WithLogger(slogTo(&log)))
		zone.Settings.Get(t.Context())
		if strings.Contains(log.String(), `"id"`) || strings.Contains(log.String(), `"status":"`) {
			t.Errorf("the log shows a value that is neither an id nor a status: %s", log.String())
		}
	}
}
