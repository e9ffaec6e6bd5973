package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/gen/api"
)

// What is known of the form of every exchange, checked without the SDK and without
// the document of the run, so that it decides when these two disagree. It is known from
// captures and live tests; see the cases.

// operationOf returns the operation of a request, "" if there is none. A literal path
// comes before one with a parameter in the same place.
func operationOf(method, path, zoneID string) (id string) {
	parameters := 0
	for _, op := range api.Operations {
		if n := strings.Count(op.Path, "{"); op.Method == method && matches(op.Path, path, zoneID) && (id == "" || n < parameters) {
			id, parameters = op.ID, n
		}
	}
	return id
}

// pathID is the form of an id in a path.
var pathID = regexp.MustCompile(`^[0-9A-Za-z_-]{1,36}$`)

// matches reports whether a path is that of an operation on the zone.
func matches(pattern, path, zoneID string) bool {
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return false
	}
	for i, piece := range want {
		ok := have[i] == piece
		switch {
		case piece == "{zone_id}":
			ok = have[i] == zoneID
		case strings.HasPrefix(piece, "{"):
			ok = pathID.MatchString(have[i])
		}
		if !ok {
			return false
		}
	}
	return true
}

// requestForm returns what is wrong with a request.
func requestForm(x *exchange, anonymous bool) (wrong []string) {
	if x.Operation == "" {
		wrong = append(wrong, fmt.Sprintf("no operation on the zone: %s %s", x.Method, withoutIDs(x.Path)))
	}
	key := x.Request.Header.Get("X-Auth-Email") != "" && x.Request.Header.Get("X-Auth-Key") != ""
	if !anonymous && !key && !strings.HasPrefix(x.Request.Header.Get("Authorization"), "Bearer ") {
		wrong = append(wrong, "no credentials")
	}
	want, known := requestBodies[x.Operation]
	if !known {
		if x.Operation != "" && len(x.Request.Body) > 0 {
			wrong = append(wrong, "it has a body, and requestBodies does not list what has to be in it")
		}
		return wrong
	}
	if !isJSON(x.Request.Header) {
		wrong = append(wrong, "its body is not declared as application/json")
	}
	var body map[string]any
	if json.Unmarshal(x.Request.Body, &body) != nil {
		return append(wrong, "its body is not a JSON object")
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if value := body[name]; reflect.TypeOf(value) != reflect.TypeOf(want[name]) || value == "" {
			wrong = append(wrong, fmt.Sprintf("its body has no %s of type %T", name, want[name]))
		}
	}
	return wrong
}

// requestBodies lists for each operation with a body the fields that it must have, each
// with a value of its type. A text must not be empty.
var requestBodies = map[string]map[string]any{
	"UploadCertificate": {"certificate": "", "private_key": ""},
	"SetSettings":       {"enabled": false},
}

// statusMismatch is the fault of a response whose status and body contradict each
// other.
const statusMismatch = "success does not go with the HTTP status"

// unmark removes a byte order mark at the beginning of a response, which some decoders pass
// over, and returns what is wrong with it.
func (x *exchange) unmark() (wrong []string) {
	body, marked := bytes.CutPrefix(x.Response.Body, []byte("\ufeff"))
	if !marked || !json.Valid(body) {
		return nil
	}
	x.Response.Body = body
	return []string{"the response begins with a byte order mark, which JSON does not allow"}
}

