package origin_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/originpull/originpull-go/originpull/origin"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// An origin that accepts only the pulls of its zone.
func ExampleRequire() {
	// In a program: the file with your CA, and the certificate of the origin.
	caPEM, caKeyPEM := originpulltest.KeyPair(nil, originpulltest.CA())
	caFile, own := exampleFile(caPEM), exampleCertificate()
	defer os.Remove(caFile)

	trusted, err := origin.LoadFiles(caFile)
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go trusted.Watch(ctx, slog.New(slog.DiscardHandler)) // in a program: slog.Default()
	config, err := origin.Require(&tls.Config{Certificates: []tls.Certificate{own}}, trusted)
	if err != nil {
		log.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		client, _ := origin.ClientOf(r.TLS)
		fmt.Println("pulled by", client.Subject)
	}))
	server.TLS = config
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()

	// Cloudflare's edge, simulated.
	edge := originpulltest.New(originpulltest.Options{})
	defer edge.Close()
	pull := func() {
		fmt.Println(edge.Pull(ctx, edge.ZoneID(), originpulltest.Origin{Addr: server.Listener.Addr().String()}).Outcome)
	}
	pull()
	leaf, err := tls.X509KeyPair(originpulltest.KeyPair(nil, originpulltest.IssuedBy(caPEM, caKeyPEM)))
	if err != nil {
		log.Fatal(err)
	}
	edge.AddCertificate(edge.ZoneID(), leaf)
	edge.SetEnabled(edge.ZoneID(), true)
	pull()
	// Output:
	// refused
	// pulled by CN=originpulltest
	// accepted
}

// Trust certificates that come from a service: wait for the first ones, and follow changes.
func ExampleBundle() {
	certificate, err := tls.X509KeyPair(originpulltest.KeyPair(nil)) // in a program: from the service
	if err != nil {
		log.Fatal(err)
	}
	var trusted origin.Bundle
	go func() {
		if err := trusted.Set(certificate.Leaf); err != nil { // and again at each change
			log.Print(err)
		}
	}()

	if err := origin.Wait(context.Background(), &trusted); err != nil {
		log.Fatal(err)
	}
	_, err = origin.Require(&tls.Config{Certificates: []tls.Certificate{exampleCertificate()}}, &trusted)
	fmt.Println(err)
	// Output: <nil>
}

// Log who pulled.
func ExampleClientOf() {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		client, ok := origin.ClientOf(r.TLS)
		if !ok {
			http.Error(w, "a client certificate is required", http.StatusForbidden)
			return
		}
		slog.Info("pulled", "path", r.URL.Path, "client", client)
	})
	response := httptest.NewRecorder()
	handler.ServeHTTP(response, httptest.NewRequest(http.MethodGet, "/", nil))
	fmt.Println(response.Code)
	// Output: 403
}

func exampleFile(text []byte) string {
	file, err := os.CreateTemp("", "ca-*.pem")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Write(text); err != nil {
		log.Fatal(err)
	}
	return file.Name()
}

func exampleCertificate() tls.Certificate {
	certificate, err := tls.X509KeyPair(originpulltest.KeyPair(nil))
	if err != nil {
		log.Fatal(err)
	}
	return certificate
}
