package originpulltest_test

import (
	"crypto/tls"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// What Presented returns is what a pull presents, with every setting of the zone.
func TestPresentedIsPulled(t *testing.T) {
	faults := originpulltest.On("DeleteCertificate", originpulltest.Script(originpulltest.Fault{TimeOut: true}))
	story(t, originpulltest.Options{DeployDelay: time.Minute, Faults: faults}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		zone := sim.ZoneID()
		first, second := testpki.Leaf("first", nil), testpki.Leaf("second", nil)
		var one, two string
		secure := newOrigin(t, &tls.Config{ClientAuth: tls.RequestClientCert}, ok)
		plain := originpulltest.NewListener()
		serve(t, plain, ok)
		for _, step := range []struct {
			name string
			do   func()
			kind originpulltest.Presented
			id   *string
			says string
		}{
			{"a new zone", func() {}, "none", nil, "no certificate"},
			{"global on", func() { sim.SetGlobal(zone, true) }, "shared", nil, "shared certificate"},
			{"enabled without a certificate", func() { c.enable("true") }, "shared", nil, "shared certificate"},
			{"uploaded, not deployed", func() { one = c.upload(first).cert(t).ID }, "shared", nil, "shared certificate"},
			{"deployed", func() { time.Sleep(time.Minute) }, "zone", &one, "(CN=first)"},
			{"a second one uploaded", func() { two = c.upload(second).cert(t).ID }, "zone", &one, "(CN=first)"},
			{"and deployed", func() { time.Sleep(time.Minute) }, "zone", &two, "(CN=second)"},
			{"SSL mode flexible", func() { sim.SetSSLMode(zone, originpulltest.SSLFlexible) }, "none", nil, "no certificate"},
			{"SSL mode off", func() { sim.SetSSLMode(zone, originpulltest.SSLOff) }, "none", nil, "no certificate"},
			{"SSL mode full", func() { sim.SetSSLMode(zone, originpulltest.SSLFull) }, "zone", &two, "(CN=second)"},
			{"the second one's deletion", func() { c.delete(two) }, "zone", &one, "(CN=first)"},
			{"times out", func() { time.Sleep(time.Second); c.status(two, "deletion_timed_out") }, "zone", &one, "(CN=first)"},
			{"the first one deleted", func() { c.delete(one) }, "shared", nil, "shared certificate"},
			{"global off", func() { sim.SetGlobal(zone, false) }, "none", nil, "no certificate"},
			{"the first one again", func() { time.Sleep(time.Second); c.upload(first); time.Sleep(time.Minute) }, "zone", &one, "(CN=first)"},
			{"disabled", func() { c.enable("false") }, "none", nil, "no certificate"},
		} {
			step.do()
			got, id := sim.Presented(zone), ""
			if step.id != nil {
				id = *step.id
			}
			if got.Kind != step.kind || got.CertificateID != id || !strings.Contains(got.String(), step.says) {
				t.Errorf("%s: %s is presented (%+v), want %s %s", step.name, got, got.Kind, step.kind, id)
			}
			if same := sim.Presented(zone); same != got {
				t.Errorf("%s: %s and %s, asked for twice, differ", step.name, got, same)
			}
			o := secure.Origin
			if step.name == "SSL mode flexible" || step.name == "SSL mode off" {
				o = originpulltest.Origin{Addr: "origin.example:80", Dial: plain.Dial}
			}
			p := sim.Pull(t.Context(), zone, o)
			if p.Presented != got.Kind || !p.Certificate.Equal(got.Certificate) {
				t.Errorf("%s: the pull presented %s, Presented says %s", step.name, p.Presented, got)
			}
		}
		if got := sim.Presented("unknown"); got != (originpulltest.Presentation{}) || got.String() != "no such zone" {
			t.Errorf("of a zone that does not exist, %s is presented", got)
		}
	})
}

// A certificate that comes back is the same one to compare.
func TestPresentedAgain(t *testing.T) {
	story(t, originpulltest.Options{DeployDelay: -1, DeleteDelay: -1}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		pair := testpki.Leaf("again", nil)
		cert := c.upload(pair).cert(t)
		c.enable("true")
		before := sim.Presented(sim.ZoneID())
		c.delete(cert.ID)
		c.upload(pair)
		if after := sim.Presented(sim.ZoneID()); after != before {
			t.Errorf("uploaded again, %s is not %s", after, before)
		}
	})
}

// next checks when the zone changes next, in seconds from now; negative stands for never.
func next(t *testing.T, sim *originpulltest.Simulator, when string, want float64) {
	t.Helper()
	got, ok := sim.NextChange(sim.ZoneID())
	if seconds := time.Until(got).Seconds(); ok != (want >= 0) || ok && seconds != want {
		t.Errorf("%s: the next change is in %v s (%t), want %v s", when, seconds, ok, want)
	}
}

