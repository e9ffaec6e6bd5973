package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// held is what exchanges are held to: the document as it is, and closed.
type held struct {
	open, closed *document
	base         string // path of the base URL
}

// hold reads the text of a document whose paths are served below baseURL.
func hold(text []byte, baseURL string) (*held, error) {
	open, err := readDocument(text, baseURL)
	if err != nil {
		return nil, err
	}
	closed, err := readClosed(text, baseURL)
	if err != nil {
		return nil, err
	}
	base, err := open.Servers[0].BasePath()
	if err != nil {
		return nil, fmt.Errorf("base URL: %w", err)
	}
	return &held{open, closed, strings.TrimRight(base, "/")}, nil
}

// checker stands under the SDK and holds each exchange to the document.
type checker struct {
	*held
	next   http.RoundTripper
	zoneID string
	adds   []string // headers that the counterpart adds of its own

	mu        sync.Mutex
	exchanges []*Exchange
}

// RoundTrip implements [http.RoundTripper].
func (c *checker) RoundTrip(r *http.Request) (*http.Response, error) {
	x := &Exchange{Method: r.Method, Path: strings.TrimPrefix(r.URL.EscapedPath(), c.base)}
	var err error
	if x.Request, err = readRequest(r); err != nil {
		return nil, err
	}
	x.Operation = operationOf(x.Method, x.Path, c.zoneID)
	x.RequestForm = requestForm(x, r.Context().Value(withoutCredentials{}) != nil)
	input := c.input(c.open, r, x.Request.Body)
	switch {
	case input.Route == nil:
		x.RequestFaults = []string{fmt.Sprintf("no operation for %s %s", x.Method, withoutIDs(x.Path))}
	case input.Route.Operation.OperationID != x.Operation:
		x.RequestFaults = []string{"it stands there as " + input.Route.Operation.OperationID}
		input.Route = nil
	default:
		x.RequestFaults = requestFaults(r.Context(), input)
	}
	resp, err := c.next.RoundTrip(r)
	if err != nil {
		x.Err = err
		c.add(x)
		return nil, err
	}
	x.Status, x.Answer.Header = resp.StatusCode, resp.Header.Clone()
	x.Answer.Body, x.Err = readAnswer(resp)
	x.AnswerForm = answerForm(x)
	c.check(r, input, x)
	c.add(x)
	return resp, nil
}

// readAnswer reads the body of an answer and puts what it read in its place.
func readAnswer(resp *http.Response) ([]byte, error) {
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}))
	return body, err
}

// failing ends a body as it ended on the wire.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

func readRequest(r *http.Request) (Part, error) {
	part := Part{Header: r.Header.Clone()}
	if r.Body == nil {
		return part, nil
	}
	body, err := io.ReadAll(r.Body)
	r.Body.Close()
	r.Body = io.NopCloser(bytes.NewReader(body))
	part.Body = body
	return part, err
}

func (c *checker) add(x *Exchange) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.exchanges = append(c.exchanges, x)
}

// since returns the exchanges after the first n.
func (c *checker) since(n int) []*Exchange {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.exchanges[n:])
}

func (c *checker) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.exchanges)
}

// withoutIDs is a path with what could be an id left out.
func withoutIDs(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if strings.ContainsAny(part, "0123456789") {
			parts[i] = "{id}"
		}
	}
	return strings.Join(parts, "/")
}

// options of the library. Credentials are looked at by credentialsSent.
func options() *openapi3filter.Options {
	return &openapi3filter.Options{
		MultiError: true, IncludeResponseStatus: true, SkipSettingDefaults: true,
		AuthenticationFunc: credentialsSent,
		SchemaValidationOptions: []openapi3.SchemaValidationOption{
			openapi3.EnableFormatValidation(),
		},
	}
}

// credentialsSent wants the header that a security scheme names.
func credentialsSent(_ context.Context, in *openapi3filter.AuthenticationInput) error {
	name := in.SecurityScheme.Name
	if in.SecurityScheme.Type == "http" {
		name = "Authorization"
	}
	if in.RequestValidationInput.Request.Header.Get(name) == "" {
		return fmt.Errorf("header %s is missing", name)
	}
	return nil
}

