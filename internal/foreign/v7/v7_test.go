package v7

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cloudflare/cloudflare-go/v7/option"
	api "github.com/cloudflare/cloudflare-go/v7/origin_tls_client_auth"

	"github.com/originpull/originpull-go/internal/foreign"
	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// Only the packages of these endpoints are imported: the client as a whole
// compiles for minutes.

func newClient(client *http.Client, base, token string) *api.OriginTLSClientAuthService {
	return api.NewOriginTLSClientAuthService(option.WithBaseURL(base), option.WithHTTPClient(client), option.WithAPIToken(token))
}

const liveAPI = "https://api.cloudflare.com/client/v4/"

// newAPI returns the client on the simulator in memory, at the URL of the live
// API.
func newAPI(sim *originpulltest.Simulator, token string) *api.OriginTLSClientAuthService {
	return newClient(sim.Client(), liveAPI, token)
}

// inMemory runs a test on a simulator in a synctest bubble.
func inMemory(t *testing.T, options originpulltest.Options, run func(*testing.T, *originpulltest.Simulator)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { run(t, originpulltest.NewServer(t, options)) })
}

// The fields of parameters are set one by one, since the type of a field can be
// named only through the client as a whole.

func upload(zone string, pair testpki.Pair) (p api.ZoneCertificateNewParams) {
	p.ZoneID.Value, p.ZoneID.Present = zone, true
	p.Certificate.Value, p.Certificate.Present = string(pair.CertPEM()), true
	p.PrivateKey.Value, p.PrivateKey.Present = string(pair.KeyPEM()), true
	return p
}

func list(zone string) (p api.ZoneCertificateListParams) {
	p.ZoneID.Value, p.ZoneID.Present = zone, true
	return p
}

func get(zone string) (p api.ZoneCertificateGetParams) {
	p.ZoneID.Value, p.ZoneID.Present = zone, true
	return p
}

func remove(zone string) (p api.ZoneCertificateDeleteParams) {
	p.ZoneID.Value, p.ZoneID.Present = zone, true
	return p
}

func settings(zone string) (p api.SettingGetParams) {
	p.ZoneID.Value, p.ZoneID.Present = zone, true
	return p
}

func enable(zone string, enabled bool) (p api.SettingUpdateParams) {
	p.ZoneID.Value, p.ZoneID.Present = zone, true
	p.Enabled.Value, p.Enabled.Present = enabled, true
	return p
}

// operations calls all six.
func operations(t *testing.T, client *api.OriginTLSClientAuthService, zone string) {
	ctx, pair := t.Context(), testpki.Leaf("v7", nil)
	listed := func() (ids []string) {
		t.Helper()
		pages := client.ZoneCertificates.ListAutoPaging(ctx, list(zone))
		for pages.Next() {
			ids = append(ids, pages.Current().ID)
		}
		if err := pages.Err(); err != nil {
			t.Fatal(err)
		}
		return ids
	}
	if ids := listed(); len(ids) != 0 {
		t.Errorf("list of an empty zone: %v", ids)
	}
	cert, err := client.ZoneCertificates.New(ctx, upload(zone, pair))
	if err != nil {
		t.Fatal(err)
	}
	if cert.Certificate != string(pair.CertPEM()) || cert.Issuer != "CN=v7" || cert.Signature != "ECDSA-SHA256" ||
		!cert.ExpiresOn.Equal(pair.Certificate.NotAfter) || cert.UploadedOn.IsZero() || cert.Status != api.ZoneAuthenticatedOriginPullStatusPendingDeployment {
		t.Errorf("uploaded: %+v", cert)
	}
	await := func(status api.ZoneAuthenticatedOriginPullStatus) {
		t.Helper()
		for {
			got, err := client.ZoneCertificates.Get(ctx, cert.ID, get(zone))
			if err != nil {
				t.Fatal(err)
			}
			if !got.Status.IsKnown() {
				t.Errorf("the client does not know the status %q", got.Status)
			}
			if got.Status == status {
				return
			}
			time.Sleep(time.Second)
		}
	}
	await(api.ZoneAuthenticatedOriginPullStatusActive)
	if ids := listed(); len(ids) != 1 || ids[0] != cert.ID {
		t.Errorf("list: %v", ids)
	}
	for _, enabled := range []bool{true, false} {
		set, err := client.Settings.Update(ctx, enable(zone, enabled))
		if err != nil || set.Enabled != enabled {
			t.Errorf("set enabled %t: %v, %v", enabled, set, err)
		}
		got, err := client.Settings.Get(ctx, settings(zone))
		if err != nil || got.Enabled != enabled {
			t.Errorf("get after enabled %t: %v, %v", enabled, got, err)
		}
	}
	deleted, err := client.ZoneCertificates.Delete(ctx, cert.ID, remove(zone))
	if err != nil || deleted.ID != cert.ID {
		t.Errorf("delete: %v, %v", deleted, err)
	}
	await(api.ZoneAuthenticatedOriginPullStatusDeleted)
}

