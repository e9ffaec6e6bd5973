package originpull_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// TestOtherID takes no response about another certificate, such as one that a proxy mixed
// up: the caller would wait for it, or believe that it was deleted.
func TestOtherID(t *testing.T) {
	t.Parallel()
	calls := map[string]func(context.Context, *originpull.Zone) (originpull.Certificate, error){
		"Get": func(ctx context.Context, z *originpull.Zone) (originpull.Certificate, error) {
			return z.Certificates.Get(ctx, certificateID)
		},
		"Wait": func(ctx context.Context, z *originpull.Zone) (originpull.Certificate, error) {
			return z.Certificates.Wait(ctx, certificateID, originpull.StatusActive)
		},
		"Delete": func(ctx context.Context, z *originpull.Zone) (originpull.Certificate, error) {
			return z.Certificates.Delete(ctx, certificateID)
		},
	}
	for id, same := range map[string]bool{
		certificateID:                                  true,
		strings.ToUpper(certificateID):                 true,
		strings.ReplaceAll(certificateID, "-", ""):     true,
		strings.ReplaceAll(certificateID, "-", "")[1:]: false,
		"11111111-7c1e-4f6a-9f0e-6c2d1a7b8e90":         false,
		certificateID + "0":                            false,
		strings.ReplaceAll(certificateID, "-", "_"):    false,
		"settings": false,
	} {
		for name, call := range calls {
			body := strings.ReplaceAll(`{"success":true,"errors":[],"messages":[],"result":{"id":"ID","status":"active"}}`, "ID", id)
			got, err := call(t.Context(), newZone(t, roundTrip(func(*http.Request) (*http.Response, error) {
				return response{status: 200, body: body}.respond(nil)
			})))
			if same {
				if err != nil || got.ID != id {
					t.Errorf("%s of a certificate whose id is written %s fails: %v", name, id, err)
				}
				continue
			}
			wantErrors(t, err, originpull.ErrMalformedResponse)
			if err == nil {
				t.Errorf("%s takes the response about %s for its own", name, id)
			} else if !strings.Contains(err.Error(), "about another certificate") || strings.Contains(err.Error(), id) {
				t.Errorf("%s: the user reads %v", name, err)
			}
		}
	}
}

// uploadedAs is a success of an upload with a certificate in JSON.
func uploadedAs(certificate string) response {
	return response{status: 200, body: `{"success":true,"errors":[],"messages":[],"result":{"id":"new","status":"initializing","certificate":` + certificate + `}}`}
}

// TestUploadReturnsItsLeaf takes a success with the leaf that was sent, however it is
// written, and one without a leaf.
func TestUploadReturnsItsLeaf(t *testing.T) {
	t.Parallel()
	leaf, other := testpki.Leaf("client.example", nil), testpki.Leaf("client.example", nil)
	pair := must(originpull.KeyPairFromTLS(leaf.TLS()))
	text, another := string(leaf.CertPEM()), string(other.CertPEM())
	bare := base64.StdEncoding.EncodeToString(leaf.Certificate.Raw)
	for name, written := range map[string]string{
		"as sent":                       inJSON(text),
		"without the final newline":     inJSON(strings.TrimSpace(text)),
		"with CRLF":                     inJSON(strings.ReplaceAll(text, "\n", "\r\n")),
		"with blanks around it":         inJSON("\n\n " + text + "\n\n"),
		"on one line":                   inJSON(strings.ReplaceAll(text, "\n", "")),
		"with blanks for newlines":      inJSON(strings.ReplaceAll(text, "\n", " ")),
		"with escaped newlines":         inJSON(strings.ReplaceAll(text, "\n", `\n`)),
		"with text before it":           inJSON("subject=CN=client.example\n" + text),
		"with its chain":                inJSON(text + another),
		"wrapped elsewhere":             inJSON("-----BEGIN CERTIFICATE-----\n" + bare + "\n-----END CERTIFICATE-----\n"),
		"in base64 alone":               inJSON(bare),
		"in base64 without its padding": inJSON(strings.TrimRight(bare, "=")),
		"not at all":                    `null`,
		"as an empty text":              `""`,
		"as what cannot be read":        `["?"]`,
		"as what is not a certificate":  `"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"`,
	} {
		certificate, err := newZone(t, roundTrip(func(*http.Request) (*http.Response, error) { return uploadedAs(written).respond(nil) })).Certificates.Upload(t.Context(), pair)
		if err != nil || certificate.ID != "new" {
			t.Errorf("an upload that returns the leaf %s fails: %v", name, err)
		}
	}
	for name, written := range map[string]string{
		"another leaf":                        inJSON(another),
		"another leaf of another form":        inJSON(strings.ReplaceAll(another, "\n", "")),
		"another leaf, and then the one sent": inJSON(another + text),
	} {
		requests := 0
		_, err := newZone(t, roundTrip(func(*http.Request) (*http.Response, error) { requests++; return uploadedAs(written).respond(nil) })).Certificates.Upload(t.Context(), pair)
		if wantErrors(t, err, originpull.ErrMalformedResponse); requests != 1 {
			t.Errorf("an upload that returns %s makes %d requests: %v", name, requests, err)
		}
	}
}

// oddly is a response of the simulator that someone else wrote.
func oddly(body string) *originpulltest.Response {
	return &originpulltest.Response{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}
}

// TestUploadLooksForItsLeaf looks for the certificate after a response about another one,
// and does not go on uploading where every response is.
func TestUploadLooksForItsLeaf(t *testing.T) {
	t.Parallel()
	wrong := func() *originpulltest.Response {
		return oddly(uploadedAs(inJSON(string(testpki.Leaf("client.example", nil).CertPEM()))).body)
	}
	for _, lag := range []time.Duration{0, 30 * time.Second} {
		for name, rule := range map[string]func() originpulltest.Rule{
			"after effect": func() originpulltest.Rule { return originpulltest.Script(originpulltest.Fault{Response: wrong()}) },
			"without effect": func() originpulltest.Rule {
				return originpulltest.Script(originpulltest.Fault{Response: wrong(), Reject: true})
			},
		} {
			synctest.Test(t, func(t *testing.T) {
				sim := originpulltest.New(originpulltest.Options{ListLag: lag, Faults: rule()})
				defer sim.Close()
				certificate, err := simulatedZone(t, sim).Certificates.Upload(t.Context(), newPair(t))
				held := sim.Certificates(sim.ZoneID())
				if err != nil || len(held) != 1 || held[0].ID != certificate.ID {
					t.Errorf("%s, lists lag %s: the caller gets %q, the zone holds %d: %v", name, lag, certificate.ID, len(held), err)
				}
			})
		}
	}
	synctest.Test(t, func(t *testing.T) {
		body, uploads := uploadedAs(inJSON(string(testpki.Leaf("client.example", nil).CertPEM()))), 0
		_, err := retryingZone(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				uploads++
				return body.respond(nil)
			}
			return example(t, "NoCertificates").respond(r)
		})).Certificates.Upload(t.Context(), newPair(t))
		wantErrors(t, err, originpull.ErrMalformedResponse)
		if !errors.Is(err, originpull.ErrOutcomeUnknown) || uploads != 2 {
			t.Errorf("where every response is about another certificate, %d uploads are sent: %v", uploads, err)
		}
	})
}
