package originpulltest_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/originpull/originpulltest"
)

const (
	unknownCertificate = "fa633cc7-4afc-4875-8814-b321153fee13"
	unknownZone        = "ffffffffffffffffffffffffffffffff"
)

// What does not get through the gateway, in the gateway's own form.
func TestGatewayRoutes(t *testing.T) {
	story(t, originpulltest.Options{}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		for _, test := range []struct {
			method, path string
			status, code int
		}{
			{"GET", "/", 400, 7000},
			{"GET", "/zone", 400, 7000},
			{"GET", c.zone + "/", 404, 7003}, // an id that is empty
			{"DELETE", c.zone + "/settings/more", 400, 7000},
			{"GET", c.zone + "/hostnames", 400, 7000},
			{"GET", c.zone + "/hostnames/certificates", 400, 7000},
			{"GET", "//zones/../x", 400, 7000},
			{"GET", "/zones/short/origin_tls_client_auth", 404, 7003},
			{"GET", "/zones/" + strings.Repeat("g", 32) + "/origin_tls_client_auth", 404, 7003},
			{"GET", "/client/v4" + c.zone, 400, 7000}, // the base path twice
			{"GET", "/client/v4zones" + strings.TrimPrefix(c.zone, "/zones"), 400, 7000},
			{"GET", c.zone + "/x", 404, 7003},
			{"DELETE", c.zone + "/..", 404, 7003},
			{"DELETE", c.zone + "/%2e%2e", 404, 7003},
			{"DELETE", c.zone + "/..%2Fsettings", 404, 7003},
			{"GET", c.zone + "/" + unknownCertificate + "x", 404, 7003},
			{"DELETE", c.zone + "/settings", 405, 10405}, // settings is not an id
			{"POST", c.zone + "/settings", 405, 10405},
			{"PATCH", c.zone, 405, 10405},
			{"POST", "/zones", 405, 10405},
			{"PUT", c.zone + "/" + unknownCertificate, 405, 10405},
		} {
			a := c.do(test.method, test.path, "")
			a.refused(t, test.status, test.code)
			if !strings.Contains(a.body, `"messages":[],"result":null`) {
				t.Errorf("%s %s: not in the gateway's form: %s", test.method, test.path, a.body)
			}
		}
		if a := c.do("GET", c.zone+"/x", ""); !strings.Contains(a.body, "Could not route to "+c.zone+"/x, perhaps your object identifier is invalid?") {
			t.Errorf("7003 does not name the path: %s", a.body)
		}
		upper := "/zones/" + strings.ToUpper(strings.Split(c.zone, "/")[2]) + "/origin%5Ftls_client_auth?page=7"
		if a := c.do("GET", upper, ""); a.status != http.StatusOK {
			t.Errorf("digits in upper case, an escaped path or a query parameter do harm: %s", a.body)
		}
		server := &http.Request{Method: "OPTIONS", URL: &url.URL{Scheme: "http", Host: "simulator", Opaque: "*"}, Header: http.Header{"Authorization": {"Bearer " + sim.Token()}}}
		response, err := sim.Client().Do(server)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusBadRequest || response.Header.Get("Cf-Ray") == "" {
			t.Errorf("OPTIONS * gets HTTP %d with %v: it is not the simulator that responds", response.StatusCode, response.Header)
		}
	})
}

// Paths are good below /client/v4 and without it.
func TestBasePath(t *testing.T) {
	story(t, originpulltest.Options{}, func(t *testing.T, _ *originpulltest.Simulator, c *client) {
		for _, base := range []string{"https://api.cloudflare.com/client/v4", "http://localhost", "http://any.example/client/v4"} {
			c.base = base
			c.listed()
		}
	})
}

