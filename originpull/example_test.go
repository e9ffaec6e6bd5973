package originpull_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// exampleZone is a zone of a simulator, in place of the live API; end closes it.
func exampleZone(options ...originpull.Option) (zone *originpull.Zone, end func() error) {
	sim := originpulltest.New(originpulltest.Options{DeployDelay: -1, DeleteDelay: -1})
	client, err := originpull.New(append([]originpull.Option{originpull.WithToken(sim.Token()), originpull.WithTransport(sim.Transport())}, options...)...)
	if err != nil {
		log.Fatal(err)
	}
	zone, err = client.Zone(sim.ZoneID())
	if err != nil {
		log.Fatal(err)
	}
	return zone, sim.Close
}

// examplePair is a new certificate with its key, as a user's files would hold.
func examplePair() originpull.KeyPair {
	pair, err := originpull.ParseKeyPair(originpulltest.KeyPair(nil))
	if err != nil {
		log.Fatal(err)
	}
	return pair
}

// Give a zone its own certificate: upload it, wait until the edge has it, and have
// it presented to the origin.
func Example() {
	zone, end := exampleZone()
	defer end()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()

	cert, err := zone.Certificates.Upload(ctx, examplePair()) // LoadKeyPair("client.pem", "client.key")
	if err != nil {
		log.Fatal(err)
	}
	cert, err = zone.Certificates.Wait(ctx, cert.ID, originpull.StatusActive)
	if err != nil {
		log.Fatal(err)
	}
	if err := zone.Settings.Enable(ctx); err != nil {
		log.Fatal(err)
	}
	settings, err := zone.Settings.Get(ctx)
	fmt.Println(cert.Status, settings.Enabled, err)
	// Output: active true <nil>
}

// Replace a certificate without a gap: the old one goes when the new one is
// active.
func Example_replace() {
	zone, end := exampleZone()
	defer end()
	ctx := context.Background()
	old, err := zone.Certificates.Upload(ctx, examplePair())
	if err != nil {
		log.Fatal(err)
	}

	next, err := zone.Certificates.Upload(ctx, examplePair())
	if err != nil {
		log.Fatal(err)
	}
	if _, err := zone.Certificates.Wait(ctx, next.ID, originpull.StatusActive); err != nil {
		log.Fatal(err)
	}
	if _, err := zone.Certificates.Delete(ctx, old.ID); err != nil {
		log.Fatal(err)
	}
	if old, err = zone.Certificates.Wait(ctx, old.ID, originpull.StatusDeleted); err != nil {
		log.Fatal(err)
	}
	for cert, err := range zone.Certificates.All(ctx) {
		fmt.Println(cert.ID == next.ID, cert.Status, err)
	}
	fmt.Println("the old one is", old.Status)
	// Output:
	// true active <nil>
	// the old one is deleted
}

// Branch on errors with [errors.Is]; the rest is in [originpull.Error].
func Example_errors() {
	zone, end := exampleZone()
	defer end()
	ctx, pair := context.Background(), examplePair()
	if _, err := zone.Certificates.Upload(ctx, pair); err != nil {
		log.Fatal(err)
	}

	_, err := zone.Certificates.Upload(ctx, pair)
	var apiErr *originpull.Error
	if errors.Is(err, originpull.ErrAlreadyExists) && errors.As(err, &apiErr) {
		fmt.Println(apiErr.Operation, apiErr.Status, apiErr.Codes(), apiErr.Attempts)
	}
	// Output: UploadCertificate 400 [1406] 1
}

func ExampleFromEnv() {
	os.Setenv("CLOUDFLARE_API_TOKEN", "a-token") // as the shell of a user would
	defer os.Unsetenv("CLOUDFLARE_API_TOKEN")
	client, err := originpull.FromEnv()
	fmt.Println(client != nil, err)
	// Output: true <nil>
}

func ExampleKeyPairFromTLS() {
	certificate, err := tls.X509KeyPair(originpulltest.KeyPair(nil)) // or tls.LoadX509KeyPair
	if err != nil {
		log.Fatal(err)
	}
	pair, err := originpull.KeyPairFromTLS(certificate)
	fmt.Println(pair.Leaf().Subject, err)
	// Output: CN=originpulltest <nil>
}

