package originpulltest_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// The story of a certificate, the same over every way in.
// await passes the time until something is so.
func lifecycle(t *testing.T, c *client, await func(func() bool)) {
	pair := testpki.Leaf("lifecycle", nil)
	if a := c.list(); string(a.Result) != "null" {
		t.Errorf("list of an empty zone: want a null result, got %s", a.body)
	}
	cert := c.upload(pair).cert(t)
	if cert.Status != "pending_deployment" {
		t.Errorf("status after the upload: %s", cert.Status)
	}
	c.delete(cert.ID).refused(t, 400, 1434)
	reads := func(status string) func() bool {
		return func() bool { return c.get(cert.ID).cert(t).Status == status }
	}
	await(reads("active"))
	if listed := c.list().certs(t); len(listed) != 1 || listed[0].ID != cert.ID {
		t.Errorf("list: %+v", listed)
	}
	if a := c.enable("true"); string(a.Result) != `{"enabled":true}` {
		t.Errorf("enable: %s", a.body)
	}
	if got := c.delete(cert.ID).cert(t).Status; got != "pending_deletion" {
		t.Errorf("status in the response to the deletion: %s", got)
	}
	await(reads("deleted"))
	if a := c.list(); string(a.Result) != "null" {
		t.Errorf("a tombstone is listed: %s", a.body)
	}
}

func TestLifecycleOverTCP(t *testing.T) {
	t.Parallel()
	sim := originpulltest.NewServer(t, originpulltest.Options{DeployDelay: unhurried, RateLimit: -1})
	lifecycle(t, tcpClient(t, sim), poll)
}

// unhurried is a deployment during which a slow machine still gets to ask.
const unhurried = 3 * time.Second

// poll asks until it is so, some times a second; go test ends what never is.
func poll(done func() bool) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		<-tick.C
	}
}

// The program, as other clients see it.
func TestLifecycleOfProgram(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds a program")
	}
	program := filepath.Join(t.TempDir(), "originpull")
	// What go run links is kept in the build cache, what go build links is not.
	if out, err := exec.CommandContext(t.Context(), "go", "run", "-exec=cp", "../../cmd/originpull", program).CombinedOutput(); err != nil {
		t.Fatalf("the program does not build: %v\n%s", err, out)
	}
	err := exec.CommandContext(t.Context(), program, "serve", "--token", "two\nlines").Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 2 {
		t.Errorf("with a token that no client can send the program ends with %v, want status 2", err)
	}
	serve := exec.CommandContext(t.Context(), program, "serve", "--addr", "127.0.0.1:0", "--rate-limit", "-1", "--deploy-delay", unhurried.String())
	serve.Cancel = func() error { return serve.Process.Signal(os.Interrupt) }
	out, err := serve.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	lifecycle(t, newClient(t, &http.Client{Transport: transport}, strings.TrimSpace(url), unknownZone, testpki.Token()), poll)
	transport.CloseIdleConnections()
	serve.Process.Signal(os.Interrupt)
	if err := serve.Wait(); err != nil {
		t.Errorf("interrupted, the program ends with %v", err)
	}
}

func TestLifecycleInMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const half = 30 * time.Minute
		sim := originpulltest.NewServer(t, originpulltest.Options{DeployDelay: half, DeleteDelay: half})
		begin := time.Now()
		lifecycle(t, memoryClient(t, sim), func(done func() bool) {
			time.Sleep(half - time.Nanosecond)
			if done() {
				t.Error("the certificate got there before its time")
			}
			time.Sleep(time.Nanosecond)
			if !done() {
				t.Error("the certificate did not get there in time")
			}
		})
		if passed := time.Since(begin); passed != time.Hour {
			t.Errorf("the story took %s of the bubble's time, want an hour", passed)
		}
	})
}

// A handler on a server of one's own, and an address of one's own.
func TestListen(t *testing.T) {
	t.Parallel()
	sim := originpulltest.NewServer(t, originpulltest.Options{})
	own := httptest.NewServer(sim.Handler())
	t.Cleanup(own.Close)
	newClient(t, own.Client(), own.URL, sim.ZoneID(), sim.Token()).listed()

	r := httptest.NewRequest("GET", "/", nil)
	r.Body = nil
	w := httptest.NewRecorder()
	sim.Handler().ServeHTTP(w, r)
	if w.Code != 400 {
		t.Errorf("a request without a body gets HTTP %d", w.Code)
	}

	if err := sim.Listen(":0"); err != nil { // on all addresses
		t.Fatal(err)
	}
	url := sim.URL()
	if sim.URL() != url || !strings.HasPrefix(url, "http://127.0.0.1:") || !strings.HasSuffix(url, "/client/v4") {
		t.Errorf("the URL is %s, then %s", url, sim.URL())
	}
	c := tcpClient(t, sim)
	c.listed()
	if err := sim.Listen("nowhere"); err == nil {
		t.Error("listening on no address passes in silence")
	}

	sim.Close()
	if err := sim.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
	if _, err := c.try("GET", c.zone, ""); err == nil {
		t.Error("the simulator responds after it was closed")
	}
	if _, err := memoryClient(t, sim).try("GET", c.zone, ""); err == nil {
		t.Error("the simulator responds in memory after it was closed")
	}
}

// Nothing that comes in gets anything but a response in the API's form.
func FuzzRequest(f *testing.F) {
	zone := "/client/v4/zones/023e105f4ecef8ad9ca31a8372d0c353/origin_tls_client_auth"
	f.Add("GET", zone, "Bearer x", "")
	f.Add("POST", zone, "Bearer x", uploadBody(testpki.Leaf("fuzz", nil)))
	f.Add("PUT", zone+"/settings", "Bearer x", `{"enabled":true}`)
	f.Add("DELETE", zone+"/%2e%2e/", "Basic x", "{")
	f.Add("PATCH", "//zones/%zz", "", "null")
	f.Fuzz(func(t *testing.T, method, path, authorization, body string) {
		sim := originpulltest.New(originpulltest.Options{AnyToken: true, AnyZone: true})
		defer sim.Close()
		r := httptest.NewRequest("GET", "/", strings.NewReader(body))
		r.Method, r.URL.Path, r.Header = method, path, http.Header{"Authorization": {authorization}}
		w := httptest.NewRecorder()
		sim.Handler().ServeHTTP(w, r)
		var envelope struct{ Success *bool }
		if err := json.Unmarshal(w.Body.Bytes(), &envelope); err != nil || envelope.Success == nil ||
			*envelope.Success != (w.Code == 200) || w.Code >= 500 || w.Header().Get("Cf-Ray") == "" {
			t.Errorf("%q %q gets HTTP %d %v %s", method, path, w.Code, w.Header(), w.Body)
		}
	})
}
