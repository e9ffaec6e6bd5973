package originpull_test

import (
	"cmp"
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

// failure is a response that is not a success, and what a caller makes of it.
type failure struct {
	name string
	response
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
		{name: "certificate exists", response: example(t, "AlreadyExists"), is: []error{originpull.ErrAlreadyExists}, codes: codes(1406), says: "the zone has this certificate"},
		{name: "certificate unparsable", response: example(t, "Unparsable"), codes: codes(1408), says: "Unable to parse certificate"},
		{name: "not a leaf", response: example(t, "NotLeaf"), is: []error{originpull.ErrNotLeaf}, codes: codes(1412), says: "not a CA"},
		{name: "pending deletion", response: failureWith(400, 1414), is: []error{originpull.ErrAlreadyDeleted}, codes: codes(1414)},
		{name: "pending deployment", response: example(t, "PendingDeployment"), is: []error{originpull.ErrPendingDeployment}, codes: codes(1434), says: "wait until"},
		{name: "not found, 1551", response: failureWith(404, 1551), is: []error{originpull.ErrNotFound}, codes: codes(1551)},
		{name: "not found, 1552", response: example(t, "NotFound"), is: []error{originpull.ErrNotFound}, codes: codes(1552), says: "certificate not found"},
		{name: "400 without a code", response: example(t, "AlreadyDeleted"), says: "certificate already deleted", uploadSays: "[not shown, use WithResponse]"},
		{name: "conflict", response: example(t, "Conflict"), is: []error{originpull.ErrConflict}, says: "repeat the request"},
		{name: "internal", response: example(t, "Internal"), says: "internal error", uploadSays: "[not shown, use WithResponse]"},
		{name: "a code no one knows", response: failureWith(422, 99999), codes: codes(99999), says: "99999 what the API said", uploadSays: "99999 [not shown"},
		{name: "200 without success", response: failureWith(200, 1408), codes: codes(1408), says: "HTTP 200: 1408"},
		{name: "200 without success or reason", response: response{status: 200, body: `{"success":false,"errors":[]}`}, says: "HTTP 200: no reason given"},
		{name: "403 without anything", response: response{status: 403, body: `{"success":false}`}, is: []error{originpull.ErrDenied}, says: "no reason given"},
		{name: "fields no one knows", response: response{status: 400, body: `{"success":false,"errors":[{"code":1408,"message":"m","new":[]}],"new":{}}`}, codes: codes(1408)},
	}
}

// ofTheGateway are the failures of the gateway in front.
func ofTheGateway(t *testing.T) []failure {
	denied := []error{originpull.ErrDenied}
	return []failure{
		{name: "malformed id", response: example(t, "MalformedID"), is: []error{originpull.ErrNotFound}, codes: codes(7003), says: "perhaps your object identifier is invalid?"},
		{name: "no route", response: failureWith(400, 7000), codes: codes(7000)},
		{name: "wrong method", response: failureWith(405, 10405), codes: codes(10405)},
		{name: "denied by 403", response: example(t, "Denied"), is: denied, codes: codes(10000), says: "the credentials are not valid, or they lack the permission"},
		{name: "denied by 401", response: failureWith(401, 10000), is: denied, codes: codes(10000)},
		{name: "denied by 400", response: failureWith(400, 10000), is: denied, codes: codes(10000)},
		{name: "a fresh token", response: failureWith(403, 10001), is: denied, codes: codes(10001)},
		{name: "a dead token", response: failureWith(403, 9109), is: denied, codes: codes(9109)},
		{name: "an unknown key", response: failureWith(403, 9103), is: denied, codes: codes(9103)},
		{name: "no credentials, 400", response: example(t, "NoCredentials"), is: denied, codes: codes(9106)},
		{name: "no credentials, 403", response: failureWith(403, 9106), is: denied, codes: codes(9106)},
		{name: "malformed credentials", response: example(t, "MalformedCredentials"), is: denied, codes: codes(6003, 6111), says: "(6111 Invalid format for Authorization header)"},
		{name: "malformed key", response: response{status: 400, body: `{"success":false,"errors":[{"code":6003,"message":"m","error_chain":[{"code":6103,"message":"n"}]}]}`}, is: denied, codes: codes(6003, 6103)},
		{name: "malformed email", response: response{status: 400, body: `{"success":false,"errors":[{"code":6003,"message":"m","error_chain":[{"code":6102,"message":"n"}]}]}`}, is: denied, codes: codes(6003, 6102)},
		{name: "rate limited, 971", response: example(t, "RateLimited").with("Retry-After", "17"), is: []error{originpull.ErrRateLimited}, codes: codes(971), retryAfter: 17 * time.Second, says: "wait 17s"},
		{name: "rate limited, 10429", response: failureWith(429, 10429), is: []error{originpull.ErrRateLimited}, codes: codes(10429), says: "wait up to five minutes"},
		{name: "too many bad credentials", response: example(t, "TooManyFailures"), is: denied, codes: codes(10502), says: "the credentials are not valid"},
	}
}

