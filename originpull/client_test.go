package originpull_test

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/jarcoal/httpmock"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
)

// requestOf returns the request that a call of client makes.
func requestOf(t *testing.T, options ...originpull.Option) *http.Request {
	t.Helper()
	var sent *http.Request
	if _, err := newZone(t, keep(example(t, "Enabled"), &sent), options...).Settings.Get(t.Context()); err != nil {
		t.Fatal(err)
	}
	return sent
}

// TestCredentials sends each kind, of several the last alone.
func TestCredentials(t *testing.T) {
	t.Parallel()
	token, key := testpki.Token(), testpki.Token()
	byToken, byKey := originpull.WithToken(token), originpull.WithAPIKey("a@example.com", key)
	for _, tt := range []struct {
		name    string
		options []originpull.Option
		want    [3]string // Authorization, X-Auth-Email, X-Auth-Key
	}{
		{"token", []originpull.Option{byToken}, [3]string{"Bearer " + token}},
		{"email and key", []originpull.Option{byKey}, [3]string{"", "a@example.com", key}},
		{"key after token", []originpull.Option{byToken, byKey}, [3]string{"", "a@example.com", key}},
		{"token after key", []originpull.Option{byKey, byToken}, [3]string{"Bearer " + token}},
	} {
		header := requestOf(t, tt.options...).Header
		got := [3]string{header.Get("Authorization"), header.Get("X-Auth-Email"), header.Get("X-Auth-Key")}
		if got != tt.want {
			t.Errorf("%s: the request does not carry the wanted credentials", tt.name)
		}
	}
}

// TestOptionsRefused requires that what cannot work is refused by New, with the
// way out.
func TestOptionsRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		option originpull.Option
		says   string
	}{
		"empty token":         {originpull.WithToken(""), "token is empty"},
		"token in two":        {originpull.WithToken("a b"), "copied completely, and nothing else with it?"},
		"token with umlaut":   {originpull.WithToken("ä"), "outside ASCII"},
		"empty email":         {originpull.WithAPIKey("", "k"), "email is empty"},
		"empty key":           {originpull.WithAPIKey("a@example.com", ""), "API key is empty"},
		"no transport":        {originpull.WithTransport(nil), "transport is nil"},
		"no logger":           {originpull.WithLogger(nil), "logger is nil"},
		"empty user agent":    {originpull.WithUserAgent(""), "certbot-hook/1.2"},
		"two-line agent":      {originpull.WithUserAgent("a\r\nX-B: c"), "printable ASCII"},
		"no body limit":       {originpull.WithBodyLimit(0), "want 1 to 1099511627776 bytes"},
		"no bound":            {originpull.WithBodyLimit(math.MaxInt64), "want 1 to 1099511627776 bytes"},
		"no transport at all": {originpull.WithTransport((*http.Transport)(nil)), "transport is nil"},
		"TLS 1.1":             {originpull.WithTransport(&http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS11}}), "the transport allows TLS 1.1: want TLS 1.2 or later"},
	} {
		client, err := originpull.New(originpull.WithToken(testpki.Token()), tt.option)
		if client != nil || !errors.Is(err, originpull.ErrInvalidInput) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: the user reads %v, want %q in it", name, err, tt.says)
		}
	}
	if _, err := originpull.New(); !errors.Is(err, originpull.ErrInvalidInput) || !strings.Contains(err.Error(), "WithToken") {
		t.Errorf("without credentials the user reads %v", err)
	}
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	const below = "/zones/" + zoneID + "/origin_tls_client_auth/settings"
	for base, want := range map[string]string{
		"https://proxy.example":              "https://proxy.example" + below,
		"https://proxy.example/":             "https://proxy.example" + below,
		"https://proxy.example:8443/cf/v4//": "https://proxy.example:8443/cf/v4" + below,
		"HTTPS://proxy.example/v4":           "https://proxy.example/v4" + below,
		"http://127.0.0.1:8080":              "http://127.0.0.1:8080" + below,
		"http://[::1]:8080/client/v4":        "http://[::1]:8080/client/v4" + below,
		"http://localhost":                   "http://localhost" + below,
		"http://proxy.example":               "",
		"http://localhost.example":           "",
		"http://192.0.2.1":                   "",
		"ftp://proxy.example":                "",
		"proxy.example/v4":                   "",
		"/client/v4":                         "",
		"":                                   "",
		"https://":                           "",
		"https://proxy.example/?x=1":         "",
		"https://proxy.example/#x":           "",
		"https://proxy.example/a%2fb":        "",
		"https://user@proxy.example":         "",
		"https://proxy.example/\n":           "",
		"https://proxy.example:0":            "",
		"https://proxy.example:65536":        "",
		"https://proxy.example:65535":        "https://proxy.example:65535" + below,
		"https://proxy.example:":             "https://proxy.example:" + below,
		"mailto:someone@proxy.example":       "",
	} {
		if want != "" {
			if got := requestOf(t, originpull.WithBaseURL(base)).URL.String(); got != want {
				t.Errorf("base URL %q: the request goes to %s, want %s", base, got, want)
			}
			continue
		}
		_, err := originpull.New(originpull.WithToken(testpki.Token()), originpull.WithBaseURL(base))
		if !errors.Is(err, originpull.ErrInvalidInput) || !strings.Contains(err.Error(), "base URL") {
			t.Errorf("base URL %q is not refused: %v", base, err)
		}
	}
}

