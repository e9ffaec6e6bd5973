package contract

import (
	"encoding/json"
	"mime"
	"net/http"
	"slices"

	"github.com/originpull/originpull-go/gen/api"
	"github.com/originpull/originpull-go/originpull"
)

// exchange is a request and its response as they went over the wire.
type exchange struct {
	Operation string // the operationId; "" if the document has no such operation
	Method    string
	Path      string // below the base URL, escaped
	Request   part
	Status    int // 0 if no response arrived
	Response  part
	Err       error // why no response arrived, or only a part of it

	// RequestFaults and ResponseFaults are what the document forbids. RequestForm and
	// ResponseForm are what is wrong whatever the document says. Contradictions are what
	// does not agree with the request, or with an earlier response. Drift is what the
	// document does not name.
	RequestFaults, ResponseFaults []string
	RequestForm, ResponseForm     []string
	Contradictions                []string
	Drift                         []Drift
}

// part is the header and the body of a request or a response.
type part struct {
	Header http.Header
	Body   []byte
}

// envelope is a response read without the SDK.
type envelope struct {
	Success *bool           `json:"success"`
	Errors  []envelopeError `json:"errors"`
	Result  json.RawMessage `json:"result"`
}

type envelopeError struct {
	Code  int             `json:"code"`
	Chain []envelopeError `json:"error_chain"`
}

// envelope reads the response; ok is false if it is not JSON, or incomplete.
func (x *exchange) envelope() (e envelope, ok bool) {
	if x.Err != nil {
		return e, false
	}
	err := json.Unmarshal(x.Response.Body, &e)
	return e, err == nil && e.Success != nil
}

// succeeded reports whether the response says that the request was carried out.
func (x *exchange) succeeded() bool {
	success := x.saysSuccess()
	return success != nil && *success && x.Status/100 == 2
}

// saysSuccess returns the field success of a response, nil if there is none. The rest may
// be of another form.
func (x *exchange) saysSuccess() *bool {
	var e struct {
		Success *bool `json:"success"`
	}
	if x.Err != nil || json.Unmarshal(x.Response.Body, &e) != nil {
		return nil
	}
	return e.Success
}

// isGone reports whether the response means that there is no such certificate.
func (x *exchange) isGone() bool {
	e, ok := x.envelope()
	return ok && x.Status == http.StatusNotFound && slices.ContainsFunc(e.codes(), func(code int) bool {
		return code == int(api.CodeNotFound) || code == int(api.CodeCertificateNotFound)
	})
}

// denied reports whether the response means that the credentials were rejected or lack
// a permission: by its status, or by the codes of a 400.
func (x *exchange) denied() bool {
	e, _ := x.envelope()
	failure := originpull.Error{Status: x.Status}
	for _, code := range e.codes() {
		failure.Errors = append(failure.Errors, originpull.Message{Code: originpull.Code(code)})
	}
	return x.Status/100 != 2 && failure.Is(originpull.ErrDenied)
}

// codes returns all codes of a response, those in error chains included.
func (e envelope) codes() (codes []int) {
	for _, one := range e.Errors {
		codes = append(codes, one.Code)
		for _, cause := range one.Chain {
			codes = append(codes, cause.Code)
		}
	}
	return slices.DeleteFunc(codes, func(code int) bool { return code == 0 })
}

func isJSON(header http.Header) bool {
	media, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	return err == nil && media == "application/json"
}
