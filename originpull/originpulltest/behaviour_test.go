package originpulltest_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

func TestDeploymentIsAsynchronous(t *testing.T) {
	story(t, originpulltest.Options{DeployDelay: time.Minute}, func(t *testing.T, _ *originpulltest.Simulator, c *client) {
		cert := c.upload(testpki.Leaf("a", nil)).cert(t)
		if cert.Status != "pending_deployment" {
			t.Errorf("the response to the upload is %s, want pending_deployment", cert.Status)
		}
		time.Sleep(time.Minute - 1)
		c.status(cert.ID, "pending_deployment")
		c.delete(cert.ID).refused(t, 400, 1434)
		time.Sleep(time.Nanosecond)
		c.status(cert.ID, "active")
	})
}

func TestDeploymentTimesOut(t *testing.T) {
	faults := originpulltest.On("UploadCertificate", originpulltest.Always(originpulltest.Fault{TimeOut: true}))
	story(t, originpulltest.Options{Faults: faults}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		pair := testpki.Leaf("a", nil)
		cert := c.upload(pair).cert(t)
		c.status(cert.ID, "pending_deployment")
		time.Sleep(time.Second)
		c.status(cert.ID, "deployment_timed_out")
		c.upload(pair).refused(t, 400, 1406)
		c.delete(cert.ID).cert(t)
		time.Sleep(time.Second)
		c.status(cert.ID, "deleted")
	})
}

func TestDeletionIsAsynchronous(t *testing.T) {
	story(t, originpulltest.Options{DeployDelay: -1, DeleteDelay: 10 * time.Second}, func(t *testing.T, _ *originpulltest.Simulator, c *client) {
		pair := testpki.Leaf("a", nil)
		cert := c.upload(pair).cert(t)
		responded := c.delete(cert.ID).cert(t)
		if responded.ID != cert.ID || responded.Status != "pending_deletion" {
			t.Errorf("the response to the deletion is %+v, want the certificate, pending_deletion", responded)
		}
		time.Sleep(10*time.Second - 1)
		c.status(cert.ID, "pending_deletion")
		c.listed(cert.ID)
		c.delete(cert.ID).refused(t, 400, 0)
		c.upload(pair).refused(t, 400, 1406)
		time.Sleep(time.Nanosecond)
		c.status(cert.ID, "deleted") // the tombstone is readable …
		c.listed()                   // … and not listed
		c.delete(cert.ID).refused(t, 400, 0)
	})
}

func TestDeletionTimesOut(t *testing.T) {
	faults := originpulltest.On("DeleteCertificate", originpulltest.Script(originpulltest.Fault{TimeOut: true}))
	story(t, originpulltest.Options{DeployDelay: -1, Faults: faults}, func(t *testing.T, _ *originpulltest.Simulator, c *client) {
		cert := c.upload(testpki.Leaf("a", nil)).cert(t)
		c.delete(cert.ID).cert(t)
		time.Sleep(time.Second)
		c.status(cert.ID, "deletion_timed_out")
		c.listed(cert.ID)
		c.delete(cert.ID).cert(t)
		time.Sleep(time.Second)
		c.status(cert.ID, "deleted")
	})
}

func TestListsLag(t *testing.T) {
	story(t, originpulltest.Options{DeployDelay: -1, DeleteDelay: -1, ListLag: 30 * time.Second}, func(t *testing.T, _ *originpulltest.Simulator, c *client) {
		pair := testpki.Leaf("a", nil)
		cert := c.upload(pair).cert(t)
		time.Sleep(30*time.Second - 1)
		c.listed()
		c.status(cert.ID, "active") // a GET is current
		time.Sleep(time.Nanosecond)
		c.listed(cert.ID)

		c.delete(cert.ID)
		c.listed()
		c.upload(pair)
		time.Sleep(time.Minute - 1) // longer for one that was deleted a moment ago
		c.listed()
		time.Sleep(time.Nanosecond)
		c.listed(cert.ID)
	})
}

func TestResurrection(t *testing.T) {
	story(t, originpulltest.Options{DeployDelay: time.Minute}, func(t *testing.T, _ *originpulltest.Simulator, c *client) {
		pair := testpki.Leaf("a", nil)
		cert := c.upload(pair).cert(t)
		time.Sleep(time.Minute)
		c.delete(cert.ID)
		time.Sleep(time.Second)
		c.status(cert.ID, "deleted")
		again := c.upload(pair).cert(t)
		if again.ID != cert.ID || again.Status != "pending_deletion" {
			t.Errorf("re-uploaded after deletion it is %+v, want the old id %s, pending_deletion for a moment", again, cert.ID)
		}
		if again.UploadedOn == cert.UploadedOn {
			t.Errorf("uploaded_on is still that of the first life: %s", again.UploadedOn)
		}
		time.Sleep(6 * time.Second)
		c.status(cert.ID, "pending_deployment")
		time.Sleep(54 * time.Second)
		c.status(cert.ID, "active")
		c.listed(cert.ID)
	})
}

