package rotate_test

import (
	"cmp"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
	"github.com/originpull/originpull-go/originpull/rotate"
)

func newPair(tb testing.TB) originpull.KeyPair {
	tb.Helper()
	pair, err := originpull.ParseKeyPair(originpulltest.KeyPair(nil, originpulltest.Valid(time.Now(), time.Now().AddDate(1, 0, 0))))
	if err != nil {
		tb.Fatal(err)
	}
	return pair
}

// world is a zone of a simulator in a synctest bubble.
type world struct {
	*testing.T
	sim    *originpulltest.Simulator
	client *originpull.Client
	zone   *originpull.Zone
}

// live is how long the live API takes.
var live = originpulltest.Options{DeployDelay: 10 * time.Second, DeleteDelay: 10 * time.Second}

// inWorld runs test in a bubble.
func inWorld(t *testing.T, options originpulltest.Options, test func(w world)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.NewServer(t, options)
		client, err := originpull.New(originpull.WithToken(sim.Token()), originpull.WithTransport(sim.Transport()))
		if err != nil {
			t.Fatal(err)
		}
		zone, err := client.Zone(sim.ZoneID())
		if err != nil {
			t.Fatal(err)
		}
		test(world{t, sim, client, zone})
	})
}

// add adds a certificate, as if it had been uploaded and deployed a minute ago.
func (w world) add(pair originpull.KeyPair) originpulltest.Certificate {
	w.Helper()
	certificate, err := w.sim.AddCertificate(w.sim.ZoneID(), pair.TLSCertificate())
	if err != nil {
		w.Fatal(err)
	}
	time.Sleep(time.Minute)
	return certificate
}

// presents checks which certificate the edge presents.
func (w world) presents(pair originpull.KeyPair) {
	w.Helper()
	var active []string
	for _, c := range w.sim.Certificates(w.sim.ZoneID()) {
		if c.Status == originpull.StatusActive {
			parsed, err := originpull.ParseCertificate([]byte(c.Certificate))
			if err != nil {
				w.Fatal(err)
			}
			active = append(active, parsed.SerialNumber.String())
		}
	}
	if want := []string{pair.Leaf().SerialNumber.String()}; !slices.Equal(active, want) {
		w.Errorf("active are the serial numbers %v, want only the desired one, %v", active, want)
	}
	if !w.sim.Enabled(w.sim.ZoneID()) {
		w.Error("the zone is not enabled")
	}
}

// operations returns the names of the requests after the first n.
func (w world) operations(n int) (names []string) {
	for _, e := range w.sim.Record() {
		if e.Kind == originpulltest.ResponseEvent {
			names = append(names, e.Operation)
		}
	}
	return names[n:]
}

func TestEnsure(t *testing.T) {
	for _, test := range []struct {
		what string
		lag  time.Duration
	}{{"lists are current", 0}, {"lists lag", 25 * time.Second}} {
		t.Run(test.what, func(t *testing.T) {
			options := live
			options.ListLag = test.lag
			inWorld(t, options, func(w world) {
				old, pair := newPair(w), newPair(w)
				gone := w.add(old)
				w.sim.SetEnabled(w.sim.ZoneID(), true)
				result, err := rotate.Ensure(w.Context(), w.zone, pair)
				if err != nil {
					w.Fatal(err)
				}
				w.presents(pair)
				if len(result.Superseded) != 1 || result.Superseded[0].ID != gone.ID {
					w.Errorf("Superseded are %v, want %s", result.Superseded, gone.ID)
				}
				if len(result.Leaving) != 1 || len(result.Kept) != 0 || !result.NextAt.IsZero() {
					w.Errorf("the result is %+v, want the old one leaving, and nothing kept", result)
				}
				before := len(w.operations(0))
				if test.lag == 0 && before > 9 {
					w.Errorf("the rotation cost %v, want at most nine requests", w.operations(0))
				}
				if again, err := rotate.Ensure(w.Context(), w.zone, pair); err != nil || len(again.Changes) != 0 {
					w.Errorf("again: %v, %v; want no change", again.Changes, err)
				}
				if got := w.operations(before); !slices.Equal(got, []string{"ListCertificates", "GetSettings"}) {
					w.Errorf("a converged zone cost %v, want two requests that change nothing", got)
				}
			})
		})
	}
}

