package originpull_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// ending is how an attempt can end, and after which methods another follows.
type ending struct {
	name    string
	end     func(*http.Request) (*http.Response, error)
	repeats []string
	is      func(error) bool // the last real error, still to be found

	conflicts bool // it is repeated once more, whatever the budget
}

var (
	none       []string
	idempotent = []string{"GET", "PUT", "DELETE"}
	every      = []string{"GET", "PUT", "DELETE", "POST", "PATCH"}
)

func fails(name string, err error, repeats []string) ending {
	return ending{
		name: name, end: func(*http.Request) (*http.Response, error) { return nil, err }, repeats: repeats,
		is: func(got error) bool { return errors.Is(got, err) },
	}
}

func says(name string, a response, repeats []string) ending {
	return ending{name: name, end: a.respond, repeats: repeats, is: func(got error) bool {
		var e *originpull.Error
		return errors.As(got, &e) && e.Status == a.status && e.RayID == ray
	}}
}

// conflicting is the API's word that another client changes the zone.
func conflicting(e ending) ending {
	e.conflicts = true
	return e
}

// endings is the whole table of what is repeated.
func endings(t *testing.T) []ending {
	page := func(status int) response {
		return response{status: status, body: "<html>"}.with("Content-Type", "text/html")
	}
	all := []ending{
		fails("reset", syscall.ECONNRESET, idempotent),
		fails("lost", io.EOF, idempotent),
		fails("dial", &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}, every),
		fails("lookup", &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "x"}}, every),
		fails("no such host", &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}}, none),
		fails("invalid port", &net.OpError{Op: "dial", Net: "tcp", Err: &net.AddrError{Err: "invalid port", Addr: "99999"}}, none),
		fails("no TLS", tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, none),
		fails("read", &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}, idempotent),
		fails("untrusted", &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, none),
		says("cut", response{status: 200, body: `{"success":true,"result":`, length: 99, cut: true}, idempotent),
		says("oversized", response{status: 200, length: 1 << 30}, none),
		conflicting(says("409 of the API", example(t, "Conflict"), every)),
		says("409 of a proxy", page(409), idempotent),
		says("429 of the API", example(t, "RateLimited"), every),
		says("429, 10429", failureWith(429, 10429), every),
		says("429 of a proxy", page(429), idempotent),
		says("429, too many bad credentials", example(t, "TooManyFailures"), none),
		says("409, the certificate exists", failureWith(409, 1406), none),
		says("409, not a leaf", failureWith(409, 1412), none),
		says("409, pending deployment", failureWith(409, 1434), none),
		says("409, unparsable", failureWith(409, 1408), none),
		conflicting(says("409, unknown code", failureWith(409, 4711), every)),
		says("429, denied", failureWith(429, 10000), none),
		says("503, denied", failureWith(503, 10000), none),
		says("503, no route", failureWith(503, 7000), none),
		says("503, unknown code", failureWith(503, 4711), idempotent),
		says("503, throttled", failureWith(503, 971), idempotent),
		says("400, bad credentials", failureWith(400, 6003), none),
		says("401", failureWith(401, 10000), none),
		says("403", example(t, "Denied"), none),
		says("404", example(t, "NotFound"), none),
		says("500", example(t, "Internal"), none),
		says("501", page(501), none),
		says("531", page(531), none),
		says("302", response{status: 302}, none),
		says("200 without success", failureWith(200, 1408), none),
		says("200 page", page(200), none),
	}
	for _, status := range []int{408, 425, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530} {
		all = append(all, says(fmt.Sprint(status), page(status), idempotent))
	}
	return all
}

// TestRetries requires for each method and each ending how many attempts are made
// and how long the pauses are: full jitter up to a bound that doubles. Time is
// virtual, so the bounds are exact.
func TestRetries(t *testing.T) {
	t.Parallel()
	bounds := []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second}
	for _, e := range endings(t) {
		for _, method := range every {
			t.Run(method+"/"+e.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					want := 1
					if slices.Contains(e.repeats, method) {
						want = len(bounds)
						if e.conflicts {
							want++
						}
					}
					transport, client := newRecorder(e.end), (*originpull.Client)(nil)
					client, err := originpull.New(originpull.WithToken(testpki.Token()), originpull.WithTransport(transport))
					if err != nil {
						t.Fatal(err)
					}
					err = client.Do(t.Context(), method, "/x", map[string]int{"n": 1}, nil)
					if got := apiError(t, err); len(transport.at) != want || got.Attempts != want || !e.is(err) {
						t.Fatalf("%d attempts were made and the error says %d, want %d: %v", len(transport.at), got.Attempts, want, err)
					}
					for i := 1; i < want; i++ {
						if pause := transport.at[i] - transport.at[i-1]; pause < 0 || pause >= bounds[i-1] {
							t.Errorf("the pause before attempt %d is %s, want less than %s", i+1, pause, bounds[i-1])
						}
					}
				})
			})
		}
	}
}