func TestNextChange(t *testing.T) {
	options := originpulltest.Options{DeployDelay: 10 * time.Second, DeleteDelay: 5 * time.Second, ListLag: 25 * time.Second}
	story(t, options, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		pair := testpki.Leaf("a", nil)
		next(t, sim, "a new zone", -1)
		cert := c.upload(pair).cert(t)
		next(t, sim, "uploaded: active", 10)
		time.Sleep(9 * time.Second)
		next(t, sim, "a second before", 1)
		time.Sleep(time.Second)
		next(t, sim, "active: listed", 15)
		time.Sleep(15 * time.Second)
		next(t, sim, "listed: nothing", -1)
		c.delete(cert.ID)
		next(t, sim, "deleted: gone", 5)
		time.Sleep(5 * time.Second)
		next(t, sim, "gone", -1)
		c.upload(pair)
		next(t, sim, "uploaded again: pending_deployment", 1)
		time.Sleep(time.Second)
		next(t, sim, "pending_deployment: active", 9)
		sim.SetStatus(sim.ZoneID(), cert.ID, "on_the_moon")
		next(t, sim, "a status that stays: listed", 49)
		sim.SetStatus(sim.ZoneID(), cert.ID, "deleted")
		next(t, sim, "never listed", -1)
		sim.SetStatus(sim.ZoneID(), cert.ID, "deletion_timed_out")
		c.delete(cert.ID)
		next(t, sim, "deleted before it was deployed: gone", 5)
		time.Sleep(5 * time.Second)
		next(t, sim, "gone before it was deployed", -1)
		if _, ok := sim.NextChange("unknown"); ok {
			t.Error("a zone that does not exist changes")
		}
	})
}

// At each change that NextChange names something changes, and at no other time.
func TestNextChangeIsNext(t *testing.T) {
	faults := originpulltest.FirstOf(
		originpulltest.On("DeleteCertificate", originpulltest.Script(originpulltest.Fault{TimeOut: true})),
		originpulltest.On("UploadCertificate", originpulltest.Script(originpulltest.Fault{DeployDelay: 20 * time.Second}, originpulltest.Fault{TimeOut: true})))
	options := originpulltest.Options{DeployDelay: 10 * time.Second, DeleteDelay: 5 * time.Second, ListLag: 25 * time.Second, Faults: faults}
	story(t, options, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		c.enable("true")
		seeded, err := sim.AddCertificate(sim.ZoneID(), testpki.Leaf("seeded", nil).TLS())
		if err != nil {
			t.Fatal(err)
		}
		c.upload(testpki.Leaf("slow", nil))
		c.upload(testpki.Leaf("failing", nil))
		c.upload(testpki.Leaf("quick", nil))
		c.delete(seeded.ID)
		seen := func() string {
			var b strings.Builder
			b.WriteString(sim.Presented(sim.ZoneID()).String() + c.list().body)
			for _, cert := range sim.Certificates(sim.ZoneID()) {
				b.WriteString(cert.ID + string(cert.Status))
			}
			return b.String()
		}
		for range 60 {
			at, changes := sim.NextChange(sim.ZoneID())
			changes = changes && time.Until(at) <= time.Second/2
			before := seen()
			time.Sleep(time.Second / 2)
			if after := seen(); (after != before) != changes {
				t.Errorf("at %s the zone changes: %t; NextChange says %t\n%s\n%s", time.Now(), after != before, changes, before, after)
			}
		}
	})
}

