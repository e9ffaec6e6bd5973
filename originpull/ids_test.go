package originpull_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/originpull"
)

// strangeIDs are ids that would lead elsewhere, or break a URL.
var strangeIDs = []string{
	"", ".", "..", "../settings", "..%2fsettings", "%2e%2e", "settings", "hostnames", "Settings", "SETTINGS", "hostNames", "hostnames/certificates", "a/b", "a/", "/a", `a\b`,
	"?x", "#x", "a?x=1", "a#x", "a;b", "a:b", "a@b", "a b", " ", "a\n", "\na", "a\r\nHost: x", "a\x00", "ä", "\xff", "‥", "０", "%", "%00",
	strings.Repeat("a", 37), strings.Repeat("ä", 40), certificateID + "0",
}

// takesID is a method that takes a certificate's id.
type takesID struct {
	name, method string
	call         func(context.Context, string) error
}

func takingID(c originpull.CertificateClient) []takesID {
	return []takesID{
		{"Get", "GET", func(ctx context.Context, id string) error { _, err := c.Get(ctx, id); return err }},
		{"Delete", "DELETE", func(ctx context.Context, id string) error { _, err := c.Delete(ctx, id); return err }},
		{"Wait", "GET", func(ctx context.Context, id string) error {
			_, err := c.Wait(ctx, id, originpull.StatusActive)
			return err
		}},
	}
}

// TestStrangeIDs requires that no id reaches another resource than a certificate.
func TestStrangeIDs(t *testing.T) {
	t.Parallel()
	mock := always(example(t, "ActiveCertificate"))
	for _, id := range strangeIDs {
		if _, err := newClient(t, mock).Zone(id); !errors.Is(err, originpull.ErrInvalidInput) {
			t.Errorf("zone id %q is not refused: %v", id, err)
		}
		for _, method := range takingID(newZone(t, mock).Certificates) {
			if err := method.call(t.Context(), id); !errors.Is(err, originpull.ErrInvalidInput) || strings.ContainsAny(err.Error(), "\r\n\x00") {
				t.Errorf("%s: certificate id %q is not refused in one line: %v", method.name, id, err)
			}
		}
	}
	if n := mock.GetTotalCallCount(); n != 0 {
		t.Errorf("%d requests were sent for ids that are none", n)
	}
}