// Duplicates are recognised by content, in one zone, whatever the text around it.
func TestDuplicates(t *testing.T) {
	story(t, originpulltest.Options{DeployDelay: time.Minute}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		pair := testpki.Leaf("a", nil)
		cert := c.upload(pair).cert(t)
		c.upload(pair).refused(t, 400, 1406)
		time.Sleep(time.Minute)
		c.do("POST", c.zone, jsonBody("comment\n"+string(pair.CertPEM())+"\n\n", string(pair.KeyPEM()))).refused(t, 400, 1406)
		c.listed(cert.ID)

		const other = "ffffffffffffffffffffffffffffffff"
		if err := sim.AddZone(other); err != nil {
			t.Fatal(err)
		}
		c.do("POST", "/zones/"+other+"/origin_tls_client_auth", uploadBody(pair)).cert(t)
	})
}

// Several may be active; they are listed in the order of their uploads.
func TestSeveralActive(t *testing.T) {
	story(t, originpulltest.Options{DeployDelay: -1}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		one, two := c.upload(testpki.Leaf("a", nil)).cert(t), c.upload(testpki.Leaf("b", nil)).cert(t)
		c.status(one.ID, "active")
		c.status(two.ID, "active")
		c.listed(one.ID, two.ID)
		c.enable("true")
		o := newOrigin(t, &tls.Config{ClientAuth: tls.RequestClientCert}, ok)
		p := sim.Pull(t.Context(), sim.ZoneID(), o.Origin)
		checkPull(t, p, originpulltest.Accepted, originpulltest.PresentedZone, two.ID+" was deployed last")
		sim.SetStatus(sim.ZoneID(), one.ID, "active")
		p = sim.Pull(t.Context(), sim.ZoneID(), o.Origin)
		checkPull(t, p, originpulltest.Accepted, originpulltest.PresentedZone, one.ID+" was deployed last")
	})
}

func TestNotFound(t *testing.T) {
	story(t, originpulltest.Options{}, func(t *testing.T, _ *originpulltest.Simulator, c *client) {
		const unknown = "fa633cc7-4afc-4875-8814-b321153fee13"
		c.get(unknown).refused(t, 404, 1551)
		c.delete(unknown).refused(t, 404, 1552)
	})
}

// An upload or a deletion while another is in flight is refused; a second zone,
// reading and the settings are not held up.
func TestConcurrentChange(t *testing.T) {
	const slow = time.Minute
	faults := originpulltest.On("UploadCertificate", originpulltest.Script(originpulltest.Fault{}, originpulltest.Fault{Delay: slow}))
	story(t, originpulltest.Options{DeployDelay: -1, Faults: faults}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		const other = "ffffffffffffffffffffffffffffffff"
		sim.AddZone(other)
		cert := c.upload(testpki.Leaf("a", nil)).cert(t)
		done := make(chan response)
		go func() {
			a, _ := c.try("POST", c.zone, uploadBody(testpki.Leaf("slow", nil)))
			done <- a
		}()
		time.Sleep(slow / 2)
		c.upload(testpki.Leaf("b", nil)).refused(t, 409, 0)
		c.delete(cert.ID).refused(t, 409, 0)
		c.listed(cert.ID)
		c.enable("true").into(t, new(struct{}))
		c.do("POST", "/zones/"+other+"/origin_tls_client_auth", uploadBody(testpki.Leaf("b", nil))).cert(t)
		slowCert := (<-done).cert(t)
		c.listed(cert.ID, slowCert.ID)
		c.delete(cert.ID).cert(t)
	})
}

