package originpull_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/originpull"
)

// TestErrorIs asks each failure for each error of the package: it must be the
// wanted ones and no other.
func TestErrorIs(t *testing.T) {
	t.Parallel()
	page := fmt.Errorf("%w: a page", originpull.ErrMalformedResponse)
	for _, tt := range []struct {
		name   string
		status int
		codes  []originpull.Code
		cause  error
		want   []error
	}{
		{"401 without a code", 401, nil, nil, []error{originpull.ErrDenied}},
		{"403 without a code", 403, nil, nil, []error{originpull.ErrDenied}},
		{"404 without a code", 404, nil, nil, []error{originpull.ErrNotFound}},
		{"409 without a code", 409, nil, nil, []error{originpull.ErrConflict}},
		{"429 without a code", 429, nil, nil, []error{originpull.ErrRateLimited}},
		{"400 without a code", 400, nil, nil, nil},
		{"500 without a code", 500, nil, nil, nil},
		{"no response", 0, nil, errors.New("connection refused"), nil},

		{"401 of a proxy", 401, nil, page, []error{originpull.ErrDenied, originpull.ErrMalformedResponse}},
		{"403 of a proxy", 403, nil, page, []error{originpull.ErrDenied, originpull.ErrMalformedResponse}},
		{"404 of a proxy", 404, nil, page, []error{originpull.ErrMalformedResponse}},
		{"409 of a proxy", 409, nil, page, []error{originpull.ErrMalformedResponse}},
		{"429 of a proxy", 429, nil, page, []error{originpull.ErrRateLimited, originpull.ErrMalformedResponse}},
		{"404 whose body did not come", 404, nil, context.Canceled, nil},

		{"a code under another status", 400, codes(1552), nil, []error{originpull.ErrNotFound}},
		{"a code under success", 200, codes(1406), nil, []error{originpull.ErrAlreadyExists}},
		{"1551", 404, codes(1551), nil, []error{originpull.ErrNotFound}},
		{"1552", 404, codes(1552), nil, []error{originpull.ErrNotFound}},
		{"1406", 400, codes(1406), nil, []error{originpull.ErrAlreadyExists}},
		{"1412", 400, codes(1412), nil, []error{originpull.ErrNotLeaf}},
		{"1414", 400, codes(1414), nil, []error{originpull.ErrAlreadyDeleted}},
		{"1434", 400, codes(1434), nil, []error{originpull.ErrPendingDeployment}},
		{"971", 429, codes(971), nil, []error{originpull.ErrRateLimited}},
		{"10429", 429, codes(10429), nil, []error{originpull.ErrRateLimited}},
		{"10429 under another status", 400, codes(10429), nil, []error{originpull.ErrRateLimited}},
		{"10502 is refused credentials, not too many requests", 429, codes(10502), nil, []error{originpull.ErrDenied}},
		{"10000 under 400", 400, codes(10000), nil, []error{originpull.ErrDenied}},
		{"10001", 403, codes(10001), nil, []error{originpull.ErrDenied}},
		{"9103", 403, codes(9103), nil, []error{originpull.ErrDenied}},
		{"9106", 400, codes(9106), nil, []error{originpull.ErrDenied}},
		{"9109", 403, codes(9109), nil, []error{originpull.ErrDenied}},
		{"6003", 400, codes(6003), nil, []error{originpull.ErrDenied}},
		{"1408", 400, codes(1408), nil, nil},
		{"a code no one knows", 400, codes(4711), nil, nil},
		{"a known code after one no one knows", 400, codes(4711, 1434), nil, []error{originpull.ErrPendingDeployment}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := &originpull.Error{Operation: "GetCertificate", Status: tt.status, Errors: messages(tt.codes), Err: tt.cause}
			wantErrors(t, err, tt.want...)
			wantErrors(t, fmt.Errorf("rotate: %w", errors.Join(errors.New("another"), fmt.Errorf("zone: %w", err))), tt.want...)
			if err.Is(nil) {
				t.Error("the error takes itself for no error")
			}
		})
	}
}

// TestErrorChainCounts finds the code that the gateway puts behind another.
func TestErrorChainCounts(t *testing.T) {
	t.Parallel()
	err := &originpull.Error{Status: 400, Errors: []originpull.Message{{Message: "no code"}, messages(codes(4711))[0]}}
	err.Errors[1].ErrorChain = append(err.Errors[1].ErrorChain, chained(0, "no code either"), chained(6111, "Invalid format"))
	if got := err.Codes(); !slices.Equal(got, codes(4711, 6111)) {
		t.Errorf("Codes() = %v, want those that are there, in their order", got)
	}
	wantErrors(t, err, originpull.ErrDenied)
}

