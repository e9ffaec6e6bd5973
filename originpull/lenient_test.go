package originpull_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/originpull"
)

// oddValues are what can stand where another value is expected.
var oddValues = []string{
	`null`, `true`, `false`, `0`, `12`, `-1`, `1.5`, `1e99`, strings.Repeat("9", 400), `""`, `"text"`, `"12"`, `"1406.0"`,
	`"2100-01-01 05:20:00 +0000 UTC"`, `[]`, `{}`, `[[]]`, `[{}]`, `["text"]`, `[null]`, `{"a":{"b":[1]}}`, `[[[{"id":1}]]]`, `{"id":{"id":"x"}}`,
}

// fullest returns a success with every field that the document knows, of an operation.
func fullest(t testing.TB, name string) any {
	t.Helper()
	var document map[string]any
	if err := json.Unmarshal([]byte(example(t, name).body), &document); err != nil {
		t.Fatal(err)
	}
	remark := map[string]any{
		"code": 12, "message": "slow", "documentation_url": "https://example.com", "source": map[string]any{"pointer": "/x"},
		"error_chain": []any{map[string]any{"code": 13, "message": "very"}},
	}
	document["messages"] = []any{remark}
	document["errors"] = []any{remark}
	document["result_info"] = map[string]any{"count": 1, "page": 1, "per_page": 50, "total_count": 1, "total_pages": 1}
	return document
}

// placesIn returns the JSON pointer of every value in a document but the whole.
func placesIn(at string, value any) (found []string) {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			found = append(append(found, at+"/"+name), placesIn(at+"/"+name, member)...)
		}
	case []any:
		for i, element := range value {
			where := at + "/" + strconv.Itoa(i)
			found = append(append(found, where), placesIn(where, element)...)
		}
	}
	return found
}

// valueAt returns the value at a pointer.
func valueAt(document any, pointer string) any {
	for elem := range strings.SplitSeq(pointer[1:], "/") {
		switch node := document.(type) {
		case map[string]any:
			document = node[elem]
		case []any:
			document = node[must(strconv.Atoi(elem))]
		}
	}
	return document
}

func isBool(value string) bool { return value == "true" || value == "false" }

// withAt returns the JSON of a document with another value at a pointer; "-" removes it.
func withAt(t testing.TB, document any, pointer, value string) string {
	t.Helper()
	const mark = "here is the other value"
	copied := must(json.Marshal(document))
	var whole any
	if err := json.Unmarshal(copied, &whole); err != nil {
		t.Fatal(err)
	}
	elems := strings.Split(pointer, "/")[1:]
	at := whole
	for i, elem := range elems {
		last := i == len(elems)-1
		switch node := at.(type) {
		case map[string]any:
			if last && value == "-" {
				delete(node, elem)
			} else if last {
				node[elem] = mark
			}
			at = node[elem]
		case []any:
			index := must(strconv.Atoi(elem))
			if last {
				node[index] = mark
			}
			at = node[index]
		}
	}
	return strings.Replace(string(must(json.Marshal(whole))), `"`+mark+`"`, value, 1)
}

// TestOddField puts every odd value in every place of a success of every operation. Only
// what a caller needs may make it a failure; everything else is read as before. With -short,
// each place has a quarter of the values, and each value a quarter of the places.
func TestOddField(t *testing.T) {
	t.Parallel()
	for _, op := range operations(t) {
		for name, want := range op.responses {
			document, body := fullest(t, name), ""
			if valueAt(document, "/result") == nil {
				continue // there are no places in it
			}
			zone := newZone(t, roundTrip(func(r *http.Request) (*http.Response, error) { return response{status: 200, body: body}.respond(r) }))
			for i, pointer := range placesIn("", document) {
				for j, value := range append([]string{"-"}, oddValues...) {
					if testing.Short() && (i+j)%4 != 0 {
						continue
					}
					if value == "-" && strings.HasSuffix(pointer, "/0") || isBool(value) && isBool(string(must(json.Marshal(valueAt(document, pointer))))) {
						continue // no element is missing, and a bool in place of a bool is as documented
					}
					body = withAt(t, document, pointer, value)
					got, err := op.call(t.Context(), zone)
					requireRead(t, op, pointer, value, want, got, err)
				}
			}
		}
	}
}

