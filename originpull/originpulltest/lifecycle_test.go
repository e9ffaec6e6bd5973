package originpulltest_test

import (
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
		t.Errorf("status in the answer to the deletion: %s", got)
	}
	await(reads("deleted"))
	if a := c.list(); string(a.Result) != "null" {
		t.Errorf("a tombstone is listed: %s", a.body)
	}
}

func TestLifecycleOverTCP(t *testing.T) {
	t.Parallel()
	sim := originpulltest.NewServer(t, originpulltest.Options{RateLimit: -1})
	lifecycle(t, tcpClient(t, sim), func(done func() bool) {
		for !done() {
			if t.Context().Err() != nil {
				t.Fatal("the certificate never got there")
			}
		}
	})
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
