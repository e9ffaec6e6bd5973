package originpulltest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// call is one of the SDK's six, on a zone that holds one active certificate.
type call struct {
	operation string
	// do makes the call and finds fault with a result that is not as it should be.
	do func(ctx context.Context, z *originpull.Zone, id string, pair originpull.KeyPair, options ...originpull.CallOption) error
	// done reports whether the zone shows the effect, nil for a call without one.
	done func(sim *originpulltest.Simulator) bool
}

var calls = []call{
	{"ListCertificates", func(ctx context.Context, z *originpull.Zone, id string, _ originpull.KeyPair, options ...originpull.CallOption) error {
		listed, err := z.Certificates.List(ctx, options...)
		return result(err, len(listed) == 1 && listed[0].ID == id, listed)
	}, nil},
	{"GetCertificate", func(ctx context.Context, z *originpull.Zone, id string, _ originpull.KeyPair, options ...originpull.CallOption) error {
		cert, err := z.Certificates.Get(ctx, id, options...)
		return result(err, cert.ID == id && cert.Status == originpull.StatusActive, cert)
	}, nil},
	{"GetSettings", func(ctx context.Context, z *originpull.Zone, _ string, _ originpull.KeyPair, options ...originpull.CallOption) error {
		settings, err := z.Settings.Get(ctx, options...)
		return result(err, !settings.Enabled, settings)
	}, nil},
	{"UploadCertificate", func(ctx context.Context, z *originpull.Zone, id string, pair originpull.KeyPair, options ...originpull.CallOption) error {
		cert, err := z.Certificates.Upload(ctx, pair, options...)
		return result(err, cert.ID != "" && cert.ID != id, cert)
	}, func(sim *originpulltest.Simulator) bool { return len(sim.Certificates(sim.ZoneID())) == 2 }},
	{"DeleteCertificate", func(ctx context.Context, z *originpull.Zone, id string, _ originpull.KeyPair, options ...originpull.CallOption) error {
		cert, err := z.Certificates.Delete(ctx, id, options...)
		return result(err, cert.ID == id, cert)
	}, func(sim *originpulltest.Simulator) bool {
		return sim.Certificates(sim.ZoneID())[0].Status == originpull.StatusDeleted
	}},
	{"SetSettings", func(ctx context.Context, z *originpull.Zone, _ string, _ originpull.KeyPair, options ...originpull.CallOption) error {
		return z.Settings.Enable(ctx, options...)
	}, func(sim *originpulltest.Simulator) bool { return sim.Enabled(sim.ZoneID()) }},
}

var errWrongResult = errors.New("wrong result")

func result(err error, right bool, got any) error {
	if err == nil && !right {
		return fmt.Errorf("%w: %+v", errWrongResult, got)
	}
	return err
}

// sdkFault is a fault and what the SDK's user sees of it.
type sdkFault struct {
	name    string
	fault   originpulltest.Fault
	effect  bool  // the request that the fault meets takes effect
	status  int   // of the failure, 0 for none
	failure error // what it is by errors.Is; with status 0 as well: no failure
	// The SDK gets over it by itself, of an upload and of the others.
	upload, others bool
	unknown        bool // it says of an upload that the outcome is unknown
}

var sdkFaults = []sdkFault{
	{name: "fails before", fault: originpulltest.Fault{Reject: true}, status: 500, upload: true},
	{name: "lost", fault: originpulltest.Fault{Disconnect: originpulltest.Drop}, effect: true, failure: io.EOF, upload: true, others: true},
	{name: "lost before", fault: originpulltest.Fault{Reject: true, Disconnect: originpulltest.Drop}, failure: io.EOF, upload: true, others: true},
	{name: "cut", fault: originpulltest.Fault{Disconnect: originpulltest.Truncate, TruncateAt: 10}, effect: true, status: 200, failure: io.ErrUnexpectedEOF, upload: true, others: true},
	{name: "reset", fault: originpulltest.Fault{Disconnect: originpulltest.Reset}, effect: true, failure: syscall.ECONNRESET, upload: true, others: true},
	{name: "page after", fault: originpulltest.Fault{Response: &originpulltest.Response{
		Status: 502, Header: http.Header{"Content-Type": {"text/html"}}, Body: "<html>bad gateway</html>",
	}}, effect: true, status: 502, failure: originpull.ErrMalformedResponse, upload: true, others: true},
	{name: "too late", fault: originpulltest.Fault{Delay: time.Hour}, effect: true, failure: context.DeadlineExceeded, unknown: true},
	{name: "throttled", fault: originpulltest.Fault{Reject: true, Response: &originpulltest.Response{
		Status: 429, Header: http.Header{"Retry-After": {"1"}},
		Body: `{"success":false,"errors":[{"code":971,"message":"Please wait and consider throttling your request speed"}]}`,
	}}, status: 429, failure: originpull.ErrRateLimited, upload: true, others: true},
	{name: "slow", fault: originpulltest.Fault{ByteDelay: time.Second}, effect: true},
}

