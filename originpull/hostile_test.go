package originpull_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
)

// hostile is a response that no one wants, and what the caller gets.
type hostile struct {
	name   string
	serve  wire
	status int
	is     error
	says   string
}

func hostiles() []hostile {
	malformed, deep := originpull.ErrMalformedResponse, strings.Repeat("[", 100_000)
	return []hostile{
		{"oversized, announced", writes(jsonIs, "Content-Length: 9000000\r\n\r\n").forever(" "), 200, malformed, "9000000 bytes, more than the limit of 8388608"},
		{"oversized, not announced", writes(jsonIs, "Connection: close\r\n\r\n{").forever(" "), 200, malformed, "larger than the limit of 8388608"},
		{"endless blanks before it", writes(closes).forever(" "), 200, malformed, "larger than the limit"},
		{"endless chunks", writes(jsonIs, "Transfer-Encoding: chunked\r\n\r\n").forever("4\r\n    \r\n"), 200, malformed, "larger than the limit"},
		{"chunks that are none", writes(jsonIs, "Transfer-Encoding: chunked\r\n\r\nxyz\r\n"), 200, malformed, "invalid byte in chunk length"},
		{"gzip bomb", writes(zipped(64)), 200, malformed, "larger than the limit"},
		{"gzip that is none", writes(jsonIs, "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"), 200, malformed, ""},
		{"slow loris", slowly(sized(`{"x":"` + strings.Repeat("x", 100) + `",` + goodEnd)), 0, context.DeadlineExceeded, ""},
		{"slow body", func(r *http.Request, w io.Writer, closed <-chan struct{}) {
			writes(closes)(r, w, closed)
			slowly(strings.Repeat(" ", 100))(r, w, closed)
		}, 200, context.DeadlineExceeded, ""},
		{"no response", func(_ *http.Request, _ io.Writer, closed <-chan struct{}) { <-closed }, 0, context.DeadlineExceeded, ""},
		{"closed without a word", writes(), 0, io.EOF, ""},
		{"closed in the header", writes("HTTP/1.1 200 OK\r\nCont"), 0, nil, "malformed MIME header"},
		{"closed in the body", writes(jsonIs, "Content-Length: 99\r\n\r\n{"), 200, malformed, "unexpected EOF"},
		{"page as a success", writes(head, "Content-Type: text/html; charset=utf-8\r\nConnection: close\r\n\r\n<html>\x1b[31m\u202ehello"), 200, malformed, `text/html; charset=utf-8`},
		{"JSON that says it is a page", writes(head, "Content-Type: text/html\r\nConnection: close\r\n\r\n{", goodEnd), 200, malformed, `text/html`},
		{"content type that is none", writes(head, "Content-Type: ;;\r\nConnection: close\r\n\r\n{", goodEnd), 200, malformed, "Content-Type"},
		{"invalid UTF-8", writes(sized("{\"x\":\"\xff\xfe\"," + goodEnd)), 200, malformed, "UTF-8"},
		{"deep nesting", writes(sized(`{"x":` + deep + strings.Repeat("]", 100_000) + `,` + goodEnd)), 200, malformed, "nested too deeply"},
		{"deep nesting, open", writes(sized(`{"result":` + deep)), 200, malformed, ""},
		{"deep objects", writes(sized(strings.Repeat(`{"result":`, 100_000))), 200, malformed, "nested too deeply"},
		{"success as text", writes(sized(`{"success":"true","result":{"enabled":true}}`)), 200, malformed, ""},
		{"success as number", writes(sized(`{"success":1,"result":{"enabled":true}}`)), 200, malformed, ""},
		{"result as list", writes(sized(`{"success":true,"result":[true]}`)), 200, malformed, ""},
		{"errors as text", writes(sized(`{"success":false,"errors":"no"}`)), 200, malformed, ""},
		{"code beyond an int", writes(sized(`{"success":false,"errors":[{"code":1e99}]}`)), 200, malformed, ""},
		{"enabled as text", writes(sized(`{"success":true,"result":{"enabled":"yes"}}`)), 200, malformed, ""},
		{"a list", writes(sized("[" + strings.Repeat("{},", 1000) + "{}]")), 200, malformed, ""},
		{"a megabyte of text", writes(sized(strings.Repeat("x", 1<<20))), 200, malformed, ""},
		{"header bomb", writes(head).forever("X-Bomb: " + strings.Repeat("x", 1000) + "\r\n"), 0, nil, "headers exceeded"},
		{"header line without an end", writes(head, "X-Bomb: ").forever("x"), 0, nil, "headers exceeded"},
		{"header line that is none", writes(head, strings.Repeat("no colon here ", 9999), "\r\n\r\n"), 0, nil, "malformed MIME header"},
		{"endless 1xx", writes().forever("HTTP/1.1 103 Early Hints\r\nLink: " + strings.Repeat("x", 60<<10) + "\r\n\r\n"), 0, nil, "headers exceeded"},
		{"no HTTP", writes("SSH-2.0-OpenSSH_9.9\r\n"), 0, nil, "malformed HTTP"},
		{"204", writes("HTTP/1.1 204 No Content\r\nCf-Ray: " + ray + "\r\n\r\n"), 204, malformed, "the body is empty"},
		{"304", writes("HTTP/1.1 304 Not Modified\r\nCf-Ray: " + ray + "\r\n\r\n"), 304, malformed, "redirect"},
		{"101", writes("HTTP/1.1 101 Switching Protocols\r\nCf-Ray: " + ray + "\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"), 101, malformed, ""},
		{"redirect elsewhere", writes("HTTP/1.1 307 Go\r\nLocation: https://elsewhere.example/\r\nCf-Ray: " + ray + "\r\nContent-Length: 0\r\n\r\n"), 307, malformed, "a redirect is not followed"},
		{"status that is none", writes("HTTP/1.1 999 Hm\r\nCf-Ray: " + ray + "\r\nContent-Length: 0\r\n\r\n"), 999, malformed, "the body is empty"},
	}
}

