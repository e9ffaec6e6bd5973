package prism

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestViolations: what Prism finds wrong with a response fails the exchange, what it finds
// wrong with a request does not.
func TestViolations(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ header, says string }{
		"none":             {"", ""},
		"of the request":   {`[{"location":["request","header"],"message":"no credentials"}]`, ""},
		"of the response":  {`[{"location":["response","body","result"],"message":"result must be object"}]`, "result must be object"},
		"of both":          {`[{"location":["request"],"message":"one"},{"location":["response","body"],"message":"two"}]`, "two"},
		"without location": {`[{"message":"odd"}]`, "odd"},
		"unreadable":       {`odd`, "invalid character"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recorder := httptest.NewRecorder()
			if test.header != "" {
				recorder.Header().Set("Sl-Violations", test.header)
			}
			resp, err := violations{responder{recorder.Result()}}.RoundTrip(nil)
			if test.says == "" && (err != nil || resp == nil) {
				t.Errorf("the exchange fails: %v", err)
			}
			if test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)) {
				t.Errorf("the exchange ends with %v, want an error that says %q", err, test.says)
			}
		})
	}
}

// responder is a transport with one response.
type responder struct{ *http.Response }

func (r responder) RoundTrip(*http.Request) (*http.Response, error) { return r.Response, nil }
