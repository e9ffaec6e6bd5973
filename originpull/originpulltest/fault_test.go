package originpulltest_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// operation is one of the six, on a zone that holds one active certificate.
type operation struct {
	name    string
	send    func(c *client, id string) (response, error)
	effects bool
}

var operations = []operation{
	{"ListCertificates", func(c *client, _ string) (response, error) { return c.try("GET", c.zone, "") }, false},
	{"GetCertificate", func(c *client, id string) (response, error) { return c.try("GET", c.zone+"/"+id, "") }, false},
	{"GetSettings", func(c *client, _ string) (response, error) { return c.try("GET", c.zone+"/settings", "") }, false},
	{"UploadCertificate", func(c *client, _ string) (response, error) {
		return c.try("POST", c.zone, uploadBody(testpki.Leaf("new", nil)))
	}, true},
	{"DeleteCertificate", func(c *client, id string) (response, error) { return c.try("DELETE", c.zone+"/"+id, "") }, true},
	{"SetSettings", func(c *client, _ string) (response, error) {
		return c.try("PUT", c.zone+"/settings", `{"enabled":true}`)
	}, true},
}

// changed reports whether a zone differs from what the test made.
func changed(sim *originpulltest.Simulator) bool {
	certs := sim.Certificates(sim.ZoneID())
	return sim.Enabled(sim.ZoneID()) || len(certs) != 1 || certs[0].Status != "active"
}

// unkept sends one request a connection: net/http repeats by itself a GET that a
// kept connection has lost.
func unkept(sim *originpulltest.Simulator, c *client) *client {
	transport := sim.Transport().Clone()
	transport.DisableKeepAlives = true
	other := *c
	other.http = &http.Client{Transport: transport}
	return &other
}

// Each fault on each operation: what the client sees, and what has become of
// the zone.
func TestFaults(t *testing.T) {
	t.Parallel()
	status := func(want int) func(response, error) bool {
		return func(a response, err error) bool { return err == nil && a.status == want }
	}
	page := &originpulltest.Response{Status: 502, Header: http.Header{"Content-Type": {"text/html"}}, Body: "<html>"}
	for _, test := range []struct {
		name     string
		fault    originpulltest.Fault
		prevents bool
		took     time.Duration
		sees     func(response, error) bool
	}{
		{"none", originpulltest.Fault{}, false, 0, status(200)},
		{"fails before", originpulltest.Fault{Reject: true}, true, 0, status(500)},
		{"another response before", originpulltest.Fault{Reject: true, Response: page}, true, 0,
			func(a response, err error) bool { return status(502)(a, err) && a.body == "<html>" }},
		{"another response after", originpulltest.Fault{Response: page}, false, 0, status(502)},
		{"200 that is none", originpulltest.Fault{Response: &originpulltest.Response{Status: 200, Body: `{"success":false,"errors":[]}`}}, false, 0,
			func(a response, err error) bool { return status(200)(a, err) && !a.Success }},
		{"empty response", originpulltest.Fault{Response: &originpulltest.Response{Status: 200}}, false, 0,
			func(a response, err error) bool { return status(200)(a, err) && a.body == "" }},
		{"header added", originpulltest.Fault{Response: &originpulltest.Response{Header: http.Header{"Sunset": {"soon"}}}}, false, 0,
			func(a response, err error) bool {
				return status(200)(a, err) && a.Success && a.header.Get("Sunset") == "soon"
			}},
		{"lost before", originpulltest.Fault{Reject: true, Disconnect: originpulltest.Drop}, true, 0,
			func(_ response, err error) bool { return errors.Is(err, io.EOF) }},
		{"lost after", originpulltest.Fault{Disconnect: originpulltest.Drop}, false, 0,
			func(_ response, err error) bool { return errors.Is(err, io.EOF) }},
		{"reset", originpulltest.Fault{Disconnect: originpulltest.Reset}, false, 0,
			func(_ response, err error) bool { return errors.Is(err, syscall.ECONNRESET) }},
		{"cut", originpulltest.Fault{Disconnect: originpulltest.Truncate, TruncateAt: 10}, false, 0,
			func(a response, err error) bool {
				return errors.Is(err, io.ErrUnexpectedEOF) && a.status == 200 && len(a.body) == 10
			}},
		{"delay", originpulltest.Fault{Delay: time.Hour}, false, time.Hour, status(200)},
		{"delay of a failure", originpulltest.Fault{Delay: time.Hour, Reject: true}, true, time.Hour, status(500)},
		{"slow", originpulltest.Fault{ByteDelay: time.Minute, Response: &originpulltest.Response{Status: 200, Body: `{"success":true}` + strings.Repeat(" ", 64)}}, false, 2 * time.Minute, status(200)},
	} {
		for _, op := range operations {
			t.Run(test.name+" "+op.name, func(t *testing.T) {
				faults := originpulltest.On(op.name, originpulltest.Script(test.fault))
				story(t, originpulltest.Options{Faults: faults}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
					cert, err := sim.AddCertificate(sim.ZoneID(), testpki.Leaf("old", nil).TLS())
					if err != nil {
						t.Fatal(err)
					}
					begin := time.Now()
					a, err := op.send(unkept(sim, c), cert.ID)
					if !test.sees(a, err) {
						t.Errorf("the client sees HTTP %d %q, %v", a.status, a.body, err)
					}
					if took := time.Since(begin); took != test.took {
						t.Errorf("it took %s, want %s", took, test.took)
					}
					if want := op.effects && !test.prevents; changed(sim) != want {
						t.Errorf("the zone has changed: %t, want %t: %+v", !want, want, sim.Certificates(sim.ZoneID()))
					}
					if a, err := op.send(c, cert.ID); err != nil || a.status >= 500 {
						t.Errorf("the script is spent, yet HTTP %d, %v", a.status, err)
					}
				})
			})
		}
	}
}

