package rotate_test

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
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

// transport is a function that sends requests.
type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

// TestSlowedByLimit makes each request wait for the rate limit, since other programs use it up.
func TestSlowedByLimit(t *testing.T) {
	for _, test := range []struct {
		what     string
		reset    int   // of the header: the client sends a request every eleventh of it
		changes  int   // an upload and two deletions
		requests int   // at most
		err      error // of the run
	}{
		{"four seconds", 46, 3, 10, nil},
		{"a minute, so no deletion is sent in time", 660, 1, 50, rotate.ErrNoProgress},
	} {
		t.Run(test.what, func(t *testing.T) {
			inWorld(t, live, func(w world) {
				w.add(newPair(w))
				w.add(newPair(w))
				w.sim.SetEnabled(w.sim.ZoneID(), true)
				slow := transport(func(r *http.Request) (*http.Response, error) {
					response, err := handlerTransport{w.sim.Handler()}.RoundTrip(r)
					if err == nil {
						response.Header.Set("Ratelimit-Policy", `"default";q=1000;w=300`)
						response.Header.Set("Ratelimit", fmt.Sprintf(`"default";r=60;t=%d`, test.reset))
					}
					return response, err
				})
				client, err := originpull.New(originpull.WithToken(w.sim.Token()), originpull.WithTransport(slow))
				if err != nil {
					w.Fatal(err)
				}
				zone, err := client.Zone(w.sim.ZoneID())
				if err != nil {
					w.Fatal(err)
				}
				result, err := rotate.Ensure(w.Context(), zone, newPair(w))
				if !errors.Is(err, test.err) || (err == nil) != (test.err == nil) || len(result.Changes) != test.changes {
					w.Errorf("the changes are %v, error %v; want %d, error %v", result.Changes, err, test.changes, test.err)
				}
				if n := len(w.operations(0)); n > test.requests {
					w.Errorf("it took %d requests, want at most %d", n, test.requests)
				}
			})
		})
	}
}

// TestEndless makes changes have no effect: the run ends, and does not send without pause.
func TestEndless(t *testing.T) {
	ok := func(body string) originpulltest.Fault {
		return originpulltest.Fault{Reject: true, Response: &originpulltest.Response{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}}
	}
	noPause := rotate.WithPause(func(ctx context.Context, _ time.Duration) error { return ctx.Err() })
	for _, test := range []struct {
		what    string
		prepare func(w world, pair originpull.KeyPair) (operation string, fault originpulltest.Fault)
		options []rotate.Option
	}{
		{what: "deletions have no effect", prepare: func(w world, pair originpull.KeyPair) (string, originpulltest.Fault) {
			w.add(newPair(w))
			return "DeleteCertificate", ok(`{"success":true,"errors":[],"messages":[],"result":null}`)
		}},
		{what: "uploads have no effect", prepare: func(w world, pair originpull.KeyPair) (string, originpulltest.Fault) {
			certificate, err := json.Marshal(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Leaf().Raw})))
			if err != nil {
				w.Fatal(err)
			}
			return "UploadCertificate", ok(`{"success":true,"result":{"id":"c1","status":"active","uploaded_on":"2026-01-01T00:00:00Z","certificate":` + string(certificate) + `}}`)
		}},
		{what: "it always exists", prepare: func(world, originpull.KeyPair) (string, originpulltest.Fault) {
			return "UploadCertificate", originpulltest.Fault{Reject: true, Response: &originpulltest.Response{Status: 400, Body: `{"success":false,"errors":[{"code":1406,"message":""}]}`}}
		}},
		{what: "it is always pending", prepare: func(w world, _ originpull.KeyPair) (string, originpulltest.Fault) {
			w.add(newPair(w))
			return "DeleteCertificate", originpulltest.Fault{Reject: true, Response: &originpulltest.Response{Status: 400, Body: `{"success":false,"errors":[{"code":1434,"message":""}]}`}}
		}},
		{what: "pauses take no time", options: []rotate.Option{noPause}, prepare: func(w world, pair originpull.KeyPair) (string, originpulltest.Fault) {
			w.sim.SetStatus(w.sim.ZoneID(), w.add(pair).ID, "resting")
			return "", originpulltest.Fault{}
		}},
	} {
		t.Run(test.what, func(t *testing.T) {
			inWorld(t, live, func(w world) {
				pair := newPair(w)
				operation, fault := test.prepare(w, pair)
				ctx, cancel := context.WithCancel(w.Context())
				defer cancel()
				number := 0
				w.sim.SetFaults(func(r originpulltest.Request) originpulltest.Fault {
					if number++; number > 1000 {
						cancel()
					}
					if r.Operation == operation {
						return fault
					}
					return originpulltest.Fault{}
				})
				_, err := rotate.Ensure(ctx, w.zone, pair, test.options...)
				if !errors.Is(err, rotate.ErrNoProgress) {
					w.Errorf("the error is %v after %d requests, want ErrNoProgress", err, number)
				}
			})
		})
	}
}