func TestHeaders(t *testing.T) {
	faults := originpulltest.On("GetSettings", originpulltest.Always(originpulltest.Fault{Reject: true}))
	story(t, originpulltest.Options{Faults: faults}, func(t *testing.T, _ *originpulltest.Simulator, c *client) {
		rays := map[string]bool{}
		for _, a := range []response{c.list(), c.get(unknownCertificate), c.do("GET", "/", ""), c.with().list(), c.do("GET", c.zone+"/settings", "")} {
			ray := a.header.Get("Cf-Ray")
			if !regexp.MustCompile(`^[0-9a-f]{16}-[A-Z]{3}$`).MatchString(ray) || rays[ray] {
				t.Errorf("Cf-Ray %q: want 16 hexadecimal digits and a place, new each time", ray)
			}
			rays[ray] = true
			if a.header.Get("Server") != "cloudflare" || a.header.Get("Content-Type") != "application/json" {
				t.Errorf("headers of HTTP %d: %v", a.status, a.header)
			}
		}
	})
}

func TestCredentials(t *testing.T) {
	story(t, originpulltest.Options{Email: "me@example.com", Key: "abc123"}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		revoked := sim.NewToken(originpulltest.Grant{})
		sim.RevokeToken(revoked)
		for _, test := range []struct {
			name                string
			header              []string
			status, code, chain int
		}{
			{"token", []string{"Authorization", "Bearer " + sim.Token()}, 200, 0, 0},
			{"email and key", []string{"X-Auth-Email", "me@example.com", "X-Auth-Key", "abc123"}, 200, 0, 0},
			{"none", nil, 400, 9106, 0},
			{"email alone", []string{"X-Auth-Email", "me@example.com"}, 400, 9106, 0},
			{"unknown token", []string{"Authorization", "Bearer unknown"}, 403, 10000, 0},
			{"dead token", []string{"Authorization", "Bearer " + revoked}, 403, 9109, 0},
			{"no scheme", []string{"Authorization", sim.Token()}, 400, 6003, 6111},
			{"empty token", []string{"Authorization", "Bearer "}, 400, 6003, 6111},
			{"token with a space", []string{"Authorization", "Bearer a b"}, 400, 6003, 6111},
			{"malformed email", []string{"X-Auth-Email", "me", "X-Auth-Key", "abc123"}, 400, 6003, 6102},
			{"malformed key", []string{"X-Auth-Email", "me@example.com", "X-Auth-Key", "a b"}, 400, 6003, 6103},
			{"unknown key", []string{"X-Auth-Email", "me@example.com", "X-Auth-Key", "abc124"}, 403, 9103, 0},
			{"unknown email", []string{"X-Auth-Email", "you@example.com", "X-Auth-Key", "abc123"}, 403, 9103, 0},
		} {
			a := c.with(test.header...).list()
			if test.status == 200 {
				a.certs(t)
				continue
			}
			a.refused(t, test.status, test.code)
			if chain := a.Errors[0].ErrorChain; test.chain != 0 && (len(chain) != 1 || chain[0].Code != test.chain) {
				t.Errorf("%s: error_chain of %s, want %d", test.name, a.body, test.chain)
			}
		}
	})
}

