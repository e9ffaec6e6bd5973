package originpull

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/originpull/originpull-go/gen/api"
	"github.com/originpull/originpull-go/internal/secret"
)

// caller is one call. It is the [api.Caller] of the generated functions. This file is
// the only place where a request is sent and a response decoded.
type caller struct {
	exchange
	client  *Client
	options []CallOption
	check   check

	response *Response // of WithResponse, or for Unreadable alone; nil if there is neither
}

// check returns what is missing from a successful response, empty if it is complete. out
// is the decoded response, body the raw one, and unreadable are its fields that could not
// be read. Without the check, the zero value of a missing field would look like a value
// from the API.
type check func(out any, body []byte, unreadable []string) (missing string)

// anything is the check of a response that only has to be successful.
func anything(any, []byte, []string) string { return "" }

// requireReadable is the check of a response whose result may be missing. One that is there
// and cannot be read would look missing.
func requireReadable(_ any, _ []byte, unreadable []string) string {
	if slices.Contains(unreadable, "/result") {
		return "its result has another shape"
	}
	return ""
}

// call begins a call whose successful response has to pass check.
func (c *Client) call(options []CallOption, check check) *caller {
	if c != nil && len(c.options) > 0 {
		options = slices.Concat(c.options, options)
	}
	call := &caller{client: c, options: options, check: check}
	if c != nil {
		call.credentials = c.secrets
	}
	return call
}

// Call implements [api.Caller].
func (c *caller) Call(ctx context.Context, op *api.Operation, elems []string, in, out any, success *bool) error {
	if c.client == nil {
		return fmt.Errorf("%s: %w: the zone is empty: get it from Client.Zone", op.ID, ErrInvalidInput)
	}
	u, err := expand(c.client.base, op.Path, elems)
	if err != nil {
		return fmt.Errorf("%s: %w", op.ID, err)
	}
	return c.send(ctx, op, u, in, out, success)
}

// Do calls an operation for which the SDK has no method. It has the same retries, rate
// limit and errors as the other calls. path is relative to the base URL, such as
// /zones/ID/settings/ssl; it must be escaped and may have a query. If in is not nil, it
// is sent as the JSON body. If out is not nil, the result of the response is decoded
// into it; a result that is null or missing does not change out.
//
// How JSON is decoded depends on the Go version, see the package documentation. Give the
// fields of out json tags: from Go 1.27 names are case-sensitive.
func (c *Client) Do(ctx context.Context, method, path string, in, out any, options ...CallOption) error {
	if err := c.check(); err != nil {
		return err
	}
	u, err := c.resolve(method, path)
	if err != nil {
		return err
	}
	path, _, _ = strings.Cut(path, "?")
	if c.shows(path) {
		path = "/" + secret.Redacted
	}
	path = withoutIDs(path)
	op := &api.Operation{ID: method + " " + path, Method: method, Path: path}
	if v := reflect.ValueOf(out); out != nil && (v.Kind() != reflect.Pointer || v.IsNil()) {
		return fmt.Errorf("%w: %s: out is %T: want a pointer or nil", ErrInvalidInput, op.ID, out)
	}
	var envelope struct {
		Success bool            `json:"success"`
		Result  json.RawMessage `json:"result"`
	}
	call := c.call(options, requireReadable)
	if err := call.send(ctx, op, u, in, &envelope, &envelope.Success); err != nil {
		return err
	}
	if out == nil || envelope.Result == nil || string(envelope.Result) == "null" {
		return nil
	}
	if err := unmarshal(envelope.Result, out); err != nil {
		e := call.malformed(fmt.Sprintf("the result does not fit %T: %s", out, whyUnreadable(envelope.Result, err)))
		for ; err != nil && isStandard(reflect.TypeOf(err)); err = errors.Unwrap(err) {
			// encoding/json/v2 wraps the errors of out's UnmarshalJSON.
		}
		if err != nil {
			e.Err = fmt.Errorf("%w: %w", e.Err, call.redactError(err))
		}
		return e
	}
	return nil
}

// resolve checks the method and path of [Client.Do].
func (c *Client) resolve(method, target string) (*url.URL, error) {
	if method == "" || strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return nil, fmt.Errorf("%w: method %s: want one like GET", ErrInvalidInput, c.quote(method, 32))
	}
	u, err := url.Parse(target)
	escaped, query, _ := strings.Cut(target, "?") // a query can contain anything, and is not shown
	// If the escaping is not complete, package url would escape the whole path again,
	// and %2F would become a slash.
	if err != nil || !strings.HasPrefix(target, "/") || u.EscapedPath() != escaped || path.Clean(u.Path) != u.Path ||
		strings.Contains(query, " ") || u.Fragment != "" {
		return nil, fmt.Errorf("%w: path %s: want one like /zones/ID/settings/ssl, below the base URL, escaped and without dots", ErrInvalidInput, c.quote(escaped, 128))
	}
	whole := *c.base
	whole.Path, whole.RawPath = c.base.Path+u.Path, c.base.Path+escaped
	whole.RawQuery = u.RawQuery
	return &whole, nil
}