func TestOperationsInMemory(t *testing.T) {
	inMemory(t, originpulltest.Options{DeployDelay: 10 * time.Second}, func(t *testing.T, sim *originpulltest.Simulator) {
		client := foreign.Record(t, sim.Client(), "cloudflare-go-v7.json", "cloudflare-go v7.9")
		operations(t, newClient(client, liveAPI, sim.Token()), sim.ZoneID())
	})
}

func TestOperationsOfProgram(t *testing.T) {
	t.Parallel()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	operations(t, newClient(client, foreign.Serve(t)+"/", testpki.Token()), foreign.ZoneID)
}

// The recipe of docs/simulator.md: the client as it is, in a process that trusts the CA.
func TestOperationsOverTLS(t *testing.T) {
	url := foreign.ServeTLS(t)
	if url == "" {
		return
	}
	client := api.NewOriginTLSClientAuthService(option.WithBaseURL(url), option.WithAPIToken("any"))
	operations(t, client, foreign.ZoneID)
}

// Each failure arrives as the client's error with its status and code.
func TestErrors(t *testing.T) {
	inMemory(t, originpulltest.Options{}, func(t *testing.T, sim *originpulltest.Simulator) {
		client, zone, ctx := newAPI(sim, sim.Token()), sim.ZoneID(), t.Context()
		pair := testpki.Leaf("errors", nil)
		cert, err := client.ZoneCertificates.New(ctx, upload(zone, pair))
		if err != nil {
			t.Fatal(err)
		}
		read := func(client *api.OriginTLSClientAuthService, zone, id string) error {
			_, err := client.ZoneCertificates.Get(ctx, id, get(zone))
			return err
		}
		delete := func(id string) error {
			_, err := client.ZoneCertificates.Delete(ctx, id, remove(zone))
			return err
		}
		_, exists := client.ZoneCertificates.New(ctx, upload(zone, pair))
		_, ca := client.ZoneCertificates.New(ctx, upload(zone, testpki.CA("ca")))
		for _, test := range []struct {
			name         string
			err          error
			status, code int
		}{
			{"duplicate", exists, 400, 1406},
			{"CA", ca, 400, 1412},
			{"pending", delete(cert.ID), 400, 1434},
			{"settings as id", delete("settings"), 405, 10405}, // ids are pasted into paths
			{"unknown certificate", read(client, zone, "fa633cc7-4afc-4875-8814-b321153fee13"), 404, 1551},
			{"unknown zone", read(client, "ffffffffffffffffffffffffffffffff", cert.ID), 403, 9109},
			{"unknown token", read(newAPI(sim, "unknown"), zone, cert.ID), 403, 10000},
		} {
			var typed *api.Error
			if !errors.As(test.err, &typed) || typed.StatusCode != test.status || len(typed.Errors) != 1 || int(typed.Errors[0].Code) != test.code {
				t.Errorf("%s: %T %v, want HTTP %d with code %d", test.name, test.err, test.err, test.status, test.code)
			}
		}
	})
}

// What the client tries again by itself, a conflict included.
func TestRetries(t *testing.T) {
	for name, test := range map[string]struct {
		fault  originpulltest.Fault
		exists bool
	}{
		"failed before": {originpulltest.Fault{Reject: true}, false},
		"conflict":      {originpulltest.Fault{Reject: true, Response: &originpulltest.Response{Status: 409, Body: "{}"}}, false},
		"rate limited": {originpulltest.Fault{Reject: true,
			Response: &originpulltest.Response{Status: 429, Header: http.Header{"Retry-After": {"7"}}, Body: "{}"}}, false},
		"failed after":  {originpulltest.Fault{Response: &originpulltest.Response{Status: 500}}, true},
		"response lost": {originpulltest.Fault{Disconnect: originpulltest.Drop}, true},
	} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, originpulltest.Options{Faults: originpulltest.Script(test.fault)}, func(t *testing.T, sim *originpulltest.Simulator) {
				_, err := newAPI(sim, sim.Token()).ZoneCertificates.New(t.Context(), upload(sim.ZoneID(), testpki.Leaf("retries", nil)))
				var refused *api.Error
				if exists := errors.As(err, &refused) && len(refused.Errors) == 1 && refused.Errors[0].Code == 1406; exists != test.exists || !exists && err != nil {
					t.Errorf("upload: %v; want to meet its own certificate: %t", err, test.exists)
				}
				if got := len(sim.Certificates(sim.ZoneID())); got != 1 {
					t.Errorf("%d certificates, want the one uploaded", got)
				}
			})
		})
	}
}
