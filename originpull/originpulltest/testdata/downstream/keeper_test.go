package keeper

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// newCertificate returns a new certificate with its key, for this test alone.
func newCertificate(t *testing.T) tls.Certificate {
	t.Helper()
	certificate, err := tls.X509KeyPair(originpulltest.KeyPair(t))
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

func TestKeep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.NewServer(t, originpulltest.Options{DeployDelay: time.Minute})
		client, err := originpull.New(originpull.WithToken(sim.Token()), originpull.WithTransport(sim.Transport()))
		if err != nil {
			t.Fatal(err)
		}
		zone, err := client.Zone(sim.ZoneID())
		if err != nil {
			t.Fatal(err)
		}
		certificate := newCertificate(t)
		pair, err := originpull.KeyPairFromTLS(certificate)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time all is there
			if err := Keep(t.Context(), zone, pair); err != nil {
				t.Fatal(err)
			}
		}

		clients := x509.NewCertPool()
		clients.AddCert(certificate.Leaf)
		listener := originpulltest.NewListener()
		origin := &http.Server{Handler: http.NotFoundHandler()}
		go origin.Serve(tls.NewListener(listener, &tls.Config{
			Certificates: []tls.Certificate{newCertificate(t)},
			ClientAuth:   tls.RequireAndVerifyClientCert,
			ClientCAs:    clients,
		}))
		defer origin.Close()
		pull := sim.Pull(t.Context(), sim.ZoneID(), originpulltest.Origin{Addr: "origin.example:443", Dial: listener.Dial})
		if pull.Outcome != originpulltest.Accepted || pull.Presented != originpulltest.PresentedZone {
			t.Errorf("the origin turns the edge away: %s", &pull)
		}
	})
}
