package originpull

import (
	"bytes"
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/gen/api"
)

// envelopes returns a new variable of each type that responses are decoded into.
func envelopes() []any {
	return []any{
		new(api.CertificateEnvelope), new(api.CertificateListEnvelope), new(api.DeletionEnvelope),
		new(api.SettingsEnvelope), new(api.FailureEnvelope), new(failure),
	}
}

// plainPointer is a pointer of names that the document could have, and of indexes.
var plainPointer = regexp.MustCompile(`^(/[a-z_]+|/\d+)+$`)

// FuzzDecode decodes anything into each envelope. Field by field it must come to the same
// as at once, where a decoder takes it at once.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{
		`{"success":true,"errors":[],"messages":["text"],"result":{"id":"x","status":"active","expires_on":""}}`,
		`{"success":true,"errors":null,"messages":[],"result":[{"id":"x","expires_on":"2036-11-01T00:00:00Z"},null,7],"result_info":{"count":"1"}}`,
		`{"success":false,"errors":[{"code":"1406","source":[],"error_chain":[{"code":1e3}]}],"result":null}`,
		`{"success":true,"SUCCESS":false,"result":{"enabled":true,"enabled":1}}`,
		`{"errors":{"code":[[1]]},"\ud800":1,"messages":[[[]]]}`,
		` {"result": {"id": "\ud800"} } `,
		`{"messages":[{"message":"a\"},{[","code":1}],"success":true,"errors":[{"message":"\\"}]}`,
		`{"Success":true,"ERRORS":[{"Code":1}],"rEsult":{"status":"active"}}`,
		`{"result":{},"result":[`, "{\"x\":\"\xff\"}", `[]`, ``, `{}`, `{"result":{"uploaded_on":"2100-01-01 05:20:00 +0000 UTC"}}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for i, strict := range envelopes() {
			fields := envelopes()[i]
			strictly := unmarshal(body, strict)
			if unreadable, err := decode(body, fields); (strictly == nil) && (err != nil || len(unreadable) > 0) || err != nil && json.Valid(body) && bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) && strictly.Error() != "invalid UTF-8" && !strings.Contains(strictly.Error(), "UTF-8") {
				t.Errorf("%T: %q: %v, and %q could not be read, where the strict decoder says %v", strict, body, err, unreadable, strictly)
			}
			if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) || !json.Valid(body) {
				continue
			}
			fields = envelopes()[i]
			unreadable := decodeFields(bytes.TrimSpace(body), fields)
			if strictly == nil && !hasTwice(body) && (len(unreadable) > 0 || !reflect.DeepEqual(fields, strict)) {
				t.Errorf("%T: of %q\n%+v is read field by field, and %+v at once; %q could not be read", strict, body, fields, strict, unreadable)
			}
			for _, pointer := range unreadable {
				if !plainPointer.MatchString(pointer) {
					t.Errorf("the pointer %q holds what a response chose", pointer)
				}
			}
		}
	})
}

// hasTwice reports whether an object in a document has a name twice, in any case.
func hasTwice(body []byte) bool {
	type object struct {
		names map[string]bool
		value bool // whether a value comes next, not a name
	}
	var open []*object // nil for a list
	decoder := json.NewDecoder(bytes.NewReader(body))
	for {
		token, err := decoder.Token()
		if err != nil {
			return false
		}
		var in *object
		if len(open) > 0 {
			in = open[len(open)-1]
		}
		name, isText := token.(string)
		switch {
		case token == json.Delim('}') || token == json.Delim(']'):
			open = open[:len(open)-1]
			continue
		case in != nil && !in.value && isText:
			folded := strings.ToLower(strings.ToUpper(name))
			if in.names[folded] {
				return true
			}
			in.names[folded], in.value = true, true
			continue
		case in != nil:
			in.value = false
		}
		switch token {
		case json.Delim('{'):
			open = append(open, &object{names: map[string]bool{}})
		case json.Delim('['):
			open = append(open, nil)
		}
	}
}

// TestTwice reads a name that comes twice where both say the same, and else does not
// choose one.
func TestTwice(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]struct {
		unreadable string
		enabled    bool
	}{
		`{"success":true,"success":true,"messages":["x"],"result":{"enabled":true}}`:                       {"/messages/0", true},
		`{"success":true,"messages":[],"messages":["x"],"result":{"enabled":true},"errors":7}`:             {"/errors /messages", true},
		`{"success":true,"messages":["x"],"other":1,"other":2,"result":{"enabled":true}}`:                  {"/messages/0", true},
		`{"success":true,"messages":["x"],"result":{"enabled":false},"result":{"enabled":true}}`:           {"/messages/0 /result", false},
		`{"messages":["x"],"success":true,"success":false,"result":{"enabled":true}}`:                      {"/messages/0 /success", true},
		`{"errors":[{"code":"x","message":"a","message":"b","source":{"pointer":1.5}}],"messages":[[[]]]}`: {"/errors/0/code /errors/0/message /errors/0/source/pointer /messages/0", false},
	} {
		var envelope api.SettingsEnvelope
		unreadable, err := decode([]byte(body), &envelope)
		got := strings.Join(unreadable, " ")
		if err != nil || got != want.unreadable || envelope.Result.Enabled != want.enabled {
			t.Errorf("of %s %q could not be read and enabled is %t, want %q and %t: %v", body, got, envelope.Result.Enabled, want.unreadable, want.enabled, err)
		}
	}
}

// TestUnreadableIsBounded keeps a bounded number of pointers of a body that is odd
// everywhere, and those that a check looks for.
func TestUnreadableIsBounded(t *testing.T) {
	t.Parallel()
	body := `{"errors":[` + strings.Repeat("0,", 5_000) + `0],"result":7,"success":1}`
	var envelope api.CertificateListEnvelope
	unreadable := decodeFields([]byte(body), &envelope)
	if n := len(unreadable); n < mostUnreadable || n > mostUnreadable+10 {
		t.Errorf("%d pointers are kept", n)
	}
	if last := unreadable[len(unreadable)-2:]; last[0] != "/result" || last[1] != "/success" {
		t.Errorf("the envelope's own fields are not named: %q", last)
	}
}
