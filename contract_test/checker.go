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

	"github.com/originpull/originpull-go/spec"
)

// documents are what exchanges are checked against: the document as it is, and
// closed.
type documents struct {
	open, closed *document
	base         string // path of the base URL
}

// readDocuments reads the text of a document whose paths are served below baseURL.
func readDocuments(text []byte, baseURL string) (*documents, error) {
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
	return &documents{open, closed, strings.TrimRight(base, "/")}, nil
}

// curated has the documents of the curated document, by base URL: each is read once.
var curated sync.Map

// curatedDocuments reads the curated document, whose paths are served below baseURL.
func curatedDocuments(baseURL string) (*documents, error) {
	read := sync.OnceValues(func() (*documents, error) { return readDocuments(spec.OpenAPI, baseURL) })
	known, _ := curated.LoadOrStore(baseURL, read)
	return known.(func() (*documents, error))()
}

// checker is the transport of the SDK. It checks each exchange against the document.
type checker struct {
	*documents
	next         http.RoundTripper
	zoneID       string
	otherZone    string   // "" for none
	extraHeaders []string // headers that the provider adds itself
	stateless    bool     // whether the provider lacks [Stateful], see showAsked
	contradicted func()   // is called when the provider contradicts itself; nil for nothing
	malformed    func()   // is called when a response has the wrong form; nil for nothing

	mu        sync.Mutex
	memory    map[string]*memory // of each zone; nil for a provider whose responses have nothing to do with each other
	exchanges []*exchange
}

// RoundTrip implements [http.RoundTripper].
func (c *checker) RoundTrip(r *http.Request) (*http.Response, error) {
	x := &exchange{Method: r.Method, Path: strings.TrimPrefix(r.URL.EscapedPath(), c.base)}
	var err error
	if x.Request, err = readRequest(r); err != nil {
		return nil, err
	}
	x.Operation = operationOf(x.Method, x.Path, c.zoneOf(x.Path))
	x.RequestForm = requestForm(x, r.Context().Value(withoutCredentials{}) != nil)
	input := c.input(c.open, r, x.Request.Body)
	switch {
	case input.Route == nil:
		x.RequestFaults = []string{fmt.Sprintf("no operation for %s %s", x.Method, withoutIDs(x.Path))}
	case input.Route.Operation.OperationID != x.Operation:
		x.RequestFaults = []string{"in the document it is " + input.Route.Operation.OperationID}
		input.Route = nil
	default:
		x.RequestFaults = requestFaults(r.Context(), input)
	}
	c.sends(x)
	resp, err := c.next.RoundTrip(r)
	if err != nil {
		x.Err = err
		c.add(x)
		return nil, err
	}
	x.Status, x.Response.Header = resp.StatusCode, resp.Header.Clone()
	x.Response.Body, x.Err = readResponse(resp)
	x.ResponseForm = append(x.unmark(), responseForm(x)...)
	c.check(r, input, x)
	c.add(x)
	if len(x.Contradictions) > 0 && c.contradicted != nil {
		c.contradicted()
	}
	if len(x.ResponseForm) > 0 && c.malformed != nil {
		c.malformed()
	}
	if c.stateless {
		showAsked(r, x, resp)
	}
	return resp, nil
}

// zoneOf returns the zone of a path: the one of the target, or its other one.
func (c *checker) zoneOf(path string) string {
	if c.otherZone != "" && strings.HasPrefix(path, "/zones/"+c.otherZone+"/") {
		return c.otherZone
	}
	return c.zoneID
}

// readResponse reads the body of a response and replaces it by what it read.
func readResponse(resp *http.Response) ([]byte, error) {
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}))
	return body, err
}

// failing ends a body with the error that it had on the wire.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

func readRequest(r *http.Request) (part, error) {
	part := part{Header: r.Header.Clone()}
	if r.Body == nil {
		return part, nil
	}
	body, err := io.ReadAll(r.Body)
	r.Body.Close()
	r.Body = io.NopCloser(bytes.NewReader(body))
	part.Body = body
	return part, err
}