// TestHostile lets a server do its worst, over a connection in memory and in
// virtual time: a typed error every time, short and printable, and nothing is left
// behind.
func TestHostile(t *testing.T) {
	t.Parallel()
	for _, h := range hostiles() {
		for name, options := range map[string][]originpull.CallOption{"once": {originpull.WithoutRetry()}, "repeated": nil} {
			// The race detector slows each byte, and megabytes come five times as they come once.
			if endless := strings.Contains(h.says, "the limit") || strings.Contains(h.says, "exceeded"); testing.Short() && endless && name == "repeated" {
				continue
			}
			t.Run(h.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					defer cancel()
					begin := time.Now()
					_, err := retryingZone(t, h.serve.serve(t)).Settings.Get(ctx, options...)
					if took := time.Since(begin); took > time.Minute {
						t.Errorf("the call lasts %s, its context a minute", took)
					}
					checkHostile(t, err, h)
				})
			})
		}
	}
}

func checkHostile(t *testing.T, err error, h hostile) {
	t.Helper()
	e := apiError(t, err)
	if e.Status != h.status || e.Operation != "GetSettings" || (e.RayID == ray) != (h.status != 0) {
		t.Errorf("the error says status %d, want %d, and ray %q: %v", e.Status, h.status, e.RayID, err)
	}
	if h.is != nil && !errors.Is(err, h.is) || !strings.Contains(err.Error(), h.says) {
		t.Errorf("the user reads %q, want %q and %v", err, h.says, h.is)
	}
	if cause := fmt.Sprint(e.Err); utf8.RuneCountInString(cause) > 400 {
		t.Errorf("the cause of the error has %d characters: %.100s", utf8.RuneCountInString(cause), cause)
	}
	if i := strings.IndexFunc(err.Error(), func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
		t.Errorf("the message holds what cannot be printed at %d: %q", i, err)
	}
}