// Each fault on each operation: what the SDK's user sees, and what has become of
// the zone. Idempotent calls are made again, a lost upload is looked for; by
// WithoutRetry neither is.
func TestFaultsOnSDK(t *testing.T) {
	t.Parallel()
	for _, f := range sdkFaults {
		for _, c := range calls {
			for _, once := range []bool{false, true} {
				name := fmt.Sprintf("%s/%s/once=%t", f.name, c.operation, once)
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) { meet(t, f, c, once) })
				})
			}
		}
	}
}

// meet lets a call meet a fault.
func meet(t *testing.T, f sdkFault, c call, once bool) {
	sim := originpulltest.NewServer(t, originpulltest.Options{
		DeployDelay: -1, DeleteDelay: -1,
		Faults: originpulltest.On(c.operation, originpulltest.Script(f.fault)),
	})
	cert, err := sim.AddCertificate(sim.ZoneID(), testpki.Leaf("old", nil).TLS())
	if err != nil {
		t.Fatal(err)
	}
	pair, err := originpull.KeyPairFromTLS(testpki.Leaf("new", nil).TLS())
	if err != nil {
		t.Fatal(err)
	}
	var options []originpull.CallOption
	if once {
		options = append(options, originpull.WithoutRetry())
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err = c.do(ctx, newZone(sim), cert.ID, pair, options...)
	time.Sleep(time.Hour) // what is still on its way arrives

	fails := f.status != 0 || f.failure != nil
	upload := c.operation == "UploadCertificate"
	recovers := !once && (upload && f.upload || !upload && f.others)
	if fails && !recovers {
		f.wantFailure(t, err, upload && !once)
	} else if err != nil {
		t.Errorf("the user sees %v, want a success", err)
	}
	if c.done != nil && c.done(sim) != (f.effect || recovers) {
		t.Errorf("the effect shows: %t, want %t: enabled %t, %+v", c.done(sim), f.effect || recovers,
			sim.Enabled(sim.ZoneID()), sim.Certificates(sim.ZoneID()))
	}
	if c.done == nil && changed(sim) {
		t.Errorf("a call that only reads has changed the zone: %+v", sim.Certificates(sim.ZoneID()))
	}
	if sent := requests(sim); once && sent != 1 {
		t.Errorf("%d requests without a retry, want one", sent)
	}
}

// wantFailure checks what an error says; resolving is an upload that the SDK
// looks for.
func (f sdkFault) wantFailure(t *testing.T, err error, resolving bool) {
	t.Helper()
	var e *originpull.Error
	if !errors.As(err, &e) || e.Status != f.status {
		t.Fatalf("the user sees %v, want an *originpull.Error with status %d", err, f.status)
	}
	if f.failure != nil && !errors.Is(err, f.failure) {
		t.Errorf("the user sees %v, want %v", err, f.failure)
	}
	if want := f.unknown && resolving; errors.Is(err, originpull.ErrOutcomeUnknown) != want {
		t.Errorf("outcome unknown: %t, want %t: %v", !want, want, err)
	}
}

func requests(sim *originpulltest.Simulator) (n int) {
	for _, e := range sim.Record() {
		if e.Kind == originpulltest.RequestEvent {
			n++
		}
	}
	return n
}
