package originpull_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
)

// TestHeaderRefused refuses a header that net/http would not send, or that would change
// what comes back, when it is given: to the client or to a call.
func TestHeaderRefused(t *testing.T) {
	t.Parallel()
	refused := map[string][]string{
		"another character that names do not have": {
			"", "X-A(", "X-A)", "X,A", "X/A", "X;A", "X=A", "X?A", "X@A", "X[A]", `X\A`, "X{A}", `X"A"`, "X<A>",
			"X A", " X", "X ", "X\tA", "X:A", ":authority", "X\nA", "X\r\nA", "X\x00A", "X\x7fA", "Ä", "X\x80", "X\u00a0",
		},
		"give credentials as options of the client": {"Authorization", "authorization", "X-Auth-Key", "x-auth-email"},
		"the SDK sets it":                               {"Accept", "user-agent"},
		"the SDK writes the body":                       {"Content-Type", "content-length", "Content-Encoding", "content-range", "Content-MD5"},
		"which the transport manages":                   {"Host", "Transfer-Encoding", "te", "Trailer", "connection", "Keep-Alive", "Upgrade", "HTTP2-Settings", "Expect"},
		"it is for a proxy":                             {"Proxy-Connection", "proxy-authorization"},
		"would not be one that the SDK decodes":         {"Accept-Encoding", "accept-encoding", "Accept-Charset", "RANGE"},
		"would be empty if the condition does not hold": {"If-Match", "if-none-match", "If-Modified-Since", "If-Unmodified-Since", "If-Range"},
		"would be repeated where it must not be":        {"Idempotency-Key", "x-idempotency-key", "X-HTTP-Method-Override", "x-http-method", "X-Method-Override"},
	}
	mock := httpmock.NewMockTransport()
	zone := newZone(t, mock)
	for says, names := range refused {
		for _, name := range names {
			option := originpull.WithHeader(name, testpki.Token())
			_, ofCall := zone.Settings.Get(t.Context(), option)
			_, ofClient := originpull.New(originpull.WithToken(testpki.Token()), originpull.WithCallOptions(option))
			for where, err := range map[string]error{"call": ofCall, "client": ofClient} {
				if !errors.Is(err, originpull.ErrInvalidInput) || !strings.Contains(err.Error(), says) {
					t.Errorf("header %q of a %s: the user reads %v, want %q in it", name, where, err, says)
					continue
				}
				wantNoMarks(t, "the refusal", err.Error())
			}
		}
	}
	for _, value := range []string{"a\nb", "a\r\nX-B: c", "a\rb", "a\x00", "\x01", "\x7f", "a\x1b[0m", "\n", "a\v", "a\f"} {
		if _, err := zone.Settings.Get(t.Context(), originpull.WithHeader("X-A", value)); !errors.Is(err, originpull.ErrInvalidInput) || !strings.Contains(err.Error(), "control character") {
			t.Errorf("the value %q is not refused: %v", value, err)
		}
	}
	if n := mock.GetTotalCallCount(); n != 0 {
		t.Errorf("%d requests were sent with a header that is refused", n)
	}
}