// Text that is equal for zones in the same state, and differs if anything does that their
// future depends on.
func TestState(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := testpki.Leaf("a", nil), testpki.Leaf("b", nil)
		type zone struct {
			sim *originpulltest.Simulator
			*client
			fault originpulltest.Fault // of each further request
		}
		upload := func(z *zone, pair testpki.Pair) string { return z.upload(pair).cert(t).ID }
		gone := func(z *zone, pairs ...testpki.Pair) {
			for _, pair := range pairs {
				id := upload(z, pair)
				time.Sleep(time.Minute)
				z.delete(id)
				time.Sleep(time.Minute)
			}
		}
		states := map[string]string{}
		for _, test := range []struct {
			name string
			make func(z *zone)
			same string // the name of a zone in the same state
		}{
			{name: "new", make: func(*zone) {}},
			{"used", func(z *zone) { z.list(); z.enable("true"); z.enable("false"); time.Sleep(time.Hour) }, "new"},
			{name: "on", make: func(z *zone) { z.enable("true") }},
			{name: "global", make: func(z *zone) { z.sim.SetGlobal(z.sim.ZoneID(), true) }},
			{name: "flexible", make: func(z *zone) { z.sim.SetSSLMode(z.sim.ZoneID(), originpulltest.SSLFlexible) }},
			{name: "strict", make: func(z *zone) { z.sim.SetSSLMode(z.sim.ZoneID(), originpulltest.SSLStrict) }},
			{name: "a uploaded", make: func(z *zone) { upload(z, a) }},
			{name: "b uploaded", make: func(z *zone) { upload(z, b) }},
			{"a uploaded later", func(z *zone) { time.Sleep(time.Hour); upload(z, a) }, "a uploaded"},
			{name: "a uploaded a moment ago", make: func(z *zone) { upload(z, a); time.Sleep(time.Millisecond) }},
			{name: "a deploys slowly", make: func(z *zone) { z.fault.DeployDelay = time.Minute; upload(z, a) }},
			{name: "a will time out", make: func(z *zone) { z.fault.TimeOut = true; upload(z, a) }},
			{name: "a not listed", make: func(z *zone) { upload(z, a); time.Sleep(10 * time.Second) }},
			{name: "a", make: func(z *zone) { upload(z, a); time.Sleep(time.Minute) }},
			{"a seeded", func(z *zone) { z.sim.AddCertificate(z.sim.ZoneID(), a.TLS()) }, "a"},
			{"a set", func(z *zone) {
				z.sim.SetStatus(z.sim.ZoneID(), upload(z, a), "active")
				time.Sleep(time.Minute)
			}, "a"},
			{name: "a timed out", make: func(z *zone) { z.fault.TimeOut = true; upload(z, a); time.Sleep(time.Minute) }},
			{name: "a leaving", make: func(z *zone) { id := upload(z, a); time.Sleep(time.Minute); z.delete(id) }},
			{name: "a leaving, will time out", make: func(z *zone) {
				id := upload(z, a)
				time.Sleep(time.Minute)
				z.fault.TimeOut = true
				z.delete(id)
			}},
			{name: "a gone", make: func(z *zone) { gone(z, a) }},
			{name: "a back", make: func(z *zone) { gone(z, a); upload(z, a) }},
			{name: "a, b", make: func(z *zone) { upload(z, a); time.Sleep(time.Second); upload(z, b); time.Sleep(time.Hour) }},
			{name: "a, on", make: func(z *zone) { z.enable("true"); upload(z, a); time.Sleep(time.Minute) }},
			{name: "a, on, global", make: func(z *zone) {
				z.sim.SetGlobal(z.sim.ZoneID(), true)
				z.enable("true")
				upload(z, a)
				time.Sleep(time.Minute)
			}},
			{name: "a gone, b gone", make: func(z *zone) { gone(z, a, b) }},
			{"b gone, a gone", func(z *zone) { gone(z, b, a) }, "a gone, b gone"},
			{name: "b, a", make: func(z *zone) { upload(z, b); time.Sleep(time.Second); upload(z, a); time.Sleep(time.Hour) }},
			{name: "a, b together", make: func(z *zone) { upload(z, a); upload(z, b); time.Sleep(time.Hour) }},
			{name: "a, b, a deployed last", make: func(z *zone) {
				z.fault.DeployDelay = time.Minute
				upload(z, a)
				z.fault.DeployDelay = 0
				time.Sleep(time.Second)
				upload(z, b)
				time.Sleep(time.Hour)
			}},
			{"a, b, a set active last", func(z *zone) {
				id := upload(z, a)
				time.Sleep(time.Second)
				upload(z, b)
				time.Sleep(time.Hour)
				z.sim.SetStatus(z.sim.ZoneID(), id, "active")
			}, "a, b, a deployed last"},
		} {
			z := &zone{}
			z.sim = originpulltest.New(originpulltest.Options{
				DeployDelay: 10 * time.Second, DeleteDelay: 5 * time.Second, ListLag: 25 * time.Second,
				Faults: func(originpulltest.Request) originpulltest.Fault { return z.fault },
			})
			z.client = memoryClient(t, z.sim)
			test.make(z)
			got := z.sim.State(z.sim.ZoneID())
			if again := z.sim.State(z.sim.ZoneID()); again != got {
				t.Errorf("%s: the state is\n%sand then\n%s", test.name, got, again)
			}
			for _, cert := range z.sim.Certificates(z.sim.ZoneID()) {
				if strings.Contains(got, cert.ID) {
					t.Errorf("%s: the state has an id, which another simulator does not have:\n%s", test.name, got)
				}
			}
			for other, state := range states {
				if (state == got) != (other == test.same) {
					t.Errorf("%s and %s: want the same state: %t, got\n%s\n%s", test.name, other, other == test.same, got, state)
				}
			}
			if test.same == "" {
				states[test.name] = got
			}
			z.sim.Close()
		}
		sim := originpulltest.New(originpulltest.Options{})
		if got := sim.State("unknown"); got != "no such zone" {
			t.Errorf("the state of a zone that does not exist is %q", got)
		}
	})
}

