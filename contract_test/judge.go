package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/originpull/originpull-go/gen/api"
	"github.com/originpull/originpull-go/originpull"
)

// waiting is the operation of a call that sends several requests.
const waiting = "waiting"

// judge compares what a call of the SDK returned with what went over the wire, read
// without the SDK. Value is what the call returned, nil if no response holds it.
func (e *evidence) judge(operation string, exchanges []*exchange, value any, err error) {
	for _, x := range exchanges {
		e.add(x)
	}
	if len(exchanges) == 0 {
		return
	}
	x := decisive(exchanges, err)
	if x.Operation != "" && operation != "" && operation != waiting && exchanges[0].Operation != operation {
		e.requestForm = append(e.requestForm, fmt.Sprintf("called for %s it sent %s", operation, exchanges[0].Operation))
	}
	sent := 0
	for _, one := range exchanges {
		if one.Operation == operation {
			sent++
		}
	}
	if sent > 1 && operation != waiting {
		e.misread = append(e.misread, fmt.Sprintf("%s: it sent %d requests instead of one", operation, sent))
	}
	switch {
	case err != nil:
		e.judgeFailure(x, err)
	case operation == waiting && x.isGone(): // to the SDK that is a deletion which has ended
	default:
		e.judgeSuccess(x, value)
	}
}

// add adds what is wrong with an exchange.
func (e *evidence) add(x *exchange) {
	name := x.Operation
	if name == "" {
		name = x.Method
	}
	for _, wrong := range x.RequestForm {
		e.requestForm = append(e.requestForm, name+": "+wrong)
	}
	if len(x.RequestForm) == 0 {
		for _, fault := range x.RequestFaults {
			e.requestFaults = append(e.requestFaults, name+": "+fault)
		}
	}
	for _, wrong := range slices.Concat(x.ResponseForm, x.Contradictions) {
		e.responseForm = append(e.responseForm, name+": "+wrong)
	}
	for _, fault := range x.ResponseFaults {
		e.responseFaults = append(e.responseFaults, name+": "+fault)
	}
}

// decisive returns the exchange that decided the outcome of a call: the one that the
// error names, or the last.
func decisive(exchanges []*exchange, err error) *exchange {
	var failure *originpull.Error
	if errors.As(err, &failure) {
		for _, x := range slices.Backward(exchanges) {
			if x.Operation == failure.Operation {
				return x
			}
		}
	}
	return exchanges[len(exchanges)-1]
}

func (e *evidence) judgeSuccess(x *exchange, value any) {
	if !x.succeeded() {
		e.misread = append(e.misread, fmt.Sprintf("%s: it reports a failure (HTTP %d) as a success", x.Operation, x.Status))
		return
	}
	if len(x.ResponseFaults) > 0 && !x.hasTypes(value) {
		e.refused = append(e.refused, x.Operation+": the SDK reads only a part of the response")
		return
	}
	response, _ := x.envelope()
	if difference := differ(value, response.Result); difference != "" {
		e.misread = append(e.misread, fmt.Sprintf("%s: %s", x.Operation, difference))
	}
}