// ofOthers are responses that the API does not send.
func ofOthers(t *testing.T) []failure {
	malformed := []error{originpull.ErrMalformedResponse}
	page := example(t, "BadGatewayPage").body
	html := func(status int) response {
		return response{status: status, body: page}.with("Content-Type", "text/html")
	}
	large := `{"success":true,"errors":[],"messages":[],"result":null}` + strings.Repeat(" ", testLimit)
	return []failure{
		{name: "page 502", response: html(502), is: malformed, quotes: "<title>502 Bad Gateway</title>", says: fmt.Sprintf("HTTP 502: unexpected response: it is not JSON (Content-Type \"text/html\", %d bytes)", len(page))},
		{name: "page 200", response: html(200), is: malformed, quotes: "502 Bad Gateway"},
		{name: "page 404", response: html(404), is: malformed, quotes: "502 Bad Gateway"},
		{name: "page 409", response: html(409), is: malformed, quotes: "502 Bad Gateway"},
		{name: "page 401", response: html(401), is: []error{originpull.ErrDenied, originpull.ErrMalformedResponse}, quotes: "502 Bad Gateway"},
		{name: "page 403", response: html(403), is: []error{originpull.ErrDenied, originpull.ErrMalformedResponse}, quotes: "502 Bad Gateway"},
		{name: "409, exists", response: failureWith(409, 1406), is: []error{originpull.ErrAlreadyExists}, codes: codes(1406)},
		{name: "409, unknown code", response: failureWith(409, 4711), is: []error{originpull.ErrConflict}, codes: codes(4711)},
		{name: "429, denied", response: failureWith(429, 10000), is: []error{originpull.ErrDenied}, codes: codes(10000)},
		{name: "403, pending", response: failureWith(403, 1434), is: []error{originpull.ErrPendingDeployment}, codes: codes(1434)},
		{name: "page 429", response: html(429).with("Retry-After", "3"), is: []error{originpull.ErrRateLimited, originpull.ErrMalformedResponse}, retryAfter: 3 * time.Second},
		{name: "page 503", response: html(503).with("Retry-After", "120"), is: malformed, retryAfter: 2 * time.Minute},
		{name: "empty 200", response: response{status: 200}, is: malformed, says: "the body is empty"},
		{name: "empty 204", response: response{status: 204}, is: malformed, says: "the body is empty"},
		{name: "empty 403", response: response{status: 403}, is: []error{originpull.ErrDenied, originpull.ErrMalformedResponse}, says: "the body is empty"},
		{name: "empty 520", response: response{status: 520}, is: malformed, says: "HTTP 520"},
		{name: "malformed", response: response{status: 200, body: `{"success":true,"result":[}`}, is: malformed, quotes: `{"success":true,"result":[}`},
		{name: "malformed 500", response: response{status: 500, body: `{"success":`}, is: malformed, quotes: `{"success":`},
		{name: "something after it", response: response{status: 200, body: `{"success":true,"result":null} and more`}, is: malformed, quotes: "and more"},
		{name: "cut in the middle", response: response{status: 200, body: `{"success":true,"res`, length: 999, cut: true}, is: malformed, says: "unexpected EOF"},
		{name: "cut after the JSON", response: response{status: 200, body: `{"success":true,"result":null}`, length: 999, cut: true}, is: malformed, says: "unexpected EOF"},
		{name: "cut 404", response: response{status: 404, body: example(t, "NotFound").body, length: 999, cut: true}, is: malformed},
		{name: "cut 429", response: response{status: 429, length: 999, cut: true}.with("Retry-After", "9"), is: []error{originpull.ErrRateLimited, originpull.ErrMalformedResponse}, retryAfter: 9 * time.Second},
		{name: "oversized, announced", response: response{status: 200, body: large}, is: malformed, says: "more than the limit of 4096"},
		{name: "oversized, not announced", response: response{status: 200, body: large, length: -1}, is: malformed, says: "larger than the limit of 4096 bytes"},
		{name: "oversized 502", response: response{status: 502, body: large, length: -1}, is: malformed, says: "HTTP 502"},
		{name: "invalid UTF-8", response: response{status: 200, body: "{\"success\":true,\"result\":null,\"x\":\"\xff\"}"}, is: malformed, says: "UTF-8"},
		{name: "success of another type", response: response{status: 200, body: `{"success":"true","result":null}`}, is: malformed, quotes: `"success":"true"`},
		{name: "errors of another type", response: response{status: 400, body: `{"success":false,"errors":{"code":1406}}`}, is: []error{originpull.ErrAlreadyExists}, codes: codes(1406), quotes: `{"code":1406}`},
		{name: "code of another type", response: response{status: 400, body: `{"success":false,"errors":[{"code":"1406"}]}`}, is: []error{originpull.ErrAlreadyExists}, codes: codes(1406), quotes: `"1406"`},
		{name: "not an object", response: response{status: 200, body: `["hush"]`}, is: malformed, quotes: `hush`},
		{name: "null", response: response{status: 200, body: `null`}, is: malformed, says: "has no field success"},
		{name: "success missing", response: response{status: 200, body: `{"errors":[],"messages":[]}`}, is: malformed, says: "has no field success"},
		{name: "success missing 404", response: response{status: 404, body: `{"error":"no such page"}`}, is: malformed, says: "has no field success"},
		{name: "success null", response: response{status: 200, body: `{"success":null,"result":null}`}, is: malformed, says: "has no field success"},
		{name: "success under failure", response: response{status: 400, body: `{"success":true,"result":null}`}, is: malformed, says: "it says success, but its HTTP status says failure"},
		{name: "redirect 301", response: response{status: 301, body: "moved"}.with("Location", "https://elsewhere.example/"), is: malformed, says: "a redirect is not followed"},
		{name: "redirect 307", response: response{status: 307}.with("Location", settingsURL), is: malformed, says: "a redirect is not followed"},
	}
}

