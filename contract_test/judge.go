package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/originpull/originpull-go/originpull"
)

// waiting stands for an operation where a call asks several times.
const waiting = "waiting"

// judge compares what the SDK made of a call with what went over the wire, read
// without the SDK. Value is what it returned, nil if nothing that stands in an
// answer.
func (e *evidence) judge(operation string, exchanges []*Exchange, value any, err error) {
	for _, x := range exchanges {
		e.weigh(x)
	}
	if len(exchanges) == 0 {
		return
	}
	x := decisive(exchanges, err)
	if x.Operation != "" && operation != "" && operation != waiting && exchanges[0].Operation != operation {
		e.sent = append(e.sent, fmt.Sprintf("asked for %s it sent %s", operation, exchanges[0].Operation))
	}
	asked := 0
	for _, one := range exchanges {
		if one.Operation == operation {
			asked++
		}
	}
	if asked > 1 && operation != waiting {
		e.misread = append(e.misread, fmt.Sprintf("%s: it made %d requests where one was asked for", operation, asked))
	}
	if err == nil {
		e.judgeSuccess(x, value)
		return
	}
	e.judgeFailure(x, err)
}

// weigh takes in what the document has against an exchange.
func (e *evidence) weigh(x *Exchange) {
	name := x.Operation
	if name == "" {
		name = x.Method
	}
	for _, wrong := range x.RequestForm {
		e.sent = append(e.sent, name+": "+wrong)
	}
	if len(x.RequestForm) == 0 {
		for _, fault := range x.RequestFaults {
			e.forbidden = append(e.forbidden, name+": "+fault)
		}
	}
	for _, wrong := range x.AnswerForm {
		e.unformed = append(e.unformed, name+": "+wrong)
	}
	for _, fault := range x.AnswerFaults {
		e.answered = append(e.answered, name+": "+fault)
	}
}

// decisive is the exchange that the outcome of a call is about: the one that the
// error names, or the last.
func decisive(exchanges []*Exchange, err error) *Exchange {
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

func (e *evidence) judgeSuccess(x *Exchange, value any) {
	if !x.succeeded() {
		e.misread = append(e.misread, fmt.Sprintf("%s: it takes an answer of failure (HTTP %d) for a success", x.Operation, x.Status))
		return
	}
	answer, _ := x.envelope()
	if difference := differ(value, answer.Result); difference != "" {
		e.misread = append(e.misread, fmt.Sprintf("%s: %s", x.Operation, difference))
	}
}

func (e *evidence) judgeFailure(x *Exchange, err error) {
	var failure *originpull.Error
	if !errors.As(err, &failure) {
		return // refused before it was sent, or a wait that ended: the case knows
	}
	answer, ok := x.envelope()
	switch {
	case x.Status != failure.Status:
		e.misread = append(e.misread, fmt.Sprintf("%s: its error says HTTP %d, the answer was %d", x.Operation, failure.Status, x.Status))
	case x.succeeded():
		e.refused = append(e.refused, fmt.Sprintf("%s: a success is taken for a failure: %s", x.Operation, kind(failure.Err)))
	case !ok:
		if !errors.Is(err, originpull.ErrMalformedAnswer) && x.Err == nil {
			e.misread = append(e.misread, fmt.Sprintf("%s: an answer that is not the API's (HTTP %d) is not told as such", x.Operation, x.Status))
		}
	case errors.Is(err, originpull.ErrMalformedAnswer):
		e.refused = append(e.refused, fmt.Sprintf("%s: a failure of the API is taken for no answer of it: %s", x.Operation, kind(failure.Err)))
	case !slices.Equal(answer.codes(), ints(failure.Codes())):
		e.misread = append(e.misread, fmt.Sprintf("%s: its error has the codes %v, the answer %v", x.Operation, failure.Codes(), answer.codes()))
	case failure.RayID != x.Answer.Header.Get("Cf-Ray"):
		e.misread = append(e.misread, x.Operation+": its error has another Cf-Ray than the answer")
	}
}

func ints(codes []originpull.Code) []int {
	var all []int
	for _, code := range codes {
		all = append(all, int(code))
	}
	return all
}

// differ tells in which field a value of the SDK is not what the answer's result
// says, "" if in none. Fields that the SDK does not know are left to the document.
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
		return "its value cannot be compared with the answer"
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
				if difference := differAt(where+"/"+name, field, sent); difference != "" {
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
	if reflect.DeepEqual(ours, theirs) || sameInstant(ours, theirs) {
		return ""
	}
	return where + " is read otherwise than it was answered"
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
