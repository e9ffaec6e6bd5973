package originpull_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing/iotest"
)

// place is where the other side can put a text: in its response, or in the error of
// the transport.
type place struct {
	name string
	put  func(text string) (*http.Response, error)
}

func inBody(name string, status int, body func(text string) string) place {
	return place{"body: " + name, func(text string) (*http.Response, error) {
		return response{status: status, body: body(text)}.respond(nil)
	}}
}

func inHeader(name string, status int) place {
	return place{"header: " + name, func(text string) (*http.Response, error) {
		return response{status: status, body: reason("")}.with(name, text).respond(nil)
	}}
}

func inError(name string, fail func(text string) error) place {
	return place{"error: " + name, func(text string) (*http.Response, error) { return nil, fail(text) }}
}

// message is a failure of the API that says s in a field of its error.
func message(code int, format, s string) string {
	return fmt.Sprintf(`{"success":false,"errors":[{"code":%d,%s}],"messages":[]}`, code, fmt.Sprintf(format, quoted(s)))
}

var places = []place{
	inBody("a page", 502, func(s string) string { return "<pre>" + s + "</pre>" }),
	inBody("a page for a success", 200, func(s string) string { return s }),
	inBody("half of JSON", 200, func(s string) string { return `{"success":true,"result":{"id":` + quoted(s) }),
	inBody("a known code's message", 400, func(s string) string { return message(1408, `"message":%s`, s) }),
	inBody("an unknown code's message", 400, func(s string) string { return message(1, `"message":%s`, s) }),
	inBody("a message without a code", 400, func(s string) string { return message(0, `"message":%s`, s) }),
	inBody("no permission", 403, func(s string) string { return message(10000, `"message":%s`, s) }),
	inBody("a long message", 400, func(s string) string {
		return message(1408, `"message":%s`, strings.Repeat("certificate ", 84)+s)
	}),
	inBody("source", 400, func(s string) string { return message(1408, `"message":"m","source":{"pointer":%s}`, s) }),
	inBody("URL", 400, func(s string) string { return message(1408, `"message":"m","documentation_url":%s`, s) }),
	inBody("error chain", 400, func(s string) string {
		return message(6003, `"message":"m","error_chain":[{"code":6111,"message":%s}]`, s)
	}),
	inBody("code", 400, func(s string) string { return `{"success":false,"errors":[{"code":` + quoted(s) + `}]}` }),
	inBody("remark", 400, func(s string) string {
		return `{"success":false,"errors":[],"messages":[{"code":1408,"message":` + quoted(s) + `}]}`
	}),
	inBody("remark of another type", 400, func(s string) string { return `{"success":false,"errors":[],"messages":` + quoted(s) + `}` }),
	inBody("remark before a broken one", 400, func(s string) string {
		return `{"success":false,"errors":[{"code":1408}],"messages":[{"message":` + quoted(s) + `},0]}`
	}),
	inBody("remark with a broken code", 400, func(s string) string {
		return `{"success":false,"errors":[],"messages":[{"message":` + quoted(s) + `,"code":"1408"}]}`
	}),
	inBody("error before a broken one", 400, func(s string) string {
		return `{"success":false,"errors":[{"message":` + quoted(s) + `},0]}`
	}),
	inBody("pieces of messages", 400, func(s string) string {
		half := len(s) / 2
		return `{"success":false,"errors":[{"code":1408,"message":` + quoted(s[:half]) + `,"source":{"pointer":` + quoted(s[half:]) + `}}]}`
	}),
	inBody("name", 200, func(s string) string { return `{"success":true,` + quoted(s) + `:1,` + quoted(s) + `:2}` }),
	inBody("name, in a failure", 400, func(s string) string {
		return `{"success":false,` + quoted(s) + `:1,"errors":[{` + quoted(s) + `:1}]}`
	}),
	inBody("success of another type", 200, func(s string) string { return `{"success":` + quoted(s) + `}` }),
	inBody("result of another type", 200, func(s string) string { return `{"success":true,"result":` + quoted(s) + `}` }),
	inBody("time", 200, func(s string) string {
		return `{"success":true,"result":{"id":"x","status":"active","expires_on":` + quoted(s) + `}}`
	}),
	inBody("id", 200, func(s string) string {
		return `{"success":true,"result":{"status":"deployment_timed_out","id":` + quoted(s) + `}}`
	}),
	inBody("status", 200, func(s string) string {
		return `{"success":true,"result":{"id":"x","enabled":true,"status":` + quoted(s) + `}}`
	}),
	inBody("issuer", 200, func(s string) string {
		return `{"success":true,"result":{"id":"x","status":"deleted","issuer":` + quoted(s) + `}}`
	}),
	inBody("listed", 200, func(s string) string {
		return `{"success":true,"result":[{"id":` + quoted(s) + `,"certificate":` + quoted(s) + `},{}]}`
	}),
	inHeader("Cf-Ray", 403),
	inHeader("Content-Type", 200),
	inHeader("Content-Type", 502),
	inHeader("Retry-After", 429),
	inHeader("Ratelimit", 429),
	inHeader("Ratelimit-Policy", 429),
	inHeader("Deprecation", 400),
	inHeader("Sunset", 400),
	inHeader("Location", 301),
	inHeader("Www-Authenticate", 401),
	{"status reason", func(s string) (*http.Response, error) {
		resp, err := response{status: 500, body: "x"}.respond(nil)
		resp.Status = "500 " + s
		return resp, err
	}},
	{"while the body is read", func(s string) (*http.Response, error) {
		resp, err := response{status: 200, length: 9}.respond(nil)
		resp.Body = io.NopCloser(iotest.ErrReader(errors.New("malformed trailer: " + s)))
		return resp, err
	}},
	inError("alone", func(s string) error { return errors.New("malformed MIME header: " + s) }),
	inError("wrapped", func(s string) error {
		return fmt.Errorf("proxy: %w", fmt.Errorf("said %q: %w", s, io.ErrUnexpectedEOF))
	}),
	inError("joined", func(s string) error { return errors.Join(io.EOF, errors.New(s), context.DeadlineExceeded) }),
	inError("of the network", func(s string) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: s}}
	}),
	inError("in a field alone", func(s string) error { return fmt.Errorf("x: %w", discreet{Sent: s}) }),
	inError("in a field below", func(s string) error {
		return &below{Request: &http.Request{Header: http.Header{"Authorization": {s}}}}
	}),
	inError("in a method of slog", func(s string) error { return fmt.Errorf("x: %w", formal{func() string { return s }}) }),
	inError("that panics", func(s string) error { return panicking{s} }),
	inError("behind another text", func(s string) error { return curtain{errors.New(s)} }),
	inError("after a long text", func(s string) error {
		return errors.New(strings.Repeat("header line ", 16) + s + strings.Repeat(" and more", 3000))
	}),
}

// discreet is an error of a transport that shows what was sent in a field alone.
type discreet struct{ Sent string }

func (discreet) Error() string { return "no response" }

// below is an error of a transport that keeps the request.
type below struct{ Request *http.Request }

func (*below) Error() string { return "no response" }

// formal is an error of a transport that shows what was sent to slog and fmt alone.
type formal struct{ sent func() string }

func (formal) Error() string                    { return "no response" }
func (f formal) LogValue() slog.Value           { return slog.StringValue(f.sent()) }
func (f formal) Format(state fmt.State, _ rune) { io.WriteString(state, f.sent()) }
func (f formal) As(target any) bool {
	other, ok := target.(*discreet)
	if ok {
		other.Sent = f.sent()
	}
	return ok
}

// panicking is an error of a transport that has a fault.
type panicking struct{ sent string }

func (p panicking) Error() string { panic("cannot say " + p.sent) }

// curtain is an error that wraps another and does not repeat its text.
type curtain struct{ behind error }

func (curtain) Error() string   { return "no response" }
func (c curtain) Unwrap() error { return c.behind }