// A change that takes time shuts out others of its zone, and nothing else.
func TestChangeDuration(t *testing.T) {
	for _, first := range []string{"upload", "deletion"} {
		for _, delay := range []time.Duration{0, 5 * time.Second} {
			t.Run(fmt.Sprint(first, " delayed by ", delay), func(t *testing.T) {
				const took = 10 * time.Second
				options := originpulltest.Options{DeployDelay: -1, DeleteDelay: -1, ChangeDuration: took}
				story(t, options, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
					sim.AddZone(unknownZone)
					seeded, err := sim.AddCertificate(sim.ZoneID(), testpki.Leaf("seeded", nil).TLS())
					if err != nil {
						t.Fatal(err)
					}
					sim.SetFaults(originpulltest.Script(originpulltest.Fault{Delay: delay}))
					elsewhere := newClient(t, sim.Client(), c.base, unknownZone, sim.Token())
					done := make(chan response)
					start := time.Now()
					go func() {
						method, path, body := "POST", c.zone, uploadBody(testpki.Leaf("new", nil))
						if first == "deletion" {
							method, path, body = "DELETE", c.zone+"/"+seeded.ID, ""
						}
						a, _ := c.try(method, path, body)
						done <- a
					}()
					time.Sleep(took + delay - time.Second)
					c.upload(testpki.Leaf("b", nil)).refused(t, 409, 0)
					c.delete(seeded.ID).refused(t, 409, 0)
					c.listed(seeded.ID) // not yet changed
					c.enable("true").into(t, new(struct{}))
					if passed := time.Since(start); passed != took+delay-time.Second {
						t.Errorf("what changes no certificate was held up until %s", passed)
					}
					next(t, sim, "the change takes effect", 1)
					(<-done).cert(t)
					if passed := time.Since(start); passed != took+delay {
						t.Errorf("the %s took %s, want %s", first, passed, took+delay)
					}
					if got := len(sim.Certificates(sim.ZoneID())); first == "upload" && got != 2 {
						t.Errorf("after the upload the zone holds %d certificates", got)
					}
					go func() { a, _ := c.try("POST", c.zone, uploadBody(testpki.Leaf("c", nil))); done <- a }()
					time.Sleep(time.Second)
					elsewhere.upload(testpki.Leaf("c", nil)).cert(t)
					(<-done).cert(t)
				})
			})
		}
	}
}

// A change is in flight when its body has arrived, not before.
func TestSlowBody(t *testing.T) {
	story(t, originpulltest.Options{}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		body, send := io.Pipe()
		r, err := http.NewRequestWithContext(t.Context(), "POST", c.base+c.zone, body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = c.header
		done := make(chan int)
		go func() {
			resp, err := c.http.Do(r)
			if err != nil {
				t.Error(err)
				close(done)
				return
			}
			resp.Body.Close()
			done <- resp.StatusCode
		}()
		text := uploadBody(testpki.Leaf("slow", nil))
		io.WriteString(send, text[:10])
		time.Sleep(time.Minute)
		c.upload(testpki.Leaf("quick", nil)).cert(t)
		io.WriteString(send, text[10:])
		send.Close()
		if got := <-done; got != 200 {
			t.Errorf("the upload whose body came slowly gets HTTP %d", got)
		}
	})
}

// State can be seeded and inspected, also with a status that no one knows.
func TestSeedAndInspect(t *testing.T) {
	story(t, originpulltest.Options{DeleteDelay: -1}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		zone, pair := sim.ZoneID(), testpki.Leaf("seed", nil)
		if got := sim.Certificates(zone); got != nil {
			t.Errorf("a new zone holds %v", got)
		}
		seeded, err := sim.AddCertificate(zone, pair.TLS())
		if err != nil {
			t.Fatal(err)
		}
		c.status(seeded.ID, "active")
		c.upload(pair).refused(t, 400, 1406)
		if _, err := sim.AddCertificate(zone, pair.TLS()); err == nil {
			t.Error("seeding a duplicate passes in silence")
		}
		keyless, foreign := testpki.Leaf("keyless", nil).TLS(), testpki.Leaf("foreign", nil).TLS()
		keyless.PrivateKey, foreign.PrivateKey = nil, pair.Key
		for says, bad := range map[string]tls.Certificate{
			"holds none": {}, "is a CA": testpki.CA("ca").TLS(), "no private key": keyless, "key is not that": foreign,
		} {
			if _, err := sim.AddCertificate(zone, bad); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("seeding what %s: %v", says, err)
			}
		}
		for _, status := range []originpulltest.Status{"initializing", "pending_deployment"} {
			if err := sim.SetStatus(zone, seeded.ID, status); err != nil {
				t.Fatal(err)
			}
			c.status(seeded.ID, string(status))
			c.delete(seeded.ID).refused(t, 400, 1434)
		}
		for _, status := range []originpulltest.Status{"deletion_timed_out", "on_the_moon"} {
			sim.SetStatus(zone, seeded.ID, status)
			c.status(seeded.ID, string(status))
		}
		c.delete(seeded.ID).cert(t)
		if got := sim.Certificates(zone); len(got) != 1 || got[0].Status != "deleted" {
			t.Errorf("inspecting does not show the tombstone: %+v", got)
		}
		if sim.SetStatus(zone, "unknown", "active") == nil || sim.SetStatus(zone, seeded.ID, "") == nil || sim.AddZone("nowhere") == nil {
			t.Error("a certificate or zone that is none is taken in silence")
		}
	})
}
