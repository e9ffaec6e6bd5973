package drift

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
)

// small is the least document that can be judged.
const small = `{"openapi":"3.0.3","paths":{"/a":{"get":{"responses":{"200":{"description":""}}}}}}`

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answer(status int, body string, header http.Header) *http.Response {
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Header: header, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

func TestFetch(t *testing.T) {
	t.Parallel()
	location := func(to string) http.Header { return http.Header{"Location": {to}} }
	for _, c := range []struct {
		name   string
		answer func(r *http.Request) *http.Response
		says   string // in the error; empty if the document arrives
	}{
		{"a document", func(*http.Request) *http.Response { return answer(200, small, nil) }, ""},
		{"a redirect to https", func(r *http.Request) *http.Response {
			if r.URL.Path == "/moved" {
				return answer(200, small, nil)
			}
			return answer(302, "", location("https://other.example/moved"))
		}, ""},
		{"a redirect to http", func(*http.Request) *http.Response { return answer(302, "", location("http://other.example/")) }, "away from https"},
		{"a redirect to a user", func(*http.Request) *http.Response {
			return answer(302, "", location("https://me:pass-word@b.example/"))
		}, "user or a password"},
		{"a loop", func(*http.Request) *http.Response { return answer(302, "", location("https://a.example/")) }, "more than five"},
		{"a failure", func(*http.Request) *http.Response { return answer(503, small, nil) }, "answered"},
		{"too much, announced", func(*http.Request) *http.Response {
			r := answer(200, small, nil)
			r.ContentLength = MaxSize + 1
			return r
		}, "larger than 64 MiB"},
		{"too much, not announced", func(*http.Request) *http.Response {
			r := answer(200, "", nil)
			r.ContentLength, r.Body = -1, io.NopCloser(io.LimitReader(zeros{}, MaxSize+2))
			return r
		}, "larger than 64 MiB"},
		{"cut short", func(*http.Request) *http.Response {
			r := answer(200, "", nil)
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader(small), broken{}))
			return r
		}, "unexpected EOF"},
	} {
		transport := roundTripper(func(r *http.Request) (*http.Response, error) {
			a := c.answer(r)
			a.Request = r
			return a, nil
		})
		text, err := fetch(t.Context(), transport, "https://a.example/doc.json")
		switch {
		case c.says == "" && (err != nil || string(text) != small):
			t.Errorf("%s: %q, %v", c.name, text, err)
		case err != nil && (strings.Contains(err.Error(), "pass-word") || strings.Contains(err.Error(), "a.example")):
			t.Errorf("%s: the error tells the address: %v", c.name, err)
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
		if got := PublicSource(source); got != want {
			t.Errorf("%s is told as %s, want %s", source, got, want)
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

// What 3.0 and 3.1 say in different words is one thing.
func TestVersionsMeetInMeaning(t *testing.T) {
	t.Parallel()
	with := func(version, schema string) *Document {
		return mustParse(t, []byte(strings.Replace(strings.Replace(small, "3.0.3", version, 1), `"description":""`,
			`"description":"","content":{"application/json":{"schema":`+schema+`}}`, 1)))
	}
	for _, c := range [][2]string{
		{`{"type":"string","nullable":true}`, `{"type":["null","string"]}`},
		{`{"type":"integer","maximum":5,"exclusiveMaximum":true}`, `{"type":"integer","exclusiveMaximum":5.0}`},
		{`{"type":"string","enum":["a"]}`, `{"const":"a"}`},
		{`{"type":"array","items":{}}`, `{"type":"array","items":true}`},
		{`{"type":"object","additionalProperties":{"not":{}}}`, `{"type":"object","additionalProperties":false}`},
		{`{"minLength":0,"uniqueItems":false,"additionalProperties":true}`, `{}`},
		{`{"type":"array"}`, `{"type":"array","items":{"additionalProperties":true,"minLength":0}}`},
		{`{"type":"object","additionalProperties":{"nullable":false,"required":[]}}`, `{"type":"object"}`},
		{`{"type":"object","patternProperties":{"x":{}},"additionalProperties":{"items":{"deprecated":false}}}`, `{"type":"object"}`},
		{`{"not":{"nullable":false}}`, `{"not":{}}`},
		{`{"items":{"not":{"items":{"minItems":0}}}}`, `{"items":false}`},
		{`{"type":"string"}`, `{"type":"string","if":{"minLength":3},"then":{"minItems":0,"items":{}}}`},
		{`{"type":"string"}`, `{"type":"string","if":{"minLength":3},"else":{"minItems":0}}`},
		{`{"type":"integer","enum":[1,2e0]}`, `{"enum":[1,2]}`},
		{`{"type":"number","enum":[1.5]}`, `{"enum":[15e-1]}`},
		{`{"minimum":1e2}`, `{"minimum":100.0}`},
	} {
		if findings := mustDiff(t, with("3.0.3", c[0]), with("3.1.0", c[1]), Scope{}); len(findings) > 0 {
			t.Errorf("%s and %s differ: %s", c[0], c[1], findings[0].Change())
		}
	}
	// Beside a reference a keyword holds in 3.1 only.
	beside := `{"$ref":"#/paths/~1a/get/responses/200/x","maxLength":3}`
	withRef := func(version string) *Document {
		return mustParse(t, []byte(strings.Replace(strings.Replace(small, "3.0.3", version, 1), `"description":""`,
			`"description":"","x":{"type":"string"},"content":{"application/json":{"schema":`+beside+`}}`, 1)))
	}
	if findings := mustDiff(t, withRef("3.0.3"), withRef("3.1.0"), Scope{}); len(findings) != 1 || findings[0].Kind != "response-max-length-tightened" {
		t.Errorf("found %v", findings)
	}
}

func TestDecimals(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"1": "1", "1.0": "1", "10e-1": "1", "-0": "0", "0.00": "0", "100": "100", "1e2": "100", "-2.50": "-2.5", "0.001": "0.001",
		"1e400": "1e400", "123456789012345678901234567890": "12345678901234567890123456789e1", "1e-9": "1e-9",
	} {
		d, err := parseDecimal(text)
		if err != nil || d.String() != want {
			t.Errorf("%s becomes %s (%v), want %s", text, d, err, want)
		}
		if again, err := parseDecimal(d.String()); err != nil || again != d {
			t.Errorf("%s is read back as %v (%v)", d, again, err)
		}
	}
	order := []string{"-1e400", "-2", "-1.5", "0", "1e-9", "0.5", "1", "9", "10", "1e21", "1e400"}
	for i, x := range order {
		for j, y := range order {
			a, _ := parseDecimal(x)
			b, _ := parseDecimal(y)
			if got := a.compare(b); got < 0 != (i < j) || got > 0 != (i > j) {
				t.Errorf("%s against %s: %d", x, y, got)
			}
		}
	}
}

// FuzzParse feeds the reader and all that follows. Whatever comes in, the
// program ends with an answer or an error, and agrees with itself.
func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte("openapi: 3.1.0\npaths: {/a: {get: {responses: {'200': {content: {a/b: {schema: {oneOf: [{type: string}, {}]}}}}}}}}"))
	for _, schema := range []string{
		`{"$ref":"#/paths/~1a"}`, `{"allOf":[{"type":"string"},{"not":{}}]}`, `{"discriminator":{"propertyName":"x"}}`,
		`{"properties":{"a":{"enum":[null,1,{}]}},"additionalProperties":false,"required":["a"]}`, `{"if":{},"then":{"items":[{}]}}`,
	} {
		f.Add([]byte(strings.Replace(small, `"description":""`, `"content":{"a/b":{"schema":`+schema+`}}`, 1)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, err := Parse(bytes.Clone(text))
		if err != nil {
			return
		}
		fingerprint, err := Fingerprint(doc, Scope{})
		if err != nil {
			return
		}
		if findings := mustDiff(t, doc, doc, Scope{}); len(findings) > 0 {
			t.Fatalf("differs from itself: %s", findings[0].Change())
		}
		slice, err := Slice(doc, Scope{})
		if err != nil {
			return
		}
		again, err := fromYAML(slice)
		if err != nil {
			t.Fatalf("the slice is no document: %v", err)
		}
		if got := mustFingerprint(t, again, Scope{}); got != fingerprint {
			t.Fatalf("the slice has the fingerprint %s, the document %s", got, fingerprint)
		}
	})
}

// An open set says the same values as a closed one: who is told one more, is
// told by either.
func TestOpenSetIsASet(t *testing.T) {
	t.Parallel()
	document := func(keyword string) *Document {
		return mustParse(t, []byte(`{"openapi":"3.0.3","paths":{"/a":{"get":{"responses":{"200":{"description":"","content":{"application/json":{"schema":{"type":"string","`+keyword+`":["x","y"]}}}}}}}}}`))
	}
	if findings := mustDiff(t, document("enum"), document("x-extensible-enum"), Scope{}); len(findings) != 0 {
		t.Errorf("the same values differ: %v", findings)
	}
	if findings := mustDiff(t, document("x-note"), document("x-extensible-enum"), Scope{}); len(findings) != 1 {
		t.Errorf("a set where none was makes %d findings", len(findings))
	}
}
