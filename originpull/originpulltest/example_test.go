package originpulltest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// newZone joins the SDK and a simulator: three lines.
func newZone(sim *originpulltest.Simulator) *originpull.Zone {
	client, err := originpull.New(originpull.WithToken(sim.Token()), originpull.WithTransport(sim.Transport()))
	if err != nil {
		log.Fatal(err)
	}
	zone, err := client.Zone(sim.ZoneID())
	if err != nil {
		log.Fatal(err)
	}
	return zone
}

func Example() {
	sim := originpulltest.New(originpulltest.Options{DeployDelay: -1}) // NewServer(t, …) in a test
	defer sim.Close()
	zone, ctx := newZone(sim), context.Background()

	pair, err := originpull.ParseKeyPair(originpulltest.KeyPair(nil)) // KeyPair(t) in a test
	if err != nil {
		log.Fatal(err)
	}
	cert, err := zone.Certificates.Upload(ctx, pair)
	if err != nil {
		log.Fatal(err)
	}
	cert, err = zone.Certificates.Wait(ctx, cert.ID, originpull.StatusActive)
	fmt.Println(cert.Status, err)
	fmt.Println(len(sim.Certificates(sim.ZoneID())), "certificate in the zone")
	// Output:
	// active <nil>
	// 1 certificate in the zone
}

// The edge pulls from an origin that wants the zone's certificate.
func ExampleSimulator_Pull() {
	sim := originpulltest.New(originpulltest.Options{})
	defer sim.Close()

	client, err := tls.X509KeyPair(originpulltest.KeyPair(nil))
	if err != nil {
		log.Fatal(err)
	}
	clients := x509.NewCertPool()
	clients.AddCert(client.Leaf)
	server, err := tls.X509KeyPair(originpulltest.KeyPair(nil))
	if err != nil {
		log.Fatal(err)
	}
	listener := originpulltest.NewListener()
	origin := &http.Server{ErrorLog: log.New(io.Discard, "", 0)}
	defer origin.Close()
	go origin.Serve(tls.NewListener(listener, &tls.Config{
		Certificates: []tls.Certificate{server},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    clients,
	}))
	pull := func() originpulltest.Pull {
		return sim.Pull(context.Background(), sim.ZoneID(), originpulltest.Origin{Addr: "origin.example:443", Dial: listener.Dial})
	}

	p := pull()
	fmt.Println(p.Outcome, p.Presented)
	sim.AddCertificate(sim.ZoneID(), client)
	sim.SetEnabled(sim.ZoneID(), true)
	p = pull()
	fmt.Println(p.Outcome, p.Presented)
	// Output:
	// refused none
	// accepted zone
}

// The response to the first upload is lost, though the upload has taken effect.
func ExampleScript() {
	sim := originpulltest.New(originpulltest.Options{
		Faults: originpulltest.On("UploadCertificate", originpulltest.Script(originpulltest.Fault{Disconnect: originpulltest.Drop})),
	})
	defer sim.Close()
	zone, ctx := newZone(sim), context.Background()

	pair, err := originpull.ParseKeyPair(originpulltest.KeyPair(nil))
	if err != nil {
		log.Fatal(err)
	}
	cert, err := zone.Certificates.Upload(ctx, pair) // looks for what became of it
	if err != nil {
		log.Fatal(err)
	}
	listed, err := zone.Certificates.List(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("certificates:", len(listed), "and it is the one found:", listed[0].ID == cert.ID)
	// Output:
	// certificates: 1 and it is the one found: true
}