func TestPermissions(t *testing.T) {
	story(t, originpulltest.Options{}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		sim.AddZone(unknownZone)
		token := func(zones []string, permissions ...string) *client {
			return c.with("Authorization", "Bearer "+sim.NewToken(originpulltest.Grant{Permissions: permissions, Zones: zones}))
		}
		operations := []struct{ method, path, needs string }{
			{"GET", c.zone, "Read"},
			{"GET", c.zone + "/" + unknownCertificate, "Read"},
			{"GET", c.zone + "/settings", "Read"},
			{"POST", c.zone, "Write"},
			{"DELETE", c.zone + "/" + unknownCertificate, "Write"},
			{"PUT", c.zone + "/settings", "Write"},
			{"GET", "/zones/" + sim.ZoneID() + "/settings/ssl", "Settings Read"},
			{"GET", "/zones/" + sim.ZoneID() + "/settings/tls_client_auth", "Settings Read"},
			{"PATCH", "/zones/" + sim.ZoneID() + "/settings/tls_client_auth", "Settings Write"},
			{"GET", "/zones", "Zone Read"},
		}
		for _, test := range []struct {
			client *client
			may    string
		}{
			{token(nil, originpulltest.PermissionRead), "Read"},
			{token(nil, originpulltest.PermissionWrite), "Read, Write"},
			{token(nil, originpulltest.PermissionSettingsRead), "Settings Read"},
			{token(nil, originpulltest.PermissionSettingsWrite), "Settings Read, Settings Write"},
			{token(nil, originpulltest.PermissionZoneRead), "Zone Read"},
			{token(nil, "DNS Write"), ""},
		} {
			for _, op := range operations {
				a := test.client.do(op.method, op.path, "{}")
				if may := strings.Contains(", "+test.may+",", ", "+op.needs+","); may == (a.status == 403) {
					t.Errorf("with permission to %q, %s %s: HTTP %d %s", test.may, op.method, op.path, a.status, a.body)
				} else if !may {
					a.refused(t, 403, 10000)
				}
			}
		}
		token([]string{unknownZone}).list().refused(t, 403, 9109)
		token([]string{strings.ToUpper(sim.ZoneID())}).list().certs(t)
	})
}

func TestUnknownZone(t *testing.T) {
	story(t, originpulltest.Options{}, func(t *testing.T, _ *originpulltest.Simulator, c *client) {
		c.do("GET", "/zones/"+unknownZone+"/origin_tls_client_auth", "").refused(t, 403, 9109)
	})
}

func TestFreshToken(t *testing.T) {
	story(t, originpulltest.Options{}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		fresh := c.with("Authorization", "Bearer "+sim.NewToken(originpulltest.Grant{UsableAfter: time.Minute}))
		fresh.list().refused(t, 403, 10001)
		time.Sleep(time.Minute)
		fresh.list().certs(t)
	})
}

func TestAnyTokenAndZone(t *testing.T) {
	story(t, originpulltest.Options{AnyToken: true, AnyZone: true}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		limited := sim.NewToken(originpulltest.Grant{Permissions: []string{originpulltest.PermissionRead}})
		c.with("Authorization", "Bearer "+limited).enable("true").refused(t, 403, 10000)
		c.zone = "/zones/" + unknownZone + "/origin_tls_client_auth"
		for _, any := range []*client{c.with("Authorization", "Bearer x"), c.with("X-Auth-Email", "a@b", "X-Auth-Key", "k")} {
			any.list().certs(t)
		}
		c.with().list().refused(t, 400, 9106)
	})
}

// The main token is good whatever it looks like.
func TestOddToken(t *testing.T) {
	for _, token := range []string{"two words", "user:password", "§"} {
		t.Run(token, func(t *testing.T) {
			story(t, originpulltest.Options{Token: token}, func(t *testing.T, _ *originpulltest.Simulator, c *client) {
				c.list().certs(t)
				c.with("Authorization", "Bearer "+token+":").list().refused(t, 400, 6003)
			})
		})
	}
}

// Strict refuses what is on its way out: email and key.
func TestStrict(t *testing.T) {
	options := originpulltest.Options{Strict: true, Email: "me@example.com", Key: "abc123"}
	story(t, options, func(t *testing.T, _ *originpulltest.Simulator, c *client) {
		c.list().certs(t)
		a := c.with("X-Auth-Email", "me@example.com", "X-Auth-Key", "abc123").list()
		a.refused(t, 403, 10000)
		if !strings.Contains(a.body, "the simulator is strict") {
			t.Errorf("the response does not say that it is strict: %s", a.body)
		}
	})
}

func TestLargeBody(t *testing.T) {
	story(t, originpulltest.Options{}, func(t *testing.T, _ *originpulltest.Simulator, c *client) {
		c.do("POST", c.zone, `{"certificate":"`+strings.Repeat("x", 1<<20)+`"}`).refused(t, 413, 0)
	})
}
