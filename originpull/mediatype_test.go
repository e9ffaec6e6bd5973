package originpull_test

import (
	"net/http"
	"testing"

	"github.com/originpull/originpull-go/originpull"
)

// TestMediaType takes JSON by its type, however odd the parameters are, and nothing that
// says that it is something else.
func TestMediaType(t *testing.T) {
	t.Parallel()
	for value, isJSON := range map[string]bool{
		"":                                true,
		"application/json":                true,
		"application/json; charset=utf-8": true,
		"application/json; charset=utf-8,application/json": true,
		"application/json; charset":                        true,
		"application/json;":                                true,
		"application/json;;":                               true,
		"application/json ; charset=\"utf-8":               true,
		"application/json; charset=utf-8; charset=utf-8":   true,
		"application/json; charset=utf-8; charset=latin1":  true,
		"application/json; =":                              true,
		"application/json; charset=ü":                      true,
		"application/json, application/json":               true,
		"application/json,text/html":                       true,
		"application/json charset=utf-8":                   true,
		"APPLICATION/JSON; Charset=UTF-8":                  true,
		"Application/Json":                                 true,
		"\tapplication/json":                               true,
		"application/problem+json":                         true,
		"application/problem+json; charset":                true,
		"application/vnd.api+json; version=1; version=2":   true,
		"text/json":                                      true,
		"text/json; charset":                             true,
		"application/x-json":                             true,
		"text/plain":                                     true,
		"text/plain; charset=utf-8":                      true,
		"text/plain; charset":                            true,
		"text/html":                                      false,
		"text/html; charset=utf-8":                       false,
		"text/html; charset":                             false,
		"text/html,application/json":                     false,
		"text/html; charset=utf-8,application/json":      false,
		"TEXT/HTML":                                      false,
		"application/xhtml+xml":                          false,
		"application/xml":                                false,
		"application/octet-stream":                       false,
		"application/jsonp":                              false,
		"application/json-seq":                           false,
		"application/javascript":                         false,
		"multipart/form-data; boundary=application/json": false,
		"json":               false,
		"+json":              false,
		";;":                 false,
		"; application/json": false,
		"é":                  false,
	} {
		a := example(t, "Enabled")
		a.header = http.Header{"Content-Type": {value}}
		settings, err := newZone(t, always(a)).Settings.Get(t.Context())
		if isJSON {
			if err != nil || !settings.Enabled {
				t.Errorf("JSON of Content-Type %q is refused: %v", value, err)
			}
			continue
		}
		wantErrors(t, err, originpull.ErrMalformedResponse)
		if err == nil {
			t.Errorf("a response of Content-Type %q is taken for JSON", value)
		}
	}
}
