package document

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/drift/internal/drifttest"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func respond(status int, body string, header http.Header) *http.Response {
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Header: header, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

func TestFetch(t *testing.T) {
	t.Parallel()
	location := func(to string) http.Header { return http.Header{"Location": {to}} }
	for _, c := range []struct {
		name    string
		respond func(r *http.Request) *http.Response
		says    string // in the error; empty if the document arrives
	}{
		{"a document", func(*http.Request) *http.Response { return respond(200, drifttest.Small, nil) }, ""},
		{"a redirect to https", func(r *http.Request) *http.Response {
			if r.URL.Path == "/moved" {
				return respond(200, drifttest.Small, nil)
			}
			return respond(302, "", location("https://other.example/moved"))
		}, ""},
		{"a redirect to http", func(*http.Request) *http.Response { return respond(302, "", location("http://other.example/")) }, "away from https"},
		{"a redirect to a user", func(*http.Request) *http.Response {
			return respond(302, "", location("https://me:pass-word@b.example/"))
		}, "user or a password"},
		{"a loop", func(*http.Request) *http.Response { return respond(302, "", location("https://a.example/")) }, "more than five"},
		{"a failure", func(*http.Request) *http.Response { return respond(503, drifttest.Small, nil) }, "responded"},
		{"too much, announced", func(*http.Request) *http.Response {
			r := respond(200, drifttest.Small, nil)
			r.ContentLength = MaxSize + 1
			return r
		}, "larger than 64 MiB"},
		{"too much, not announced", func(*http.Request) *http.Response {
			r := respond(200, "", nil)
			r.ContentLength, r.Body = -1, io.NopCloser(io.LimitReader(zeros{}, MaxSize+2))
			return r
		}, "larger than 64 MiB"},
		{"cut short", func(*http.Request) *http.Response {
			r := respond(200, "", nil)
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader(drifttest.Small), broken{}))
			return r
		}, "unexpected EOF"},
	} {
		transport := roundTripper(func(r *http.Request) (*http.Response, error) {
			a := c.respond(r)
			a.Request = r
			return a, nil
		})
		text, err := fetch(t.Context(), transport, "https://a.example/doc.json")
		switch {
		case c.says == "" && (err != nil || string(text) != drifttest.Small):
			t.Errorf("%s: %q, %v", c.name, text, err)
		case err != nil && (strings.Contains(err.Error(), "pass-word") || strings.Contains(err.Error(), "a.example")):
			t.Errorf("%s: the error holds the address: %v", c.name, err)
		case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%s: error %v, want one that says %q", c.name, err, c.says)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestReadRefusesOtherSchemes(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"http://a.example/x", "ftp://a.example/x", "file:///etc/passwd"} {
		if _, err := Read(t.Context(), source); err == nil || !strings.Contains(err.Error(), source) {
			t.Errorf("%s: error %v", source, err)
		}
	}
}

// What may be secret in a URL appears neither in an error nor in a report.
func TestSourceIsPublic(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"https://me:pass-word@a.example/doc.json?sig=pass-word": "https://a.example/doc.json",
		"https://me:pass-word@a.example":                        "https://a.example",
		"http://a.example/doc.json?sig=pass-word#pass-word":     "http://a.example/doc.json",
		"https://a.example/%zz?sig=pass-word":                   "https://a.example/%zz",
		"docs/openapi.yaml":                                     "docs/openapi.yaml",
	} {
		if got := publicSource(source); got != want {
			t.Errorf("%s is shown as %s, want %s", source, got, want)
		}
		if _, err := Read(t.Context(), source); err == nil || strings.Contains(err.Error(), "pass-word") {
			t.Errorf("%s: error %v, want one without the secret", source, err)
		}
	}
}

// The lock is committed, so it names no folder of one machine.
func TestRecordedSource(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"/home/me/openapi.json": "openapi.json", "../upstream.yaml": "upstream.yaml", "-": "standard input",
		"https://me:pw@a.example/doc.json?sig=pw": "https://a.example/doc.json",
	} {
		if got := RecordedSource(source); got != want {
			t.Errorf("the lock would name %s as %q, want %q", source, got, want)
		}
	}
}
