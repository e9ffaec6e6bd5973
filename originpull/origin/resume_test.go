package origin_test

import (
	"crypto/tls"
	"crypto/x509"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
)

// TestRemovedCA: a session of a client whose CA was removed is not resumed, and a client
// that has a new certificate gets through again, though it holds the old session.
func TestRemovedCA(t *testing.T) {
	t.Parallel()
	for _, version := range versions {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			t.Parallel()
			removed, kept := testpki.CA("removed"), testpki.CA("kept")
			bundle := trust(t, removed)
			old := newEdge(serve(t, require(t, own(), bundle)), version, removed.Issue("old", nil).TLS())
			old.accepted(t, "at first", false)
			old.accepted(t, "again", true)
			set(t, bundle, removed, kept)
			old.accepted(t, "with one CA more", true)
			set(t, bundle, kept)
			old.refused(t, "after its CA was removed")
			old.refused(t, "after its CA was removed, again")

			old.config.Certificates = []tls.Certificate{kept.Issue("new", nil).TLS()}
			old.accepted(t, "with a new certificate", false)
			old.accepted(t, "with a new certificate, again", true)
		})
	}
}

// TestRemovedLeaf is the same where the origin trusts the certificates themselves, and for
// the configs of the caller's GetConfigForClient.
func TestRemovedLeaf(t *testing.T) {
	t.Parallel()
	for _, version := range versions {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			t.Parallel()
			removed, kept := testpki.Leaf("removed", nil), testpki.Leaf("kept", nil)
			config, bundle := own(), trust(t, removed, kept)
			inner := config.Clone()
			config.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return inner, nil }
			address := serve(t, require(t, config, bundle))
			one, other := newEdge(address, version, removed.TLS()), newEdge(address, version, kept.TLS())
			for _, e := range []*edge{one, other} {
				e.accepted(t, "at first", false)
				e.accepted(t, "again", true)
			}
			set(t, bundle, kept)
			one.refused(t, "after it was removed")
			other.accepted(t, "after another was removed", true)
		})
	}
}

// TestRemovedInHandshake removes the CA while a handshake is under way.
func TestRemovedInHandshake(t *testing.T) {
	t.Parallel()
	for _, version := range versions {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			t.Parallel()
			removed, kept := testpki.CA("removed"), testpki.CA("kept")
			bundle, certificate := trust(t, removed), own().Certificates[0]
			config := &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
				return &certificate, bundle.Set(kept.Certificate)
			}}
			newEdge(serve(t, require(t, config, bundle)), version, removed.Issue("old", nil).TLS()).refused(t, "while its CA is removed")
		})
	}
}

// TestFromIntermediateToRoot: a session of a certificate whose CA is still trusted, by
// its root now, goes on.
func TestFromIntermediateToRoot(t *testing.T) {
	t.Parallel()
	root := testpki.CA("root")
	intermediate := root.Issue("intermediate", func(c *x509.Certificate) {
		c.IsCA, c.KeyUsage, c.ExtKeyUsage = true, x509.KeyUsageCertSign, nil
	})
	leaf := intermediate.Issue("ours", nil).TLS()
	leaf.Certificate = append(leaf.Certificate, intermediate.Certificate.Raw)
	for _, version := range versions {
		bundle := trust(t, intermediate)
		e := newEdge(serve(t, require(t, own(), bundle)), version, leaf)
		e.accepted(t, "at first", false)
		set(t, bundle, root)
		e.accepted(t, "with the root in place of the intermediate", true)
		set(t, bundle, testpki.CA("another"))
		e.refused(t, "with neither")
	}
}

// TestExpiredSession: a session does not outlive the certificates of its chain. The clock is
// that of the caller's config.
func TestExpiredSession(t *testing.T) {
	t.Parallel()
	ca := testpki.CA("our CA")
	ours := ca.Issue("ours", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(time.Hour) })
	now := time.Now()
	config := own()
	config.Time = func() time.Time { return now }
	required := require(t, config, trust(t, ca))
	state := tls.ConnectionState{VerifiedChains: [][]*x509.Certificate{{ours.Certificate, ca.Certificate}}}
	if err := required.VerifyConnection(state); err != nil {
		t.Fatalf("a valid chain is refused: %v", err)
	}
	if now = now.Add(2 * time.Hour); required.VerifyConnection(state) == nil {
		t.Error("a session with a certificate that has expired since is resumed")
	}
	if required.VerifyConnection(tls.ConnectionState{PeerCertificates: state.VerifiedChains[0]}) == nil {
		t.Error("a certificate that was not verified is accepted")
	}
}

// TestTickets: session tickets are the caller's business: turned off, or shared by several
// servers.
func TestTickets(t *testing.T) {
	t.Parallel()
	ca := testpki.CA("our CA")
	ours := ca.Issue("ours", nil).TLS()
	for _, version := range versions {
		config := own()
		config.SetSessionTicketKeys([][32]byte{{1}})
		here, there := serve(t, require(t, config, trust(t, ca))), serve(t, require(t, config, trust(t, ca)))
		e := newEdge(here, version, ours)
		e.accepted(t, "by one server", false)
		e.address = there
		e.accepted(t, "by another one with the same ticket keys", true)

		config = own()
		config.SessionTicketsDisabled = true
		e = newEdge(serve(t, require(t, config, trust(t, ca))), version, ours)
		e.accepted(t, "at first", false)
		e.accepted(t, "again, without tickets", false)
	}
}

// TestConcurrent changes what is trusted in every handshake of several clients: who is trusted before and after
// is never refused, and a stranger never accepted.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	kept, other, stranger := testpki.CA("kept"), testpki.CA("other"), testpki.CA("stranger")
	bundle, certificate := trust(t, kept), own().Certificates[0]
	var n atomic.Int32
	config := &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		return &certificate, bundle.Set([]*x509.Certificate{kept.Certificate, other.Certificate}[:1+n.Add(1)%2]...)
	}}
	address := serve(t, require(t, config, bundle))
	var pulls sync.WaitGroup
	for _, version := range versions {
		pulls.Go(func() {
			e, no := newEdge(address, version, kept.Issue("ours", nil).TLS()), newEdge(address, version, stranger.Issue("stranger", nil).TLS())
			for range 10 {
				if _, err := e.pull(); err != nil {
					t.Errorf("a pull with a trusted certificate is refused: %v", err)
				}
				if _, err := no.pull(); err == nil {
					t.Error("a stranger's pull is accepted")
				}
			}
		})
	}
	pulls.Wait()
}
