package originpull_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
)

// failing returns an error of the transport as a caller gets it.
func failing(t *testing.T, err error) error {
	t.Helper()
	_, got := newZone(t, roundTrip(func(*http.Request) (*http.Response, error) { return nil, err })).Settings.Get(t.Context())
	return got
}

type (
	open   struct{ Breaker string }
	twice  struct{ err error }
	broken struct{}
)

func (open) Error() string      { return "circuit open" }
func (t twice) Error() string   { return "twice" }
func (t twice) Unwrap() []error { return []error{t.err, t.err} }
func (*broken) Error() string   { panic("it is broken") }

// TestErrorsOfTransportAreKept requires that a caller still finds the errors of the
// transport that hold nothing but text.
func TestErrorsOfTransportAreKept(t *testing.T) {
	t.Parallel()
	sentinel := errors.New("circuit open")
	var kept open
	if err := failing(t, fmt.Errorf("api: %w", open{"api.cloudflare.com"})); !errors.As(err, &kept) || kept.Breaker != "api.cloudflare.com" {
		t.Errorf("an error of a type of the caller's is not found in %v", err)
	}
	if err := failing(t, errors.Join(sentinel, (*broken)(nil))); !errors.Is(err, sentinel) || !strings.Contains(err.Error(), "no response: ") {
		t.Errorf("beside an error that panics the caller does not find the other in %v", err)
	}
	if err := failing(t, (*broken)(nil)); err == nil || errors.As(err, new(*broken)) {
		t.Errorf("an error that panics is handed on: %v", err)
	}
	deep := error(sentinel)
	for range 40 {
		deep = twice{deep}
	}
	if err := failing(t, deep); !strings.Contains(err.Error(), "no response: twice") {
		t.Errorf("of a tree of errors that has no end the user reads %v", err)
	}
}

// TestOrdinaryTextsAreShown requires that stand-ins, and headers that hold no
// credential, take nothing out of the API's messages.
func TestOrdinaryTextsAreShown(t *testing.T) {
	t.Parallel()
	const text = "This certificate already exists for this zone. Too many connections from ops of https://developers.cloudflare.com"
	for name, options := range map[string][]originpull.Option{
		"token t":    {originpull.WithToken("t")},
		"token any":  {originpull.WithToken("any")},
		"API key":    {originpull.WithAPIKey("ops@example.com", "s")},
		"email":      {originpull.WithAPIKey("a", "s")},
		"reason":     {withHeader("X-Reason", "certificate rotation")},
		"request id": {withHeader("X-Request-Id", "certificate-17")},
		"referer":    {withHeader("Referer", "https://ci.example/build/42")},
		"app":        {withHeader("X-App", "cloudflare-originpull/1.0")},
	} {
		a := response{status: 400, body: message(1406, `"message":%s`, text)}
		_, err := newZone(t, always(a), options...).Settings.Get(t.Context())
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%s: the user reads %v", name, err)
		}
	}
}

func withHeader(name, value string) originpull.Option {
	return originpull.WithCallOptions(originpull.WithHeader(name, value))
}

// TestWholeEmailIsRedacted takes an address out as a whole, and leaves its domain.
func TestWholeEmailIsRedacted(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"user ops@client.example is unknown": "9103 [redacted]",
		"zone client.example is unknown":     "9103 zone client.example is unknown",
	} {
		a := response{status: 403, body: message(9103, `"message":%s`, text)}
		_, err := newZone(t, always(a), originpull.WithAPIKey("ops@client.example", testpki.Token())).Settings.Get(t.Context())
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the user reads %v, want %q", err, want)
		}
	}
}