func requireRead(t *testing.T, op operation, pointer, value string, want, got any, err error) {
	t.Helper()
	what := fmt.Sprintf("%s with %s at %s", op.id, value, pointer)
	accepted, needed := op.needs[pointer]
	if pointer == "/success" {
		accepted, needed = nothingElse, true
	}
	if needed && !accepted(value) {
		if err == nil {
			t.Errorf("%s is taken for a success", what)
		}
		wantErrors(t, err, originpull.ErrMalformedResponse)
		return
	}
	if err != nil {
		t.Errorf("%s stops the caller, who does not need it: %v", what, err)
		return
	}
	if needed {
		return // another result
	}
	if changed := differing(reflect.ValueOf(got), reflect.ValueOf(want)); len(changed) > 1 || len(changed) == 1 && !strings.HasSuffix(pointer, "/"+changed[0]) {
		t.Errorf("%s changes what the caller gets in %v", what, changed)
	}
}

// differing returns the names of the fields that differ, in JSON.
func differing(got, want reflect.Value) (names []string) {
	switch {
	case !got.IsValid() || !want.IsValid():
		if got.IsValid() != want.IsValid() {
			return []string{"everything"}
		}
	case got.Kind() == reflect.Slice:
		if got.Len() != want.Len() {
			return []string{"the number of entries"}
		}
		for i := range got.Len() {
			names = append(names, differing(got.Index(i), want.Index(i))...)
		}
	default:
		for i := range got.NumField() {
			if !reflect.DeepEqual(got.Field(i).Interface(), want.Field(i).Interface()) {
				name, _, _ := strings.Cut(got.Type().Field(i).Tag.Get("json"), ",")
				names = append(names, name)
			}
		}
	}
	return names
}

// certificateWith is the JSON of a certificate with one field in another form.
func certificateWith(field string) string {
	fields := map[string]string{"id": `"` + certificateID + `"`, "status": `"active"`, "issuer": `"CN=x"`}
	name, value, _ := strings.Cut(field, ":")
	fields[name] = value
	var members []string
	for name, value := range fields {
		members = append(members, strconv.Quote(name)+":"+value)
	}
	slices.Sort(members)
	return "{" + strings.Join(members, ",") + "}"
}

