package originpull_test

import (
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// TestUnreadableIsReported names what could not be read to who asks for it, and logs it
// once, without a value.
func TestUnreadableIsReported(t *testing.T) {
	t.Parallel()
	odd := func(entries string) response {
		return response{status: 200, body: `{"success":true,"errors":[],"messages":["hush"],"hush":["hush"],"result":[` + entries + `],"result_info":"hush"}`}
	}
	entry := `{"id":"a","status":"active","expires_on":"hush","hush":1,"serial_number":["hush"]}`
	responses := []response{odd(entry + "," + entry), odd(entry + "," + entry + "," + entry), example(t, "CertificateList"),
		{status: 400, body: `{"success":false,"errors":[{"code":1408,"source":"hush"}]}`}}
	var log strings.Builder
	zone := newZone(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		a := responses[0]
		responses = responses[1:]
		return a.respond(r)
	}), originpull.WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))))
	for _, want := range [][]string{
		{"/messages/0", "/result/0/serial_number", "/result/0/expires_on", "/result/1/serial_number", "/result/1/expires_on", "/result_info"},
		{"/messages/0", "/result/0/serial_number", "/result/0/expires_on", "/result/1/serial_number", "/result/1/expires_on", "/result/2/serial_number", "/result/2/expires_on", "/result_info"},
		nil,
		{"/errors/0/source"},
	} {
		raw := originpull.Response{Unreadable: []string{"of an earlier call"}}
		zone.Certificates.List(t.Context(), originpull.WithResponse(&raw))
		if !slices.Equal(raw.Unreadable, want) {
			t.Errorf("the caller reads that %q could not be read, want %q", raw.Unreadable, want)
		}
	}
	for _, field := range []string{"/messages/*", "/result/*/serial_number", "/result/*/expires_on", "/result_info", "/errors/*/source"} {
		if n := strings.Count(log.String(), `"`+field+`"`); n != 1 {
			t.Errorf("%s is logged %d times, want once:\n%s", field, n, log.String())
		}
	}
	if lines := strings.Count(log.String(), "\n"); lines != 5 || strings.Contains(log.String(), "hush") {
		t.Errorf("the log has %d lines, want five without what the response says:\n%s", lines, log.String())
	}
}

// TestUploadWithOddRemark takes an upload for what it is: one request, and a certificate.
func TestUploadWithOddRemark(t *testing.T) {
	t.Parallel()
	for _, odd := range []string{`"messages":["text"]`, `"messages":"text"`, `"errors":[0]`, `"errors":{}`, `"messages":7`, `"result_info":[]`} {
		synctest.Test(t, func(t *testing.T) {
			requests := 0
			zone := retryingZone(t, roundTrip(func(r *http.Request) (*http.Response, error) {
				requests++
				body := `{"success":true,` + odd + `,"result":{"id":"` + certificateID + `","status":"initializing","expires_on":"","serial_number":7}}`
				return response{status: 200, body: body}.respond(r)
			}))
			certificate, err := zone.Certificates.Upload(t.Context(), newPair(t))
			if err != nil || certificate.ID != certificateID || certificate.Status != originpull.StatusInitializing || certificate.SerialNumber != "7" || requests != 1 {
				t.Errorf("with %s the caller gets %+v after %d requests: %v", odd, certificate, requests, err)
			}
		})
	}
}

// TestFindInOddList finds a certificate in a list of which another entry, or another
// field, cannot be read; also after its upload was lost.
func TestFindInOddList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		leaf := testpki.Leaf("client.example", nil)
		pair := must(originpull.KeyPairFromTLS(leaf.TLS()))
		text := inJSON(string(leaf.CertPEM()))
		good := `{"id":"good","status":"active","certificate":` + text + `}`
		for list, want := range map[string]error{
			`[null,` + good + `]`:                         nil,
			`["text",7,[],{},` + good + `]`:               nil,
			`[{"certificate":` + text + `},` + good + `]`: nil,
			`[{"id":"good","status":"active","certificate":` + text + `,"expires_on":"","issuer":{},"uploaded_on":0}]`: nil,
			`[{"id":"x","status":"active","certificate":["?"]}]`:                                                       originpull.ErrMalformedResponse,
			`[{"id":"good","certificate":` + text + `}]`:                                                               originpull.ErrMalformedResponse,
			`[{"id":7,"status":"active","certificate":` + text + `}]`:                                                  originpull.ErrMalformedResponse,
			`[{"id":"x","status":7,"certificate":` + text + `}]`:                                                       originpull.ErrMalformedResponse,
			`[null]`:                originpull.ErrMalformedResponse,
			`{"good":` + good + `}`: originpull.ErrMalformedResponse,
			good:                    originpull.ErrMalformedResponse,
			`7`:                     originpull.ErrMalformedResponse,
			`[]`:                    originpull.ErrNotFound,
		} {
			a := response{status: 200, body: `{"success":true,"errors":[],"messages":["text"],"result":` + list + `,"result_info":0}`}
			found, err := newZone(t, always(a)).Certificates.Find(t.Context(), leaf.Certificate)
			if !errors.Is(err, want) || want == nil && found.ID != "good" {
				t.Errorf("in %s the caller finds %q: %v, want %v", list, found.ID, err, want)
			}
			if want != nil {
				continue
			}
			found, err = retryingZone(t, roundTrip(func(r *http.Request) (*http.Response, error) {
				if r.Method == http.MethodPost {
					return response{status: 502}.respond(r)
				}
				return a.respond(r)
			})).Certificates.Upload(t.Context(), pair)
			if err != nil || found.ID != "good" {
				t.Errorf("of a lost upload the caller finds %q in %s: %v", found.ID, list, err)
			}
		}
	})
}

// TestWaitReadsOddCertificates waits through odd responses, as for any other.
func TestWaitReadsOddCertificates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.New(originpulltest.Options{DeployDelay: 20 * time.Second, Faults: func(r originpulltest.Request) originpulltest.Fault {
			if r.Operation != "GetCertificate" || r.Number > 5 {
				return originpulltest.Fault{}
			}
			id := r.CertificateID
			return originpulltest.Fault{Response: oddly(`{"success":true,"messages":{},"result":{"id":"` + id + `","status":"held_back","expires_on":0}}`)}
		}})
		defer sim.Close()
		zone := simulatedZone(t, sim)
		certificate := must(zone.Certificates.Upload(t.Context(), newPair(t)))
		got, err := zone.Certificates.Wait(t.Context(), certificate.ID, originpull.StatusActive)
		if err != nil || got.ID != certificate.ID {
			t.Errorf("the caller gets %q: %v", got.ID, err)
		}
	})
}

// TestRetryByOddCode repeats an upload that the API refuses for now, however odd the
// refusal is.
func TestRetryByOddCode(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]int{
		`{"success":false,"errors":[{"code":"971","source":7}]}`:     5,
		`{"success":false,"errors":[{"message":"busy"},0]}`:          5,
		`{"success":false,"errors":[{"code":"10502"}],"messages":7}`: 1,
		`{"success":false,"errors":["busy"]}`:                        1, // it could be anyone's
	} {
		synctest.Test(t, func(t *testing.T) {
			transport := newRecorder(response{status: 429, body: body}.respond)
			retryingZone(t, transport).Certificates.Upload(t.Context(), newPair(t))
			if len(transport.at) != want {
				t.Errorf("after %s the upload is sent %d times, want %d", body, len(transport.at), want)
			}
		})
	}
}
