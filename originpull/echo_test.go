package originpull_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
)

// secretsOfTests are what the windows are of. They are made once: making them takes
// longer than everything else. Call it in a bubble, in whose time the certificates are
// valid.
var secretsOfTests = sync.OnceValue(func() (s struct {
	token, apiKey string
	header        string // that the caller adds
	pairs         []originpull.KeyPair
	keys          []string // of the pairs, what is between the frames of the PEM
}) {
	s.token, s.apiKey, s.header = testpki.Token(), testpki.Token(), testpki.Token()
	ecLeaf := testpki.Leaf("client.example", nil)
	ed, rsaKey := testpki.Ed25519(), testpki.RSA(2048)
	for cert, key := range map[string][]byte{
		string(ecLeaf.CertPEM()):                      ecLeaf.KeyPEM(),
		string(selfSigned(ed.Public(), ed)):           block("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(ed))),
		string(selfSigned(&rsaKey.PublicKey, rsaKey)): block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey)),
	} {
		s.pairs = append(s.pairs, must(originpull.ParseKeyPair([]byte(cert), key)))
		lines := strings.Split(strings.TrimSpace(string(key)), "\n")
		s.keys = append(s.keys, strings.Join(lines[1:len(lines)-1], ""))
	}
	return s
})

// shortest is how many characters of a secret are put into what comes back at least,
// and leak how many of them in a row count.
const (
	shortest = 12
	leak     = 8
)

// FuzzEcho lets the other side repeat a window of a key or a token, encoded, at any
// place of its response, and searches all that a program could print of it.
func FuzzEcho(f *testing.F) {
	for place := range places {
		for encoding := range encodings {
			n := place + 5*encoding
			if testing.Short() && n%6 != 0 {
				continue // each takes ten times as long with the race detector
			}
			call := n % len(calls)
			if (place+encoding)%3 == 0 {
				call = n % 2 // which send a key
			}
			f.Add(byte(call), byte(place), byte(encoding), byte(n), uint16(7*n), byte(n%20), "", n%5 == 0)
		}
	}
	f.Add(byte(0), byte(12), byte(30), byte(41), uint16(287), byte(0), "<", false)           // what is taken for a tag
	f.Add(byte(':'), byte(7), byte(21), byte('u'), uint16(819), byte(17), "\x8e\x86", false) // cut in the middle
	f.Fuzz(func(t *testing.T, call, where, how, of byte, from uint16, length byte, before string, again bool) {
		synctest.Test(t, func(t *testing.T) {
			all := secretsOfTests()
			c, place, encoding := calls[int(call)%len(calls)], places[int(where)%len(places)], encodings[int(how)%len(encodings)]
			pair := int(of) % len(all.pairs)
			secrets := []string{all.token, all.apiKey}
			credentials := originpull.WithToken(all.token)
			if of%2 == 1 {
				credentials = originpull.WithAPIKey("ops@client.example", all.apiKey)
				secrets[0], secrets[1] = secrets[1], secrets[0]
			}
			text := secrets[0]
			if of%5 == 0 {
				text = all.header
			}
			if c.sendsKey && of%4 < 3 {
				text = all.keys[pair]
			}
			start := int(from) % (len(text) - shortest + 1)
			window := text[start:min(len(text), start+shortest+int(length))]
			echo := encoding.encode(window)
			if len(before) < 100 {
				echo = before + echo
			}
			o, requests := new(output), 0
			defer func() {
				if reason := recover(); reason != nil {
					o.show("a panic", reason)
					t.Errorf("%s panics", c.name)
				}
				o.search(t, window, encoding, c.name+", "+place.name)
			}()
			options := []originpull.Option{
				credentials, originpull.WithTransport(roundTrip(func(*http.Request) (*http.Response, error) {
					requests++
					return place.put(echo)
				})),
				originpull.WithAttemptHook(func(_ context.Context, a originpull.Attempt) { o.show("attempt", a); o.walk(a.Err) }),
			}
			added := []originpull.CallOption{originpull.WithHeader("Cf-Access-Client-Secret", all.header)}
			if !again {
				added = append(added, originpull.WithoutRetry())
			}
			options = append(options, originpull.WithCallOptions(added...))
			for _, handler := range logHandlers(&o.text) {
				client := must(originpull.New(append(options, originpull.WithLogger(slog.New(handler)))...))
				zone := must(client.Zone(zoneID))
				err := c.call(t.Context(), client, zone, all.pairs[pair], all.keys[pair])
				if o.walk(err); requests == 0 {
					t.Fatalf("%s sends nothing: %v", c.name, err)
				}
			}
		})
	})
}

// call is what a program asks of the SDK.
type call struct {
	name     string
	sendsKey bool
	call     func(context.Context, *originpull.Client, *originpull.Zone, originpull.KeyPair, string) error
}