// expand puts elems in place of the parameters of pattern. It escapes each, so that none
// can change another part of the URL.
func expand(base *url.URL, pattern string, elems []string) (*url.URL, error) {
	var path strings.Builder
	path.Grow(len(base.Path) + len(pattern) + 64)
	path.WriteString(base.Path)
	special, rest := false, pattern
	for _, elem := range elems {
		if elem == "" || elem == "." || elem == ".." {
			return nil, fmt.Errorf("%w: %q cannot be part of the path %s", ErrInvalidInput, elem, pattern)
		}
		before, parameter, open := strings.Cut(rest, "{")
		_, after, closed := strings.Cut(parameter, "}")
		if !open || !closed {
			return nil, fmt.Errorf("%w: path %s has fewer than %d parameters", ErrInvalidInput, pattern, len(elems))
		}
		escaped := url.PathEscape(elem)
		special = special || escaped != elem
		path.WriteString(before)
		path.WriteString(escaped)
		rest = after
	}
	if strings.Contains(rest, "{") {
		return nil, fmt.Errorf("%w: path %s has more than %d parameters", ErrInvalidInput, pattern, len(elems))
	}
	path.WriteString(rest)
	u := *base
	u.Path = path.String()
	if special {
		u.RawPath = u.Path
		u.Path, _ = url.PathUnescape(u.RawPath) // cannot fail: it was escaped above
	}
	return &u, nil
}

// send makes the request, sends it and decodes the response.
func (c *caller) send(ctx context.Context, op *api.Operation, u *url.URL, in, out any, success *bool) error {
	options, err := applyCallOptions(c.options)
	if err != nil {
		return fmt.Errorf("%s: %w", op.ID, err)
	}
	c.ctx, c.op, c.in, c.added, c.once = ctx, op, in, options.header, options.once
	c.earlier, c.beforeSend = options.earlier, options.beforeSend
	if err := c.newRequest(u); err != nil {
		return fmt.Errorf("%s: %w", op.ID, err)
	}
	defer c.releaseBody()
	err = c.receive(options, out, success)
	if err != nil && c.declined != nil && !errors.Is(err, c.declined) {
		err = fmt.Errorf("%w; no further attempt: %w", err, c.declined)
	}
	return c.withContext(ctx, err)
}

// receive sends the request through the chain, and decodes the response into out.
func (c *caller) receive(options callOptions, out any, success *bool) error {
	err := c.client.handle(&c.exchange)
	if c.status == 0 {
		return c.failed(err)
	}
	c.client.warnDeprecation(&c.exchange)
	body := c.body.Bytes()
	c.size = len(body)
	if c.response = options.response; c.response != nil {
		*c.response = Response{Status: c.status, Header: c.header, Body: bytes.Clone(body)}
	}
	if err != nil {
		return c.failed(err)
	}
	if saysNotJSON(c.header) && len(body) > 0 && c.status/100 != 3 {
		return c.malformed("it is not JSON")
	}
	if c.status/100 == 2 {
		if err := c.decode(body, out); err != nil {
			return c.malformed(whyUnreadable(body, err))
		}
		if *success {
			return c.checkComplete(out, body)
		}
	}
	return c.refused(body)
}

// checkComplete checks a successful response.
func (c *caller) checkComplete(out any, body []byte) error {
	if missing := c.check(out, body, c.unreadable()); missing != "" {
		return c.incomplete(missing)
	}
	return nil
}

// incomplete returns the error of a response without what the caller needs. It names the
// fields that are there and cannot be read.
func (c *caller) incomplete(missing string) *Error {
	const most = 3
	if fields := c.unreadable(); len(fields) > 0 {
		missing += "; cannot be read: " + strings.Join(fields[:min(len(fields), most)], ", ")
	}
	return c.malformed(missing)
}

// newRequest makes the request. http.NewRequest would parse the URL again.
func (c *caller) newRequest(u *url.URL) error {
	if c.ctx == nil {
		return fmt.Errorf("%w: the context is nil", ErrInvalidInput)
	}
	c.plain = http.Request{
		Method: c.op.Method, URL: u, Host: u.Host,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: make(http.Header, 4+len(c.added)),
	}
	for name, values := range c.added {
		c.plain.Header[name] = values
	}
	c.plain.Header["Accept"] = acceptJSON
	if c.in == nil {
		return nil
	}
	body, err := encode(c.in)
	if err != nil {
		return fmt.Errorf("%w: the body cannot be encoded: %w", ErrInvalidInput, err)
	}
	c.plain.Header["Content-Type"] = acceptJSON
	c.plain.ContentLength = int64(len(body))
	c.plain.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	return nil
}