// TestOtherForms reads what is documented in one form and sent in another.
func TestOtherForms(t *testing.T) {
	t.Parallel()
	at := time.Date(2100, 1, 1, 5, 20, 0, 0, time.UTC)
	for field, want := range map[string]originpull.Certificate{
		`serial_number:309049678731657100329303091550694184`: {SerialNumber: "309049678731657100329303091550694184"},
		`serial_number:0`:                                  {SerialNumber: "0"},
		`serial_number:3.090496787316571e35`:               {},
		`serial_number:true`:                               {},
		`serial_number:["1"]`:                              {},
		`expires_on:""`:                                    {},
		`expires_on:"soon"`:                                {},
		`expires_on:4102464000`:                            {},
		`expires_on:null`:                                  {},
		`expires_on:{"time":1}`:                            {},
		`expires_on:"2100-01-01 05:20:00 +0000 UTC"`:       {ExpiresOn: at},
		`expires_on:"2100-01-01 05:20:00.25 +0000 UTC"`:    {ExpiresOn: at.Add(time.Second / 4)},
		`expires_on:"2100-01-01 07:20:00 +0200 CEST"`:      {ExpiresOn: at},
		`expires_on:"2100-01-01 05:20:00 +0000"`:           {ExpiresOn: at},
		`expires_on:"2100-01-01 05:20:00Z"`:                {ExpiresOn: at},
		`expires_on:"2100-01-01 06:20:00+01:00"`:           {ExpiresOn: at},
		`expires_on:"2100-01-01T06:20:00+0100"`:            {ExpiresOn: at},
		`expires_on:"2100-01-01 05:20:00 UTC"`:             {ExpiresOn: at},
		`expires_on:"2100-01-01 05:20:00"`:                 {}, // in what time zone?
		`uploaded_on:"2100-01-01 05:20:00.1234 +0000 UTC"`: {UploadedOn: at.Add(123_400 * time.Microsecond)},
		`status:"beyond_repair"`:                           {Status: "beyond_repair"},
	} {
		want.ID, want.Issuer = certificateID, "CN=x"
		if want.Status == "" {
			want.Status = originpull.StatusActive
		}
		body := `{"success":true,"errors":[],"messages":[],"result":` + certificateWith(field) + `}`
		var raw originpull.Response
		got, err := newZone(t, always(response{status: 200, body: body})).Certificates.Get(t.Context(), certificateID, originpull.WithResponse(&raw))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("of %s the caller gets\n%+v, want\n%+v: %v", field, got, want, err)
		}
		name, value, _ := strings.Cut(field, ":")
		var unreadable []string
		if value != "null" && want.SerialNumber == "" && want.ExpiresOn.IsZero() && want.UploadedOn.IsZero() && name != "status" {
			unreadable = []string{"/result/" + name}
		}
		if !slices.Equal(raw.Unreadable, unreadable) {
			t.Errorf("of %s the caller reads that %q is unreadable, want %q", field, raw.Unreadable, unreadable)
		}
	}
}

// TestOddFailure reads the codes of a failure whatever else it says.
func TestOddFailure(t *testing.T) {
	t.Parallel()
	exists := []error{originpull.ErrAlreadyExists}
	for body, want := range map[string]struct {
		codes []originpull.Code
		is    []error
	}{
		`{"success":false,"errors":[{"code":"1406","message":"m"}]}`:                                     {codes(1406), exists},
		`{"success":false,"errors":[{"code":" 1406 "}]}`:                                                 {codes(1406), exists},
		`{"success":false,"errors":[{"code":1406.0}]}`:                                                   {codes(1406), exists},
		`{"success":false,"errors":[{"code":"1406.0"}]}`:                                                 {codes(1406), exists},
		`{"success":false,"errors":[{"code":1.406e3}]}`:                                                  {codes(1406), exists},
		`{"success":false,"errors":[{"code":[1406]}]}`:                                                   {codes(1406), exists},
		`{"success":false,"errors":{"code":1406}}`:                                                       {codes(1406), exists},
		`{"success":false,"errors":[[{"code":1406}]]}`:                                                   {codes(1406), exists},
		`{"success":false,"errors":["text",null,7,{"code":1406}]}`:                                       {codes(1406), exists},
		`{"success":false,"errors":[{"code":"?","message":"m"},{"code":1406}]}`:                          {codes(1406), exists},
		`{"success":false,"errors":[{"code":1406,"source":"/certificate"}]}`:                             {codes(1406), exists},
		`{"success":false,"errors":[{"code":1406,"source":{"pointer":7}}]}`:                              {codes(1406), exists},
		`{"success":false,"errors":[{"code":1406,"error_chain":"none"}]}`:                                {codes(1406), exists},
		`{"success":false,"errors":[{"code":1406,"error_chain":{"code":"6111"}}]}`:                       {codes(1406, 6111), []error{originpull.ErrAlreadyExists, originpull.ErrDenied}},
		`{"success":false,"errors":[{"code":1,"error_chain":["x",{"code":1406}]}]}`:                      {codes(1, 1406), exists},
		`{"success":false,"errors":[{"code":1406,"message":{"en":"m"},"documentation_url":[]}]}`:         {codes(1406), exists},
		`{"success":false,"errors":[{"code":1406}],"messages":"none","result":7}`:                        {codes(1406), exists},
		`{"success":false,"errors":[{"code":1406}],"messages":["text"],"result":"x"}`:                    {codes(1406), exists},
		`{"success":"false","errors":[{"code":1406}]}`:                                                   {codes(1406), exists},
		`{"errors":[{"code":1406}]}`:                                                                     {codes(1406), exists},
		`{"success":false,"errors":[{"code":"no"},{"code":1e99},{"code":2147483648},{"code":1406.5}]}`:   {nil, nil},
		`{"success":false,"errors":[{"code":"0x57ep0"},{"code":"NaN"},{"code":"Infinity"},{"code":""}]}`: {nil, nil},
		`{"success":false,"errors":"no"}`:                                                                {nil, nil},
		`{"success":false,"errors":7,"messages":{}}`:                                                     {nil, nil},
		`{"success":false,"errors":["certificate already exists"]}`:                                      {nil, nil},
		`{"success":false}`: {nil, nil},
	} {
		for _, op := range operations(t) {
			_, err := op.call(t.Context(), newZone(t, always(response{status: 400, body: body})))
			wantErrors(t, err, want.is...)
			if e := apiError(t, err); e.Status != 400 || !slices.Equal(e.Codes(), want.codes) {
				t.Errorf("%s: of %s the caller gets status %d and codes %v, want %v: %v", op.id, body, e.Status, e.Codes(), want.codes, err)
			}
		}
	}
	for status, is := range map[int]error{403: originpull.ErrDenied, 404: originpull.ErrNotFound, 409: originpull.ErrConflict, 429: originpull.ErrRateLimited} {
		_, err := newZone(t, always(response{status: status, body: `{"success":false,"errors":"no","messages":7,"result":[]}`})).Settings.Get(t.Context())
		wantErrors(t, err, is)
	}
}

