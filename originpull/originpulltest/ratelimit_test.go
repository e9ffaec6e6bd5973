package originpulltest_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// limits checks the three headers of a response; "" stands for none.
func (a response) limits(t *testing.T, ratelimit, policy, retryAfter string) {
	t.Helper()
	for name, want := range map[string]string{"Ratelimit": ratelimit, "Ratelimit-Policy": policy, "Retry-After": retryAfter} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s of HTTP %d: %q, want %q", name, a.status, got, want)
		}
	}
}

func TestRateLimit(t *testing.T) {
	story(t, originpulltest.Options{}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		const policy = `"default";q=1200;w=300`
		c.list().limits(t, `"default";r=1199;t=300`, policy, "")
		for range 1198 {
			time.Sleep(10 * time.Millisecond) // not too many a second for one address
			c.list()
		}
		// Failures count too, and so does another token of the same user.
		other := c.with("Authorization", "Bearer "+sim.NewToken(originpulltest.Grant{Permissions: []string{}}))
		a := other.list()
		a.refused(t, 403, 10000)
		a.limits(t, `"default";r=0;t=289`, policy, "")

		a = c.list() // past it: shut out for the next five minutes
		a.refused(t, 429, 971)
		a.limits(t, `"default";r=0;t=300`, policy, "300")
		time.Sleep(5*time.Minute - time.Second)
		a = c.list()
		a.refused(t, 429, 971)
		a.limits(t, `"default";r=0;t=1`, policy, "1")
		time.Sleep(time.Second)
		c.list().limits(t, `"default";r=1199;t=300`, policy, "")
	})
}

// Each request counts before it is routed. Past the limit there is no other response.
func TestRateLimitComesFirst(t *testing.T) {
	story(t, originpulltest.Options{RateLimit: 3, AnyZone: true}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		c.do("GET", "/nowhere", "").limits(t, `"default";r=2;t=300`, `"default";q=3;w=300`, "")
		c.do("GET", "/zones/short/origin_tls_client_auth", "").limits(t, `"default";r=1;t=300`, `"default";q=3;w=300`, "")
		c.do("PATCH", c.zone, "").limits(t, `"default";r=0;t=300`, `"default";q=3;w=300`, "")
		for _, header := range [][]string{
			{"Authorization", "Bearer " + sim.Token()},
			{"Authorization", "Bearer " + sim.NewToken(originpulltest.Grant{Permissions: []string{}})},
			{"Authorization", "Bearer " + sim.NewToken(originpulltest.Grant{Zones: []string{}})},
		} {
			for _, test := range []struct{ method, path, body string }{
				{"GET", c.zone, ""},
				{"GET", "/", ""},
				{"GET", "/nowhere", ""},
				{"GET", "/zones/short/origin_tls_client_auth", ""},
				{"GET", c.zone + "/short", ""},
				{"GET", c.zone + "/" + unknownCertificate, ""},
				{"GET", c.zone + "/hostnames/certificates", ""},
				{"PATCH", c.zone, ""},
				{"POST", c.zone, "{"},
				{"POST", c.zone, strings.Repeat("x", 1<<20+1)},
				{"GET", "/zones/" + unknownZone + "/settings/ssl", ""},
			} {
				a := c.with(header...).do(test.method, test.path, test.body)
				a.refused(t, 429, 971)
				a.limits(t, `"default";r=0;t=300`, `"default";q=3;w=300`, "300")
			}
		}
		// Whose request this is, is not known.
		c.with().list().refused(t, 400, 9106)
		c.with().do("GET", "/nowhere", "").refused(t, 400, 7000)
		for range 5 {
			c.with("Authorization", "Bearer unknown").list().refused(t, 403, 10000)
			c.with("Authorization", "Bearer unknown").do("GET", "/nowhere", "").refused(t, 400, 7000)
		}
		c.with("Authorization", "Bearer unknown").do("GET", "/nowhere", "").refused(t, 429, 10502)
	})
}

func TestRateLimitWindowResets(t *testing.T) {
	story(t, originpulltest.Options{RateLimit: 2}, func(t *testing.T, _ *originpulltest.Simulator, c *client) {
		c.list().certs(t)
		c.list().certs(t)
		time.Sleep(5 * time.Minute)
		c.list().certs(t)
	})
}

func TestBurstLimit(t *testing.T) {
	story(t, originpulltest.Options{}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		time.Sleep(time.Second / 2)
		for range 200 {
			c.list().certs(t)
		}
		a := c.list()
		a.refused(t, 429, 10429)
		a.limits(t, `"default";r=1000;t=300`, `"default";q=1200;w=300`, "1")
		elsewhere := httptest.NewRequest("GET", c.zone, nil) // from an address of its own
		elsewhere.Header = c.header
		w := httptest.NewRecorder()
		sim.Handler().ServeHTTP(w, elsewhere)
		if w.Code != 200 {
			t.Errorf("another address gets HTTP %d for the burst of the first", w.Code)
		}
		time.Sleep(time.Second)
		c.list().certs(t)
	})
}

func TestRateLimitLifted(t *testing.T) {
	story(t, originpulltest.Options{RateLimit: -1}, func(t *testing.T, _ *originpulltest.Simulator, c *client) {
		for range 1300 {
			c.list().limits(t, "", "", "")
		}
	})
}

// A refused credential is not to be tried in a loop; a good one is not held up.
func TestTooManyBadCredentials(t *testing.T) {
	story(t, originpulltest.Options{}, func(t *testing.T, _ *originpulltest.Simulator, c *client) {
		bad := c.with("Authorization", "Bearer unknown")
		for range 10 {
			bad.list().refused(t, 403, 10000)
		}
		a := bad.list()
		a.refused(t, 429, 10502)
		a.limits(t, `"default";r=1200;t=300`, `"default";q=1200;w=300`, "300")
		c.list().certs(t)
		time.Sleep(5 * time.Minute)
		bad.list().refused(t, 403, 10000)
	})
}
