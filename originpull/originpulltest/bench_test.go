package originpulltest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// What an exploration does tens of thousands of times: a simulator of its own and ten
// requests on its handler, without a server.
func BenchmarkHandler(b *testing.B) {
	body := uploadBody(testpki.Leaf("benchmark", nil))
	for name, options := range map[string]originpulltest.Options{
		"record": {}, "no record": {NoRecord: true},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sim := originpulltest.New(options)
				handler, zone := sim.Handler(), "/client/v4/zones/"+sim.ZoneID()+"/origin_tls_client_auth"
				send := func(method, path, body string) {
					r, err := http.NewRequestWithContext(b.Context(), method, path, strings.NewReader(body))
					if err != nil {
						b.Fatal(err)
					}
					r.Header.Set("Authorization", "Bearer "+sim.Token())
					w := httptest.NewRecorder()
					if handler.ServeHTTP(w, r); w.Code != http.StatusOK {
						b.Fatalf("%s %s: HTTP %d %s", method, path, w.Code, w.Body)
					}
				}
				send("POST", zone, body)
				send("PUT", zone+"/settings", `{"enabled":true}`)
				for range 4 {
					send("GET", zone, "")
					send("GET", zone+"/settings", "")
				}
			}
		})
	}
}

// An exploration makes a simulator for each of its schedules. One that makes a key or
// its routes again takes several times as much.
func TestNewIsCheap(t *testing.T) {
	originpulltest.New(originpulltest.Options{})
	if got := testing.AllocsPerRun(100, func() { originpulltest.New(originpulltest.Options{}) }); got > 40 {
		t.Errorf("a new simulator takes %v allocations, want at most 40", got)
	}
}