// A wrong rule is reported, and nothing takes effect; a truncation always truncates.
func TestWrongFaults(t *testing.T) {
	for _, test := range []struct {
		name string
		rule originpulltest.Rule
		says string
	}{
		{"keep", originpulltest.Always(originpulltest.Fault{Disconnect: originpulltest.Truncate, TruncateAt: -1}), "TruncateAt is -1"},
		{"delay", originpulltest.Always(originpulltest.Fault{Delay: -1}), "Delay is -1ns"},
		{"pace", originpulltest.Always(originpulltest.Fault{ByteDelay: -1}), "ByteDelay -1ns"},
		{"ending", originpulltest.Always(originpulltest.Fault{Disconnect: "gone"}), `Disconnect is "gone"`},
		{"status too low", originpulltest.Always(originpulltest.Fault{Response: &originpulltest.Response{Status: 99}}), "Status is 99"},
		{"status too high", originpulltest.Always(originpulltest.Fault{Response: &originpulltest.Response{Status: 1000}}), "Status is 1000"},
		{"informational", originpulltest.Always(originpulltest.Fault{Response: &originpulltest.Response{Status: 103}}), "Status is 103"},
		{"body without status", originpulltest.Always(originpulltest.Fault{Response: &originpulltest.Response{Body: "x"}}), "Body is set"},
		{"body of none", originpulltest.Always(originpulltest.Fault{Response: &originpulltest.Response{Status: 204, Body: "x"}}), "Status of 204"},
		{"hidden", originpulltest.Always(originpulltest.Fault{Hide: "first"}), `Hide is "first", want the id of a certificate, "last" or none`},
		{"panic", func(originpulltest.Request) originpulltest.Fault { panic("oh no") }, "panicked: oh no"},
	} {
		t.Run(test.name, func(t *testing.T) {
			story(t, originpulltest.Options{Faults: test.rule}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
				a := c.enable("true")
				a.refused(t, 500, 0)
				if !strings.Contains(a.Errors[0].Message, test.says) || sim.Enabled(sim.ZoneID()) {
					t.Errorf("want no effect and %q, got enabled %t, %s", test.says, sim.Enabled(sim.ZoneID()), a.body)
				}
				if last := sim.Record()[len(sim.Record())-1]; !strings.Contains(last.Detail, test.says) {
					t.Errorf("the record says %s, not %q", last, test.says)
				}
			})
		})
	}
}

