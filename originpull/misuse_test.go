package originpull_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"

	"github.com/originpull/originpull-go/gen/api"
	"github.com/originpull/originpull-go/internal/secret"
	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
)

// TestMisuse goes wrong in ways that a compiler cannot see: each is an error that
// says so, and nothing is sent.
func TestMisuse(t *testing.T) {
	t.Parallel()
	leaf := testpki.Leaf("misuse", nil)
	withKey := func(key any) error {
		_, err := originpull.KeyPairFromTLS(tls.Certificate{Certificate: [][]byte{leaf.Certificate.Raw}, PrivateKey: key})
		return err
	}
	parse := func(certPEM, keyPEM []byte) error {
		_, err := originpull.ParseKeyPair(certPEM, keyPEM)
		return err
	}
	broken := []byte("-----BEGIN CERTIFICATE-----\nno base64!\n-----END CERTIFICATE-----\n")
	mock := httpmock.NewMockTransport()
	zone := newZone(t, mock)
	tests := map[string]func() error{
		"a nil client":           func() error { return (*originpull.Client)(nil).Do(t.Context(), "GET", "/x", nil, nil) },
		"an empty client":        func() error { return new(originpull.Client).Do(t.Context(), "GET", "/x", nil, nil) },
		"an empty client's zone": func() error { _, err := new(originpull.Client).Zone(zoneID); return err },
		"Idempotency-Key": func() error {
			_, err := zone.Settings.Get(t.Context(), originpull.WithHeader("idempotency-key", "k"))
			return err
		},
		"nil RSA key":           func() error { return withKey((*rsa.PrivateKey)(nil)) },
		"nil ECDSA key":         func() error { return withKey((*ecdsa.PrivateKey)(nil)) },
		"Ed25519 key cut short": func() error { return withKey(ed25519.PrivateKey{}) },
		"no key":                func() error { return withKey(nil) },
		"a broken block first":  func() error { return parse(append(broken, leaf.CertPEM()...), leaf.KeyPEM()) },
		"a stranger behind": func() error {
			return parse(append(leaf.CertPEM(), testpki.Leaf("stranger", nil).CertPEM()...), leaf.KeyPEM())
		},
		"two keys": func() error {
			return parse(leaf.CertPEM(), append(testpki.Leaf("other", nil).KeyPEM(), leaf.KeyPEM()...))
		},
		"nil option":           func() error { _, err := originpull.New(nil); return err },
		"nil option of a call": func() error { _, err := zone.Certificates.List(t.Context(), nil); return err },
		"empty zone": func() error {
			var empty originpull.Zone
			_, err := empty.Certificates.List(t.Context())
			return err
		},
		"empty settings": func() error { return originpull.SettingsClient{}.Enable(t.Context()) },
	}
	for name, do := range tests {
		if err := do(); !errors.Is(err, originpull.ErrInvalidInput) {
			t.Errorf("%s: want %v, have %v", name, originpull.ErrInvalidInput, err)
		}
	}
	if n := mock.GetTotalCallCount(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// TestListWithoutID: a list must not hand out what is not a certificate.
func TestListWithoutID(t *testing.T) {
	t.Parallel()
	mock := httpmock.NewMockTransport()
	mock.RegisterNoResponder(response{status: 200, body: `{"success":true,"errors":[],"messages":[],"result":[null,{}]}`}.respond)
	certificates, err := newZone(t, mock).Certificates.List(t.Context())
	if !errors.Is(err, originpull.ErrMalformedResponse) {
		t.Errorf("the caller gets %d certificates without an id: %v", len(certificates), err)
	}
}

// TestOddMessages: what the API remarks must not hide what went wrong.
func TestOddMessages(t *testing.T) {
	t.Parallel()
	mock := httpmock.NewMockTransport()
	mock.RegisterNoResponder(response{status: 400, body: `{"success":false,"errors":[{"code":1406,"message":"exists"}],"messages":["hello"]}`}.respond)
	if _, err := newZone(t, mock).Certificates.List(t.Context()); !errors.Is(err, originpull.ErrAlreadyExists) {
		t.Errorf("the code is lost: %v", err)
	}
}

// TestUploadByDo: a key that is sent by Do is the key, however it is handed over.
func TestUploadByDo(t *testing.T) {
	t.Parallel()
	key := testpki.Token()
	upload := api.CertificateUpload{Certificate: "c", PrivateKey: secret.New(key)}
	for name, in := range map[string]any{"value": upload, "pointer": &upload} {
		var sent string
		mock := httpmock.NewMockTransport()
		mock.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
			body, _ := io.ReadAll(r.Body)
			sent = string(body)
			return response{status: 200, body: `{"success":true,"errors":[],"messages":[],"result":null}`}.respond(r)
		})
		if err := newClient(t, mock).Do(t.Context(), "POST", "/x", in, nil); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(sent, key) {
			t.Errorf("%s: the key is not sent", name)
		}
	}
}
