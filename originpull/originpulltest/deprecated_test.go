package originpulltest

import (
	"net/http"
	"testing"
)

// The document deprecates nothing today, so the test does.
func TestStrictRefusesDeprecated(t *testing.T) {
	t.Parallel()
	for strict, want := range map[bool]int{false: http.StatusOK, true: http.StatusGone} {
		sim := NewServer(t, Options{Strict: strict})
		for i := range sim.routes {
			sim.routes[i].Deprecated = sim.routes[i].ID == "GetSettings"
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/zones/"+sim.ZoneID()+"/origin_tls_client_auth/settings", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+sim.Token())
		answer, err := sim.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("strict %t: a deprecated operation answers HTTP %d, want %d", strict, answer.StatusCode, want)
		}
	}
}