// TestBlocked is told to wait for five minutes, as after too many requests. That does not count
// as if the zone had been watched for so long.
func TestBlocked(t *testing.T) {
	inWorld(t, live, func(w world) {
		pair := newPair(w)
		id := w.add(pair).ID
		w.sim.SetStatus(w.sim.ZoneID(), id, "resting")
		blocked := originpulltest.Fault{Reject: true, Response: &originpulltest.Response{Status: 429, Header: http.Header{"Retry-After": {"300"}}, Body: `{"success":false,"errors":[{"code":971,"message":""}]}`}}
		w.sim.SetFaults(func(r originpulltest.Request) originpulltest.Fault {
			if r.Number == 5 {
				return blocked
			}
			return originpulltest.Fault{}
		})
		go func() {
			time.Sleep(6 * time.Minute)
			w.sim.SetStatus(w.sim.ZoneID(), id, originpull.StatusActive)
		}()
		if _, err := rotate.Ensure(w.Context(), w.zone, pair); err != nil {
			w.Errorf("after five minutes in which no request was allowed: %v", err)
		}
		synctest.Wait()
	})
}

// TestResultOfInterrupted ends the context right after a change: the result names what was done.
func TestResultOfInterrupted(t *testing.T) {
	for _, action := range []rotate.Action{rotate.Upload, rotate.Delete} {
		t.Run(string(action), func(t *testing.T) {
			inWorld(t, live, func(w world) {
				old := w.add(newPair(w))
				pair := newPair(w)
				ctx, cancel := context.WithCancel(w.Context())
				result, err := rotate.Ensure(ctx, w.zone, pair, rotate.WithProgress(func(e rotate.Event) {
					if e.Ended && e.Step.Action == action {
						cancel()
					}
				}))
				if !errors.Is(err, context.Canceled) || result.Certificate.Fingerprint != pair.Fingerprint() {
					w.Errorf("Certificate is %+v, error %v; want the one that was uploaded", result.Certificate, err)
				}
				if action == rotate.Delete && (len(result.Superseded) != 1 || result.Superseded[0].ID != old.ID) {
					w.Errorf("Superseded are %v, want %s", result.Superseded, old.ID)
				}
			})
		})
	}
}

// TestRefusedIsNoChange refuses the first upload and the first deletion.
func TestRefusedIsNoChange(t *testing.T) {
	inWorld(t, live, func(w world) {
		w.add(newPair(w))
		w.sim.SetEnabled(w.sim.ZoneID(), true)
		refused := map[string]bool{}
		w.sim.SetFaults(func(r originpulltest.Request) originpulltest.Fault {
			if (r.Operation == "UploadCertificate" || r.Operation == "DeleteCertificate") && !refused[r.Operation] {
				refused[r.Operation] = true
				return originpulltest.Fault{Reject: true, Response: &originpulltest.Response{Status: 409, Body: `{"success":false,"errors":[],"messages":[]}`}}
			}
			return originpulltest.Fault{}
		})
		result, err := rotate.Ensure(w.Context(), w.zone, newPair(w))
		if err != nil || len(result.Changes) != 2 || len(refused) != 2 {
			w.Errorf("the changes are %v, error %v; want one upload and one deletion", result.Changes, err)
		}
	})
}

// TestNoDate removes the header by which the end of the grace period is known.
func TestNoDate(t *testing.T) {
	inWorld(t, live, func(w world) {
		w.add(newPair(w))
		timeless := transport(func(r *http.Request) (*http.Response, error) {
			response, err := handlerTransport{w.sim.Handler()}.RoundTrip(r)
			if err == nil {
				response.Header.Del("Date")
			}
			return response, err
		})
		client, err := originpull.New(originpull.WithToken(w.sim.Token()), originpull.WithTransport(timeless))
		if err != nil {
			w.Fatal(err)
		}
		zone, err := client.Zone(w.sim.ZoneID())
		if err != nil {
			w.Fatal(err)
		}
		result, err := rotate.Reconcile(w.Context(), zone, rotate.Desired{Pair: newPair(w), Grace: time.Hour})
		if err != nil || len(result.Kept) != 1 || len(result.Warnings) != 1 || !result.NextAt.Equal(result.Certificate.UploadedOn.Add(time.Hour)) {
			w.Errorf("the result is %+v, error %v; want the old one kept, a warning, and a further run an hour after the upload", result, err)
		}
		result, err = rotate.Reconcile(w.Context(), zone, rotate.Desired{Pair: newPair(w), RenewBefore: time.Hour})
		if err != nil || len(result.Changes) != 0 || len(result.Warnings) != 0 {
			w.Errorf("a run that is not due: %+v, error %v; want no change, and no warning about a grace that no one asked for", result, err)
		}
	})
}

