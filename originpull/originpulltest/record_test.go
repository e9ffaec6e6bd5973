package originpulltest_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// The record is a log that a person can follow, and names no secret.
func TestRecord(t *testing.T) {
	var logged bytes.Buffer
	options := originpulltest.Options{
		Faults: originpulltest.On("SetSettings", originpulltest.Script(originpulltest.Fault{Delay: time.Second, Disconnect: originpulltest.Drop})),
		Logger: slog.New(slog.NewTextHandler(&logged, nil)),
	}
	story(t, options, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		pair := testpki.Leaf("record", nil)
		cert := c.upload(pair).cert(t)
		time.Sleep(time.Second)
		c.upload(pair).refused(t, 400, 1406)
		if _, err := c.try("PUT", c.zone+"/settings", `{"enabled":true}`); err == nil {
			t.Fatal("the response was to be lost")
		}
		c.do("GET", "/nowhere%0A", "")
		o := newOrigin(t, &tls.Config{ClientAuth: tls.RequestClientCert}, ok)
		sim.Pull(t.Context(), sim.ZoneID(), o.Origin)

		var log strings.Builder
		if err := sim.WriteLog(&log); err != nil {
			t.Fatal(err)
		}
		zone := "/zones/" + sim.ZoneID() + "/origin_tls_client_auth"
		want := strings.Join([]string{
			"    0.000s  #1  request   POST " + zone,
			"    0.000s  #1  response  200 " + cert.ID + " pending_deployment",
			"    1.000s  #2  request   POST " + zone,
			"    1.000s  #2  response  400 1406 This certificate already exists for this zone.",
			"    1.000s  #3  request   PUT " + zone + "/settings",
			"    1.000s  #3  fault     delayed by 1s, connection dropped",
			"    2.000s  #3  response  200 enabled=true",
			"    2.000s  #4  request   GET /nowhere%0A",
			"    2.000s  #4  response  400 7000 No route for that URI",
			"    2.000s  --  pull      zone " + sim.ZoneID() + ": accepted, presented zone: the zone level is on, and of its active certificates " +
				cert.ID + " was deployed last; the origin responded with HTTP 200",
			"",
		}, "\n")
		if log.String() != want {
			t.Errorf("the log reads\n%swant\n%s", log.String(), want)
		}
		events := sim.Record()
		if last := events[3]; last.Operation != "UploadCertificate" || last.Status != 400 || len(last.Codes) != 1 || last.Codes[0] != 1406 ||
			!regexp.MustCompile(`^[0-9a-f]{16}-SIM$`).MatchString(last.RayID) {
			t.Errorf("the response is recorded as %+v", last)
		}
		if got := strings.Count(logged.String(), "\n"); got != 5 {
			t.Errorf("%d lines logged, want one for each of 4 requests and the pull:\n%s", got, logged.String())
		}
		for name, mark := range testpki.Marks() {
			if strings.Contains(log.String()+logged.String(), mark) {
				t.Errorf("a secret shows in the log as %s", name)
			}
		}
	})
}

// What a line says of a response: all errors, no code where there is none, how
// many are listed, and nothing that would break the line.
func TestRecordDetail(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	script := originpulltest.Script(
		originpulltest.Fault{},
		originpulltest.Fault{Response: &originpulltest.Response{Status: 400, Body: `{"errors":[{"code":7,"message":"one"},{"message":"two\nlines\u001b[0m"}]}`}},
		originpulltest.Fault{Response: &originpulltest.Response{Status: 400, Body: `{"errors":[{"message":"` + long + `"}]}`}},
	)
	story(t, originpulltest.Options{Faults: script}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		for range 3 {
			c.list()
		}
		c.do("PATCH", c.zone, "")
		sim.AddCertificate(sim.ZoneID(), testpki.Leaf("listed", nil).TLS())
		c.list()
		sim.Pull(t.Context(), "nowhere\n"+long, originpulltest.Origin{})
		var got []string
		for _, e := range sim.Record() {
			if e.Kind == originpulltest.ResponseEvent {
				got = append(got, e.Detail)
			}
			if len(e.String()) > 2_000 || strings.ContainsAny(e.String(), "\n\x1b") {
				t.Errorf("a line of %d bytes: %.80q", len(e.String()), e.String())
			}
			if e.Fault.Response != nil && e.Fault.Response.Body != "" {
				t.Error("the record keeps the body of a response")
			}
		}
		want := []string{"0 listed", `7 one; two\nlines\x1b[0m`, strings.Repeat("x", 512) + "…", "10405 Method not allowed for this authentication scheme", "1 listed"}
		if !slices.Equal(got, want) {
			t.Errorf("the responses read\n%q, want\n%q", got, want)
		}
	})
}

// The record is bounded: the oldest events go.
func TestRecordIsBounded(t *testing.T) {
	story(t, originpulltest.Options{RateLimit: -1}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		for range 5100 {
			c.do("GET", "/", "")
		}
		events := sim.Record()
		if len(events) != 10_000 || events[0].Request != 101 || events[9_999].Request != 5100 {
			t.Errorf("%d events, from request %d to %d; want 10,000, from 101 to 5100", len(events), events[0].Request, events[len(events)-1].Request)
		}
		for i := 1; i < len(events); i++ {
			if events[i].Request < events[i-1].Request {
				t.Fatalf("event %d is out of order", i)
			}
		}
	})
}

// Without a record nothing pretends that there is one.
func TestNoRecord(t *testing.T) {
	var logged bytes.Buffer
	options := originpulltest.Options{NoRecord: true, Logger: slog.New(slog.NewTextHandler(&logged, nil)),
		Faults: originpulltest.Script(originpulltest.Fault{}, originpulltest.Fault{Reject: true})}
	story(t, options, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
		c.enable("true")
		c.list().refused(t, 500, 0)
		o := newOrigin(t, &tls.Config{ClientAuth: tls.RequestClientCert}, ok)
		sim.Pull(t.Context(), sim.ZoneID(), o.Origin)
		if got := strings.Count(logged.String(), "\n"); got != 3 || !strings.Contains(logged.String(), "rejected") {
			t.Errorf("the logger got %d lines, want one for each of 2 requests and the pull:\n%s", got, &logged)
		}
		const says = "keeps no record: Options.NoRecord is set"
		var log strings.Builder
		if err := sim.WriteLog(&log); err == nil || !strings.Contains(err.Error(), says) || log.Len() != 0 {
			t.Errorf("WriteLog returns %v and writes %q, want an error that %s", err, &log, says)
		}
		defer func() {
			if reason := fmt.Sprint(recover()); !strings.Contains(reason, says) {
				t.Errorf("Record says %q, want %q: an empty record would mislead", reason, says)
			}
		}()
		sim.Record()
	})
}