// TestUsable takes what is odd and still a response.
func TestUsable(t *testing.T) {
	t.Parallel()
	good := "{" + goodEnd
	var small bytes.Buffer
	w := gzip.NewWriter(&small)
	io.WriteString(w, good)
	w.Close()
	for name, serve := range map[string]wire{
		"early hints before": writes("HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n", sized(good)),
		"gzip":               writes(jsonIs, fmt.Sprintf("Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", small.Len(), small.String())),
		"chunks":             writes(jsonIs, fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(good), good)),
		"no content type":    writes(head, "Connection: close\r\n\r\n", good),
		"plain text":         writes(head, "Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n", good),
		"a JSON dialect":     writes(head, "Content-Type: application/problem+json\r\nConnection: close\r\n\r\n", good),
		"just the limit":     writes(closes, good, strings.Repeat(" ", originpull.DefaultBodyLimit-len(good))),
		"bytes one by one":   dripping(100*time.Millisecond, sized(good)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				settings, err := retryingZone(t, serve.serve(t)).Settings.Get(t.Context())
				if err != nil || !settings.Enabled {
					t.Errorf("the caller gets %v: %v", settings.Enabled, err)
				}
			})
		})
	}
}

// TestStalledServer ends attempts that take a minute where the call has no deadline
// of its own: the call must not hang, and the error must not look like an end of the
// caller's context.
func TestStalledServer(t *testing.T) {
	t.Parallel()
	for name, serve := range map[string]wire{
		"silent": func(_ *http.Request, _ io.Writer, closed <-chan struct{}) { <-closed },
		"silent after head": func(_ *http.Request, w io.Writer, closed <-chan struct{}) {
			io.WriteString(w, jsonIs+"Content-Length: 9\r\n\r\n")
			<-closed
		},
		"a byte now and then": dripping(10*time.Second, strings.Repeat("x", 1000)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				zone := retryingZone(t, serve.serve(t))
				_, err := zone.Settings.Get(t.Context())
				e := apiError(t, err)
				if took := time.Since(begin); took < 5*time.Minute || took > 6*time.Minute || e.Attempts != 5 {
					t.Errorf("the call ends after %s and %d attempts", took, e.Attempts)
				}
				if errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no complete response within 1m0s") {
					t.Errorf("the caller reads %v", err)
				}
				_, err = zone.Certificates.Upload(t.Context(), newPair(t))
				if !errors.Is(err, originpull.ErrOutcomeUnknown) || errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("of an upload without a response the caller reads %v", err)
				}
			})
		})
	}
}

// TestEchoOnTheWire lets a proxy repeat the request's headers where a response's
// should be; net/http quotes them in its error.
func TestEchoOnTheWire(t *testing.T) {
	t.Parallel()
	for kind, option := range clientsWithSecrets() {
		for how, echo := range map[string]func(string) string{
			"status line": func(s string) string { return "HTTP/1.1 " + strings.ReplaceAll(s, " ", "_") + "\r\n\r\n" },
			"no HTTP":     func(s string) string { return s + "\r\n\r\n" },
			"header line": func(s string) string { return head + "no colon " + strings.ReplaceAll(s, ":", " ") + "\r\n\r\n" },
			"trailer": func(s string) string {
				return jsonIs + "Transfer-Encoding: chunked\r\n\r\n0\r\nno colon " + strings.ReplaceAll(s, ":", " ") + "\r\n\r\n"
			},
		} {
			t.Run(kind+"/"+how, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var log strings.Builder
					var seen []originpull.Attempt
					serve := wire(func(r *http.Request, w io.Writer, _ <-chan struct{}) {
						io.WriteString(w, echo(r.Header.Get("Authorization")+" "+r.Header.Get("X-Auth-Email")+" "+r.Header.Get("X-Auth-Key")))
					})
					zone := retryingZone(t, serve.serve(t), option, originpull.WithLogger(slogTo(&log)),
						originpull.WithAttemptHook(func(_ context.Context, a originpull.Attempt) { seen = append(seen, a) }))
					_, err := zone.Settings.Get(t.Context())
					e := apiError(t, err)
					for what, value := range map[string]any{"error": err, "fields": *e, "cause": e.Err, "attempts": seen} {
						for verb, shown := range shownAs(value) {
							wantNoMarks(t, "the "+what+" under "+verb, shown)
						}
					}
					wantNoMarks(t, "the log", log.String())
					if len(seen) != e.Attempts || !strings.Contains(log.String(), "[redacted]") {
						t.Errorf("%d attempts were reported of %d, and the log shows no redaction:\n%s", len(seen), e.Attempts, log.String())
					}
				})
			})
		}
	}
}

