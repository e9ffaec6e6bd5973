package originpull_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
)

// listOf is the response to a list of certificates with these PEMs, their ids
// id-0, id-1 and so on.
func listOf(t *testing.T, pems ...string) response {
	t.Helper()
	var result []originpull.Certificate
	for i, text := range pems {
		result = append(result, originpull.Certificate{ID: "id-" + string(rune('0'+i)), Status: originpull.StatusActive, Certificate: text})
	}
	return success(t, result)
}

// TestAll iterates over what List returns, and stops where the caller does.
func TestAll(t *testing.T) {
	t.Parallel()
	zone := newZone(t, always(listOf(t, "a", "b", "c")))
	var ids []string
	for certificate, err := range zone.Certificates.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if ids = append(ids, certificate.ID); certificate.ID == "id-1" {
			break
		}
	}
	if want := []string{"id-0", "id-1"}; !slices.Equal(ids, want) {
		t.Errorf("the caller sees %v, want %v", ids, want)
	}
	rounds := 0
	for certificate, err := range newZone(t, always(example(t, "Denied"))).Certificates.All(t.Context()) {
		rounds++
		if wantErrors(t, err, originpull.ErrDenied); !reflect.ValueOf(certificate).IsZero() {
			t.Errorf("an error comes with certificate %+v", certificate)
		}
	}
	if rounds != 1 {
		t.Errorf("the caller sees %d pairs of a list that is denied, want the error alone", rounds)
	}
}

// TestFind finds a certificate by its content, and never says that there is none
// where it could not look.
func TestFind(t *testing.T) {
	t.Parallel()
	leaf, other := testpki.Leaf("client.example", nil), testpki.Leaf("client.example", nil)
	wanted, another := string(leaf.CertPEM()), string(other.CertPEM())
	for _, tt := range []struct {
		name string
		list response
		id   string
		is   []error
	}{
		{"re-encoded", listOf(t, another, "\n"+strings.TrimSpace(wanted)), "id-1", nil},
		{"beside one that cannot be read", listOf(t, "?", wanted), "id-1", nil},
		{"not there", listOf(t, another), "", []error{originpull.ErrNotFound}},
		{"nothing there", example(t, "NoCertificates"), "", []error{originpull.ErrNotFound}},
		{"perhaps the one that cannot be read", listOf(t, another, "?"), "", []error{originpull.ErrMalformedResponse}},
		{"denied", example(t, "Denied"), "", []error{originpull.ErrDenied}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := newZone(t, always(tt.list)).Certificates.Find(t.Context(), leaf.Certificate)
			wantErrors(t, err, tt.is...)
			if got.ID != tt.id {
				t.Errorf("the caller gets certificate %q, want %q", got.ID, tt.id)
			}
		})
	}
	if _, err := newZone(t, always(listOf(t))).Certificates.Find(t.Context(), nil); !errors.Is(err, originpull.ErrInvalidInput) {
		t.Errorf("nothing to find is not refused: %v", err)
	}
}

// TestUploadRefuses a pair that is empty or has expired since it was made.
func TestUploadRefuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mock := always(example(t, "PendingCertificate"))
		zone, pair := newZone(t, mock), newPair(t)
		_, err := zone.Certificates.Upload(t.Context(), originpull.KeyPair{})
		wantRefusal(t, err, nil, "it is empty: make it with ParseKeyPair, LoadKeyPair or KeyPairFromTLS")
		time.Sleep(25 * time.Hour) // of the bubble: the pair is made for a day
		_, err = zone.Certificates.Upload(t.Context(), pair)
		wantRefusal(t, err, originpull.ErrExpired, "was valid until")
		if n := mock.GetTotalCallCount(); n != 0 {
			t.Errorf("%d requests were sent", n)
		}
	})
}

// TestDeleteConfirms asks for the certificate where a refusal does not say why, as
// the API's "already deleted".
func TestDeleteConfirms(t *testing.T) {
	t.Parallel()
	refusal, already := example(t, "AlreadyDeleted"), []error{originpull.ErrAlreadyDeleted}
	for _, tt := range []struct {
		name          string
		refusal, then response
		is            []error
		asked         int
	}{
		{"deleted", refusal, in(t, originpull.StatusDeleted), already, 1},
		{"on its way out", refusal, in(t, originpull.StatusPendingDeletion), already, 1},
		{"a code no one knows, deleted", failureWith(400, 4711), in(t, originpull.StatusDeleted), already, 1},
		{"active, so it was something else", refusal, in(t, originpull.StatusActive), nil, 1},
		{"not known", refusal, example(t, "BadGatewayPage"), nil, 1},
		{"the code says it", failureWith(400, 1414), in(t, originpull.StatusDeleted), already, 0},
		{"the code says something else", example(t, "PendingDeployment"), in(t, originpull.StatusDeleted), []error{originpull.ErrPendingDeployment}, 0},
		{"not a refusal", example(t, "Internal"), in(t, originpull.StatusDeleted), nil, 0},
		{"not of the API", response{status: 400, body: "<html>"}, in(t, originpull.StatusDeleted), []error{originpull.ErrMalformedResponse}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			mock := httpmock.NewMockTransport()
			mock.RegisterResponder("DELETE", certificateURL, tt.refusal.respond)
			mock.RegisterResponder("GET", certificateURL, tt.then.respond)
			_, err := newZone(t, mock).Certificates.Delete(t.Context(), certificateID)
			wantErrors(t, err, tt.is...)
			if e := apiError(t, err); e.Operation != "DeleteCertificate" || e.Status != tt.refusal.status {
				t.Errorf("the error is that of %s with status %d, want the deletion's", e.Operation, e.Status)
			}
			if calls := mock.GetCallCountInfo(); calls["GET "+certificateURL] != tt.asked || calls["DELETE "+certificateURL] != 1 {
				t.Errorf("the requests are %v, want one DELETE and %d GET", calls, tt.asked)
			}
		})
	}
}

// TestAnswerWithoutWhatWasAsked must not be a success: it would read as a certificate
// without an id, or as a zone that is not enabled.
func TestAnswerWithoutWhatWasAsked(t *testing.T) {
	t.Parallel()
	for _, result := range []any{nil, map[string]any{}, map[string]any{"id": "", "enabled": nil}} {
		for _, op := range operations(t) {
			if op.id == "ListCertificates" || op.id == "DeleteCertificate" {
				continue // null is a response there
			}
			_, err := op.call(t.Context(), newZone(t, always(success(t, result))))
			if err == nil {
				t.Errorf("%s takes result %v for a success", op.id, result)
				continue
			}
			wantErrors(t, err, originpull.ErrMalformedResponse)
			if e := apiError(t, err); e.Status != 200 || e.RayID != ray {
				t.Errorf("%s: the error says status %d and ray %q", op.id, e.Status, e.RayID)
			}
		}
	}
}

// TestSettingsThatDoNotHold reports a change that the API took and did not make.
func TestSettingsThatDoNotHold(t *testing.T) {
	t.Parallel()
	if err := newZone(t, always(example(t, "Disabled"))).Settings.Enable(t.Context()); err == nil || !strings.Contains(err.Error(), "the request set enabled to true, the response says false") {
		t.Errorf("where the zone stays disabled the user reads %v", err)
	}
	if err := newZone(t, always(example(t, "Enabled"))).Settings.Disable(t.Context()); err == nil || !strings.Contains(err.Error(), "the request set enabled to false, the response says true") {
		t.Errorf("where the zone stays enabled the user reads %v", err)
	}
}