// TestNoKeyIsPrinted prints what holds a key pair in all ways.
func TestNoKeyIsPrinted(t *testing.T) {
	t.Parallel()
	certPEM, keyPEM := originpulltest.KeyPair(t)
	pair, err := originpull.ParseKeyPair(certPEM, keyPEM)
	if err != nil {
		t.Fatal(err)
	}
	client, err := originpull.New(originpull.WithToken("a-token-that-is-not-printed"))
	if err != nil {
		t.Fatal(err)
	}
	desired := rotate.Desired{Pair: pair, Old: pair}
	secrets := append(strings.Split(strings.TrimSpace(string(keyPEM)), "\n")[1:2], "a-token-that-is-not-printed")
	for _, value := range []any{desired, &desired, rotate.Fleet{Client: client, Desired: sameFor(pair)}, rotate.Result{}, []rotate.Desired{desired}} {
		encoded, _ := json.Marshal(value) // a function cannot be encoded
		for _, text := range []string{fmt.Sprintf("%v", value), fmt.Sprintf("%+v", value), fmt.Sprintf("%#v", value), fmt.Sprintf("%s", value), string(encoded)} {
			if slices.ContainsFunc(secrets, func(s string) bool { return strings.Contains(text, s) }) {
				t.Errorf("%T prints a secret", value)
			}
		}
	}
}

// TestDeletionHeldUp holds a deletion up on its way: it is given up five seconds after the list by
// which it was decided was asked for.
func TestDeletionHeldUp(t *testing.T) {
	inWorld(t, live, func(w world) {
		w.add(newPair(w))
		w.sim.SetEnabled(w.sim.ZoneID(), true)
		var listed time.Time
		var givenUp []time.Duration
		client, err := originpull.New(originpull.WithToken(w.sim.Token()), originpull.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
			switch {
			case r.Method == http.MethodDelete && len(givenUp) == 0:
				<-r.Context().Done()
				givenUp = append(givenUp, time.Since(listed))
				return nil, r.Context().Err()
			case r.Method == http.MethodGet:
				listed = time.Now()
				time.Sleep(time.Second) // it is old when it arrives
			}
			return handlerTransport{w.sim.Handler()}.RoundTrip(r)
		})))
		if err != nil {
			w.Fatal(err)
		}
		zone, err := client.Zone(w.sim.ZoneID())
		if err != nil {
			w.Fatal(err)
		}
		pair := newPair(w)
		if _, err := rotate.Ensure(w.Context(), zone, pair); err != nil {
			w.Fatal(err)
		}
		w.presents(pair)
		if len(givenUp) != 1 || givenUp[0] != 5*time.Second {
			w.Errorf("the deletion was given up %v after the request for the list, want 5s", givenUp)
		}
	})
}

// TestDeletedMeanwhile has a person delete the desired certificate during the run, so that it is
// uploaded and proven again.
func TestDeletedMeanwhile(t *testing.T) {
	for _, test := range []struct {
		what string
		lag  time.Duration
		when rotate.Action // the certificate is deleted then
	}{
		{"while lists do not show it", 40 * time.Second, rotate.Wait},
		{"after it was proven", 0, rotate.Prove},
	} {
		t.Run(test.what, func(t *testing.T) {
			options := live
			options.ListLag = test.lag
			inWorld(t, options, func(w world) {
				w.add(newPair(w))
				pair := newPair(w)
				proofs, deleted := 0, false
				want := rotate.Desired{Pair: pair, Prove: func(context.Context) error { proofs++; return nil }}
				_, err := rotate.Reconcile(w.Context(), w.zone, want, rotate.WithProgress(func(e rotate.Event) {
					if e.Step.Action != test.when || deleted || e.Ended != (test.when == rotate.Prove) {
						return
					}
					for _, c := range w.sim.Certificates(w.sim.ZoneID()) {
						if fingerprint(c) == pair.Fingerprint() && c.Status == originpull.StatusActive {
							_, err := w.zone.Certificates.Delete(w.Context(), c.ID)
							deleted = err == nil
						}
					}
				}))
				if err != nil || !deleted {
					w.Fatalf("deleted %t, error %v; want that it is uploaded again", deleted, err)
				}
				w.presents(pair)
				if want := map[rotate.Action]int{rotate.Wait: 1, rotate.Prove: 2}[test.when]; proofs != want {
					w.Errorf("Prove was called %d times, want %d: once for each upload that became active", proofs, want)
				}
			})
		})
	}
}

// TestOutage ends a run after two minutes in which no request succeeds.
func TestOutage(t *testing.T) {
	inWorld(t, live, func(w world) {
		w.sim.SetFaults(originpulltest.Always(originpulltest.Fault{Reject: true}))
		begin := time.Now()
		_, err := rotate.Ensure(w.Context(), w.zone, newPair(w))
		if took := time.Since(begin); err == nil || took < 2*time.Minute || took > 150*time.Second {
			w.Errorf("it took %s, error %v; want an error after two minutes", took, err)
		}
	})
}