// TestRedirectWithKey follows no redirect, so that a key goes nowhere else.
func TestRedirectWithKey(t *testing.T) {
	t.Parallel()
	for kind, option := range clientsWithSecrets() {
		for _, status := range []int{301, 302, 303, 307, 308} {
			synctest.Test(t, func(t *testing.T) {
				var hosts []string
				serve := wire(func(r *http.Request, w io.Writer, _ <-chan struct{}) {
					hosts = append(hosts, r.Host)
					fmt.Fprintf(w, "HTTP/1.1 %d Go\r\nLocation: https://elsewhere.example/\r\nContent-Length: 0\r\n\r\n", status)
				})
				_, err := retryingZone(t, serve.serve(t), option).Settings.Get(t.Context())
				if wantErrors(t, err, originpull.ErrMalformedResponse); len(hosts) != 1 || hosts[0] != "api.cloudflare.com" {
					t.Errorf("with %s, %d leads to requests to %v", kind, status, hosts)
				}
			})
		}
	}
}

// TestDuplicateKeys depends on the decoder, as the package's documentation says. None
// chooses for the caller where it matters, unless the decoder of encoding/json does.
func TestDuplicateKeys(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]struct{ enabled, ambiguous bool }{
		`{"success":false,"success":true,"result":{"enabled":true}}`:                      {true, true},
		`{"success":true,"result":{"enabled":true,"enabled":false}}`:                      {false, true},
		`{"success":true,"result":{"enabled":false},"result":{"enabled":true}}`:           {true, true},
		`{"success":true,"other":{"a":1,"a":2},"errors":[],"result":{"enabled":true}}`:    {true, false},
		`{"success":true,"errors":[{"code":1,"code":2}],"result":{"enabled":true}}`:       {true, false},
		`{"success":true,"messages":[],"messages":[],"result":{"enabled":false}}`:         {false, false},
		`{"success":true,"\u0073uccess":true,"result":{"enabled":true,"enabled":true}}`:   {true, false},
		`{"success":true,"result":{"enabled":true},"errors":[],"unknown":1,"unknown":{}}`: {true, false},
	} {
		settings, err := newZone(t, always(response{status: 200, body: body})).Settings.Get(t.Context())
		if refusesDuplicates && want.ambiguous {
			wantErrors(t, err, originpull.ErrMalformedResponse)
			if err != nil && !strings.Contains(err.Error(), "cannot be read: /") {
				t.Errorf("the user reads %q, want what cannot be read", err)
			}
		} else if err != nil || settings.Enabled != want.enabled {
			t.Errorf("of %s the caller gets %t, want %t: %v", body, settings.Enabled, want.enabled, err)
		}
	}
	out := 0
	err := newClient(t, always(response{status: 200, body: `{"success":true,"result":1,"result":2}`})).Do(t.Context(), "GET", "/user", nil, &out)
	if refusesDuplicates != errors.Is(err, originpull.ErrMalformedResponse) || err == nil && out != 2 {
		t.Errorf("of two results the caller of Do gets %d: %v", out, err)
	}
}

// TestPlainHTTP is refused beyond loopback before anything is sent.
func TestPlainHTTP(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"http://api.cloudflare.com/client/v4", "http://10.0.0.1", "http://0.0.0.0", "http://localhost.example", "http://[fe80::1]", "ftp://localhost"} {
		if _, err := originpull.New(originpull.WithToken(testpki.Token()), originpull.WithBaseURL(base)); !errors.Is(err, originpull.ErrInvalidInput) {
			t.Errorf("%s is not refused: %v", base, err)
		}
	}
}