// testLimit is the limit in bytes of the clients that get oversized responses.
const testLimit = 4096

// TestFailures gives each operation each failure, and requires that the caller
// gets one error with all that the response says, and no success.
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
		t.Errorf("the error says operation %q, permission %q, status %d, ray %q; want %q, %q, %d, %q",
			e.Operation, e.Permission, e.Status, e.RayID, op.id, op.permission, f.status, ray)
	}
	if !slices.Equal(e.Codes(), f.codes) {
		t.Errorf("the error says codes %v, want %v", e.Codes(), f.codes)
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

// TestNoAnswer distinguishes a failure of the network from one in a response.
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

// TestRetryAfterByAnotherClock has a server whose clock is wrong, or a client whose is: a
// date counts from the response's own.
func TestRetryAfterByAnotherClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, tt := range []struct {
			offset      time.Duration
			date, after string // in place of what the server's clock says, empty for that
			want        time.Duration
		}{
			{-time.Hour, "", "", 90 * time.Second},
			{2 * time.Hour, "", "", 90 * time.Second},
			{-24 * 365 * time.Hour, "", "", 90 * time.Second},
			{time.Hour, "", "Sat, 01 Jan 2000 00:00:00 GMT", 0}, // past by both
			{time.Hour, "", "30", 30 * time.Second},
			{0, "yesterday", "Sat, 01 Jan 2000 00:00:20 GMT", 20 * time.Second},
		} {
			now := time.Now().Add(tt.offset).UTC()
			a := example(t, "RateLimited").
				with("Date", cmp.Or(tt.date, now.Format(http.TimeFormat))).
				with("Retry-After", cmp.Or(tt.after, now.Add(90*time.Second).Format(http.TimeFormat)))
			_, err := newZone(t, always(a)).Settings.Get(t.Context())
			if got := apiError(t, err).RetryAfter; got != tt.want {
				t.Errorf("a server whose clock is %s off says %v: reads as %s, want %s", tt.offset, a.header, got, tt.want)
			}
		}
	})
}

// TestRedirectIsNotFollowed keeps the credentials where they belong.
func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	mock := always(response{status: http.StatusFound}.with("Location", "https://elsewhere.example/"))
	_, err := newZone(t, mock).Settings.Get(t.Context())
	wantErrors(t, err, originpull.ErrMalformedResponse)
	if n := mock.GetTotalCallCount(); n != 1 {
		t.Errorf("%d requests were sent, want the first alone", n)
	}
}
