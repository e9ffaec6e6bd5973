package originpull_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/jarcoal/httpmock"

	"github.com/originpull/originpull-go/originpull"
)

// TestWithHeader adds headers to one call, and cannot replace the SDK's own.
func TestWithHeader(t *testing.T) {
	t.Parallel()
	var sent *http.Request
	mock := keep(example(t, "Enabled"), &sent)
	zone := newZone(t, mock)
	_, err := zone.Settings.Get(t.Context(), originpull.WithHeader("traceparent", "00-ab"), originpull.WithHeader("X-Many", "1"), originpull.WithHeader("x-many", "a\tb"))
	if err != nil {
		t.Fatal(err)
	}
	if sent.Header.Get("Traceparent") != "00-ab" || !reflect.DeepEqual(sent.Header["X-Many"], []string{"1", "a\tb"}) {
		t.Errorf("the request carries %q and %q", sent.Header["Traceparent"], sent.Header["X-Many"])
	}
	if _, err := zone.Settings.Get(t.Context()); err != nil || sent.Header.Get("Traceparent") != "" {
		t.Errorf("the header of one call is in the next: %q (%v)", sent.Header.Get("Traceparent"), err)
	}
	calls := mock.GetTotalCallCount()
	for _, header := range [][2]string{
		{"Authorization", "x"}, {"authorization", "x"}, {"X-Auth-Key", "x"}, {"x-auth-email", "x"}, {"Host", "x"}, {"user-agent", "x"},
		{"Content-Type", "x"}, {"Content-Length", "1"}, {"accept", "x"},
		{"", "x"}, {"X Y", "x"}, {"X:", "x"}, {"X\n", "x"}, {"Ä", "x"}, {"X", "a\nb"}, {"X", "a\x00"}, {"X", "\x7f"},
	} {
		if _, err := zone.Settings.Get(t.Context(), originpull.WithHeader(header[0], header[1])); !errors.Is(err, originpull.ErrInvalidInput) {
			t.Errorf("header %q with value %q is not refused: %v", header[0], header[1], err)
		}
	}
	if n := mock.GetTotalCallCount(); n != calls {
		t.Errorf("%d requests were sent with a header that is refused", n-calls)
	}
}

// TestWithResponse stores the response as it came, whatever the call makes of it.
func TestWithResponse(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]response{
		"success":  example(t, "Enabled"),
		"failure":  example(t, "Denied"),
		"page":     example(t, "BadGatewayPage"),
		"redirect": {status: 302, body: "moved"},
	} {
		var got originpull.Response
		newZone(t, always(a)).Settings.Get(t.Context(), originpull.WithResponse(&got))
		if got.Status != a.status || got.Header.Get("Cf-Ray") != ray || string(got.Body) != a.body {
			t.Errorf("%s: the caller sees status %d, ray %q and body %q", name, got.Status, got.Header.Get("Cf-Ray"), got.Body)
		}
	}
	var first, second originpull.Response
	mock := httpmock.NewMockTransport()
	mock.RegisterResponder("GET", settingsURL, example(t, "Enabled").respond)
	mock.RegisterResponder("GET", certificateURL, example(t, "ActiveCertificate").respond)
	zone := newZone(t, mock)
	zone.Settings.Get(t.Context(), originpull.WithResponse(&first))
	for range 10 { // a response's buffer is used again
		zone.Certificates.Get(t.Context(), certificateID, originpull.WithResponse(&second))
	}
	if want := example(t, "Enabled").body; string(first.Body) != want {
		t.Errorf("the body of a response becomes %q after the next, want %q", first.Body, want)
	}
	var cut originpull.Response
	_, err := newZone(t, always(response{status: 200, body: `{"suc`, length: 99, cut: true})).Settings.Get(t.Context(), originpull.WithResponse(&cut))
	if err == nil || cut.Status != 200 || string(cut.Body) != `{"suc` {
		t.Errorf("of a response that was cut the caller sees status %d and body %q", cut.Status, cut.Body)
	}
	none := originpull.Response{Status: 42}
	if _, err := newZone(t, httpmock.NewMockTransport()).Settings.Get(t.Context(), originpull.WithResponse(&none)); err == nil || none.Status != 42 {
		t.Errorf("where no response came the caller sees status %d", none.Status)
	}
	if _, err := newZone(t, always(example(t, "Enabled"))).Settings.Get(t.Context(), originpull.WithResponse(nil)); !errors.Is(err, originpull.ErrInvalidInput) {
		t.Errorf("a response to nowhere is not refused: %v", err)
	}
}

