package probe_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/probe"
)

// Find out whether an origin accepts only your certificate.
func ExampleCheck() {
	ca := testpki.CA("my CA")
	origin := httptest.NewUnstartedServer(http.NotFoundHandler())
	origin.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.Pool()}
	origin.Config.ErrorLog = log.New(nowhere{}, "", 0)
	origin.StartTLS()
	defer origin.Close()

	leaf := ca.Issue("my origin", nil) // in a program: originpull.LoadKeyPair
	pair, err := originpull.ParseKeyPair(leaf.CertPEM(), leaf.KeyPEM())
	if err != nil {
		log.Fatal(err)
	}
	results, err := probe.Check(context.Background(),
		probe.Target{Addresses: []string{origin.Listener.Addr().String()}, ServerNames: []string{"www.example.com"}},
		probe.Certificates{New: pair.TLSCertificate()})
	if err != nil {
		log.Fatal(err)
	}
	for _, result := range results {
		fmt.Printf("TLS %s: %s\n", result.TLS, result.Verdict)
		for _, observation := range result.Observations {
			fmt.Println(" ", observation)
		}
	}
	// Output:
	// TLS 1.2: enforced
	//   without a certificate: TLS alert "handshake failure"
	//   with a stranger's certificate: TLS alert "unknown certificate authority"
	//   with your certificate: HTTP 404
	// TLS 1.3: enforced
	//   without a certificate: TLS alert "certificate required"
	//   with a stranger's certificate: TLS alert "unknown certificate authority"
	//   with your certificate: HTTP 404
}

// Print what is wrong with an origin, and what to do.
func ExampleResult_Remedy() {
	origin := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Server", "nginx/1.22.1")
	}))
	defer origin.Close()

	results, err := probe.Check(context.Background(),
		probe.Target{Addresses: []string{origin.Listener.Addr().String()}, ServerNames: []string{"www.example.com"}},
		probe.Certificates{}) // Off, Optional and Any need none
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(results[1].Reason)
	fmt.Println(results[1].Remedy())
	// Output:
	// the origin requests no certificate, and accepts requests from everyone
	// Require a client certificate of your CA:
	// nginx, in the server block:
	// 	ssl_client_certificate /etc/ssl/origin-pull-ca.pem;
	// 	ssl_verify_client on;
}

type nowhere struct{}

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }

// Find out whether an origin also serves plain HTTP, where no one presents a certificate.
func ExampleCheckHTTP() {
	origin := httptest.NewServer(http.NotFoundHandler())
	defer origin.Close()
	results, err := probe.CheckHTTP(context.Background(),
		probe.Target{Addresses: []string{origin.Listener.Addr().String()}, ServerNames: []string{"www.example.com"}})
	if err != nil {
		log.Fatal(err)
	}
	for _, result := range results {
		fmt.Println(result.Verdict)
	}
	// Output: off
}