func (e *evidence) judgeFailure(x *exchange, err error) {
	var failure *originpull.Error
	if !errors.As(err, &failure) {
		return // refused before it was sent, or a wait that ended: the case checks that
	}
	response, ok := x.envelope()
	if len(x.ResponseFaults) > 0 && x.saysSuccess() != nil && !x.hasTypes(nil) {
		e.refused = append(e.refused, x.Operation+": the SDK reads only a part of the response")
	}
	switch {
	case x.Status != failure.Status:
		e.misread = append(e.misread, fmt.Sprintf("%s: its error says HTTP %d, the response was %d", x.Operation, failure.Status, x.Status))
	case x.succeeded():
		e.refused = append(e.refused, fmt.Sprintf("%s: a success is reported as a failure: %s", x.Operation, kind(failure.Err)))
	case !ok && x.saysSuccess() != nil: // of the API, in another form
	case !ok && len(x.ResponseForm) > 0: // of the API, without success
	case !ok:
		if !errors.Is(err, originpull.ErrMalformedResponse) && x.Err == nil {
			e.misread = append(e.misread, fmt.Sprintf("%s: a response that is not the API's (HTTP %d) is not reported as such", x.Operation, x.Status))
		}
	case errors.Is(err, originpull.ErrMalformedResponse):
		e.refused = append(e.refused, fmt.Sprintf("%s: a failure of the API is reported as an unexpected response: %s", x.Operation, kind(failure.Err)))
	case !slices.Equal(response.codes(), ints(failure.Codes())):
		e.misread = append(e.misread, fmt.Sprintf("%s: its error has the codes %v, the response %v", x.Operation, failure.Codes(), response.codes()))
	case failure.RayID != x.Response.Header.Get("Cf-Ray"):
		e.misread = append(e.misread, x.Operation+": its error has another Cf-Ray than the response")
	}
}

// hasTypes reports whether a response is decoded into the types of the SDK without an
// error. Else the SDK reads only what it can, and does not refuse the response. value is
// what the SDK made of the result, nil if none.
func (x *exchange) hasTypes(value any) bool {
	var envelope struct {
		Errors     []api.Message   `json:"errors"`
		Messages   []api.Message   `json:"messages"`
		Result     json.RawMessage `json:"result"`
		ResultInfo api.ResultInfo  `json:"result_info"`
	}
	if err := json.Unmarshal(x.Response.Body, &envelope); err != nil {
		return false
	}
	if value == nil || len(envelope.Result) == 0 {
		return true
	}
	return json.Unmarshal(envelope.Result, reflect.New(reflect.TypeOf(value)).Interface()) == nil
}

func ints(codes []originpull.Code) []int {
	var all []int
	for _, code := range codes {
		all = append(all, int(code))
	}
	return all
}

// differ returns which field of a value of the SDK differs from the result of the
// response, "" if none. Fields that the SDK does not know are left to the document.
func differ(value any, result json.RawMessage) string {
	if value == nil || len(result) == 0 || string(result) == "null" {
		return ""
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	var ours, theirs any
	if json.Unmarshal(encoded, &ours) != nil || json.Unmarshal(result, &theirs) != nil {
		return "its value cannot be compared with the response"
	}
	return differAt("/result", ours, theirs)
}

func differAt(where string, ours, theirs any) string {
	switch theirs := theirs.(type) {
	case map[string]any:
		object, ok := ours.(map[string]any)
		if !ok {
			return where + " is not read as an object"
		}
		for name, field := range object {
			if sent, has := theirs[name]; has {
				if difference := differAt(where+pointer(name), field, sent); difference != "" {
					return difference
				}
			}
		}
		return ""
	case []any:
		list, ok := ours.([]any)
		if !ok || len(list) != len(theirs) {
			return where + " is read with another number of entries"
		}
		for i := range list {
			if difference := differAt(fmt.Sprintf("%s/%d", where, i), list[i], theirs[i]); difference != "" {
				return difference
			}
		}
		return ""
	}
	if reflect.DeepEqual(ours, theirs) || sameInstant(ours, theirs) || theirs == nil && isZero(ours) {
		return ""
	}
	return where + " is not read as it was received"
}

// isZero reports whether a value is that of a field which is null or missing.
func isZero(value any) bool {
	return slices.Contains([]any{"", 0.0, false, "0001-01-01T00:00:00Z"}, value)
}

func sameInstant(a, b any) bool {
	one, ok1 := a.(string)
	two, ok2 := b.(string)
	if !ok1 || !ok2 {
		return false
	}
	first, err1 := time.Parse(time.RFC3339Nano, one)
	second, err2 := time.Parse(time.RFC3339Nano, two)
	return err1 == nil && err2 == nil && first.Equal(second)
}