// acceptJSON is shared by all requests.
var acceptJSON = []string{"application/json"}

// encode returns the JSON of a request's body. A key is redacted in JSON, except here,
// in an upload.
func encode(in any) ([]byte, error) {
	if upload, ok := asUpload(in); ok {
		in = struct {
			api.CertificateUpload
			PrivateKey string `json:"private_key"` // hides the embedded one
		}{upload, upload.PrivateKey.Reveal()}
	}
	return json.Marshal(in)
}

// asUpload returns a request's body as an upload; ok reports whether it is one.
func asUpload(in any) (upload api.CertificateUpload, ok bool) {
	switch in := in.(type) {
	case api.CertificateUpload:
		return in, true
	case *api.CertificateUpload:
		if in != nil {
			return *in, true
		}
	}
	return upload, false
}

// failed returns the error of a call without a response, or with one that cannot be used.
func (c *caller) failed(cause error) *Error {
	after := c.retryAfter()
	if held, ok := errors.AsType[unsent](cause); ok {
		after = held.wait
	}
	return &Error{
		Operation: c.op.ID, Permission: c.op.Permission,
		Status: c.status, RayID: c.rayID(), RetryAfter: after,
		Attempts: c.attempt, Err: cause,
		unsent: c.status == 0 && cause != nil && c.neverSent(cause),
	}
}

// refused returns the error that a response reports.
func (c *caller) refused(body []byte) *Error {
	if c.status/100 == 3 {
		return c.failed(fmt.Errorf("%w: a redirect is not followed: the credentials would be sent along", ErrMalformedResponse))
	}
	var failure failure
	if err := c.decode(body, &failure); err != nil {
		return c.malformed(whyUnreadable(body, err))
	}
	e := c.failed(nil)
	e.Errors, e.Messages = c.redactMessages(failure.Errors), c.redactMessages(failure.Messages)
	coded := len(e.Codes()) > 0
	switch {
	case failure.Success == nil && (c.status < http.StatusBadRequest || !coded):
		return c.incomplete("it has no field success")
	case failure.Success != nil && *failure.Success:
		return c.malformed("it says success, but its HTTP status says failure")
	case c.status/100 == 2 && !coded && slices.ContainsFunc(c.unreadable(), inErrors):
		return c.incomplete("it does not say what went wrong")
	}
	return e
}

// failure is a response that is not a success.
type failure struct {
	Success  *bool           `json:"success"` // nil if missing, which is not false
	Errors   []Message       `json:"errors"`
	Messages []Message       `json:"messages"`
	Result   json.RawMessage `json:"result"`
}

func inErrors(pointer string) bool { return strings.HasPrefix(pointer, "/errors") }

// malformed returns the error of a response that the API does not send. It never quotes
// the body, which may even repeat the request. It shows status, content type and length;
// [WithResponse] returns the rest.
func (c *caller) malformed(why string) *Error {
	body := fmt.Sprintf("%d bytes", c.size)
	if c.size == 0 {
		body, why = "no body", "the body is empty"
	}
	kind := "no Content-Type"
	if c.header.Get("Content-Type") != "" {
		kind = fmt.Sprintf("Content-Type %q", c.shownHeader("Content-Type"))
	}
	return c.failed(fmt.Errorf("%w: %s (%s, %s)", ErrMalformedResponse, why, kind, body))
}

// whyUnreadable returns why a decoder refused data. It does not show the decoder's
// message, which quotes names and values.
func whyUnreadable(data []byte, err error) string {
	var raw json.RawMessage
	syntax, _ := errors.AsType[*json.SyntaxError](json.Unmarshal(data, &raw))
	mismatch, _ := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case len(data) == 0:
		return "the body is empty"
	case !utf8.Valid(data):
		return "it is not UTF-8"
	case syntax != nil && strings.Contains(syntax.Error(), "depth"):
		return "its JSON is nested too deeply"
	case syntax != nil:
		return fmt.Sprintf("it is not JSON, from byte %d", syntax.Offset)
	case strings.Contains(fmt.Sprint(err), "duplicate object member name"):
		return "its JSON has a name twice"
	case mismatch != nil && mismatch.Type != nil:
		kind, _, _ := strings.Cut(mismatch.Value, " ") // of "number 1.5" the value is left out
		return fmt.Sprintf("at byte %d of its JSON: %s, where a Go %s is expected", mismatch.Offset, kind, mismatch.Type.Kind())
	}
	return "its JSON has another shape"
}