func TestUserAgent(t *testing.T) {
	t.Parallel()
	got := requestOf(t, originpull.WithUserAgent("certbot-hook/1.2")).Header.Get("User-Agent")
	if want := "certbot-hook/1.2 originpull-go/" + originpull.Version; got != want {
		t.Errorf("the API sees user agent %q, want %q", got, want)
	}
}

// TestFromEnv is not parallel: it changes the environment.
func TestFromEnv(t *testing.T) {
	token, key := testpki.Token(), testpki.Token()
	for _, tt := range []struct {
		name                         string
		token, email, key, base      string
		options                      []originpull.Option
		authorization, authKey, host string
		says                         string // of the refusal
	}{
		{name: "token", token: token, authorization: "Bearer " + token, host: "api.cloudflare.com"},
		{name: "email and key", email: "a@example.com", key: key, authKey: key, host: "api.cloudflare.com"},
		{name: "token goes before key", token: token, email: "a@example.com", key: key, authorization: "Bearer " + token, host: "api.cloudflare.com"},
		{name: "base URL", token: token, base: "https://proxy.example/v4", authorization: "Bearer " + token, host: "proxy.example"},
		{name: "option goes before the environment", token: token, base: "https://proxy.example", options: []originpull.Option{
			originpull.WithAPIKey("a@example.com", key), originpull.WithBaseURL("https://another.example")}, authKey: key, host: "another.example"},
		{name: "credentials by option alone", options: []originpull.Option{originpull.WithToken(token)}, authorization: "Bearer " + token, host: "api.cloudflare.com"},
		{name: "nothing", says: "set CLOUDFLARE_API_TOKEN, or CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY"},
		{name: "nothing but a user agent", options: []originpull.Option{originpull.WithUserAgent("certbot-hook/1.2")}, says: "set CLOUDFLARE_API_TOKEN, or"},
		{name: "email alone", email: "a@example.com", says: "of CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY only one is set"},
		{name: "key alone", key: key, says: "only one is set"},
		{name: "token with a line break", token: token + "\n", says: "was it copied completely"},
		{name: "bad base URL", token: token, base: "http://proxy.example", says: "want https"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("CLOUDFLARE_API_TOKEN", tt.token)
			t.Setenv("CLOUDFLARE_EMAIL", tt.email)
			t.Setenv("CLOUDFLARE_API_KEY", tt.key)
			t.Setenv("CLOUDFLARE_BASE_URL", tt.base)
			if tt.says != "" {
				_, err := originpull.FromEnv(tt.options...)
				if !errors.Is(err, originpull.ErrInvalidInput) || !strings.Contains(err.Error(), tt.says) {
					t.Fatalf("the user reads %v, want %q in it", err, tt.says)
				}
				wantNoMarks(t, "the refusal", err.Error())
				return
			}
			var sent *http.Request
			client, err := originpull.FromEnv(append(tt.options, originpull.WithTransport(keep(example(t, "Enabled"), &sent)))...)
			if err != nil {
				t.Fatal(err)
			}
			zone := must(client.Zone(zoneID))
			if _, err := zone.Settings.Get(t.Context()); err != nil {
				t.Fatal(err)
			}
			if sent.Header.Get("Authorization") != tt.authorization || sent.Header.Get("X-Auth-Key") != tt.authKey || sent.URL.Host != tt.host {
				t.Errorf("the request goes to %s, want %s, or carries other credentials", sent.URL.Host, tt.host)
			}
		})
	}
}