func TestErrorMessage(t *testing.T) {
	t.Parallel()
	everything := messages(codes(6003))[0]
	everything.Message = "Invalid request\nheaders"
	everything.DocumentationURL = "https://example.com/6003"
	everything.Source.Pointer = "/certificate"
	everything.ErrorChain = append(everything.ErrorChain, chained(6111, "Invalid\r\nformat"), chained(0, "no code"))
	for _, tt := range []struct {
		name string
		err  *originpull.Error
		want string
	}{
		{"all that the gateway says", &originpull.Error{
			Operation: "UploadCertificate", Permission: "SSL and Certificates Write", Status: 400,
			Errors: []originpull.Message{everything, {Message: "and more"}}, RayID: "863bc951ce9d9abd-MIA",
		}, "UploadCertificate: HTTP 400: 6003 Invalid request\\nheaders at /certificate (6111 Invalid\\r\\nformat) (no code) <https://example.com/6003>; and more" +
			" (Cf-Ray 863bc951ce9d9abd-MIA): the credentials are not valid, or they lack the permission \"SSL and Certificates Write\" for this zone (the API does not say which)"},
		{"denied, permission not known", &originpull.Error{Operation: "GET /x", Status: 403},
			"GET /x: HTTP 403: no reason given: the credentials are not valid, or lack the permission (the API does not say which)"},
		{"rate limited, time known", &originpull.Error{Operation: "GetSettings", Status: 429, RetryAfter: 90 * time.Second},
			"GetSettings: HTTP 429: no reason given: wait 1m30s before the next request"},
		{"rate limited, time unknown", &originpull.Error{Operation: "GetSettings", Status: 429, Errors: messages(codes(971))},
			"GetSettings: HTTP 429: 971 what the API said: wait up to five minutes before the next request"},
		{"a page", &originpull.Error{Operation: "GetSettings", Status: 502, Err: originpull.ErrMalformedResponse},
			`GetSettings: HTTP 502: unexpected response`},
		{"a cause of many lines", &originpull.Error{Operation: "GetSettings", Err: errors.New("first\nsecond\x00\u0085\u202eend")},
			`GetSettings: no response: first\nsecond\x00\u0085\u202eend`},
		{"conflict", &originpull.Error{Operation: "DeleteCertificate", Status: 409},
			"DeleteCertificate: HTTP 409: no reason given: another change of the zone is in flight, repeat the request"},
		{"already there", &originpull.Error{Operation: "UploadCertificate", Status: 400, Errors: messages(codes(1406))},
			"UploadCertificate: HTTP 400: 1406 what the API said: the zone has this certificate, or is still deleting it"},
		{"not a leaf", &originpull.Error{Operation: "UploadCertificate", Status: 400, Errors: messages(codes(1412))},
			"UploadCertificate: HTTP 400: 1412 what the API said: upload a leaf certificate, not a CA"},
		{"pending", &originpull.Error{Operation: "DeleteCertificate", Status: 400, Errors: messages(codes(1434))},
			"DeleteCertificate: HTTP 400: 1434 what the API said: wait until the certificate is active"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.err.Error(); got != tt.want {
				t.Errorf("the user reads\n%s\nwant\n%s", got, tt.want)
			}
			if line := tt.err.Error(); strings.ContainsAny(line, "\n\r\u0085\u2028\u2029") {
				t.Errorf("the message breaks the line: %q", line)
			}
		})
	}
}

// TestErrorOfUnsent requires that an error says whether the request was not sent or got no
// response.
func TestErrorOfUnsent(t *testing.T) {
	t.Parallel()
	refused := failsBy(&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED})
	usedUp := example(t, "Enabled").with("Ratelimit", `"d";r=0;t=60`).respond
	get := func(ctx context.Context, zone *originpull.Zone, options ...originpull.CallOption) error {
		_, err := zone.Settings.Get(ctx, options...)
		return err
	}
	for name, tt := range map[string]struct {
		way
		call func(context.Context, *originpull.Zone) error
		want string
	}{
		"rate limited": {usedUp, func(ctx context.Context, zone *originpull.Zone) error {
			return errors.Join(get(ctx, zone), get(ctx, zone))
		}, "GetSettings: not sent: rate limited: the next request may be sent in 1m1s"},
		"cancelled before": {usedUp, func(ctx context.Context, zone *originpull.Zone) error {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return get(ctx, zone)
		}, "GetSettings: not sent: context canceled"},
		"no connection": {refused, func(ctx context.Context, zone *originpull.Zone) error {
			return get(ctx, zone, originpull.WithoutRetry())
		}, "GetSettings: not sent: dial tcp: connection refused"},
		"no connection at last": {inTurn(reset, refused), func(ctx context.Context, zone *originpull.Zone) error {
			return get(ctx, zone)
		}, "GetSettings: no response: dial tcp: connection refused (after 5 attempts)"},
		"reset": {reset, func(ctx context.Context, zone *originpull.Zone) error {
			return get(ctx, zone, originpull.WithoutRetry())
		}, "GetSettings: no response: connection reset by peer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				defer cancel()
				if err := tt.call(ctx, retryingZone(t, roundTrip(tt.way))); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
					t.Errorf("the user reads %v, want %s", err, tt.want)
				}
			})
		})
	}
}

// TestErrorInLog requires that a log shows the error's parts under their names.
func TestErrorInLog(t *testing.T) {
	t.Parallel()
	err := &originpull.Error{
		Operation: "GetCertificate", Status: http.StatusTooManyRequests, Errors: messages(codes(971)),
		RayID: "863bc951ce9d9abd-MIA", RetryAfter: 5 * time.Second,
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Error("failed", "err", err)
	for _, want := range []string{
		"err.operation=GetCertificate", "err.status=429", "err.codes=[971]", "err.ray=863bc951ce9d9abd-MIA", "err.retry_after=5s",
		`err.message="GetCertificate: HTTP 429: 971 what the API said (Cf-Ray 863bc951ce9d9abd-MIA): wait 5s before the next request"`,
	} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, log.String())
		}
	}
	log.Reset()
	slog.New(slog.NewTextHandler(&log, nil)).Error("failed", "err", &originpull.Error{Operation: "GetSettings", Err: context.Canceled})
	if want := `err.operation=GetSettings err.message="GetSettings: no response: context canceled"` + "\n"; !strings.HasSuffix(log.String(), want) {
		t.Errorf("the log of a failure without a response is\n%swant it to end in\n%s", log.String(), want)
	}
}
