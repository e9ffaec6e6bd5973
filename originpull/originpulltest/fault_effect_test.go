package originpulltest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// A certificate that takes longer than the next one is deployed last, though it was
// uploaded first.
func TestFaultDeployDelay(t *testing.T) {
	for _, test := range []struct {
		name             string
		fault            originpulltest.Fault
		after            time.Duration // the deployment of the first
		last             string
		shows            string // in the record
		alsoInTheSecond  bool
		deployedAtUpload bool
	}{
		{"none", originpulltest.Fault{}, 10 * time.Second, "second", "", false, false},
		{"slow", originpulltest.Fault{DeployDelay: time.Minute}, time.Minute, "first", "deployed after 1m0s", false, false},
		{"slow, both", originpulltest.Fault{DeployDelay: time.Minute}, time.Minute, "second", "deployed after 1m0s", true, false},
		{"at once", originpulltest.Fault{DeployDelay: -1}, 0, "second", "deployed after 0s", false, true},
		{"slow and failing", originpulltest.Fault{DeployDelay: time.Minute, TimeOut: true}, time.Minute, "second", "will time out, deployed after 1m0s", false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			script := []originpulltest.Fault{test.fault}
			if test.alsoInTheSecond {
				script = append(script, test.fault)
			}
			options := originpulltest.Options{DeployDelay: 10 * time.Second, Faults: originpulltest.On("UploadCertificate", originpulltest.Script(script...))}
			story(t, options, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
				c.enable("true")
				first := c.upload(testpki.Leaf("first", nil)).cert(t)
				if test.deployedAtUpload {
					c.status(first.ID, "active")
				}
				time.Sleep(time.Second)
				c.upload(testpki.Leaf("second", nil)).cert(t)
				if test.after > time.Second {
					time.Sleep(test.after - time.Second - 1)
					c.status(first.ID, "pending_deployment")
				}
				time.Sleep(time.Hour)
				if got := sim.Presented(sim.ZoneID()).Certificate; got == nil || got.Subject.CommonName != test.last {
					t.Errorf("%s is presented, want the certificate that was deployed last, %s", sim.Presented(sim.ZoneID()), test.last)
				}
				var log strings.Builder
				if sim.WriteLog(&log); !strings.Contains(log.String(), test.shows) {
					t.Errorf("the record does not say %q:\n%s", test.shows, &log)
				}
			})
		})
	}
}

// One list omits a certificate, as a list that lags does; the next one shows it.
func TestFaultHide(t *testing.T) {
	for _, test := range []struct {
		name, hide string // first, second stand for their ids
		want       []string
	}{
		{"none", "", []string{"first", "second"}},
		{"by id", "first", []string{"second"}},
		{"the last", originpulltest.HideLast, []string{"first"}},
		{"another", unknownCertificate, []string{"first", "second"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			story(t, originpulltest.Options{DeployDelay: -1}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
				ids := map[string]string{}
				for _, name := range []string{"first", "second"} {
					ids[name] = c.upload(testpki.Leaf(name, nil)).cert(t).ID
				}
				hide := test.hide
				if id := ids[hide]; id != "" {
					hide = id
				}
				sim.SetFaults(originpulltest.Script(originpulltest.Fault{Hide: hide}))
				var want []string
				for _, name := range test.want {
					want = append(want, ids[name])
				}
				a := c.list()
				var got []string
				for _, cert := range a.certs(t) {
					got = append(got, cert.ID)
				}
				if !slices.Equal(got, want) || a.ResultInfo["count"] != float64(len(want)) {
					t.Errorf("the list shows %v and counts %v, want %v", got, a.ResultInfo["count"], want)
				}
				c.listed(ids["first"], ids["second"])
				for _, id := range ids {
					c.status(id, "active") // a GET is current
				}
			})
		})
	}
	t.Run("the only one", func(t *testing.T) {
		story(t, originpulltest.Options{}, func(t *testing.T, sim *originpulltest.Simulator, c *client) {
			c.upload(testpki.Leaf("only", nil))
			sim.SetFaults(originpulltest.Always(originpulltest.Fault{Hide: originpulltest.HideLast}))
			if a := c.list(); string(a.Result) != "null" {
				t.Errorf("the list without its only certificate is %s, want null", a.body)
			}
		})
	})
}