// TestPausesAreJittered looks at many pauses: they fill their range.
func TestPausesAreJittered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var pauses []time.Duration
		for range 200 {
			transport := newRecorder(response{status: 503}.respond)
			retryingZone(t, transport).Settings.Get(t.Context())
			pauses = append(pauses, transport.at[1]-transport.at[0])
		}
		if low, high := slices.Min(pauses), slices.Max(pauses); low > 100*time.Millisecond || high < 400*time.Millisecond {
			t.Errorf("200 first pauses are between %s and %s, want them all over the half second", low, high)
		}
	})
}

// TestLongRetryAfter leaves to the caller what is to come back later than in an hour,
// also where the number is too long to count, and does not shut out the other calls
// for longer than that.
func TestLongRetryAfter(t *testing.T) {
	t.Parallel()
	for value, waits := range map[string]time.Duration{
		"3601":                 3601 * time.Second,
		"1000000":              1_000_000 * time.Second,
		"2147483647":           math.MaxInt32 * time.Second,
		"99999999999999999999": math.MaxInt32 * time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			// The second request succeeds: the clock of the test has no room for many pauses of years.
			transport := newRecorder(inTurn(example(t, "RateLimited").with("Retry-After", value).respond, example(t, "Enabled").respond))
			zone := retryingZone(t, transport)
			_, err := zone.Settings.Get(t.Context())
			if e := apiError(t, err); len(transport.at) != 1 || e.RetryAfter != waits || !errors.Is(err, originpull.ErrRateLimited) {
				t.Errorf("Retry-After %s: %d attempts, then %v", value, len(transport.at), err)
			}
			if must(zone.Settings.Get(t.Context())); transport.at[1] < time.Hour || transport.at[1] > time.Hour+time.Minute {
				t.Errorf("Retry-After %s holds up the next call for %s, want an hour", value, transport.at[1])
			}
		})
	}
}

// TestUnknownMethods repeats nothing by a method of which it does not know whether it
// may.
func TestUnknownMethods(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]int{"GET": 5, "HEAD": 5, "PUT": 5, "DELETE": 5, "OPTIONS": 5, "POST": 1, "PATCH": 1, "PURGE": 1, "LINK": 1} {
		synctest.Test(t, func(t *testing.T) {
			transport := newRecorder(response{status: 502}.respond)
			client := must(originpull.New(originpull.WithToken(testpki.Token()), originpull.WithTransport(transport)))
			if err := client.Do(t.Context(), method, "/x", nil, nil); err == nil || len(transport.at) != want {
				t.Errorf("%s is sent %d times after 502, want %d: %v", method, len(transport.at), want, err)
			}
		})
	}
}

// TestRetryAfterIsKept waits at least as long as Retry-After says, in seconds and until a
// date.
func TestRetryAfterIsKept(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		value func() string
		least time.Duration
	}{
		"seconds":      {func() string { return "2" }, 2 * time.Second},
		"minutes":      {func() string { return "300" }, 5 * time.Minute},
		"a date":       {func() string { return time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat) }, 90 * time.Second},
		"a past date":  {func() string { return time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat) }, 0},
		"what is none": {func() string { return "soon" }, 0},
		"below jitter": {func() string { return "0" }, 0},
		"an hour":      {func() string { return "3600" }, time.Hour},
	} {
		for _, status := range []int{429, 503} {
			t.Run(fmt.Sprint(name, " with ", status), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					busy := example(t, "RateLimited")
					busy.status = status
					transport := newRecorder(func(r *http.Request) (*http.Response, error) {
						return busy.with("Retry-After", tt.value()).respond(r)
					})
					retryingZone(t, transport).Settings.Get(t.Context())
					if len(transport.at) != 5 {
						t.Fatalf("%d attempts were made, want 5", len(transport.at))
					}
					for i := range 4 {
						if pause := transport.at[i+1] - transport.at[i]; pause < tt.least || pause > tt.least+4*time.Second {
							t.Errorf("the pause before attempt %d is %s, want %s", i+2, pause, tt.least)
						}
					}
				})
			})
		}
	}
}

// TestRetryBudget has 1,000 calls meet an outage: at most a fifth more, and ten
// that were saved.
func TestRetryBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := newRecorder(response{status: 503}.respond)
		zone := retryingZone(t, transport)
		for range 1000 {
			if _, err := zone.Settings.Get(t.Context()); apiError(t, err).Status != 503 {
				t.Fatalf("the outage comes back as %v", err)
			}
		}
		if extra := len(transport.at) - 1000; extra < 200 || extra > 210 {
			t.Errorf("1,000 calls cost %d requests more, want 200 and up to 10", extra)
		}
		transport.end = example(t, "Enabled").respond
		for range 50 {
			must(zone.Settings.Get(t.Context()))
		}
		transport.end, transport.at = response{status: 503}.respond, nil
		if zone.Settings.Get(t.Context()); len(transport.at) != 5 {
			t.Errorf("after 50 good calls one makes %d attempts, want 5 again", len(transport.at))
		}
	})
}