// A request that waits will change the zone: it is part of the state until then.
func TestPendingChanges(t *testing.T) {
	wait := originpulltest.Fault{Delay: 10 * time.Second}
	faults := func(r originpulltest.Request) originpulltest.Fault {
		if r.Number == 1 {
			return originpulltest.Fault{}
		}
		return wait
	}
	story(t, originpulltest.Options{DeployDelay: -1, Faults: faults}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		c.list() // without a delay
		pair := testpki.Leaf("a", nil)
		idle := sim.State(sim.ZoneID())
		for _, test := range []struct{ name, method, path, body, says string }{
			{"an upload", "POST", c.zone, uploadBody(pair), "in 6s: upload of "},
			{"a bad upload", "POST", c.zone, "{}", "in 6s: upload of nothing that is accepted"},
			{"a deletion", "DELETE", c.zone + "/" + unknownCertificate, "", "in 6s: deletion of no certificate"},
			{"enabling", "PUT", c.zone + "/settings", `{ "enabled": false }`, `in 6s: SetSettings {"enabled":false}`},
			{"global", "PATCH", "/zones/" + sim.ZoneID() + "/settings/tls_client_auth", `{"value":"off"}`, `in 6s: SetGlobal {"value":"off"}`},
		} {
			done := make(chan struct{})
			go func() { c.try(test.method, test.path, test.body); close(done) }()
			time.Sleep(4 * time.Second)
			if got := sim.State(sim.ZoneID()); !strings.Contains(got, test.says) {
				t.Errorf("%s waits, which the state does not say:\n%s", test.name, got)
			}
			next(t, sim, test.name, 6)
			<-done
			next(t, sim, test.name+", done", -1)
			if got := sim.State(sim.ZoneID()); strings.Contains(got, "in ") {
				t.Errorf("after %s the state is\n%s", test.name, got)
			}
		}
		if got := sim.State(sim.ZoneID()); got == idle {
			t.Errorf("an upload has changed nothing of\n%s", got)
		}
	})
}

// Changes that wait for the same instant are pending in no order, and a fault shows.
func TestPendingTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		state := func(fault originpulltest.Fault, bodies ...string) string {
			sim := originpulltest.New(originpulltest.Options{Faults: originpulltest.Always(fault)})
			defer sim.Close()
			c := memoryClient(t, sim)
			for _, body := range bodies {
				path := "/settings"
				if strings.Contains(body, "CERTIFICATE") {
					path = ""
				}
				go c.try(map[string]string{"": "POST", "/settings": "PUT"}[path], c.zone+path, body)
				synctest.Wait()
			}
			return sim.State(sim.ZoneID())
		}
		const on, off = `{"enabled":true}`, `{"enabled":false}`
		wait, fail := originpulltest.Fault{Delay: time.Minute}, originpulltest.Fault{Delay: time.Minute, TimeOut: true}
		if a, b := state(wait, on, off), state(wait, off, on); a != b || strings.Count(a, "in 1m0s: SetSettings") != 2 {
			t.Errorf("two changes at once, in either order:\n%s\n%s", a, b)
		}
		upload := uploadBody(testpki.Leaf("a", nil))
		if a, b := state(wait, upload), state(fail, upload); a == b {
			t.Errorf("a deployment that will time out does not differ from one that will not:\n%s", a)
		}
	})
}

// The handler alone, as an exploration uses it: no server, and no goroutine that stays.
// A bubble does not end while one is there.
func TestHandlerInBubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.New(originpulltest.Options{NoRecord: true})
		r := httptest.NewRequest("POST", "/client/v4/zones/"+sim.ZoneID()+"/origin_tls_client_auth", strings.NewReader(uploadBody(testpki.Leaf("a", nil))))
		r.Header.Set("Authorization", "Bearer "+sim.Token())
		w := httptest.NewRecorder()
		sim.Handler().ServeHTTP(w, r)
		if w.Code != 200 {
			t.Errorf("the upload gets HTTP %d %s", w.Code, w.Body)
		}
		at, ok := sim.NextChange(sim.ZoneID())
		if !ok {
			t.Fatal("nothing will change")
		}
		time.Sleep(time.Until(at))
		if got := sim.Certificates(sim.ZoneID()); len(got) != 1 || got[0].Status != "active" {
			t.Errorf("after the next change the zone holds %+v", got)
		}
	})
}