// responseForm returns what is wrong with the envelope of a response, if it is JSON.
func responseForm(x *exchange) (wrong []string) {
	var body map[string]any
	if x.Err != nil || json.Unmarshal(x.Response.Body, &body) != nil {
		return nil
	}
	if !isJSON(x.Response.Header) {
		wrong = append(wrong, "the response is JSON and not declared as application/json")
	}
	if name := repeatedName(x.Response.Body); name != "" {
		wrong = append(wrong, name+" is there twice")
	}
	success, hasSuccess := body["success"].(bool)
	list, _ := body["errors"].([]any)
	messages, _ := body["messages"].([]any)
	entries := slices.Concat(list, messages)
	_, result := body["result"]
	ok := x.Status/100 == 2 && (success || !hasSuccess)
	id, hasID := idIn(body["result"])
	for _, rule := range []struct {
		broken bool
		what   string
	}{
		{!hasSuccess, "success is missing"},
		{hasSuccess && success != (x.Status/100 == 2), statusMismatch},
		{ok && x.Status != 200, fmt.Sprintf("a success under HTTP %d, where the API responds with 200", x.Status)},
		{ok && !isEmptyList(body["errors"]), "a success without errors that are an empty list"},
		{ok && slices.ContainsFunc(messages, isRefusal), "a success with the code of an error among its messages"},
		{ok && !isList(body["messages"]), "a success without messages that are a list"},
		{ok && !result, "a success without a result, which may be null"},
		{hasID && len(id) > longestID, "an id of more than 36 characters"},
		{!ok && len(list) == 0, "a failure without an error"},
		{!ok && has(body, "messages") && !isList(body["messages"]), "a failure with messages that are not a list"},
		{!ok && body["result"] != nil, "a failure with a result"},
		{!ok && len(list) > 0 && !hasText(list[0]), "a failure whose first error has no message"},
		{slices.ContainsFunc(entries, notObject), "an error or a message that is not an object"},
		{slices.ContainsFunc(entries, badMessage), "a message of an error that is not a string"},
		{slices.ContainsFunc(entries, badCode), "an error's code that is not an integer"},
	} {
		if rule.broken {
			wrong = append(wrong, rule.what)
		}
	}
	return append(wrong, resultForm(x)...)
}

// longestID is the length of a UUID.
const longestID = 36

// idIn returns the longest id in a result, which is an object or a list of objects.
func idIn(result any) (longest string, ok bool) {
	list, isList := result.([]any)
	if !isList {
		list = []any{result}
	}
	for _, one := range list {
		object, _ := one.(map[string]any)
		if id, has := object["id"].(string); has && len(id) >= len(longest) {
			longest, ok = id, true
		}
	}
	return longest, ok
}

func isList(value any) bool { _, ok := value.([]any); return ok }

func isEmptyList(value any) bool { list, ok := value.([]any); return ok && len(list) == 0 }

func hasText(value any) bool {
	object, _ := value.(map[string]any)
	text, _ := object["message"].(string)
	return text != ""
}

func notObject(entry any) bool { _, ok := entry.(map[string]any); return !ok }

// badMessage reports whether an entry has a message that is not a string.
func badMessage(entry any) bool {
	object, _ := entry.(map[string]any)
	_, text := object["message"].(string)
	return has(object, "message") && !text
}

// badCode reports whether an entry has a code that is not an integer.
func badCode(entry any) bool {
	object, _ := entry.(map[string]any)
	number, ok := object["code"].(float64)
	return has(object, "code") && (!ok || number != math.Trunc(number))
}

// isRefusal reports whether an entry, or its error chain, has a code by which the API fails a
// request, such as 1406. Other remarks may have a code.
func isRefusal(entry any) bool {
	object, _ := entry.(map[string]any)
	code, _ := object["code"].(float64)
	chain, _ := object["error_chain"].([]any)
	return slices.Contains(failureCodes, api.ErrorCode(code)) || slices.ContainsFunc(chain, isRefusal)
}

// failureCodes are the codes of failures that are known.
var failureCodes = []api.ErrorCode{
	api.CodeThrottled, api.CodeCertificateIDRequired, api.CodeCertificateExists, api.CodeCertificateUnparsable, api.CodeNotLeaf,
	api.CodePendingDeletion, api.CodeCertificateIDInvalid, api.CodeCertificateInUse, api.CodePendingDeployment, api.CodeNotFound,
	api.CodeCertificateNotFound, api.CodeAssociationNotFound, api.CodeInvalidHeaders, api.CodeMalformedEmail, api.CodeMalformedKey,
	api.CodeMalformedToken, api.CodeNoRoute, api.CodeMalformedID, api.CodeUnknownKey, api.CodeNoCredentials, api.CodeNoAccess,
	api.CodeDenied, api.CodeCannotAuthenticate, api.CodeMethodNotAllowed, api.CodeRateLimited, api.CodeTooManyFailures,
}

func has(object map[string]any, name string) bool { _, ok := object[name]; return ok }