func (c *checker) sends(x *exchange) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if memory := c.memory[c.zoneOf(x.Path)]; memory != nil {
		memory.sends(x)
	}
}

func (c *checker) add(x *exchange) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if memory := c.memory[c.zoneOf(x.Path)]; memory != nil {
		x.Contradictions = memory.contradictions(x)
	}
	c.exchanges = append(c.exchanges, x)
}

// since returns the exchanges after the first n.
func (c *checker) since(n int) []*exchange {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.exchanges[n:])
}

// contradictions reports whether the provider contradicted a request or itself.
func (c *checker) contradictions() bool {
	return slices.ContainsFunc(c.since(0), func(x *exchange) bool { return len(x.Contradictions) > 0 })
}

func (c *checker) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.exchanges)
}

// withoutIDs returns a path with what may be an id left out.
func withoutIDs(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if strings.ContainsAny(part, "0123456789") {
			parts[i] = "{id}"
		}
	}
	return strings.Join(parts, "/")
}

// options returns the options of the library. credentialsSent checks the credentials.
func options() *openapi3filter.Options {
	return &openapi3filter.Options{
		MultiError: true, IncludeResponseStatus: true, SkipSettingDefaults: true,
		AuthenticationFunc: credentialsSent,
		SchemaValidationOptions: []openapi3.SchemaValidationOption{
			openapi3.EnableFormatValidation(),
		},
	}
}

// credentialsSent requires the header that a security scheme names.
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

// requestFaults returns what the document forbids of a request.
func requestFaults(ctx context.Context, in *openapi3filter.RequestValidationInput) []string {
	if ctx.Value(withoutCredentials{}) != nil {
		in.Options.AuthenticationFunc = openapi3filter.NoopAuthenticationFunc
	}
	return faults("request", openapi3filter.ValidateRequest(ctx, in))
}

// check checks a response against both documents. A body that is not JSON is left to
// the SDK, unless the document describes it.
func (c *checker) check(r *http.Request, in *openapi3filter.RequestValidationInput, x *exchange) {
	if in.Route == nil || x.Err != nil {
		return
	}
	if isJSON(x.Response.Header) && !json.Valid(x.Response.Body) {
		return
	}
	if !isJSON(x.Response.Header) {
		responses := in.Route.Operation.Responses
		if ref := responses.Status(x.Status); ref != nil && ref.Value.Content.Get(x.Response.Header.Get("Content-Type")) == nil {
			x.ResponseFaults = []string{fmt.Sprintf("response %d: the document has no %q here", x.Status, x.Response.Header.Get("Content-Type"))}
		}
		return
	}
	if err := c.validate(in, x); err != nil {
		x.ResponseFaults = faults(fmt.Sprintf("response %d", x.Status), err)
		return
	}
	closed := c.input(c.closed, r, nil)
	x.Drift = append(driftOf(c.closed, x, c.validate(closed, x)), c.unnamedHeaders(closed.Route.Operation, x)...)
}

func (c *checker) validate(in *openapi3filter.RequestValidationInput, x *exchange) error {
	response := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: x.Status, Header: x.Response.Header, Options: options(),
	}
	response.SetBodyBytes(x.Response.Body)
	return openapi3filter.ValidateResponse(context.Background(), response)
}

// faults returns the errors of the library as lines that name the place and what is
// wrong with it, never the value.
func faults(where string, err error) []string {
	if err == nil {
		return nil
	}
	var lines []string
	for _, schema := range schemaErrors(err) {
		lines = append(lines, fmt.Sprintf("%s: %s", strings.TrimSpace(where+" "+pointer(schema.JSONPointer()...)), schema.Reason))
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

// reason returns the message of the library without the value that it is about.
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

// schemaErrors returns the single schema errors in an error of the library.
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

// pointer returns the JSON pointer of names and indexes, escaped as RFC 6901 says.
func pointer(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(part))
	}
	return b.String()
}
