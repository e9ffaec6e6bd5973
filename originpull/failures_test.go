package originpull_test

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"

	"github.com/originpull/originpull-go/originpull"
)

// failure is an answer that is no success, and what a caller makes of it.
type failure struct {
	name string
	answer
	is         []error           // all that errors.Is finds
	codes      []originpull.Code // in their order
	retryAfter time.Duration
	says       string // part of the message
	uploadSays string // of an upload, where it is another
	quotes     string // part of the body, of which the message shows nothing
}

// ofTheService are the failures of the operations themselves.
func ofTheService(t *testing.T) []failure {
	return []failure{
		{name: "certificate exists", answer: example(t, "AlreadyExists"), is: []error{originpull.ErrAlreadyExists}, codes: codes(1406), says: "the zone has this certificate"},
		{name: "certificate unparsable", answer: example(t, "Unparsable"), codes: codes(1408), says: "Unable to parse certificate"},
		{name: "not a leaf", answer: example(t, "NotLeaf"), is: []error{originpull.ErrNotLeaf}, codes: codes(1412), says: "not a CA"},
		{name: "pending deletion", answer: failureWith(400, 1414), is: []error{originpull.ErrAlreadyDeleted}, codes: codes(1414)},
		{name: "pending deployment", answer: example(t, "PendingDeployment"), is: []error{originpull.ErrPendingDeployment}, codes: codes(1434), says: "wait until"},
		{name: "not found, 1551", answer: failureWith(404, 1551), is: []error{originpull.ErrNotFound}, codes: codes(1551)},
		{name: "not found, 1552", answer: example(t, "NotFound"), is: []error{originpull.ErrNotFound}, codes: codes(1552), says: "certificate not found"},
		{name: "400 without a code", answer: example(t, "AlreadyDeleted"), says: "certificate already deleted", uploadSays: "[not shown, use WithResponse]"},
		{name: "conflict", answer: example(t, "Conflict"), is: []error{originpull.ErrConflict}, says: "repeat the request"},
		{name: "internal", answer: example(t, "Internal"), says: "internal error", uploadSays: "[not shown, use WithResponse]"},
		{name: "a code nobody knows", answer: failureWith(422, 99999), codes: codes(99999), says: "99999 what the API said", uploadSays: "99999 [not shown"},
		{name: "200 without success", answer: failureWith(200, 1408), codes: codes(1408), says: "HTTP 200: 1408"},
		{name: "200 without success or reason", answer: answer{status: 200, body: `{"success":false,"errors":[]}`}, says: "HTTP 200: no reason given"},
		{name: "403 without anything", answer: answer{status: 403, body: `{"success":false}`}, is: []error{originpull.ErrDenied}, says: "no reason given"},
		{name: "fields nobody knows", answer: answer{status: 400, body: `{"success":false,"errors":[{"code":1408,"message":"m","new":[]}],"new":{}}`}, codes: codes(1408)},
	}
}

