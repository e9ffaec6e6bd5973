package originpull_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/jarcoal/httpmock"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
)

// FuzzParseKeyPair requires of any input either a pair that is one, or a refusal
// on one line that shows nothing of the key.
func FuzzParseKeyPair(f *testing.F) {
	leaf, ca := testpki.Leaf("client.example", nil), testpki.CA("ca.example")
	for _, cert := range [][]byte{leaf.CertPEM(), ca.CertPEM(), version1(leaf), append(leaf.CertPEM(), ca.CertPEM()...), leaf.Certificate.Raw} {
		for _, key := range [][]byte{leaf.KeyPEM(), sec1(leaf.Key), encryptedByHeader(), block("ENCRYPTED PRIVATE KEY", nil)} {
			f.Add(cert, key)
		}
	}
	f.Add(leaf.KeyPEM(), leaf.CertPEM())
	f.Fuzz(func(t *testing.T, certPEM, keyPEM []byte) {
		pair, err := originpull.ParseKeyPair(certPEM, keyPEM)
		if err != nil {
			if !errors.Is(err, originpull.ErrInvalidInput) {
				t.Errorf("a refusal is not ErrInvalidInput: %v", err)
			}
			if strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("a refusal breaks the line: %q", err)
			}
			wantNoMarks(t, "a refusal", err.Error())
			return
		}
		cert, _ := uploaded(t, pair)
		if certificates := blocks(t, cert, "CERTIFICATE"); len(certificates) == 0 || !slices.Equal(certificates[0], pair.Leaf().Raw) {
			t.Errorf("%d certificates are sent, want the leaf first", len(certificates))
		}
		if !pair.Matches(originpull.Certificate{Certificate: string(block("CERTIFICATE", pair.Leaf().Raw))}) {
			t.Error("the pair does not match its own certificate")
		}
	})
}

// What an id of a zone and of a certificate may look like.
var (
	aZone        = regexp.MustCompile(`\A[0-9a-fA-F]{32}\z`)
	aCertificate = regexp.MustCompile(`\A[0-9a-zA-Z_-]{1,36}\z`)
)

// FuzzIDs gives any id to every method that takes one, and requires that it is
// refused before a request or that exactly the intended request is sent.
func FuzzIDs(f *testing.F) {
	for _, id := range strangeIDs {
		f.Add(zoneID, id)
		f.Add(id, certificateID)
	}
	active := example(f, "ActiveCertificate")
	f.Fuzz(func(t *testing.T, zone, id string) {
		var sent []string
		mock := httpmock.NewMockTransport()
		mock.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
			sent = append(sent, r.Method+" "+r.URL.Scheme+"://"+r.URL.Host+r.URL.EscapedPath()+"?"+r.URL.RawQuery+"#"+r.URL.Fragment)
			return active.respond(r)
		})
		z, err := newClient(t, mock).Zone(zone)
		if !aZone.MatchString(zone) {
			if z != nil || !errors.Is(err, originpull.ErrInvalidInput) || !utf8.ValidString(err.Error()) {
				t.Errorf("zone id %q is not refused: %v", zone, err)
			}
			return
		}
		if err != nil || z.ID() != zone {
			t.Fatalf("zone id %q is refused: %v", zone, err)
		}
		valid := aCertificate.MatchString(id) && !strings.EqualFold(id, "settings") && !strings.EqualFold(id, "hostnames")
		for _, method := range takingID(z.Certificates) {
			sent = nil
			err := method.call(context.Background(), id)
			if !valid && (!errors.Is(err, originpull.ErrInvalidInput) || len(sent) > 0) {
				t.Errorf("%s of certificate id %q is not refused but sends %q: %v", method.name, id, sent, err)
			}
			want := []string{method.method + " " + originpull.DefaultBaseURL + "/zones/" + zone + "/origin_tls_client_auth/" + id + "?#"}
			if valid && (err != nil || !slices.Equal(sent, want)) {
				t.Errorf("%s of certificate id %q sends %q, want %q: %v", method.name, id, sent, want, err)
			}
		}
	})
}

// FuzzAnswer gives any response to every operation. In its headers and its body,
// TOKEN and KEY stand for the secrets that were sent.
func FuzzAnswer(f *testing.F) {
	ops := operations(f)
	for i := range ops {
		for name := range must(examples()) {
			a := example(f, name)
			f.Add(byte(i), uint16(a.status), "Content-Type: application/json", a.body)
		}
		f.Add(byte(i), uint16(403), "Cf-Ray: TOKEN\nRetry-After: 5", `{"success":false,"errors":[{"code":10000,"message":"TOKEN","error_chain":[{"message":"TOKEN"}]}]}`)
		f.Add(byte(i), uint16(502), "Sunset: TOKEN", "<pre>Authorization: Bearer TOKEN\n\nKEY</pre>")
		f.Add(byte(i), uint16(200), "", `{"success":true,"errors":[],"messages":[],"result":{"id":"TOKEN","expires_on":"TOKEN"},"TOKEN":1,"TOKEN":2}`)
		f.Add(byte(i), uint16(200), "", `{"success":true,"SUCCESS":false,"result":[null,{}]}`)
	}
	f.Fuzz(func(t *testing.T, i byte, status uint16, headers, body string) {
		op, token := ops[int(i)%len(ops)], testpki.Token()
		key := ""
		if upload, ok := op.sends.(map[string]any); ok {
			key, _ = upload["private_key"].(string)
		}
		echo := strings.NewReplacer("TOKEN", token, "KEY", key)
		a := response{status: 100 + int(status-100)%900, header: http.Header{}, body: echo.Replace(body)}
		for line := range strings.Lines(headers) {
			name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
			a.header.Add(name, echo.Replace(value))
		}
		_, err := op.call(t.Context(), newZone(t, always(a), originpull.WithToken(token)))
		if err == nil {
			wantSuccess(t, a)
			return
		}
		wantTold(t, err, a)
	})
}

// wantSuccess requires that a response was fit to be taken for a success.
func wantSuccess(t *testing.T, a response) {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal([]byte(a.body), &members); err != nil || a.status/100 != 2 {
		t.Errorf("HTTP %d with %q is taken for a success (%v)", a.status, a.body, err)
	}
	for name, value := range members {
		// encoding/json takes a name in any case, encoding/json/v2 in its own alone.
		if strings.EqualFold(name, "success") && value == true {
			return
		}
	}
	t.Errorf("HTTP %d with %q is taken for a success", a.status, a.body)
}

// wantTold requires an *Error that is fit to be shown.
func wantTold(t *testing.T, err error, a response) {
	t.Helper()
	e := apiError(t, err)
	if e.Status != a.status || e.RetryAfter < 0 {
		t.Errorf("the error says status %d and to wait %s, want status %d: %v", e.Status, e.RetryAfter, a.status, err)
	}
	if i := strings.IndexFunc(err.Error(), func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
		t.Errorf("the error shows what cannot be printed at %d of %q", i, err)
	}
	encoded, _ := json.Marshal(e)
	wantNoMarks(t, "the error", err.Error())
	wantNoMarks(t, "the error's fields", string(encoded))
}