// TestDo sends what the SDK has no method for.
func TestDo(t *testing.T) {
	t.Parallel()
	type setting struct {
		ID    string `json:"id"`
		Value string `json:"value"`
	}
	var sent []string
	mock := httpmock.NewMockTransport()
	mock.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		body := []byte("-")
		if r.Body != nil {
			body, _ = io.ReadAll(r.Body)
		}
		sent = append(sent, fmt.Sprintf("%s %s %s %s", r.Method, r.URL, body, r.Header.Get("X-Call")))
		return response{status: 200, body: `{"success":true,"errors":[],"messages":[],"result":{"id":"ssl","value":"full"}}`}.respond(r)
	})
	client, out := newClient(t, mock), setting{}
	calls := []error{
		client.Do(t.Context(), "GET", "/zones/"+zoneID+"/settings/ssl", nil, &out, originpull.WithHeader("X-Call", "1")),
		client.Do(t.Context(), "PATCH", "/zones/"+zoneID+"/settings/ssl", map[string]string{"value": "strict"}, nil),
		client.Do(t.Context(), "GET", "/zones?name=a%20b.example&page=1", nil, nil),
		client.Do(t.Context(), "DELETE", "/zones/a%2Fb/%C3%A4", nil, nil),
	}
	if err := errors.Join(calls...); err != nil {
		t.Fatal(err)
	}
	if want := (setting{"ssl", "full"}); out != want {
		t.Errorf("the caller gets %+v, want %+v", out, want)
	}
	if want := []string{
		"GET https://api.cloudflare.com/client/v4/zones/" + zoneID + "/settings/ssl - 1",
		"PATCH https://api.cloudflare.com/client/v4/zones/" + zoneID + `/settings/ssl {"value":"strict"} `,
		"GET https://api.cloudflare.com/client/v4/zones?name=a%20b.example&page=1 - ",
		"DELETE https://api.cloudflare.com/client/v4/zones/a%2Fb/%C3%A4 - ",
	}; !reflect.DeepEqual(sent, want) {
		t.Errorf("the requests are\n%s\nwant\n%s", strings.Join(sent, "\n"), strings.Join(want, "\n"))
	}
}

