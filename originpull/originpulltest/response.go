package originpulltest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"

	"github.com/originpull/originpull-go/gen/api"
)

// failure is a response that reports an error. The generated server passes it on as an
// error.
type failure struct {
	status int
	body   failureBody
}

// failureBody is the envelope of a failure. The generated type cannot distinguish empty
// "messages" from missing ones, and the live API sends both.
type failureBody struct {
	Success  bool            `json:"success"`
	Errors   []api.Message   `json:"errors"`
	Messages *[]api.Message  `json:"messages,omitempty"`
	Result   json.RawMessage `json:"result,omitempty"`
}

// serviceFailure has the form of the service: no result. A code of 0 is left out.
func serviceFailure(status int, code api.ErrorCode, message string) *failure {
	return &failure{status, failureBody{
		Errors:   []api.Message{{Code: code, Message: message}},
		Messages: &[]api.Message{},
	}}
}

// gatewayFailure has the usual form of the gateway: a result that is null.
func gatewayFailure(status int, code api.ErrorCode, message string) *failure {
	f := serviceFailure(status, code, message)
	f.body.Result = json.RawMessage("null")
	return f
}

// limitFailure has the short form of the gateway: neither messages nor result.
func limitFailure(code api.ErrorCode, message string) *failure {
	return &failure{http.StatusTooManyRequests, failureBody{Errors: []api.Message{{Code: code, Message: message}}}}
}

// What the service refuses, with a code if one is known.
var (
	errExists     = serviceFailure(400, api.CodeCertificateExists, "This certificate already exists for this zone.")
	errUnparsable = serviceFailure(400, api.CodeCertificateUnparsable, "Unable to parse certificate")
	errNotLeaf    = serviceFailure(400, api.CodeNotLeaf, "Only leaf certificate is allowed.")
	errBody       = serviceFailure(400, 0, "request body is not the JSON that is expected")
	errClosed     = serviceFailure(503, 0, "the simulator was closed before the request took effect")
	errPending    = serviceFailure(400, api.CodePendingDeployment, "Cannot delete resource while in pending deployment state.")
)

func (f *failure) Error() string {
	return fmt.Sprintf("HTTP %d: %s", f.status, f.body.Errors[0].Message)
}

func (f *failure) write(w http.ResponseWriter) {
	writeJSON(w, f.status, f.body)
}

// writeError writes err if it is a failure, else HTTP 500.
func writeError(w http.ResponseWriter, _ *http.Request, err error) {
	f, ok := errors.AsType[*failure](err)
	if !ok {
		f = gatewayFailure(http.StatusInternalServerError, 0, "internal error")
	}
	f.write(w)
}

// writeJSON writes a response with body, which can always be encoded.
func writeJSON(w http.ResponseWriter, status int, body any) {
	encoded, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Sprintf("originpulltest: encode a response: %v", err))
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(encoded)
}

// reply holds a response until it is sent.
type reply struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func newReply() *reply {
	r := &reply{header: http.Header{}}
	r.header.Set("Cf-Ray", fmt.Sprintf("%016x-SIM", rand.Uint64()))
	r.header.Set("Server", "cloudflare")
	return r
}

func (r *reply) Header() http.Header { return r.header }

func (r *reply) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *reply) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(p)
}