func TestCutCuts(t *testing.T) {
	cut := originpulltest.Fault{Disconnect: originpulltest.Truncate, TruncateAt: 1 << 20}
	empty := cut
	empty.Response = &originpulltest.Response{Status: 200}
	story(t, originpulltest.Options{Faults: originpulltest.Script(originpulltest.Fault{}, cut, empty)}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		whole := len(c.list().body)
		for _, want := range []int{whole - 1, 0} {
			if a, err := unkept(sim, c).try("GET", c.zone, ""); !errors.Is(err, io.ErrUnexpectedEOF) || len(a.body) != want {
				t.Errorf("%d bytes, %v; want %d and the end of them unexpected", len(a.body), err, want)
			}
		}
	})
}

// A rule for an operation that does not exist would never be asked.
func TestOnUnknownOperation(t *testing.T) {
	t.Parallel()
	defer func() {
		if said := fmt.Sprint(recover()); !strings.Contains(said, `"Upload"`) || !strings.Contains(said, "UploadCertificate") {
			t.Errorf("On says %q, want the wrong name and the right ones", said)
		}
	}()
	originpulltest.On("Upload", originpulltest.Always(originpulltest.Fault{}))
}

// Over TCP a lost and a reset connection look as they do in life.
func TestFaultsOverTCP(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fault originpulltest.Fault
		want  error
	}{
		{originpulltest.Fault{Disconnect: originpulltest.Drop}, io.EOF},
		{originpulltest.Fault{Disconnect: originpulltest.Reset}, syscall.ECONNRESET},
		{originpulltest.Fault{Disconnect: originpulltest.Truncate, TruncateAt: 10}, io.ErrUnexpectedEOF},
	} {
		sim := originpulltest.NewServer(t, originpulltest.Options{Faults: originpulltest.Script(test.fault)})
		c := tcpClient(t, sim)
		if _, err := c.try("POST", c.zone, uploadBody(testpki.Leaf("a", nil))); !errors.Is(err, test.want) {
			t.Errorf("%s: the client sees %v, want %v", test.fault, err, test.want)
		}
		if got := len(sim.Certificates(sim.ZoneID())); got != 1 {
			t.Errorf("%s: the zone holds %d certificates, want the one uploaded", test.fault, got)
		}
		c.listed(sim.Certificates(sim.ZoneID())[0].ID)
	}
}

// A client that has given up does not stop what it began.
func TestClientGivesUp(t *testing.T) {
	faults := originpulltest.Script(originpulltest.Fault{Delay: time.Minute})
	story(t, originpulltest.Options{Faults: faults}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		impatient := *c
		impatient.http = &http.Client{Transport: sim.Transport(), Timeout: time.Second}
		if _, err := impatient.try("POST", c.zone, uploadBody(testpki.Leaf("a", nil))); err == nil {
			t.Error("the client has a response after a second, of a request that takes a minute")
		}
		time.Sleep(time.Minute)
		if got := len(sim.Certificates(sim.ZoneID())); got != 1 {
			t.Errorf("the zone holds %d certificates, want the one uploaded", got)
		}
	})
}

// What Close breaks off has no effect.
func TestCloseDuringDelay(t *testing.T) {
	for _, op := range operations {
		t.Run(op.name, func(t *testing.T) {
			faults := originpulltest.Always(originpulltest.Fault{Delay: time.Hour})
			story(t, originpulltest.Options{Faults: faults}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
				cert, err := sim.AddCertificate(sim.ZoneID(), testpki.Leaf("old", nil).TLS())
				if err != nil {
					t.Fatal(err)
				}
				time.AfterFunc(time.Minute, func() { sim.Close() })
				if a, err := op.send(c, cert.ID); err == nil && a.status < 500 {
					t.Errorf("broken off by Close, it gets HTTP %d %s", a.status, a.body)
				}
				synctest.Wait()
				if changed(sim) {
					t.Error("it has taken effect")
				}
			})
		})
	}
}