var calls = []call{
	{"Upload", true, func(ctx context.Context, _ *originpull.Client, z *originpull.Zone, pair originpull.KeyPair, _ string) error {
		_, err := z.Certificates.Upload(ctx, pair)
		return err
	}},
	{"Do", true, func(ctx context.Context, c *originpull.Client, _ *originpull.Zone, _ originpull.KeyPair, key string) error {
		body := map[string]any{"private_key": "-----BEGIN PRIVATE KEY-----\n" + key + "\n-----END PRIVATE KEY-----\n"}
		var out struct{ ID, Status string }
		return c.Do(ctx, "POST", "/zones/"+zoneID+"/origin_tls_client_auth/hostnames/certificates", body, &out)
	}},
	{"List", false, func(ctx context.Context, _ *originpull.Client, z *originpull.Zone, _ originpull.KeyPair, _ string) error {
		_, err := z.Certificates.List(ctx)
		return err
	}},
	{"Find", false, func(ctx context.Context, _ *originpull.Client, z *originpull.Zone, pair originpull.KeyPair, _ string) error {
		_, err := z.Certificates.Find(ctx, pair.Leaf())
		return err
	}},
	{"Get", false, func(ctx context.Context, _ *originpull.Client, z *originpull.Zone, _ originpull.KeyPair, _ string) error {
		_, err := z.Certificates.Get(ctx, certificateID)
		return err
	}},
	{"Wait", false, func(ctx context.Context, _ *originpull.Client, z *originpull.Zone, _ originpull.KeyPair, _ string) error {
		ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
		defer cancel()
		_, err := z.Certificates.Wait(ctx, certificateID, originpull.StatusActive)
		return err
	}},
	{"Delete", false, func(ctx context.Context, _ *originpull.Client, z *originpull.Zone, _ originpull.KeyPair, _ string) error {
		_, err := z.Certificates.Delete(ctx, certificateID)
		return err
	}},
	{"Settings", false, func(ctx context.Context, _ *originpull.Client, z *originpull.Zone, _ originpull.KeyPair, _ string) error {
		_, err := z.Settings.Get(ctx)
		return err
	}},
	{"Enable", false, func(ctx context.Context, _ *originpull.Client, z *originpull.Zone, _ originpull.KeyPair, _ string) error {
		return z.Settings.Enable(ctx)
	}},
	{"Disable", false, func(ctx context.Context, _ *originpull.Client, z *originpull.Zone, _ originpull.KeyPair, _ string) error {
		return z.Settings.Disable(ctx)
	}},
}

// output is all that a program could print of a call.
type output struct{ text strings.Builder }

// show prints a value in each way that a program may.
func (o *output) show(what string, value any) {
	for verb, text := range shownAs(value) {
		fmt.Fprintf(&o.text, "%s, %s: %s\n", what, verb, text)
	}
}

// walk prints an error and all that can be reached from it.
func (o *output) walk(err error) {
	if err == nil {
		return
	}
	o.show(fmt.Sprintf("%T", err), err)
	var other discreet
	if errors.As(err, &other) {
		o.show("errors.As", other)
	}
	if e, ok := err.(*originpull.Error); ok {
		o.show("fields", *e)
	}
	switch err := err.(type) {
	case interface{ Unwrap() error }:
		o.walk(err.Unwrap())
	case interface{ Unwrap() []error }:
		for _, one := range err.Unwrap() {
			o.walk(one)
		}
	}
}

// search requires that the output shows no run of the window, as it is or as it was
// encoded.
func (o *output) search(t *testing.T, window string, encoding encoding, where string) {
	t.Helper()
	if run := shows(o.text.String(), window, encoding); run != "" {
		t.Errorf("%s: what was sent comes back, %s: %q of %q", where, encoding.name, run, window)
	}
}

// TestEchoIsFound requires of the search of FuzzEcho that it finds a window in an error
// that quotes what came back, under each encoding.
func TestEchoIsFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { searchQuotes(t, secretsOfTests().keys, secretsOfTests().token) })
}

func searchQuotes(t *testing.T, keys []string, token string) {
	step := 5
	if testing.Short() {
		step = 50
	}
	for _, encoding := range encodings {
		for _, text := range append(slices.Clone(keys), token) {
			for start := 0; start+shortest <= len(text); start += step {
				window := text[start : start+shortest]
				page := "<pre>" + encoding.encode("before"+window+"after") + "</pre>"
				o := &output{}
				o.walk(&originpull.Error{Operation: "GetSettings", Status: 502, Err: fmt.Errorf("%w: %s", originpull.ErrMalformedResponse, page)})
				if shows(o.text.String(), window, encoding) == "" {
					t.Fatalf("an error that quotes %q, %s, is not found: %s", window, encoding.name, page)
				}
			}
		}
	}
}

// TestLostUploadEchoesInID lets the other side give the token back as the id of the
// certificate that is found after the response to its upload is lost.
func TestLostUploadEchoesInID(t *testing.T) {
	t.Parallel()
	for _, found := range []string{"listed", "uploaded again"} {
		synctest.Test(t, func(t *testing.T) {
			all := secretsOfTests()
			window := all.token[5:25]
			var log strings.Builder
			requests := 0
			transport := roundTrip(func(r *http.Request) (*http.Response, error) {
				requests++
				certificate := originpull.Certificate{ID: window, Status: originpull.StatusActive, Certificate: string(block("CERTIFICATE", all.pairs[0].Leaf().Raw))}
				switch {
				case requests == 1:
					return response{status: 502}.respond(r)
				case r.Method == http.MethodPost:
					return success(t, certificate).respond(r)
				case found == "listed":
					return success(t, []originpull.Certificate{certificate}).respond(r)
				}
				return success(t, nil).respond(r)
			})
			zone := retryingZone(t, transport, originpull.WithToken(all.token), originpull.WithLogger(slogTo(&log)))
			certificate, err := zone.Certificates.Upload(t.Context(), all.pairs[0])
			if err != nil || certificate.ID != window {
				t.Errorf("%s: the caller gets %q: %v", found, certificate.ID, err)
			}
			if run := shows(log.String(), window, encodings[0]); run != "" {
				t.Errorf("%s: the log shows %q of the token", found, run)
			}
		})
	}
}