// TestFaults runs through failures, each at each request of a rotation.
func TestFaults(t *testing.T) {
	gateway := &originpulltest.Response{Status: 502, Body: "<html>"}
	faults := map[string]originpulltest.Fault{
		"lost before it took effect":  {Reject: true, Disconnect: originpulltest.Drop},
		"response lost":               {Disconnect: originpulltest.Drop},
		"response truncated":          {Disconnect: originpulltest.Truncate, TruncateAt: 10},
		"HTTP 500":                    {Reject: true},
		"502 of a proxy":              {Reject: true, Response: gateway},
		"502 of a proxy, took effect": {Response: gateway},
		"conflict":                    {Reject: true, Response: &originpulltest.Response{Status: 409, Body: `{"success":false,"errors":[],"messages":[]}`}},
		"rate limited":                {Reject: true, Response: &originpulltest.Response{Status: 429, Header: http.Header{"Retry-After": {"30"}}, Body: `{"success":false,"errors":[{"code":971,"message":""}],"messages":[]}`}},
		"held up for 20 seconds":      {Delay: 20 * time.Second},
		"times out":                   {TimeOut: true},
	}
	for what, fault := range faults {
		for number := 1; number <= 6; number++ {
			t.Run(fmt.Sprintf("%s/%d", what, number), func(t *testing.T) {
				inWorld(t, live, func(w world) {
					old, pair := newPair(w), newPair(w)
					w.add(old)
					w.sim.SetEnabled(w.sim.ZoneID(), true)
					w.sim.SetFaults(func(r originpulltest.Request) originpulltest.Fault {
						if r.Number == number {
							return fault
						}
						return originpulltest.Fault{}
					})
					_, err := rotate.Ensure(w.Context(), w.zone, pair)
					if fault.TimeOut && errors.Is(err, rotate.ErrDeployment) {
						w.presents(old)
						return
					}
					if err != nil {
						w.Fatal(err)
					}
					w.presents(pair)
				})
			})
		}
	}
}

// serverPair is a pair whose certificate is for serverAuth alone.
func serverPair(tb testing.TB) originpull.KeyPair {
	_, keyPEM := originpulltest.KeyPair(tb)
	block, _ := pem.Decode(keyPEM)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now(), NotAfter: time.Now().AddDate(1, 0, 0), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.(crypto.Signer).Public(), key)
	if err != nil {
		tb.Fatal(err)
	}
	pair, err := originpull.ParseKeyPair(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), keyPEM)
	if err != nil {
		tb.Fatal(err)
	}
	return pair
}

// TestServerCertificate uploads a certificate that is not for clients, if that is asked for.
func TestServerCertificate(t *testing.T) {
	inWorld(t, live, func(w world) {
		pair := serverPair(w)
		if _, err := rotate.Reconcile(w.Context(), w.zone, rotate.Desired{Pair: pair, Require: rotate.Nothing}); err != nil {
			w.Fatal(err)
		}
		w.presents(pair)
	})
}