// TestDoWithoutResult leaves alone out if there is no result.
func TestDoWithoutResult(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"success":true,"result":null}`, `{"success":true}`} {
		out := map[string]string{"kept": "yes"}
		if err := newClient(t, always(response{status: 200, body: body})).Do(t.Context(), "GET", "/user", nil, &out); err != nil || out["kept"] != "yes" {
			t.Errorf("%s leaves %v (%v)", body, out, err)
		}
	}
}

// TestDoFails gives the same errors as an operation does.
func TestDoFails(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		response
		is []error
	}{
		{"denied", example(t, "Denied"), []error{originpull.ErrDenied}},
		{"page", example(t, "BadGatewayPage"), []error{originpull.ErrMalformedResponse}},
		{"result of another type", response{status: 200, body: `{"success":true,"result":["x"]}`}, []error{originpull.ErrMalformedResponse}},
	} {
		var out struct{ ID string }
		err := newClient(t, always(tt.response)).Do(t.Context(), "GET", "/user", nil, &out)
		wantErrors(t, err, tt.is...)
		if e := apiError(t, err); e.Operation != "GET /user" || e.Status != tt.status || e.RayID != ray {
			t.Errorf("%s: the error says %q, status %d, ray %q", tt.name, e.Operation, e.Status, e.RayID)
		}
	}
}

// TestDoRefuses sends nothing where the call cannot be meant.
func TestDoRefuses(t *testing.T) {
	t.Parallel()
	mock := always(example(t, "Enabled"))
	client := newClient(t, mock)
	refused := map[string]error{
		"out that is not a pointer":   client.Do(t.Context(), "GET", "/user", nil, struct{}{}),
		"out that points nowhere":     client.Do(t.Context(), "GET", "/user", nil, (*int)(nil)),
		"in that cannot be encoded":   client.Do(t.Context(), "POST", "/user", func() {}, nil),
		"in that fails to be encoded": client.Do(t.Context(), "POST", "/user", map[string]any{"x": make(chan int)}, nil),
		"a header of the SDK":         client.Do(t.Context(), "GET", "/user", nil, nil, originpull.WithHeader("Authorization", "x")),
	}
	for _, method := range []string{"", "get", "GET ", "GET /x", "G\nT", "GÉT"} {
		refused["method "+method] = client.Do(t.Context(), method, "/user", nil, nil)
	}
	for _, path := range []string{
		"", "user", "https://elsewhere.example/user", "//elsewhere.example/user", "/..", "/../user", "/zones/../user", "/zones/./x", "/zones//x", "/zones/",
		"/%2e%2e/user", "/zones/%2e%2e/%2E%2E/user", "/zones#x", "/zones\n", "/%zz", "?x", "@elsewhere.example/", "/zones/ä", "/zones/a%2Fb/{x}", "/zones?a b", "/zones?a\tb",
	} {
		refused["path "+path] = client.Do(t.Context(), "GET", path, nil, nil)
	}
	for what, err := range refused {
		if !errors.Is(err, originpull.ErrInvalidInput) {
			t.Errorf("%q is not refused: %v", what, err)
		}
	}
	if n := mock.GetTotalCallCount(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// TestBrokenTransport gets an error, and no panic, from a transport that does what
// the documentation of http.RoundTripper forbids.
func TestBrokenTransport(t *testing.T) {
	t.Parallel()
	_, err := newZone(t, roundTrip(func(*http.Request) (*http.Response, error) { return nil, nil })).Settings.Get(t.Context())
	if e := apiError(t, err); e.Status != 0 || !strings.Contains(err.Error(), "transport") {
		t.Errorf("without response and error the user reads %v", err)
	}
	_, err = newZone(t, roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200}, nil
	})).Settings.Get(t.Context())
	wantErrors(t, err, originpull.ErrMalformedResponse)
}

// TestContextEnds wraps the context's error, before the request and during the
// body.
func TestContextEnds(t *testing.T) {
	t.Parallel()
	early, cancel := context.WithCancelCause(t.Context())
	cancel(nil)
	_, err := newZone(t, &http.Transport{}).Settings.Get(early)
	if wantErrors(t, err); !errors.Is(err, context.Canceled) || apiError(t, err).Status != 0 {
		t.Errorf("of a context that has ended the caller gets %v", err)
	}
	ctx, cancelDuring := context.WithCancel(t.Context())
	_, err = newZone(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		body := readFunc(func([]byte) (int, error) { cancelDuring(); return 0, r.Context().Err() })
		return &http.Response{StatusCode: 404, Header: http.Header{"Cf-Ray": {ray}}, Body: io.NopCloser(body), ContentLength: 99}, nil
	})).Settings.Get(ctx)
	if wantErrors(t, err); !errors.Is(err, context.Canceled) {
		t.Errorf("of a context that ends during the body the caller gets %v", err)
	}
	if e := apiError(t, err); e.Status != 404 || e.RayID != ray {
		t.Errorf("the error says status %d and ray %q of the response that had begun", e.Status, e.RayID)
	}
	var none context.Context
	if _, err := newZone(t, &http.Transport{}).Settings.Get(none); !errors.Is(err, originpull.ErrInvalidInput) {
		t.Errorf("without a context the caller gets %v", err)
	}
}

// TestConcurrency sends from fifty goroutines by one client; each must get its own
// response.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	mock := httpmock.NewMockTransport()
	mock.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		elems := strings.Split(r.URL.Path, "/")
		id := elems[len(elems)-1]
		if strings.HasSuffix(id, "7") {
			return response{status: 404, body: reason(id)}.respond(r)
		}
		return response{status: 200, body: `{"success":true,"errors":[],"messages":[],"result":{"id":"` + id + `","status":"active","issuer":"` + strings.Repeat(id, 50) + `"}}`}.respond(r)
	})
	zone := newZone(t, mock)
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			for j := range 20 {
				id := fmt.Sprintf("id-%d-%d", i, j)
				certificate, err := zone.Certificates.Get(t.Context(), id)
				if strings.HasSuffix(id, "7") {
					var e *originpull.Error
					if !errors.As(err, &e) || e.Errors[0].Message != id {
						t.Errorf("%s gets the failure of another: %v", id, err)
					}
				} else if err != nil || certificate.ID != id || certificate.Issuer != strings.Repeat(id, 50) {
					t.Errorf("%s gets %s: %v", id, certificate.ID, err)
				}
			}
		})
	}
	all.Wait()
}
