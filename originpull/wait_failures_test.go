package originpull_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/originpull"
)

type way = func(*http.Request) (*http.Response, error)

func failsBy(err error) way { return func(*http.Request) (*http.Response, error) { return nil, err } }

func page(status int) response {
	return response{status: status, body: "<html>"}.with("Content-Type", "text/html")
}

// passing are failures of a poll after which the next one may succeed.
func passing(t *testing.T) map[string]way {
	ways := map[string]way{
		"reset":                          reset,
		"lost":                           failsBy(io.EOF),
		"no connection":                  failsBy(&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}),
		"cut":                            response{status: 200, body: `{"success":true,"result":`, length: 99, cut: true}.respond,
		"429 of the API":                 example(t, "RateLimited").respond,
		"429, 10429":                     failureWith(429, 10429).respond,
		"408 of the API":                 failureWith(408, 1000).respond,
		"425 of the API":                 failureWith(425, 1000).respond,
		"500 of the API":                 example(t, "Internal").respond,
		"200 page":                       page(200).respond,
		"404 page":                       page(404).respond,
		"200 without a body":             response{status: 200}.respond,
		"200 that is not JSON":           response{status: 200, body: "OK"}.respond,
		"200 without a certificate":      success(t, nil).respond,
		"200 with another shape":         response{status: 200, body: `{"success":true,"result":[1]}`}.respond,
		"200 whose success is missing":   response{status: 200, body: `{"result":{"id":"x"}}`}.respond,
		"a redirect of a captive portal": response{status: 302}.respond,
	}
	for _, status := range []int{408, 425, 429, 500, 501, 502, 503, 504, 520, 521, 522, 524, 530, 599} {
		ways[fmt.Sprint(status, " page")] = page(status).respond
	}
	return ways
}

// TestWaitGoesOn meets each failure three times before the certificate is active: the
// caller does not notice. Each poll is one request.
func TestWaitGoesOn(t *testing.T) {
	t.Parallel()
	for name, fails := range passing(t) {
		for when, before := range map[string][]way{"at first": nil, "later": {in(t, "pending_deployment").respond}} {
			t.Run(name+"/"+when, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					transport := newRecorder(inTurn(append(before, fails, fails, fails, in(t, "active").respond)...))
					got, err := retryingZone(t, transport).Certificates.Wait(anHour(t), certificateID, originpull.StatusActive)
					if err != nil || got.Status != originpull.StatusActive {
						t.Fatalf("after three failures the caller gets status %q: %v", got.Status, err)
					}
					if want := len(before) + 4; len(transport.at) != want {
						t.Errorf("%d requests were sent, want %d", len(transport.at), want)
					}
				})
			})
		}
	}
}

// TestWaitGivesUp meets a failure for ever: after two minutes Wait returns the last one,
// and the certificate as it was last seen.
func TestWaitGivesUp(t *testing.T) {
	t.Parallel()
	for name, fails := range passing(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ways := []way{in(t, "pending_deployment").respond, page(500).respond, page(500).respond, fails}
				transport := newRecorder(inTurn(ways...))
				got, err := retryingZone(t, transport).Certificates.Wait(anHour(t), certificateID, originpull.StatusActive)
				if got.Status != originpull.StatusPendingDeployment {
					t.Errorf("the caller gets status %q, want the last that was seen", got.Status)
				}
				_, wanted := retryingZone(t, roundTrip(fails)).Certificates.Get(t.Context(), certificateID, originpull.WithoutRetry())
				if e := apiError(t, err); e.Error() != wanted.Error() {
					t.Errorf("the caller finds the failure %v, want the last, %v", e, wanted)
				}
				if want := "last seen as pending_deployment: no request has succeeded for 2m"; !strings.Contains(err.Error(), want) {
					t.Errorf("the user reads %q, want %q in it", err, want)
				}
				end := transport.at[len(transport.at)-1] - transport.at[1]
				if end < 2*time.Minute || end > 2*time.Minute+15*time.Second {
					t.Errorf("Wait gives up after %s of failures, want about two minutes", end)
				}
			})
		})
	}
}

