package originpulltest

import (
	"crypto/tls"
	"crypto/x509"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
)

// sharedIdentity stands in for Cloudflare's shared certificate and the CA that
// has signed it.
type sharedIdentity struct {
	ca   *x509.Certificate
	pair tls.Certificate
}

// SharedCA returns the CA that signed the shared certificate, which the global
// level presents: a stand-in for Cloudflare's, made anew for each simulator.
func (s *Simulator) SharedCA() *x509.Certificate { return s.shared().ca }

// newSharedIdentity makes both, valid as long as any test may want. Cloudflare's
// CA ends in 2029; a stand-in that did would end the tests of that day.
func newSharedIdentity() sharedIdentity {
	ca := testpki.Leaf("origin-pull.cloudflare.net", func(c *x509.Certificate) {
		lasting(c)
		c.IsCA, c.KeyUsage, c.ExtKeyUsage = true, x509.KeyUsageCertSign, nil
	})
	return sharedIdentity{ca.Certificate, ca.Issue("Cloudflare shared certificate, stand-in", lasting).TLS()}
}

// lasting makes a certificate valid from before a synctest bubble begins.
func lasting(c *x509.Certificate) {
	c.NotBefore = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
	c.NotAfter = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
}
