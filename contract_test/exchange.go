package contract

import (
	"encoding/json"
	"mime"
	"net/http"
	"slices"

	"github.com/originpull/originpull-go/originpull"
)

// Exchange is a request and its answer as they went over the wire.
type Exchange struct {
	Operation string // of the document; "" where the document has none
	Method    string
	Path      string // below the base URL, escaped
	Request   Part
	Status    int // 0 where no answer came
	Answer    Part
	Err       error // why no answer came, or not the whole of it

	// RequestFaults and AnswerFaults are what the document forbids, RequestForm and
	// AnswerForm what is wrong whatever the document says; Drift is what the document
	// does not name.
	RequestFaults, AnswerFaults []string
	RequestForm, AnswerForm     []string
	Drift                       []Drift
}

// Part is one half of an exchange.
type Part struct {
	Header http.Header
	Body   []byte
}

// envelope is an answer read without the SDK.
type envelope struct {
	Success *bool           `json:"success"`
	Errors  []envelopeError `json:"errors"`
	Result  json.RawMessage `json:"result"`
}

type envelopeError struct {
	Code  int             `json:"code"`
	Chain []envelopeError `json:"error_chain"`
}

// envelope reads the answer; ok is false for what is not JSON, or not whole.
func (x *Exchange) envelope() (e envelope, ok bool) {
	if x.Err != nil {
		return e, false
	}
	err := json.Unmarshal(x.Answer.Body, &e)
	return e, err == nil && e.Success != nil
}

// succeeded tells whether the answer says that the request was carried out.
func (x *Exchange) succeeded() bool {
	e, ok := x.envelope()
	return ok && x.Status/100 == 2 && *e.Success
}

// denied tells whether the answer means that the credentials were rejected or lack
// a permission: by its status, or by the codes of a 400.
func (x *Exchange) denied() bool {
	e, _ := x.envelope()
	failure := originpull.Error{Status: x.Status}
	for _, code := range e.codes() {
		failure.Errors = append(failure.Errors, originpull.Message{Code: originpull.Code(code)})
	}
	return x.Status/100 != 2 && failure.Is(originpull.ErrDenied)
}

// codes are all codes of an answer, those behind others included.
func (e envelope) codes() (codes []int) {
	for _, one := range e.Errors {
		codes = append(codes, one.Code)
		for _, behind := range one.Chain {
			codes = append(codes, behind.Code)
		}
	}
	return slices.DeleteFunc(codes, func(code int) bool { return code == 0 })
}

func isJSON(header http.Header) bool {
	media, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	return err == nil && media == "application/json"
}
