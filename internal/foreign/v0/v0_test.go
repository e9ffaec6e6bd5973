package v0

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	cloudflare "github.com/cloudflare/cloudflare-go"

	"github.com/originpull/originpull-go/internal/foreign"
	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// newAPI returns the client on the simulator in memory, at the URL of the live
// API.
func newAPI(t *testing.T, sim *originpulltest.Simulator) *cloudflare.API {
	t.Helper()
	return newClient(t, sim.Client(), sim.Token())
}

func newClient(t *testing.T, client *http.Client, token string) *cloudflare.API {
	t.Helper()
	api, err := cloudflare.NewWithAPIToken(token, cloudflare.HTTPClient(client))
	if err != nil {
		t.Fatal(err)
	}
	return api
}

// inMemory runs a test on a simulator in a synctest bubble.
func inMemory(t *testing.T, options originpulltest.Options, run func(*testing.T, *originpulltest.Simulator)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { run(t, originpulltest.NewServer(t, options)) })
}

func params(pair testpki.Pair) cloudflare.PerZoneAuthenticatedOriginPullsCertificateParams {
	return cloudflare.PerZoneAuthenticatedOriginPullsCertificateParams{
		Certificate: string(pair.CertPEM()), PrivateKey: string(pair.KeyPEM()),
	}
}

// operations calls all six, and the switch of the global level.
func operations(t *testing.T, api *cloudflare.API, zone string) {
	ctx, pair := t.Context(), testpki.Leaf("v0", nil)
	certs, err := api.ListPerZoneAuthenticatedOriginPullsCertificates(ctx, zone)
	if err != nil || len(certs) != 0 {
		t.Errorf("list of an empty zone: %v, %v", certs, err)
	}
	cert, err := api.UploadPerZoneAuthenticatedOriginPullsCertificate(ctx, zone, params(pair))
	if err != nil {
		t.Fatal(err)
	}
	if cert.Certificate != string(pair.CertPEM()) || cert.Issuer != "CN=v0" || cert.Signature != "ECDSA-SHA256" ||
		!cert.ExpiresOn.Equal(pair.Certificate.NotAfter) || cert.UploadedOn.IsZero() || cert.Status != "pending_deployment" {
		t.Errorf("uploaded: %+v", cert)
	}
	await := func(status string) {
		t.Helper()
		for {
			got, err := api.GetPerZoneAuthenticatedOriginPullsCertificateDetails(ctx, zone, cert.ID)
			if err != nil {
				t.Fatal(err)
			}
			if got.Status == status {
				return
			}
		}
	}
	await("active")
	if certs, err := api.ListPerZoneAuthenticatedOriginPullsCertificates(ctx, zone); err != nil || len(certs) != 1 || certs[0].ID != cert.ID {
		t.Errorf("list: %v, %v", certs, err)
	}
	for _, enabled := range []bool{true, false} {
		set, err := api.SetPerZoneAuthenticatedOriginPullsStatus(ctx, zone, enabled)
		if err != nil || set.Enabled != enabled {
			t.Errorf("set enabled %t: %v, %v", enabled, set, err)
		}
		got, err := api.GetPerZoneAuthenticatedOriginPullsStatus(ctx, zone)
		if err != nil || got.Enabled != enabled {
			t.Errorf("get after enabled %t: %v, %v", enabled, got, err)
		}
		if global, err := api.SetAuthenticatedOriginPullsStatus(ctx, zone, enabled); err != nil || global.ID != "tls_client_auth" {
			t.Errorf("set global %t: %v, %v", enabled, global, err)
		}
		if global, err := api.GetAuthenticatedOriginPullsStatus(ctx, zone); err != nil || (global.Value == "on") != enabled {
			t.Errorf("get after global %t: %v, %v", enabled, global, err)
		}
	}
	if deleted, err := api.DeletePerZoneAuthenticatedOriginPullsCertificate(ctx, zone, cert.ID); err != nil || deleted.ID != cert.ID {
		t.Errorf("delete: %v, %v", deleted, err)
	}
	await("deleted")
}

func TestOperationsInMemory(t *testing.T) {
	inMemory(t, originpulltest.Options{DeployDelay: 10 * time.Second}, func(t *testing.T, sim *originpulltest.Simulator) {
		client := foreign.Record(t, sim.Client(), "cloudflare-go-v0.json", "cloudflare-go v0.119")
		operations(t, newClient(t, client, sim.Token()), sim.ZoneID())
	})
}

func TestOperationsOfProgram(t *testing.T) {
	t.Parallel()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	api, err := cloudflare.NewWithAPIToken(testpki.Token(), cloudflare.HTTPClient(client), cloudflare.BaseURL(foreign.Serve(t)), cloudflare.UsingRateLimit(100))
	if err != nil {
		t.Fatal(err)
	}
	operations(t, api, foreign.ZoneID)
}

// The recipe of docs/simulator.md: the client as it is, in a process that trusts the CA.
func TestOperationsOverTLS(t *testing.T) {
	url := foreign.ServeTLS(t)
	if url == "" {
		return
	}
	api, err := cloudflare.NewWithAPIToken("any", cloudflare.BaseURL(url), cloudflare.UsingRateLimit(100))
	if err != nil {
		t.Fatal(err)
	}
	operations(t, api, foreign.ZoneID)
}