// TestWaitCountsFailuresInARow fails for longer than two minutes in all, with a success
// in between.
func TestWaitCountsFailuresInARow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := page(503)
		s := &story{chapters: []chapter{{0, down}, {100 * time.Second, in(t, "pending_deployment")}, {115 * time.Second, down}, {215 * time.Second, in(t, "active")}}}
		got, err := retryingZone(t, s.transport()).Certificates.Wait(anHour(t), certificateID, originpull.StatusActive)
		if err != nil || got.Status != originpull.StatusActive {
			t.Errorf("two outages of 100 seconds end the wait with status %q: %v", got.Status, err)
		}
	})
}

// TestWaitEndsAtOnce meets failures that would come again, before the certificate was
// seen and after.
func TestWaitEndsAtOnce(t *testing.T) {
	t.Parallel()
	denied, notFound := originpull.ErrDenied, originpull.ErrNotFound
	untrusted := &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
	for name, tt := range map[string]struct {
		way
		is error
	}{
		"401":                        {failureWith(401, 10000).respond, denied},
		"403":                        {example(t, "Denied").respond, denied},
		"403 page":                   {page(403).respond, denied},
		"400, bad credentials":       {failureWith(400, 6003).respond, denied},
		"429, too many failures":     {example(t, "TooManyFailures").respond, denied},
		"404, 1552":                  {example(t, "NotFound").respond, notFound},
		"404, 1551":                  {failureWith(404, 1551).respond, notFound},
		"404, malformed id":          {example(t, "MalformedID").respond, notFound},
		"404 without a code":         {response{status: 404, body: `{"success":false,"errors":[]}`}.respond, notFound},
		"400 of the API":             {failureWith(400, 7000).respond, nil},
		"405":                        {failureWith(405, 10405).respond, nil},
		"503, malformed id":          {failureWith(503, 7003).respond, nil},
		"409":                        {example(t, "Conflict").respond, originpull.ErrConflict},
		"200 without success":        {failureWith(200, 1408).respond, nil},
		"a body over the limit":      {response{status: 200, length: 1 << 30}.respond, originpull.ErrMalformedResponse},
		"a server that is untrusted": {failsBy(untrusted), untrusted},
	} {
		for when, before := range map[string][]way{"at first": nil, "later": {in(t, "pending_deployment").respond}} {
			t.Run(name+"/"+when, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					transport := newRecorder(inTurn(append(before, tt.way)...))
					got, err := retryingZone(t, transport).Certificates.Wait(anHour(t), certificateID, originpull.StatusActive)
					if apiError(t, err); tt.is != nil && !errors.Is(err, tt.is) {
						t.Errorf("the caller does not find %v in %v", tt.is, err)
					}
					if want := len(before) + 1; len(transport.at) != want {
						t.Errorf("%d requests were sent, want %d", len(transport.at), want)
					}
					if want := []string{"", certificateID}[len(before)]; got.ID != want {
						t.Errorf("the caller gets certificate %q, want %q, as it was last seen", got.ID, want)
					}
				})
			})
		}
	}
}

// TestWaitForDeletion believes that a certificate is deleted only if it was there.
func TestWaitForDeletion(t *testing.T) {
	t.Parallel()
	there := success(t, originpull.Certificate{ID: certificateID, Status: "pending_deletion", SerialNumber: "7"}).respond
	for name, tt := range map[string]struct {
		ways []way
		is   error // nil: it is deleted
	}{
		"1552 at first":            {[]way{example(t, "NotFound").respond}, originpull.ErrNotFound},
		"1551 at first":            {[]way{failureWith(404, 1551).respond}, originpull.ErrNotFound},
		"1552 after a failure":     {[]way{page(502).respond, example(t, "NotFound").respond}, originpull.ErrNotFound},
		"1552 later":               {[]way{there, example(t, "NotFound").respond}, nil},
		"1551 after a failure":     {[]way{there, page(502).respond, failureWith(404, 1551).respond}, nil},
		"404 without a code later": {[]way{there, response{status: 404, body: `{"success":false,"errors":[]}`}.respond}, originpull.ErrNotFound},
		"denied later":             {[]way{there, example(t, "Denied").respond}, originpull.ErrDenied},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got, err := retryingZone(t, inTurn(tt.ways...)).Certificates.Wait(anHour(t), certificateID, originpull.StatusDeleted)
				if !errors.Is(err, tt.is) {
					t.Errorf("the caller gets %v, want %v", err, tt.is)
				}
				if tt.is == nil && (got.Status != originpull.StatusDeleted || got.SerialNumber != "7") {
					t.Errorf("the caller gets certificate %s with status %q, want the one last seen, as deleted", got.SerialNumber, got.Status)
				}
			})
		})
	}
}