// TestDeadline begins no pause that would outlast the context, and returns what
// the last attempt met.
func TestDeadline(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		retryAfter      string
		within, took    time.Duration
		attempts, limit int
	}{
		"Retry-After is later": {"60", 59 * time.Second, 0, 1, 1},
		"Retry-After fits":     {"20", 59 * time.Second, 40 * time.Second, 3, 3},
		"a short context":      {"0", time.Nanosecond, 0, 1, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), tt.within)
				defer cancel()
				transport := newRecorder(response{status: 503}.with("Retry-After", tt.retryAfter).respond)
				_, err := retryingZone(t, transport).Settings.Get(ctx)
				if e := apiError(t, err); e.Status != 503 || e.Attempts < tt.attempts || e.Attempts > tt.limit || len(transport.at) != e.Attempts {
					t.Errorf("%d requests were made, and the caller gets status %d after %d attempts: %v", len(transport.at), e.Status, e.Attempts, err)
				}
				if took := time.Since(transport.t0); took < tt.took || took > tt.took+5*time.Second || took > tt.within {
					t.Errorf("the call took %s of %s, want %s", took, tt.within, tt.took)
				}
			})
		})
	}
}

// TestCancelDuringPause ends the call at once, with what it had met.
func TestCancelDuringPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		transport := newRecorder(response{status: 503}.with("Retry-After", "3600").respond)
		_, err := retryingZone(t, transport).Settings.Get(ctx)
		if e := apiError(t, err); e.Status != 503 || e.Attempts != 1 || time.Since(transport.t0) != time.Minute {
			t.Errorf("after %s the caller gets %v", time.Since(transport.t0), err)
		}
	})
}

// TestWithoutRetry makes one attempt, whatever it meets.
func TestWithoutRetry(t *testing.T) {
	t.Parallel()
	for _, e := range endings(t) {
		transport := newRecorder(e.end)
		_, err := retryingZone(t, transport).Settings.Get(t.Context(), originpull.WithoutRetry())
		if got := apiError(t, err); len(transport.at) != 1 || got.Attempts != 1 {
			t.Errorf("%s: %d attempts were made, the error says %d", e.name, len(transport.at), got.Attempts)
		}
	}
}

// TestRetrySucceeds returns what the last attempt brought, and no trace of those
// before.
func TestRetrySucceeds(t *testing.T) {
	t.Parallel()
	for _, op := range operations(t) {
		if op.method == "POST" {
			continue // upload_test.go
		}
		for name, want := range op.responses {
			synctest.Test(t, func(t *testing.T) {
				n := 0
				got, err := op.call(t.Context(), retryingZone(t, roundTrip(func(r *http.Request) (*http.Response, error) {
					if n++; n < 3 {
						return response{status: 502, body: `{"success":true,"result":{"id":"wrong","enabled":true}}`}.respond(r)
					}
					return example(t, name).respond(r)
				})))
				if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%s after two failures: the caller gets %v: %v", op.id, got, err)
				}
			})
		}
	}
}

// TestLostDeletion deletes what an attempt before has deleted, whose response was
// lost: all is well.
func TestLostDeletion(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]originpulltest.Fault{
		"lost": {Disconnect: originpulltest.Drop}, "cut": {Disconnect: originpulltest.Truncate, TruncateAt: 9}, "reset": {Disconnect: originpulltest.Reset},
		"502": {Response: &originpulltest.Response{Status: 502, Body: "<html>"}}, "409": {Reject: true, Response: &originpulltest.Response{Status: 409, Body: "<html>"}},
	} {
		for _, deletion := range []time.Duration{-1, time.Minute} {
			synctest.Test(t, func(t *testing.T) {
				sim := originpulltest.NewServer(t, originpulltest.Options{DeleteDelay: deletion, Faults: originpulltest.Script(fault)})
				defer sim.Close()
				old := must(sim.AddCertificate(sim.ZoneID(), testpki.Leaf("client", nil).TLS()))
				got, err := simulatedZone(t, sim).Certificates.Delete(t.Context(), old.ID)
				if err != nil || got.ID != old.ID || got.Status != originpull.StatusDeleted && got.Status != originpull.StatusPendingDeletion {
					t.Errorf("%s: the caller gets %q, %s: %v", name, got.ID, got.Status, err)
				}
			})
		}
	}
}

// TestLostDeletionByCode is the same where the API says by its code that the
// certificate is being deleted.
func TestLostDeletionByCode(t *testing.T) {
	t.Parallel()
	for status, want := range map[originpull.Status]error{
		originpull.StatusPendingDeletion: nil,
		originpull.StatusDeleted:         nil,
		originpull.StatusActive:          originpull.ErrAlreadyDeleted, // what it is said to be stands against what it is
	} {
		synctest.Test(t, func(t *testing.T) {
			n := 0
			got, err := retryingZone(t, roundTrip(func(r *http.Request) (*http.Response, error) {
				if n++; n == 1 {
					return nil, errors.New("connection reset")
				}
				if r.Method == http.MethodGet {
					return in(t, status).respond(r)
				}
				return failureWith(400, 1414).respond(r)
			})).Certificates.Delete(t.Context(), certificateID)
			if !errors.Is(err, want) || want == nil && got.Status != status {
				t.Errorf("deleted by an attempt whose response was lost, now %s: the caller gets status %q: %v", status, got.Status, err)
			}
		})
	}
}