// TestInvalid checks that what is wrong is refused before a request is made.
func TestInvalid(t *testing.T) {
	inWorld(t, live, func(w world) {
		pair := newPair(w)
		expired, err := originpull.ParseKeyPair(originpulltest.KeyPair(nil))
		if err != nil {
			w.Fatal(err)
		}
		for what, desired := range map[string]rotate.Desired{
			"no pair":              {},
			"only for servers":     {Pair: serverPair(w)},
			"enablement":           {Pair: pair, Enablement: 3},
			"require":              {Pair: pair, Require: -1},
			"grace":                {Pair: pair, Grace: -time.Second},
			"proof without origin": {Pair: pair, Require: rotate.Proof},
			"not a fingerprint":    {Pair: pair, Supersede: rotate.Named("abc")},
			"names itself":         {Pair: pair, Supersede: rotate.Named(pair.Fingerprint())},
		} {
			if _, err := rotate.Reconcile(w.Context(), w.zone, desired); !errors.Is(err, originpull.ErrInvalidInput) {
				w.Errorf("%s: the error is %v, want ErrInvalidInput", what, err)
			}
		}
		for _, option := range []rotate.Option{nil, rotate.WithProgress(nil), rotate.WithPause(nil), rotate.WithZoneSettings(nil)} {
			if _, err := rotate.Ensure(w.Context(), w.zone, pair, option); !errors.Is(err, originpull.ErrInvalidInput) {
				w.Errorf("an option that is nil: the error is %v, want ErrInvalidInput", err)
			}
		}
		if _, err := rotate.Ensure(w.Context(), nil, pair); !errors.Is(err, originpull.ErrInvalidInput) {
			w.Errorf("no zone: the error is %v, want ErrInvalidInput", err)
		}
		time.Sleep(time.Until(expired.Leaf().NotAfter.Add(-time.Minute)))
		if _, err := rotate.Ensure(w.Context(), w.zone, expired); !errors.Is(err, originpull.ErrExpired) {
			w.Errorf("a pair that expires in a minute: the error is %v, want ErrExpired", err)
		}
		if got := w.operations(0); len(got) != 0 {
			w.Errorf("requests were made: %v", got)
		}
	})
}

// TestEnds checks how a run ends that cannot go on.
func TestEnds(t *testing.T) {
	for _, test := range []struct {
		what  string
		scene func(w world, pair originpull.KeyPair)
		want  rotate.Desired
		limit time.Duration // of the context
		err   error
	}{
		{what: "the context ends while it waits", scene: func(w world, _ originpull.KeyPair) { w.add(newPair(w)) }, limit: 5 * time.Second, err: context.DeadlineExceeded},
		{what: "no permission", scene: func(w world, _ originpull.KeyPair) { w.sim.RevokeToken(w.sim.Token()) }, err: originpull.ErrDenied},
		{what: "an outage", scene: func(w world, _ originpull.KeyPair) {
			w.sim.SetFaults(originpulltest.Always(originpulltest.Fault{Reject: true}))
		}, err: errAny},
		{what: "a status that stays", scene: func(w world, pair originpull.KeyPair) {
			w.sim.SetStatus(w.sim.ZoneID(), w.add(pair).ID, "resting")
		}, err: rotate.ErrNoProgress},
		{what: "the deployment times out", scene: func(w world, _ originpull.KeyPair) {
			w.sim.SetFaults(originpulltest.On("UploadCertificate", originpulltest.Always(originpulltest.Fault{TimeOut: true})))
		}, err: rotate.ErrDeployment},
		{what: "a newer certificate", scene: func(w world, pair originpull.KeyPair) { w.add(pair); w.add(newPair(w)) }, err: rotate.ErrSuperseded},
		{what: "the proof fails", scene: func(w world, pair originpull.KeyPair) { w.add(newPair(w)) },
			want: rotate.Desired{Prove: func(context.Context) error { return errAny }}, err: rotate.ErrNotProven},
	} {
		t.Run(test.what, func(t *testing.T) {
			inWorld(t, live, func(w world) {
				want := test.want
				want.Pair = newPair(w)
				test.scene(w, want.Pair)
				ctx, cancel := context.WithTimeout(w.Context(), cmp.Or(test.limit, time.Hour))
				defer cancel()
				before := len(w.sim.Certificates(w.sim.ZoneID()))
				begin := time.Now()
				result, err := rotate.Reconcile(ctx, w.zone, want)
				switch {
				case err == nil:
					w.Fatalf("it ended well: %+v", result)
				case test.err != errAny && !errors.Is(err, test.err):
					w.Errorf("the error is %v, want %v", err, test.err)
				}
				if took := time.Since(begin); took > 10*time.Minute {
					w.Errorf("it took %s to end", took)
				}
				for _, c := range w.sim.Certificates(w.sim.ZoneID())[:before] {
					if c.Status == originpull.StatusPendingDeletion || c.Status == originpull.StatusDeleted {
						w.Errorf("certificate %s was deleted", c.ID)
					}
				}
				if w.sim.Enabled(w.sim.ZoneID()) {
					w.Error("the zone was enabled")
				}
			})
		})
	}
}

