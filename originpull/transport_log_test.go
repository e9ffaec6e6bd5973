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
			want := loggable(t, name)
			if line.Operation != op.id || line.Status != 200 || !equalMaps(line.Response, want) || (line.Enable != nil) != (op.id == "SetSettings") {
				t.Errorf("%s with %s is logged as %s, want %v of the response", op.id, name, log.String(), want)
			}
			for _, hidden := range []string{"CERTIFICATE", "PRIVATE", "issuer", "originpull example", "serial", "expires"} {
				if strings.Contains(log.String(), hidden) {
					t.Errorf("the log of %s shows %s: %s", op.id, hidden, log.String())
				}
			}
		}
	}
}

// loggable returns what the log is to show of an example: the list of what helps and
// is not private.
func loggable(t *testing.T, name string) map[string]any {
	t.Helper()
	var body struct{ Result any }
	if err := json.Unmarshal([]byte(example(t, name).body), &body); err != nil {
		t.Fatal(err)
	}
	shown := map[string]any{"success": true}
	switch result := body.Result.(type) {
	case []any:
		shown["listed"] = float64(len(result))
	case map[string]any:
		for _, field := range []string{"id", "status", "enabled"} {
			if value, has := result[field]; has {
				shown[field] = value
			}
		}
	}
	return shown
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
