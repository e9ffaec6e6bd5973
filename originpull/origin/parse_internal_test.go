package origin

import (
	"bytes"
	"testing"

	"github.com/originpull/originpull-go/internal/testpki"
)

// FuzzParse: no certificate is left out, whatever the text is.
func FuzzParse(f *testing.F) {
	ca := testpki.CA("our CA").CertPEM()
	f.Add(ca)
	f.Add(append(ca[:100:100], ca...))
	f.Add([]byte("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"))
	f.Fuzz(func(t *testing.T, text []byte) {
		certificates, err := parse(text)
		if err == nil && (len(certificates) == 0 || len(certificates) != bytes.Count(text, []byte("-----BEGIN "))) {
			t.Errorf("%d certificates of %q", len(certificates), text)
		}
	})
}