// TestHeaderArrives sends whatever net/http can, and has a server read it.
func TestHeaderArrives(t *testing.T) {
	t.Parallel()
	var got http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		w.Write([]byte(example(t, "Enabled").body))
	}))
	defer server.Close()
	client := newClient(t, http.DefaultTransport, originpull.WithBaseURL(server.URL))
	zone := must(client.Zone(zoneID))
	for _, tt := range []struct{ name, value, arrives string }{
		{"X-A", "a", "a"},
		{"x!#$%&'*+-.^_`|~9", "a", "a"},
		{"CF-Access-Client-Id", "a.access", "a.access"},
		{"Accept-Language", "en", "en"},
		{"X-A", "", ""},
		{"X-A", " a ", "a"},
		{"X-A", "\t a b \t", "a b"},
		{"X-A", "a\tb", "a\tb"},
		{"X-A", "Grüße", "Grüße"},
		{"X-A", "\xfc\x80", "\xfc\x80"}, // bytes that are not UTF-8 are a value too
		{"X-A", `"a", (b)`, `"a", (b)`},
	} {
		_, err := zone.Settings.Get(t.Context(), originpull.WithHeader(tt.name, tt.value))
		if key := http.CanonicalHeaderKey(tt.name); err != nil || !slices.Equal(got[key], []string{tt.arrives}) {
			t.Errorf("%q with value %q arrives as %q, want %q: %v", tt.name, tt.value, got[key], tt.arrives, err)
		}
	}
	var sent *http.Request
	if _, err := newZone(t, keep(example(t, "Enabled"), &sent)).Settings.Get(t.Context(), originpull.WithHeader("X-A", " a\t")); err != nil || sent.Header.Get("X-A") != "a" {
		t.Errorf("HTTP/2 would send the value %q, with white space that servers refuse: %v", sent.Header.Get("X-A"), err)
	}
}

// TestUserAgentSpaces leaves out the spaces around a product.
func TestUserAgentSpaces(t *testing.T) {
	t.Parallel()
	if got, want := requestOf(t, originpull.WithUserAgent(" hook/1 (beta) ")).Header.Get("User-Agent"), "hook/1 (beta) originpull-go/"+originpull.Version; got != want {
		t.Errorf("the API sees user agent %q, want %q", got, want)
	}
	if _, err := originpull.New(originpull.WithToken(testpki.Token()), originpull.WithUserAgent("  ")); !errors.Is(err, originpull.ErrInvalidInput) {
		t.Errorf("a user agent of spaces is not refused: %v", err)
	}
}

// TestBaseURLChangesNoPath refuses a base URL by which a request would go elsewhere than to
// what stands below it.
func TestBaseURLChangesNoPath(t *testing.T) {
	t.Parallel()
	for _, base := range []string{
		"https://proxy.example/v4?", "https://proxy.example?", "https://proxy.example/v4#", "https://proxy.example#", "https://proxy.example/?#",
		"https://proxy.example/..", "https://proxy.example/../v4", "https://proxy.example/a/../v4", "https://proxy.example/v4/..", "https://proxy.example/../",
		"https://proxy.example/.", "https://proxy.example/./v4", "https://proxy.example/v4/.", "https://proxy.example/v4/./",
		"https://proxy.example/a//v4", "https://proxy.example//v4",
		"https://proxy.example/%2e%2e/v4", "https://proxy.example/%2E%2E", "https://proxy.example/.%2e/v4", "https://proxy.example/%2e",
		"https://proxy.example/%61", "https://proxy.example/a%20b", "https://proxy.example/a b", "https://proxy.example/ä", `https://proxy.example/a\b`, `https://proxy.example\@elsewhere.example/`,
		"https://@proxy.example", "https://:@proxy.example", "https://user:password@proxy.example",
	} {
		client, err := originpull.New(originpull.WithToken(testpki.Token()), originpull.WithBaseURL(base))
		if client != nil || !errors.Is(err, originpull.ErrInvalidInput) || !strings.Contains(err.Error(), "base URL") {
			t.Errorf("base URL %q is not refused: %v", base, err)
		}
		if err != nil && strings.Contains(err.Error(), "password@") {
			t.Errorf("the refusal shows a password: %v", err)
		}
	}
	for base, want := range map[string]string{
		"https://proxy.example/..v4/v.4/...": "https://proxy.example/..v4/v.4/...",
		"https://proxy.example/~a/b;c=1":     "https://proxy.example/~a/b;c=1",
	} {
		if got := requestOf(t, originpull.WithBaseURL(base)).URL.String(); !strings.HasPrefix(got, want+"/zones/") {
			t.Errorf("base URL %q: the request goes to %s", base, got)
		}
	}
}
