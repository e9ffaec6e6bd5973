package originpulltest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// The tests but TestFaultsOnSDK speak plain HTTP: with the SDK on the other side, what both got
// wrong would not be found.

// client speaks to a simulator as a program would that knows only HTTP.
type client struct {
	tb     testing.TB
	http   *http.Client
	base   string // base URL
	zone   string // path of the zone's certificates
	header http.Header
}

// memoryClient reaches the simulator in memory, tcpClient over TCP, both with
// the token that may do everything, on the first zone.
func memoryClient(tb testing.TB, sim *originpulltest.Simulator) *client {
	return newClient(tb, sim.Client(), "https://api.cloudflare.com/client/v4", sim.ZoneID(), sim.Token())
}

func tcpClient(tb testing.TB, sim *originpulltest.Simulator) *client {
	transport := &http.Transport{}
	tb.Cleanup(transport.CloseIdleConnections)
	return newClient(tb, &http.Client{Transport: transport}, sim.URL(), sim.ZoneID(), sim.Token())
}

func newClient(tb testing.TB, h *http.Client, base, zoneID, token string) *client {
	return &client{
		tb: tb, http: h, base: base,
		zone:   "/zones/" + zoneID + "/origin_tls_client_auth",
		header: http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"application/json"}},
	}
}

// with returns a client that sends other credentials: names and values.
func (c *client) with(header ...string) *client {
	other := *c
	other.header = http.Header{}
	for i := 0; i < len(header); i += 2 {
		other.header.Set(header[i], header[i+1])
	}
	return &other
}

// response is what came back.
type response struct {
	status  int
	header  http.Header
	body    string
	Success bool
	Errors  []struct {
		Code       int
		Message    string
		ErrorChain []struct{ Code int } `json:"error_chain"`
	}
	Result     json.RawMessage
	ResultInfo map[string]float64 `json:"result_info"`
}

// certificate is the result as a certificate.
type certificate struct {
	ID, Status, Certificate, Issuer, Signature string
	SerialNumber                               string `json:"serial_number"`
	ExpiresOn                                  string `json:"expires_on"`
	UploadedOn                                 string `json:"uploaded_on"`
}

// try sends a request and returns what came back, or why nothing did.
func (c *client) try(method, path, body string) (response, error) {
	c.tb.Helper()
	r, err := http.NewRequestWithContext(c.tb.Context(), method, c.base+path, strings.NewReader(body))
	if err != nil {
		c.tb.Fatal(err)
	}
	r.Header = c.header
	resp, err := c.http.Do(r)
	if err != nil {
		return response{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	a := response{status: resp.StatusCode, header: resp.Header, body: string(text)}
	if err == nil && resp.Header.Get("Content-Type") == "application/json" && len(text) > 0 {
		err = json.Unmarshal(text, &a)
	}
	return a, err
}

// do is try for a request that has to get a response.
func (c *client) do(method, path, body string) response {
	c.tb.Helper()
	a, err := c.try(method, path, body)
	if err != nil {
		c.tb.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

func uploadBody(pair testpki.Pair) string {
	return jsonBody(string(pair.CertPEM()), string(pair.KeyPEM()))
}

func jsonBody(certificate, key string) string {
	out, _ := json.Marshal(map[string]string{"certificate": certificate, "private_key": key})
	return string(out)
}

func (c *client) upload(pair testpki.Pair) response {
	c.tb.Helper()
	return c.do("POST", c.zone, uploadBody(pair))
}
func (c *client) get(id string) response    { c.tb.Helper(); return c.do("GET", c.zone+"/"+id, "") }
func (c *client) delete(id string) response { c.tb.Helper(); return c.do("DELETE", c.zone+"/"+id, "") }
func (c *client) list() response            { c.tb.Helper(); return c.do("GET", c.zone, "") }
func (c *client) enable(on string) response {
	c.tb.Helper()
	return c.do("PUT", c.zone+"/settings", `{"enabled":`+on+`}`)
}

// cert is the certificate in a response that has to be a success.
func (a response) cert(tb testing.TB) certificate {
	tb.Helper()
	var cert certificate
	a.into(tb, &cert)
	return cert
}

func (a response) certs(tb testing.TB) []certificate {
	tb.Helper()
	var certs []certificate
	a.into(tb, &certs)
	return certs
}

func (a response) into(tb testing.TB, result any) {
	tb.Helper()
	if a.status != http.StatusOK || !a.Success || len(a.Errors) != 0 {
		tb.Fatalf("want a success, got HTTP %d %s", a.status, a.body)
	}
	if err := json.Unmarshal(a.Result, result); err != nil {
		tb.Fatalf("result of %s: %v", a.body, err)
	}
}

// refused checks that a response is a failure of that status and code; 0 stands
// for no code.
func (a response) refused(tb testing.TB, status, code int) {
	tb.Helper()
	if a.status != status || a.Success || len(a.Errors) != 1 || a.Errors[0].Code != code {
		tb.Fatalf("want HTTP %d with code %d, got HTTP %d %s", status, code, a.status, a.body)
	}
	if code == 0 && strings.Contains(a.body, `"code"`) {
		tb.Fatalf("want no code at all, got %s", a.body)
	}
}

// story runs a test in a synctest bubble, where time passes only when everybody
// waits, on a simulator of its own.
func story(t *testing.T, options originpulltest.Options, run func(t *testing.T, sim *originpulltest.Simulator, c *client)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.NewServer(t, options)
		run(t, sim, memoryClient(t, sim))
	})
}

// status checks what a certificate reads now.
func (c *client) status(id, want string) {
	c.tb.Helper()
	if got := c.get(id).cert(c.tb).Status; got != want {
		c.tb.Errorf("the certificate reads %s, want %s", got, want)
	}
}

// listed checks which certificates the list shows, in order.
func (c *client) listed(want ...string) {
	c.tb.Helper()
	var got []string
	for _, cert := range c.list().certs(c.tb) {
		got = append(got, cert.ID)
	}
	if !slices.Equal(got, want) {
		c.tb.Errorf("the list shows %v, want %v", got, want)
	}
}
