package originpulltest

import (
	"crypto/tls"
	"crypto/x509"
	"sync"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
)

// sharedIdentity takes the place of Cloudflare's shared certificate and its CA.
type sharedIdentity struct {
	ca   *x509.Certificate
	pair tls.Certificate
}

// SharedCA returns the CA of the shared certificate, which the global level presents. It
// is not Cloudflare's CA: each process makes its own.
func (s *Simulator) SharedCA() *x509.Certificate { return shared().ca }

// shared is the same for all simulators, since it takes longer to make than they do.
var shared = sync.OnceValue(newSharedIdentity)

// newSharedIdentity makes both, with a long validity. Cloudflare's CA expires in 2029; if
// this one did, tests would begin to fail then.
func newSharedIdentity() *sharedIdentity {
	ca := testpki.Leaf("origin-pull.cloudflare.net", func(c *x509.Certificate) {
		lasting(c)
		c.IsCA, c.KeyUsage, c.ExtKeyUsage = true, x509.KeyUsageCertSign, nil
	})
	return &sharedIdentity{ca.Certificate, ca.Issue("Cloudflare shared certificate, stand-in", lasting).TLS()}
}

// lasting makes a certificate valid from before a synctest bubble begins.
func lasting(c *x509.Certificate) {
	c.NotBefore = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
	c.NotAfter = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
}
