package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/originpull"
)

const zone = "023e105f4ecef8ad9ca31a8372d0c353"

// served is a run of serve.
type served struct {
	url    string
	caFile string      // with --tls
	logged *safeBuffer // what is on standard error
	end    func() int  // interrupts it, and returns its exit status
}

// start runs serve on a free port until the test ends.
func start(t *testing.T, args ...string) served {
	t.Helper()
	ctx, interrupt := context.WithCancel(context.Background())
	out, stdout := io.Pipe()
	logged := &safeBuffer{}
	status := make(chan int, 1)
	go func() {
		status <- cli.Run(ctx, newRoot(), append([]string{"serve", "--addr", "127.0.0.1:0"}, args...), stdout, logged)
		stdout.Close()
	}()
	end := sync.OnceValue(func() int { interrupt(); return <-status })
	t.Cleanup(func() { end() })
	lines := bufio.NewScanner(out)
	s := served{logged: logged, end: end}
	if !lines.Scan() {
		t.Fatalf("serve %q prints no URL: %s", args, logged)
	}
	s.url = lines.Text()
	if strings.HasPrefix(s.url, "https:") && lines.Scan() {
		s.caFile = lines.Text()
	}
	return s
}

// client returns a client that trusts the CA.
func (s served) client(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	if s.caFile != "" {
		transport.TLSClientConfig = &tls.Config{RootCAs: pool(t, s.caFile)}
	}
	return &http.Client{Transport: transport}
}

// sdk returns the zone as users of the SDK see it.
func (s served) sdk(t *testing.T) *originpull.Zone {
	t.Helper()
	client, err := originpull.New(originpull.WithToken("any"), originpull.WithBaseURL(s.url), originpull.WithTransport(s.client(t).Transport), originpull.WithCallOptions(originpull.WithoutRetry()))
	if err != nil {
		t.Fatal(err)
	}
	z, err := client.Zone(zone)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func pool(t *testing.T, file string) *x509.CertPool {
	t.Helper()
	ca, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		t.Fatalf("%s holds no certificate", file)
	}
	return pool
}

// safeBuffer can be read while a program writes to it.
type safeBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// pemFile writes a file for the test.
func pemFile(t *testing.T, name string, data []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