// TestHeaderOfCallerIsSecret lets a proxy echo a header that the call added, such as
// the secret of Cloudflare Access.
func TestHeaderOfCallerIsSecret(t *testing.T) {
	t.Parallel()
	secret := testpki.Token()
	var seen originpull.Attempt
	zone := newZone(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		return response{status: 403, header: http.Header{"Content-Type": {"text/html"}}, body: fmt.Sprint(r.Header)}.respond(r)
	}), originpull.WithAttemptHook(func(_ context.Context, a originpull.Attempt) { seen = a }))
	_, err := zone.Settings.Get(t.Context(), originpull.WithHeader("Cf-Access-Client-Secret", secret))
	if err == nil || strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, apiError(t, err)), secret) {
		t.Error("the error shows the secret header")
	}
	if strings.Contains(fmt.Sprintf("%#v", seen), secret) {
		t.Error("the hook is given the secret header")
	}
}

// TestOperationNames requires one name of an operation in errors, in every line of the
// log and for hooks. It can be used for a metric: without ids, which would make a series
// each, and without a query, which can hold anything.
func TestOperationNames(t *testing.T) {
	t.Parallel()
	get := func(path string) func(context.Context, *originpull.Client) error {
		return func(ctx context.Context, c *originpull.Client) error { return c.Do(ctx, "GET", path, nil, nil) }
	}
	for want, call := range map[string]func(context.Context, *originpull.Client) error{
		"GET /zones/{id}/settings/http2":              get("/zones/" + zoneID + "/settings/http2?key=hush"),
		"GET /zones/{id}/origin_tls_client_auth/{id}": get("/zones/" + zoneID + "/origin_tls_client_auth/" + certificateID),
		"GET /accounts/{id}/settings/tls_1_3":         get("/accounts/1234/settings/tls_1_3"),
		"GET /zones/{id}/hostnames/{id}":              get("/zones/" + zoneID + "/hostnames/app.example.com"),
		"GetSettings": func(ctx context.Context, c *originpull.Client) error {
			return getSettings(ctx, must(c.Zone(zoneID)))
		},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log strings.Builder
				busy := response{status: 503}.with("Deprecation", "@1")
				client := must(originpull.New(originpull.WithToken(testpki.Token()), originpull.WithTransport(roundTrip(busy.respond)), originpull.WithLogger(slogTo(&log)),
					originpull.WithAttemptHook(func(_ context.Context, a originpull.Attempt) {
						if a.Operation != want {
							t.Errorf("the hook is given the operation %q", a.Operation)
						}
					})))
				if e := apiError(t, call(t.Context(), client)); e.Operation != want || !strings.HasPrefix(e.Error(), want+": ") {
					t.Errorf("the error names the operation %q: %v", e.Operation, e)
				}
				lines := strings.Split(strings.TrimSpace(log.String()), "\n")
				for _, line := range lines {
					if !strings.Contains(line, `"operation":"`+want+`"`) {
						t.Errorf("a line of the log names it otherwise: %s", line)
					}
				}
				if len(lines) != 5+4+1 {
					t.Errorf("the log has %d lines, want 5 attempts, 4 retries and a deprecation", len(lines))
				}
			})
		})
	}
}

// TestStalledTransport keeps what a transport says that ignores its context, where
// that would come again or was never sent.
func TestStalledTransport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		late := newRecorder(func(r *http.Request) (*http.Response, error) {
			<-time.After(61 * time.Second)
			return response{status: 200, body: strings.Repeat(" ", 100)}.respond(r)
		})
		_, err := retryingZone(t, late, originpull.WithBodyLimit(10)).Settings.Get(t.Context())
		if !errors.Is(err, originpull.ErrMalformedResponse) || len(late.at) != 1 {
			t.Errorf("a response over the limit is tried %d times: %v", len(late.at), err)
		}
		dialling := newRecorder(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: r.Context().Err()}
		})
		_, err = retryingZone(t, dialling).Certificates.Upload(t.Context(), newPair(t))
		if errors.Is(err, originpull.ErrOutcomeUnknown) || len(dialling.at) != 5 {
			t.Errorf("an upload that was never sent is tried %d times: %v", len(dialling.at), err)
		}
	})
}
