//go:build !plain

package worker

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"runtime"
	"time"

	"github.com/originpull/originpull-go/bench/responses"
)

// Main measures on demand: PROGRAM BASE-URL. For each line WIRE OPERATION COUNT of
// the standard input it makes so many calls, and prints how long they took in
// nanoseconds, how many bytes they allocated and how often. The wire is memory, or
// socket for BASE-URL.
func Main(newClient New) {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "want BASE-URL")
		os.Exit(2)
	}
	if err := serve(newClient, os.Args[1], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(newClient New, baseURL string, in io.Reader, out io.Writer) error {
	zone := responses.New()
	certificate, key, err := keyPair()
	if err != nil {
		return err
	}
	config := Config{Token: "not-a-secret", ZoneID: responses.ZoneID, Certificate: certificate, Key: key}
	clients := map[string]Client{}
	for wire, transport := range map[string]http.RoundTripper{"memory": zone, "socket": http.DefaultTransport} {
		config.BaseURL, config.Transport = "https://api.cloudflare.com"+responses.BasePath, transport
		if wire == "socket" {
			config.BaseURL = baseURL
		}
		if clients[wire], err = newClient(config); err != nil {
			return err
		}
	}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		var wire, operation string
		var count int
		if _, err := fmt.Sscan(lines.Text(), &wire, &operation, &count); err != nil {
			return fmt.Errorf("%q: want WIRE OPERATION COUNT: %w", lines.Text(), err)
		}
		if clients[wire] == nil {
			return fmt.Errorf("no wire %q", wire)
		}
		if err := measure(out, clients[wire], operation, zone.IDs, count); err != nil {
			return fmt.Errorf("%s %s: %w", wire, operation, err)
		}
	}
	return nil
}

func measure(out io.Writer, client Client, operation string, ids []string, count int) error {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	for i := range count {
		if err := call(client, operation, ids[i%len(ids)]); err != nil {
			return err
		}
	}
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	_, err := fmt.Fprintln(out, took.Nanoseconds(), after.TotalAlloc-before.TotalAlloc, after.Mallocs-before.Mallocs)
	return err
}

// call makes one call and checks what came of it.
func call(client Client, operation, id string) error {
	ctx := context.Background()
	want, got := any(id), any(nil)
	var err error
	switch operation {
	case "list":
		want = responses.PerList
		got, err = client.List(ctx)
	case "get":
		got, err = client.Get(ctx, id)
	case "upload":
		got, err = client.Upload(ctx)
		want = got // any certificate
		if got == "" {
			want = "an id"
		}
	case "delete":
		got, err = client.Delete(ctx, id)
	case "settings":
		want = true
		got, err = client.Settings(ctx)
	case "enable":
		want = true
		got, err = client.Enable(ctx)
	default:
		return fmt.Errorf("no such operation")
	}
	if err == nil && got != want {
		err = fmt.Errorf("returned %v, want %v", got, want)
	}
	return err
}

// keyPair makes what is uploaded, in PEM.
func keyPair() (certificate, key string, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return "", "", err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return "", "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})), nil
}