// TestDeprecationIsToldOnce has two goroutines at a time learn of the end of
// operations.
func TestDeprecationIsToldOnce(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, nil))
	mock := httpmock.NewMockTransport()
	ending := example(t, "Enabled").with("Deprecation", "@1688169599").with("Sunset", "Sun, 30 Jun 2030 23:59:59 GMT")
	mock.RegisterResponder("GET", settingsURL, ending.respond)
	mock.RegisterResponder("PUT", settingsURL, example(t, "Enabled").with("Sunset", "soon").respond)
	mock.RegisterResponder("GET", collectionURL, example(t, "NoCertificates").respond)
	zone := newZone(t, mock, originpull.WithLogger(logger))
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			for range 3 {
				_, err1 := zone.Settings.Get(t.Context())
				err2 := zone.Settings.Enable(t.Context())
				_, err3 := zone.Certificates.List(t.Context())
				if err := errors.Join(err1, err2, err3); err != nil {
					t.Error(err)
				}
			}
		})
	}
	both.Wait()
	for _, line := range []string{
		`level=WARN msg="operation is deprecated" operation=GetSettings by_document=false deprecation=@1688169599 sunset="Sun, 30 Jun 2030 23:59:59 GMT"`,
		`level=WARN msg="operation is deprecated" operation=SetSettings by_document=false deprecation="" sunset=soon`,
	} {
		if n := strings.Count(log.String(), line); n != 1 {
			t.Errorf("the log has it %d times, want once:\n%s\nin\n%s", n, line, log.String())
		}
	}
	if n := strings.Count(log.String(), "\n"); n != 2 {
		t.Errorf("the log has %d lines, want 2:\n%s", n, log.String())
	}
	other := newZone(t, mock, originpull.WithLogger(logger))
	if _, err := other.Settings.Get(t.Context()); err != nil || strings.Count(log.String(), "\n") != 3 {
		t.Errorf("another client does not log it again (%v):\n%s", err, log.String())
	}
}

// TestLog requires at debug level what an operator searches for, and silence above.
func TestLog(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	level := new(slog.LevelVar)
	zone := newZone(t, always(example(t, "NotFound")), originpull.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: level}))))
	ask := func() { zone.Certificates.Get(t.Context(), certificateID) }
	if ask(); log.Len() > 0 {
		t.Errorf("something is logged at level info:\n%s", log.String())
	}
	level.Set(slog.LevelDebug)
	ask()
	for _, want := range []string{
		"level=DEBUG", "operation=GetCertificate", "method=GET", "duration=", "status=404", "ray=" + ray,
		"path=/client/v4/zones/" + zoneID + "/origin_tls_client_auth/" + certificateID,
	} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, log.String())
		}
	}
	log.Reset()
	broken := newZone(t, httpmock.NewMockTransport(), originpull.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: level}))))
	if _, err := broken.Settings.Get(t.Context()); err == nil || !strings.Contains(log.String(), "error=") {
		t.Errorf("the log does not say that there was no response (%v):\n%s", err, log.String())
	}
}