// A certificate is found by what it is, not by what its PEM looks like.
func ExampleCertificateClient_Find() {
	zone, end := exampleZone()
	defer end()
	ctx, pair := context.Background(), examplePair()
	_, err := zone.Certificates.Find(ctx, pair.Leaf())
	fmt.Println(errors.Is(err, originpull.ErrNotFound))

	uploaded, err := zone.Certificates.Upload(ctx, pair)
	if err != nil {
		log.Fatal(err)
	}
	found, err := zone.Certificates.Find(ctx, pair.Leaf())
	fmt.Println(found.ID == uploaded.ID, err)
	// Output:
	// true
	// true <nil>
}

// What the SDK does not know goes by the same way: here the zone's SSL mode.
func ExampleClient_Do() {
	sim := originpulltest.New(originpulltest.Options{})
	defer sim.Close()
	client, err := originpull.New(originpull.WithToken(sim.Token()), originpull.WithTransport(sim.Transport()))
	if err != nil {
		log.Fatal(err)
	}
	var mode struct {
		Value string `json:"value"`
	}
	err = client.Do(context.Background(), "GET", "/zones/"+sim.ZoneID()+"/settings/ssl", nil, &mode)
	fmt.Println(mode.Value, err)
	// Output: full <nil>
}

func ExampleWithResponse() {
	zone, end := exampleZone()
	defer end()
	var response originpull.Response
	_, err := zone.Settings.Get(context.Background(), originpull.WithResponse(&response))
	fmt.Println(response.Status, response.Header.Get("Content-Type"), err)
	// Output: 200 application/json <nil>
}

// Metrics and traces from each attempt; examples/otel has the whole of it with
// OpenTelemetry.
func ExampleWithAttemptHook() {
	zone, end := exampleZone(originpull.WithAttemptHook(func(_ context.Context, a originpull.Attempt) {
		fmt.Println(a.Operation, "attempt", a.Number, "status", a.Status, a.Err)
	}))
	defer end()
	if _, err := zone.Settings.Get(context.Background()); err != nil {
		log.Fatal(err)
	}
	// Output: GetSettings attempt 1 status 200 <nil>
}

func ExampleClient_RateLimit() {
	sim := originpulltest.New(originpulltest.Options{})
	defer sim.Close()
	client, err := originpull.New(originpull.WithToken(sim.Token()), originpull.WithTransport(sim.Transport()))
	if err != nil {
		log.Fatal(err)
	}
	zone, err := client.Zone(sim.ZoneID())
	if err != nil {
		log.Fatal(err)
	}
	if _, err := zone.Settings.Get(context.Background()); err != nil {
		log.Fatal(err)
	}
	budget, ok := client.RateLimit()
	fmt.Println(budget.Remaining, "of", budget.Quota, "in", budget.Window, ok)
	// Output: 1199 of 1200 in 5m0s true
}

// Test your own code against the simulator, with a fault of your choice: here a
// page of a proxy, which is not repeated.
func Example_simulator() {
	sim := originpulltest.New(originpulltest.Options{ // NewServer(t, …) in a test
		Faults: originpulltest.Script(originpulltest.Fault{Response: &originpulltest.Response{Status: 502, Body: "<html>bad gateway</html>"}}),
	})
	defer sim.Close()
	client, err := originpull.New(originpull.WithToken(sim.Token()), originpull.WithTransport(sim.Transport()))
	if err != nil {
		log.Fatal(err)
	}
	zone, err := client.Zone(sim.ZoneID())
	if err != nil {
		log.Fatal(err)
	}
	_, err = zone.Settings.Get(context.Background(), originpull.WithoutRetry())
	fmt.Println(errors.Is(err, originpull.ErrMalformedResponse))
	fmt.Println(len(sim.Record()), "events: a request, its fault, its response")
	// Output:
	// true
	// 3 events: a request, its fault, its response
}