// ofTheGateway are the failures of the gateway in front.
func ofTheGateway(t *testing.T) []failure {
	denied := []error{originpull.ErrDenied}
	return []failure{
		{name: "malformed id", answer: example(t, "MalformedID"), is: []error{originpull.ErrNotFound}, codes: codes(7003), says: "perhaps your object identifier is invalid?"},
		{name: "no route", answer: failureWith(400, 7000), codes: codes(7000)},
		{name: "wrong method", answer: failureWith(405, 10405), codes: codes(10405)},
		{name: "denied by 403", answer: example(t, "Denied"), is: denied, codes: codes(10000), says: "the credentials are not valid, or they lack the permission"},
		{name: "denied by 401", answer: failureWith(401, 10000), is: denied, codes: codes(10000)},
		{name: "denied by 400", answer: failureWith(400, 10000), is: denied, codes: codes(10000)},
		{name: "a fresh token", answer: failureWith(403, 10001), is: denied, codes: codes(10001)},
		{name: "a dead token", answer: failureWith(403, 9109), is: denied, codes: codes(9109)},
		{name: "an unknown key", answer: failureWith(403, 9103), is: denied, codes: codes(9103)},
		{name: "no credentials, 400", answer: example(t, "NoCredentials"), is: denied, codes: codes(9106)},
		{name: "no credentials, 403", answer: failureWith(403, 9106), is: denied, codes: codes(9106)},
		{name: "malformed credentials", answer: example(t, "MalformedCredentials"), is: denied, codes: codes(6003, 6111), says: "(6111 Invalid format for Authorization header)"},
		{name: "malformed key", answer: answer{status: 400, body: `{"success":false,"errors":[{"code":6003,"message":"m","error_chain":[{"code":6103,"message":"n"}]}]}`}, is: denied, codes: codes(6003, 6103)},
		{name: "malformed email", answer: answer{status: 400, body: `{"success":false,"errors":[{"code":6003,"message":"m","error_chain":[{"code":6102,"message":"n"}]}]}`}, is: denied, codes: codes(6003, 6102)},
		{name: "rate limited, 971", answer: example(t, "RateLimited").with("Retry-After", "17"), is: []error{originpull.ErrRateLimited}, codes: codes(971), retryAfter: 17 * time.Second, says: "wait 17s"},
		{name: "rate limited, 10429", answer: failureWith(429, 10429), is: []error{originpull.ErrRateLimited}, codes: codes(10429), says: "wait up to five minutes"},
		{name: "too many bad credentials", answer: example(t, "TooManyFailures"), is: denied, codes: codes(10502), says: "the credentials are not valid"},
	}
}