var errAny = errors.New("any error")

// TestAll makes an older certificate the live one again, while the newer is presented.
func TestAll(t *testing.T) {
	inWorld(t, live, func(w world) {
		old, newer := newPair(w), newPair(w)
		w.add(old)
		w.add(newer)
		w.sim.SetEnabled(w.sim.ZoneID(), true)
		if _, err := rotate.Ensure(w.Context(), w.zone, old); !errors.Is(err, rotate.ErrSuperseded) {
			w.Fatalf("the error is %v, want ErrSuperseded", err)
		}
		want := rotate.Desired{Pair: old, Supersede: rotate.Named(newer.Fingerprint())}
		result, err := rotate.Reconcile(w.Context(), w.zone, want)
		if err != nil {
			w.Fatal(err)
		}
		w.presents(old)
		if len(result.Superseded) != 1 || result.Superseded[0].Fingerprint != newer.Fingerprint() {
			w.Errorf("Superseded are %v, want the newer one", result.Superseded)
		}
	})
}

// TestGrace keeps the old certificate for a day.
func TestGrace(t *testing.T) {
	inWorld(t, live, func(w world) {
		old, pair := newPair(w), newPair(w)
		w.add(old)
		want := rotate.Desired{Pair: pair, Grace: 24 * time.Hour}
		result, err := rotate.Reconcile(w.Context(), w.zone, want)
		if err != nil {
			w.Fatal(err)
		}
		due := result.Certificate.UploadedOn.Add(want.Grace)
		if !result.NextAt.Equal(due) || len(result.Kept) != 1 || !result.Enabled {
			w.Errorf("the result is %+v, want enabled, the old one kept, and a further run at %s", result, due)
		}
		time.Sleep(time.Until(due) + time.Second)
		if result, err = rotate.Reconcile(w.Context(), w.zone, want); err != nil {
			w.Fatal(err)
		}
		w.presents(pair)
		if !result.NextAt.IsZero() || len(result.Superseded) != 1 {
			w.Errorf("the result of the later run is %+v, want the old one superseded", result)
		}
	})
}

// TestZoneSettings warns of settings of the zone that make the certificate useless.
func TestZoneSettings(t *testing.T) {
	inWorld(t, live, func(w world) {
		pair := newPair(w)
		w.add(pair)
		w.sim.SetEnabled(w.sim.ZoneID(), true)
		if result, err := rotate.Ensure(w.Context(), w.zone, pair, rotate.WithZoneSettings(w.client)); err != nil || len(result.Warnings) != 0 {
			w.Errorf("as usual: warnings %v, error %v", result.Warnings, err)
		}
		w.sim.SetSSLMode(w.sim.ZoneID(), originpulltest.SSLFlexible)
		w.sim.SetGlobal(w.sim.ZoneID(), true)
		result, err := rotate.Ensure(w.Context(), w.zone, pair, rotate.WithZoneSettings(w.client))
		if err != nil || len(result.Warnings) != 2 || !strings.Contains(result.Warnings[0], "plain HTTP") || !strings.Contains(result.Warnings[1], "shared") {
			w.Errorf("the warnings are %q, error %v; want one about the SSL mode and one about the shared certificate", result.Warnings, err)
		}
	})
}

// TestObserveWithoutEnablement: if only the enablement cannot be read, the certificates are
// returned beside the error.
func TestObserveWithoutEnablement(t *testing.T) {
	inWorld(t, live, func(w world) {
		w.add(newPair(w))
		w.sim.SetFaults(originpulltest.On("GetSettings", originpulltest.Always(originpulltest.Fault{Reject: true})))
		if seen, err := rotate.Observe(w.Context(), w.zone); err == nil || len(seen.Certificates) != 1 || seen.At.IsZero() {
			w.Errorf("Observe returns %d certificates, %v", len(seen.Certificates), err)
		}
	})
}