// TestKeyInOtherBodies sends keys by Do in the forms that other operations may want.
func TestKeyInOtherBodies(t *testing.T) {
	t.Parallel()
	leaf := testpki.Leaf("client.example", nil)
	lines := strings.Split(strings.TrimSpace(string(leaf.KeyPEM())), "\n")
	inner := strings.Join(lines[1:len(lines)-1], "")
	der, err := base64.StdEncoding.DecodeString(inner)
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]any{
		"PEM":              map[string]any{"key": string(leaf.KeyPEM())},
		"PEM within":       map[string]any{"config": []any{map[string]any{"key": string(leaf.KeyPEM())}}},
		"PEM as bytes":     map[string]any{"key": leaf.KeyPEM()},
		"DER as bytes":     map[string]any{"key": der},
		"base64 of DER":    map[string]any{"key": inner},
		"raw JSON":         json.RawMessage(`{"key":"` + inner + `"}`),
		"a name":           map[string]any{string(leaf.KeyPEM()): true},
		"broken PEM":       map[string]any{"key": strings.Replace(string(leaf.KeyPEM()), "-----END", "----END", 1)},
		"PEM unescaped":    map[string]any{"key": strings.ReplaceAll(string(leaf.KeyPEM()), "\n", " ")},
		"PEM on one line":  map[string]any{"key": strings.ReplaceAll(string(leaf.KeyPEM()), "\n", `\n`)},
		"certificate also": map[string]any{"key": string(leaf.CertPEM()) + string(leaf.KeyPEM())},
	} {
		for _, code := range []int{1408, 1} {
			window := inner[60:76]
			err := newClient(t, always(response{status: 400, body: message(code, `"message":%s`, "bad key "+window)})).Do(t.Context(), "POST", "/x", body, nil)
			if want := map[int]string{1408: "1408 [redacted]", 1: "1 [not shown"}[code]; err == nil || strings.Contains(err.Error(), window) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: the user reads %v, want %q", name, err, want)
			}
		}
	}
	err = newClient(t, always(response{status: 400, body: message(1, `"message":%s`, "no such hostname")})).Do(t.Context(), "PUT", "/x",
		map[string]any{"hostname": "app.client.example.com", "cert_id": certificateID, "enabled": true}, nil)
	if err == nil || !strings.Contains(err.Error(), "1 no such hostname") {
		t.Errorf("where no key is sent, the user reads %v", err)
	}
}

// TestArgumentsInWrongPlaces gives credentials where something else is wanted.
func TestArgumentsInWrongPlaces(t *testing.T) {
	t.Parallel()
	token := testpki.Token()
	client := newClient(t, always(response{status: 404, body: message(7003, `"message":%s`, "m")}), originpull.WithToken(token))
	zone, err := client.Zone(zoneID)
	if err != nil {
		t.Fatal(err)
	}
	_, asZone := client.Zone(token)
	_, asCertificate := zone.Certificates.Get(t.Context(), token)
	for name, err := range map[string]error{
		"zone id": asZone, "certificate id": asCertificate,
		"method": client.Do(t.Context(), token, "/x", nil, nil),
		"path":   client.Do(t.Context(), "GET", "/user/tokens/"+token, nil, nil),
		"query":  client.Do(t.Context(), "GET", "/user//tokens?token="+token, nil, nil),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		wantNoMarks(t, "the refusal of a token as "+name, fmt.Sprintf("%v %#v", err, err))
	}
}

// angry is a result that refuses to be decoded.
type angry struct{ err error }

func (a *angry) UnmarshalJSON([]byte) error { return a.err }

// TestErrorOfResult keeps what a caller's own decoder says.
func TestErrorOfResult(t *testing.T) {
	t.Parallel()
	mine := open{"mine"}
	out := &angry{mine}
	client := newClient(t, always(example(t, "Enabled")))
	if err := client.Do(t.Context(), "GET", "/x", nil, out); !errors.Is(err, mine) || !errors.Is(err, originpull.ErrMalformedResponse) {
		t.Errorf("the caller's own error is not found in %v", err)
	}
	out.err = &json.UnmarshalTypeError{Value: "x"}
	if err := client.Do(t.Context(), "GET", "/x", nil, out); !errors.Is(err, originpull.ErrMalformedResponse) {
		t.Errorf("the caller reads %v", err)
	}
}