func (c *checker) input(d *document, r *http.Request, body []byte) *openapi3filter.RequestValidationInput {
	copied := r.Clone(r.Context())
	copied.Body = nil
	if body != nil {
		copied.Body = io.NopCloser(bytes.NewReader(body))
	}
	in := &openapi3filter.RequestValidationInput{Request: copied, Options: options()}
	in.Route, in.PathParams = d.operation(copied)
	return in
}

type withoutCredentials struct{}

// requestFaults are what the document forbids of a request.
func requestFaults(ctx context.Context, in *openapi3filter.RequestValidationInput) []string {
	if ctx.Value(withoutCredentials{}) != nil {
		in.Options.AuthenticationFunc = openapi3filter.NoopAuthenticationFunc
	}
	return faults("request", openapi3filter.ValidateRequest(ctx, in))
}

// check holds an answer to both documents. What is not JSON is for the SDK to
// judge, unless the document says that it can come.
func (c *checker) check(r *http.Request, in *openapi3filter.RequestValidationInput, x *Exchange) {
	if in.Route == nil || x.Err != nil {
		return
	}
	if isJSON(x.Answer.Header) && !json.Valid(x.Answer.Body) {
		return
	}
	if !isJSON(x.Answer.Header) {
		responses := in.Route.Operation.Responses
		if ref := responses.Status(x.Status); ref != nil && ref.Value.Content.Get(x.Answer.Header.Get("Content-Type")) == nil {
			x.AnswerFaults = []string{fmt.Sprintf("answer %d: the document has no %q here", x.Status, x.Answer.Header.Get("Content-Type"))}
		}
		return
	}
	if err := c.validate(in, x); err != nil {
		x.AnswerFaults = faults(fmt.Sprintf("answer %d", x.Status), err)
		return
	}
	closed := c.input(c.closed, r, nil)
	x.Drift = append(driftOf(c.closed, x, c.validate(closed, x)), c.unnamedHeaders(closed.Route.Operation, x)...)
}

func (c *checker) validate(in *openapi3filter.RequestValidationInput, x *Exchange) error {
	answer := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: x.Status, Header: x.Answer.Header, Options: options(),
	}
	answer.SetBodyBytes(x.Answer.Body)
	return openapi3filter.ValidateResponse(context.Background(), answer)
}

// faults turns what the library found into lines that name the place and what is
// wrong with it, never the value.
func faults(where string, err error) []string {
	if err == nil {
		return nil
	}
	var lines []string
	for _, schema := range schemaErrors(err) {
		lines = append(lines, fmt.Sprintf("%s %s: %s", where, pointer(schema), schema.Reason))
	}
	var security *openapi3filter.SecurityRequirementsError
	if errors.As(err, &security) {
		lines = append(lines, where+": no credentials that the document names")
	}
	if len(lines) > 0 {
		return lines
	}
	return []string{where + ": " + reason(err)}
}

// reason is what the library says without the value that it says it about.
func reason(err error) string {
	var response *openapi3filter.ResponseError
	var request *openapi3filter.RequestError
	switch {
	case errors.As(err, &response):
		return response.Reason
	case errors.As(err, &request) && request.Parameter != nil:
		return fmt.Sprintf("parameter %s: %s", request.Parameter.Name, request.Reason)
	case errors.As(err, &request):
		return "body: " + request.Reason
	}
	return fmt.Sprintf("%T", err)
}

// schemaErrors are the single violations in an error of the library.
func schemaErrors(err error) (found []*openapi3.SchemaError) {
	switch e := err.(type) {
	case nil:
	case openapi3.MultiError:
		for _, one := range e {
			found = append(found, schemaErrors(one)...)
		}
	case *openapi3.SchemaError:
		if inner := schemaErrors(e.Origin); len(inner) > 0 {
			return inner
		}
		found = []*openapi3.SchemaError{e}
	default:
		if many, ok := err.(interface{ Unwrap() []error }); ok {
			for _, one := range many.Unwrap() {
				found = append(found, schemaErrors(one)...)
			}
			return found
		}
		found = schemaErrors(errors.Unwrap(err))
	}
	return found
}

func pointer(e *openapi3.SchemaError) string {
	return "/" + strings.Join(e.JSONPointer(), "/")
}
