package contract

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestFindingsShowNoContent alters responses with content that no report may show.
func TestFindingsShowNoContent(t *testing.T) {
	t.Parallel()
	target, err := DocumentExamples()
	if err != nil {
		t.Fatal(err)
	}
	const content = "SECRETVAL"
	for name, response := range map[string]func(*http.Request, *http.Response, string) string{
		"a date":        swapPattern(`"(expires|uploaded)_on":"[^"]*"`, `"${1}_on":"`+content+`"`),
		"a status":      swapPattern(`"status":"[^"]*"`, `"status":["`+content+`"]`),
		"a number":      swapPattern(`"enabled":(true|false)`, `"enabled":"`+content+`"`),
		"a certificate": swapPattern(`"certificate":"[^"]*"`, `"certificate":"`+content+`"`),
		"a message":     swapPattern(`"message":"[^"]*"`, `"message":"`+content+`","code":4711`),
		"a denial": func(_ *http.Request, resp *http.Response, _ string) string {
			resp.StatusCode = http.StatusForbidden
			return `{"success":false,"errors":[{"code":10000,"message":"` + content + `"}],"messages":[],"result":null}`
		},
		"a text": func(*http.Request, *http.Response, string) string { return content },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spoilt := target
			spoilt.Transport = fault{response: response}.altering(target.Transport)
			r := Run(t.Context(), spoilt)
			if r.Err() == nil {
				t.Fatal("the run is good")
			}
			var text strings.Builder
			if err := r.WriteText(&text); err != nil {
				t.Fatal(err)
			}
			if at := strings.Index(text.String(), content); at >= 0 {
				t.Errorf("the report shows content: …%.200s", text.String()[max(0, at-150):])
			}
		})
	}
}

// TestFindingsKeepTheirOrder: reports of two runs can be compared.
func TestFindingsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	x := &exchange{Status: 404, Response: part{Header: http.Header{}, Body: []byte(`{"success":true,"result":{"id":"` + strings.Repeat("x", 37) + `"},"errors":[{"code":"1"}]}`)}}
	first := responseForm(x)
	if len(first) < 5 {
		t.Fatalf("%q: want many", first)
	}
	for range 50 {
		if again := responseForm(x); !slices.Equal(first, again) {
			t.Fatalf("have %q and %q", first, again)
		}
	}
}