// ofOthers are answers that the API does not give.
func ofOthers(t *testing.T) []failure {
	malformed := []error{originpull.ErrMalformedResponse}
	page := example(t, "BadGatewayPage").body
	html := func(status int) answer { return answer{status: status, body: page}.with("Content-Type", "text/html") }
	large := `{"success":true,"errors":[],"messages":[],"result":null}` + strings.Repeat(" ", testLimit)
	return []failure{
		{name: "page 502", answer: html(502), is: malformed, quotes: "<title>502 Bad Gateway</title>", says: fmt.Sprintf("HTTP 502: unexpected response: it is not JSON (Content-Type \"text/html\", %d bytes)", len(page))},
		{name: "page 200", answer: html(200), is: malformed, quotes: "502 Bad Gateway"},
		{name: "page 404", answer: html(404), is: malformed, quotes: "502 Bad Gateway"},
		{name: "page 409", answer: html(409), is: malformed, quotes: "502 Bad Gateway"},
		{name: "page 401", answer: html(401), is: []error{originpull.ErrDenied, originpull.ErrMalformedResponse}, quotes: "502 Bad Gateway"},
		{name: "page 403", answer: html(403), is: []error{originpull.ErrDenied, originpull.ErrMalformedResponse}, quotes: "502 Bad Gateway"},
		{name: "page 429", answer: html(429).with("Retry-After", "3"), is: []error{originpull.ErrRateLimited, originpull.ErrMalformedResponse}, retryAfter: 3 * time.Second},
		{name: "page 503", answer: html(503).with("Retry-After", "120"), is: malformed, retryAfter: 2 * time.Minute},
		{name: "empty 200", answer: answer{status: 200}, is: malformed, says: "the body is empty"},
		{name: "empty 204", answer: answer{status: 204}, is: malformed, says: "the body is empty"},
		{name: "empty 403", answer: answer{status: 403}, is: []error{originpull.ErrDenied, originpull.ErrMalformedResponse}, says: "the body is empty"},
		{name: "empty 520", answer: answer{status: 520}, is: malformed, says: "HTTP 520"},
		{name: "malformed", answer: answer{status: 200, body: `{"success":true,"result":[}`}, is: malformed, quotes: `{"success":true,"result":[}`},
		{name: "malformed 500", answer: answer{status: 500, body: `{"success":`}, is: malformed, quotes: `{"success":`},
		{name: "something after it", answer: answer{status: 200, body: `{"success":true,"result":null} and more`}, is: malformed, quotes: "and more"},
		{name: "cut in the middle", answer: answer{status: 200, body: `{"success":true,"res`, length: 999, cut: true}, is: malformed, says: "unexpected EOF"},
		{name: "cut after the JSON", answer: answer{status: 200, body: `{"success":true,"result":null}`, length: 999, cut: true}, is: malformed, says: "unexpected EOF"},
		{name: "cut 404", answer: answer{status: 404, body: example(t, "NotFound").body, length: 999, cut: true}, is: malformed},
		{name: "cut 429", answer: answer{status: 429, length: 999, cut: true}.with("Retry-After", "9"), is: []error{originpull.ErrRateLimited, originpull.ErrMalformedResponse}, retryAfter: 9 * time.Second},
		{name: "oversized, announced", answer: answer{status: 200, body: large}, is: malformed, says: "more than the limit of 4096"},
		{name: "oversized, not announced", answer: answer{status: 200, body: large, length: -1}, is: malformed, says: "larger than the limit of 4096 bytes"},
		{name: "oversized 502", answer: answer{status: 502, body: large, length: -1}, is: malformed, says: "HTTP 502"},
		{name: "invalid UTF-8", answer: answer{status: 200, body: "{\"success\":true,\"result\":null,\"x\":\"\xff\"}"}, is: malformed, says: "UTF-8"},
		{name: "result of another type", answer: answer{status: 200, body: `{"success":true,"result":7}`}, is: malformed, quotes: `"result":7`},
		{name: "success of another type", answer: answer{status: 200, body: `{"success":"true","result":null}`}, is: malformed, quotes: `"success":"true"`},
		{name: "errors of another type", answer: answer{status: 400, body: `{"success":false,"errors":{"code":1406}}`}, is: malformed, quotes: `{"code":1406}`},
		{name: "code of another type", answer: answer{status: 400, body: `{"success":false,"errors":[{"code":"1406"}]}`}, is: malformed, quotes: `"1406"`},
		{name: "not an object", answer: answer{status: 200, body: `["hush"]`}, is: malformed, quotes: `hush`},
		{name: "null", answer: answer{status: 200, body: `null`}, is: malformed, says: "does not say whether it is a success"},
		{name: "success missing", answer: answer{status: 200, body: `{"errors":[],"messages":[]}`}, is: malformed, says: "does not say whether it is a success"},
		{name: "success missing 404", answer: answer{status: 404, body: `{"error":"no such page"}`}, is: malformed, says: "does not say whether it is a success"},
		{name: "success null", answer: answer{status: 200, body: `{"success":null,"result":null}`}, is: malformed, says: "does not say whether it is a success"},
		{name: "success under failure", answer: answer{status: 400, body: `{"success":true,"result":null}`}, is: malformed, says: "it says success under a status that says failure"},
		{name: "redirect 301", answer: answer{status: 301, body: "moved"}.with("Location", "https://elsewhere.example/"), is: malformed, says: "a redirect, not followed"},
		{name: "redirect 307", answer: answer{status: 307}.with("Location", settingsURL), is: malformed, says: "a redirect, not followed"},
	}
}

// testLimit is the limit in bytes of the clients that get oversized answers.
const testLimit = 4096

