package originpulltest

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

// A zone that is only read is not kept, so reading many costs nothing.
func TestReadingMakesNoZone(t *testing.T) {
	t.Parallel()
	sim := NewServer(t, Options{AnyZone: true})
	for _, path := range []string{"/origin_tls_client_auth", "/origin_tls_client_auth/settings", "/settings/ssl",
		"/origin_tls_client_auth/fa633cc7-4afc-4875-8814-b321153fee13"} {
		r := httptest.NewRequest(http.MethodGet, "/zones/ffffffffffffffffffffffffffffffff"+path, nil)
		r.Header.Set("Authorization", "Bearer "+sim.Token())
		w := httptest.NewRecorder()
		sim.Handler().ServeHTTP(w, r)
		if w.Code != http.StatusOK && w.Code != http.StatusNotFound {
			t.Errorf("GET %s: HTTP %d", path, w.Code)
		}
	}
	if len(sim.zones) != 1 {
		t.Errorf("%d zones are kept, want the first alone", len(sim.zones))
	}
}

// The document deprecates nothing today, so the test does.
func TestStrictRefusesDeprecated(t *testing.T) {
	t.Parallel()
	for strict, want := range map[bool]int{false: http.StatusOK, true: http.StatusGone} {
		sim := NewServer(t, Options{Strict: strict})
		sim.routes = slices.Clone(sim.routes) // all simulators share them
		for i, r := range sim.routes {
			if r.ID == "GetSettings" {
				deprecated := *r.Operation
				deprecated.Deprecated = true
				sim.routes[i].Operation = &deprecated
			}
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/zones/"+sim.ZoneID()+"/origin_tls_client_auth/settings", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+sim.Token())
		response, err := sim.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("strict %t: a deprecated operation gets HTTP %d, want %d", strict, response.StatusCode, want)
		}
	}
}

// Keeping what no one reads would cost what Options.NoRecord is to save.
func TestNoRecordKeepsNothing(t *testing.T) {
	t.Parallel()
	for without, want := range map[bool]int{false: 2, true: 0} {
		sim := New(Options{NoRecord: without})
		sim.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
		if got := len(sim.events); got != want {
			t.Errorf("NoRecord %t: %d events are kept, want %d", without, got, want)
		}
	}
}