// Each failure arrives as the type that the client has for it.
func TestErrors(t *testing.T) {
	inMemory(t, originpulltest.Options{}, func(t *testing.T, sim *originpulltest.Simulator) {
		api, zone, ctx := newAPI(t, sim), sim.ZoneID(), t.Context()
		unknown, err := cloudflare.NewWithAPIToken("unknown", cloudflare.HTTPClient(sim.Client()))
		if err != nil {
			t.Fatal(err)
		}
		keyed, err := cloudflare.New("abc123", "me@example.com", cloudflare.HTTPClient(sim.Client()))
		if err != nil {
			t.Fatal(err)
		}
		pair := testpki.Leaf("errors", nil)
		cert, err := api.UploadPerZoneAuthenticatedOriginPullsCertificate(ctx, zone, params(pair))
		if err != nil {
			t.Fatal(err)
		}
		upload := func(p cloudflare.PerZoneAuthenticatedOriginPullsCertificateParams) error {
			_, err := api.UploadPerZoneAuthenticatedOriginPullsCertificate(ctx, zone, p)
			return err
		}
		get := func(api *cloudflare.API, zone, id string) error {
			_, err := api.GetPerZoneAuthenticatedOriginPullsCertificateDetails(ctx, zone, id)
			return err
		}
		_, pending := api.DeletePerZoneAuthenticatedOriginPullsCertificate(ctx, zone, cert.ID)
		// The client pastes ids into paths: this sends DELETE to the settings.
		_, pasted := api.DeletePerZoneAuthenticatedOriginPullsCertificate(ctx, zone, "settings")
		for _, test := range []struct {
			name string
			err  error
			kind cloudflare.ErrorType
			code int
		}{
			{"duplicate", upload(params(pair)), cloudflare.ErrorTypeRequest, 1406},
			{"CA", upload(params(testpki.CA("ca"))), cloudflare.ErrorTypeRequest, 1412},
			{"no certificate", upload(cloudflare.PerZoneAuthenticatedOriginPullsCertificateParams{Certificate: "x", PrivateKey: "x"}), cloudflare.ErrorTypeRequest, 1408},
			{"pending", pending, cloudflare.ErrorTypeRequest, 1434},
			{"settings as id", pasted, cloudflare.ErrorTypeRequest, 10405},
			{"unknown certificate", get(api, zone, "fa633cc7-4afc-4875-8814-b321153fee13"), cloudflare.ErrorTypeNotFound, 1551},
			{"malformed id", get(api, zone, "x"), cloudflare.ErrorTypeNotFound, 7003},
			{"unknown zone", get(api, "ffffffffffffffffffffffffffffffff", cert.ID), cloudflare.ErrorTypeAuthentication, 9109},
			{"unknown token", get(unknown, zone, cert.ID), cloudflare.ErrorTypeAuthentication, 10000},
			{"unknown key", get(keyed, zone, cert.ID), cloudflare.ErrorTypeAuthentication, 9103},
		} {
			var typed interface {
				error
				Type() cloudflare.ErrorType
				InternalErrorCodeIs(int) bool
				RayID() string
			}
			if !errors.As(test.err, &typed) || typed.Type() != test.kind || !typed.InternalErrorCodeIs(test.code) || typed.RayID() == "" {
				t.Errorf("%s: %T %v, want %s with code %d and a Cf-Ray", test.name, test.err, test.err, test.kind, test.code)
			}
		}
	})
}

// What the client tries again by itself: a failed service and a rate limit, but
// also an upload whose response was lost, which then finds its own certificate.
func TestRetries(t *testing.T) {
	for name, test := range map[string]struct {
		fault  originpulltest.Fault
		exists bool
	}{
		"failed before": {originpulltest.Fault{Reject: true}, false},
		"rate limited":  {originpulltest.Fault{Reject: true, Response: &originpulltest.Response{Status: 429, Body: "{}"}}, false},
		"failed after":  {originpulltest.Fault{Response: &originpulltest.Response{Status: 500}}, true},
		"response lost": {originpulltest.Fault{Disconnect: originpulltest.Drop}, true},
	} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, originpulltest.Options{Faults: originpulltest.Script(test.fault)}, func(t *testing.T, sim *originpulltest.Simulator) {
				_, err := newAPI(t, sim).UploadPerZoneAuthenticatedOriginPullsCertificate(t.Context(), sim.ZoneID(), params(testpki.Leaf("retries", nil)))
				var refused *cloudflare.RequestError
				if exists := errors.As(err, &refused) && refused.InternalErrorCodeIs(1406); exists != test.exists || !exists && err != nil {
					t.Errorf("upload: %v; want to meet its own certificate: %t", err, test.exists)
				}
				if got := len(sim.Certificates(sim.ZoneID())); got != 1 {
					t.Errorf("%d certificates, want the one uploaded", got)
				}
			})
		})
	}
}