// TestFailures gives each operation each failure, and requires that the caller
// gets one error that tells all that was told, and no success.
func TestFailures(t *testing.T) {
	t.Parallel()
	for _, op := range operations(t) {
		for _, f := range slices.Concat(ofTheService(t), ofTheGateway(t), ofOthers(t)) {
			t.Run(op.id+"/"+f.name, func(t *testing.T) {
				t.Parallel()
				mock := httpmock.NewMockTransport()
				mock.RegisterResponder(op.method, op.url, f.respond)
				_, err := op.call(t.Context(), newZone(t, mock, originpull.WithBodyLimit(testLimit)))
				if err == nil {
					t.Fatalf("%s takes it for a success", op.id)
				}
				checkFailure(t, err, op, f)
			})
		}
	}
}

func checkFailure(t *testing.T, err error, op operation, f failure) {
	t.Helper()
	wantErrors(t, err, f.is...)
	e := apiError(t, err)
	if e.Operation != op.id || e.Permission != op.permission || e.Status != f.status || e.RayID != ray {
		t.Errorf("the error tells operation %q, permission %q, status %d, ray %q; want %q, %q, %d, %q",
			e.Operation, e.Permission, e.Status, e.RayID, op.id, op.permission, f.status, ray)
	}
	if !slices.Equal(e.Codes(), f.codes) {
		t.Errorf("the error tells codes %v, want %v", e.Codes(), f.codes)
	}
	if e.RetryAfter != f.retryAfter {
		t.Errorf("the error says to wait %s, want %s", e.RetryAfter, f.retryAfter)
	}
	if op.id == "UploadCertificate" && f.uploadSays != "" {
		f.says = f.uploadSays
	}
	if !strings.Contains(err.Error(), f.says) || !strings.HasPrefix(err.Error(), op.id+": ") {
		t.Errorf("the user reads %q, want %q in it, and the operation before it", err, f.says)
	}
	if f.quotes != "" && strings.Contains(fmt.Sprintf("%v %#v", err, *e), f.quotes) {
		t.Errorf("the error quotes %q of a body that can be anything: %v", f.quotes, err)
	}
}

// TestNoAnswer tells a network's failure from an answer's.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	refused := errors.New("connection refused")
	for _, op := range operations(t) {
		mock := httpmock.NewMockTransport()
		mock.RegisterResponder(op.method, op.url, httpmock.NewErrorResponder(refused))
		_, err := op.call(t.Context(), newZone(t, mock))
		wantErrors(t, err)
		if e := apiError(t, err); !errors.Is(err, refused) || e.Status != 0 || e.Operation != op.id {
			t.Errorf("%s: the caller gets status %d of %s: %v", op.id, e.Status, e.Operation, err)
		}
	}
}

// TestRetryAfter reads the header in both its forms, at a time that stands still.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // it is 2000-01-01 00:00:00
		for value, want := range map[string]time.Duration{
			"5":                                5 * time.Second,
			" 5 ":                              5 * time.Second,
			"0":                                0,
			"-5":                               0,
			"1.5":                              2 * time.Second,
			"2.0":                              2 * time.Second,
			".5":                               0,
			"soon":                             0,
			"99999999999999999999":             math.MaxInt32 * time.Second,
			"Sat, 01 Jan 2000 00:01:30 GMT":    90 * time.Second,
			"Saturday, 01-Jan-00 00:01:30 GMT": 90 * time.Second,
			"Fri, 31 Dec 1999 23:59:00 GMT":    0,
		} {
			a := example(t, "RateLimited").with("Retry-After", value)
			_, err := newZone(t, always(a)).Settings.Get(t.Context())
			if got := apiError(t, err).RetryAfter; got != want {
				t.Errorf("Retry-After %q reads as %s, want %s", value, got, want)
			}
		}
	})
}

// TestRedirectIsNotFollowed keeps the credentials where they belong.
func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	mock := always(answer{status: http.StatusFound}.with("Location", "https://elsewhere.example/"))
	_, err := newZone(t, mock).Settings.Get(t.Context())
	wantErrors(t, err, originpull.ErrMalformedResponse)
	if n := mock.GetTotalCallCount(); n != 1 {
		t.Errorf("%d requests were sent, want the first alone", n)
	}
}