// Over many requests chaos does all that it may do, the loss of a response after
// the effect included.
func TestChaosDoesEverything(t *testing.T) {
	t.Parallel()
	rule, seen := originpulltest.Chaos(1), map[string]bool{}
	for number := range 20_000 {
		if f := rule(originpulltest.Request{Number: number, Operation: "UploadCertificate"}); f != (originpulltest.Fault{}) {
			seen[f.String()] = true
		}
	}
	if len(seen) != 13 || !seen["connection dropped"] || !seen["rejected, connection dropped"] || !seen["will time out"] {
		t.Errorf("chaos has done %d things, want all 13: %v", len(seen), slices.Sorted(maps.Keys(seen)))
	}
}

// Rules combine, and may be changed while the simulator runs.
func TestRules(t *testing.T) {
	var mu sync.Mutex
	var asked []originpulltest.Request
	notice := func(r originpulltest.Request) originpulltest.Fault {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, r)
		return originpulltest.Fault{}
	}
	third := originpulltest.Script(originpulltest.Fault{}, originpulltest.Fault{}, originpulltest.Fault{Reject: true})
	options := originpulltest.Options{Faults: originpulltest.FirstOf(notice, third)}
	story(t, options, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		for i, want := range []int{200, 404, 500, 200} {
			path := [...]string{c.zone, c.zone + "/" + unknownCertificate, c.zone, c.zone}[i]
			if a := c.do("GET", path, ""); a.status != want {
				t.Errorf("request %d: HTTP %d, want %d", i+1, a.status, want)
			}
		}
		want := originpulltest.Request{
			Number: 2, Operation: "GetCertificate", Method: "GET", Path: c.zone + "/" + unknownCertificate,
			ZoneID: sim.ZoneID(), CertificateID: unknownCertificate,
		}
		if len(asked) != 4 || asked[1] != want {
			t.Errorf("the rule was asked %+v, want as second %+v", asked, want)
		}
		sim.SetFaults(originpulltest.Always(originpulltest.Fault{Reject: true}))
		c.do("GET", "/", "").refused(t, 500, 0)
		sim.SetFaults(nil)
		c.list().certs(t)
	})
}

// Chaos fails a few per cent, the same for the same seed, and only in ways that
// may happen: a client that tries again gets through, and nothing is lost.
func TestChaos(t *testing.T) {
	t.Parallel()
	run := func(seed uint64) (log string, failed int) {
		synctest.Test(t, func(t *testing.T) {
			sim := originpulltest.NewServer(t, originpulltest.Options{Faults: originpulltest.Chaos(seed), RateLimit: -1})
			c := unkept(sim, memoryClient(t, sim))
			var seen strings.Builder
			for range 600 {
				a, err := c.try("GET", c.zone, "")
				if err != nil || a.status != 200 {
					failed++
				}
				seen.WriteString(http.StatusText(a.status) + ",")
			}
			log = seen.String()
		})
		return log, failed
	}
	one, failed := run(1)
	if failed < 6 || failed > 60 {
		t.Errorf("%d of 600 requests failed, want a few per cent", failed)
	}
	if again, _ := run(1); again != one {
		t.Error("the same seed has decided otherwise")
	}
	if other, _ := run(2); other == one {
		t.Error("another seed has decided the same")
	}
}

// Under chaos an upload that is tried until it is there is there once.
func TestChaosLosesNothing(t *testing.T) {
	story(t, originpulltest.Options{Faults: originpulltest.Chaos(7), RateLimit: -1}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		const uploads = 200
		for range uploads {
			body := uploadBody(testpki.Leaf("chaos", nil))
			for {
				a, err := c.try("POST", c.zone, body)
				if err == nil && (a.status == 200 || len(a.Errors) > 0 && a.Errors[0].Code == 1406) {
					break
				}
				if err == nil && a.status < 500 && a.status != 409 && a.status != 429 {
					t.Fatalf("chaos did what the API may not do: HTTP %d %s", a.status, a.body)
				}
			}
		}
		time.Sleep(time.Second)
		for _, cert := range sim.Certificates(sim.ZoneID()) {
			if cert.Status != "active" && cert.Status != "deployment_timed_out" {
				t.Errorf("a certificate reads %s after its time", cert.Status)
			}
		}
		if got := len(sim.Certificates(sim.ZoneID())); got != uploads {
			t.Errorf("%d certificates of %d uploads", got, uploads)
		}
	})
}