// TestWaitRetryAfter comes back when the API says, unless the caller would not be there
// any more.
func TestWaitRetryAfter(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		busy     response
		after    string
		deadline time.Duration
		comes    time.Duration // when the second request comes; 0: never, Wait fails at once
	}{
		"429":                        {example(t, "RateLimited"), "30", time.Hour, 30 * time.Second},
		"429 page":                   {page(429), "30", time.Hour, 30 * time.Second},
		"503 page":                   {page(503), "30", time.Hour, 30 * time.Second},
		"longer than two minutes":    {example(t, "RateLimited"), "300", time.Hour, 5 * time.Minute},
		"shorter than the pace":      {page(503), "0", time.Hour, 800 * time.Millisecond},
		"longer than the context":    {example(t, "RateLimited"), "300", 2 * time.Minute, 0},
		"as long as the context":     {page(503), "120", 2 * time.Minute, 0},
		"longer than an hour":        {page(503), "3601", 24 * time.Hour, 0},
		"longer than can be counted": {page(503), "99999999999999999999", 24 * time.Hour, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), tt.deadline)
				defer cancel()
				begin := time.Now()
				transport := newRecorder(inTurn(tt.busy.with("Retry-After", tt.after).respond, in(t, "pending_deployment").respond, in(t, "active").respond))
				_, err := retryingZone(t, transport).Certificates.Wait(ctx, certificateID, originpull.StatusActive)
				if tt.comes == 0 {
					if e := apiError(t, err); e.RetryAfter == 0 || len(transport.at) != 1 || time.Since(begin) != 0 {
						t.Errorf("after %s and %d requests the caller gets %v, want at once when to come back", time.Since(begin), len(transport.at), err)
					}
					return
				}
				if err != nil || len(transport.at) != 3 {
					t.Fatalf("%d requests were sent, then the caller gets %v", len(transport.at), err)
				}
				if got := transport.at[1]; got < tt.comes || got > tt.comes+time.Second {
					t.Errorf("the second request comes after %s, want %s", got, tt.comes)
				}
				if got := transport.at[2] - transport.at[1]; got > 2*time.Second {
					t.Errorf("once a request has succeeded, the next comes after %s, want the usual pace", got)
				}
			})
		})
	}
}

// TestWaitSparesTheRetryBudget waits through an outage: the retries that the client has
// left are for other calls.
func TestWaitSparesTheRetryBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := newRecorder(page(503).respond)
		zone := retryingZone(t, transport)
		if _, err := zone.Certificates.Wait(anHour(t), certificateID, originpull.StatusActive); err == nil {
			t.Fatal("an outage does not end the wait")
		}
		for range 2 {
			transport.at = nil
			if zone.Settings.Get(t.Context()); len(transport.at) != 5 {
				t.Errorf("after the wait a call makes %d attempts, want 5", len(transport.at))
			}
		}
	})
}

// TestWaitOfOnce ends at the first failure, as WithoutRetry says, and not before.
func TestWaitOfOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := newRecorder(inTurn(in(t, "pending_deployment").respond, in(t, "pending_deployment").respond, page(503).respond))
		got, err := retryingZone(t, transport).Certificates.Wait(anHour(t), certificateID, originpull.StatusActive, originpull.WithoutRetry())
		if apiError(t, err); len(transport.at) != 3 || got.ID != certificateID {
			t.Errorf("%d requests were sent, and the caller gets certificate %q: %v", len(transport.at), got.ID, err)
		}
	})
}