// TestSuccessIsDecodedOnce compares what a call allocates with and without retries: to find
// out whether to repeat a call, its success is not decoded.
func TestSuccessIsDecodedOnce(t *testing.T) {
	certificate := strings.Repeat("x", 1500)
	var list strings.Builder
	for i := range 200 {
		fmt.Fprintf(&list, `,{"id":"%032d","status":"active","certificate":%q}`, i, certificate)
	}
	zone := retryingZone(t, always(response{status: 200, body: `{"success":true,"errors":[],"messages":[],"result":[` + list.String()[1:] + `]}`}))
	cost := func(options ...originpull.CallOption) uint64 {
		var before, after runtime.MemStats
		least := ^uint64(0)
		for range 10 {
			runtime.ReadMemStats(&before)
			must(zone.Certificates.List(t.Context(), options...))
			runtime.ReadMemStats(&after)
			least = min(least, after.TotalAlloc-before.TotalAlloc)
		}
		return least
	}
	if with, without := cost(), cost(originpull.WithoutRetry()); with > without*5/4 {
		t.Errorf("a list with retries allocates %d bytes, without them %d", with, without)
	}
}

// TestHugeOddList bounds what a list costs that is not one of certificates: hardly more than
// one that is.
func TestHugeOddList(t *testing.T) {
	if testing.Short() {
		t.Skip("decodes lists of a hundred thousand elements")
	}
	cost := func(element string, fails bool) uint64 {
		body := `{"success":true,"errors":[],"messages":[],"result":[` + strings.Repeat(element+",", 1<<19/len(element)) + element + `]}`
		zone := retryingZone(t, always(response{status: 200, body: body}))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := zone.Certificates.List(t.Context())
		runtime.ReadMemStats(&after)
		if fails != errors.Is(err, originpull.ErrMalformedResponse) {
			t.Errorf("a list of %s: %v", element, err)
		}
		return after.TotalAlloc - before.TotalAlloc
	}
	good := cost(`{"id":"0b5a2f547c1e4f6a9f0e6c2d1a7b8e90","status":"active"}`, false)
	if odd := cost("17", true); odd > 50*good {
		t.Errorf("a list of numbers costs %d MB, one of certificates of the same length %d MB", odd>>20, good>>20)
	}
}
