package origin_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/origin"
)

const serverName = "www.example.com"

var versions = []uint16{tls.VersionTLS12, tls.VersionTLS13}

// own returns a config with the certificate of an origin.
func own() *tls.Config {
	leaf := testpki.Leaf(serverName, func(c *x509.Certificate) { c.DNSNames = []string{serverName} })
	return &tls.Config{Certificates: []tls.Certificate{leaf.TLS()}}
}

// trust returns a source of certificates.
func trust(t *testing.T, pairs ...testpki.Pair) *origin.Bundle {
	t.Helper()
	bundle := new(origin.Bundle)
	set(t, bundle, pairs...)
	return bundle
}

func set(t *testing.T, bundle *origin.Bundle, pairs ...testpki.Pair) {
	t.Helper()
	var certificates []*x509.Certificate
	for _, pair := range pairs {
		certificates = append(certificates, pair.Certificate)
	}
	if err := bundle.Set(certificates...); err != nil {
		t.Fatal(err)
	}
}

func require(t *testing.T, config *tls.Config, source origin.Source) *tls.Config {
	t.Helper()
	required, err := origin.Require(config, source)
	if err != nil {
		t.Fatal(err)
	}
	return required
}

// serve serves HTTPS on a loopback port until the test ends. It responds with the client.
func serve(t *testing.T, config *tls.Config) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{TLSConfig: config, ErrorLog: log.New(io.Discard, "", 0), Handler: http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			client, ok := origin.ClientOf(r.TLS)
			fmt.Fprintf(w, "%t %s", ok, client.SHA256)
		})}
	done := make(chan struct{})
	go func() { defer close(done); server.ServeTLS(listener, "", "") }()
	t.Cleanup(func() { server.Close(); <-done })
	return listener.Addr().String()
}

// edge is a client that resumes sessions, as Cloudflare's may.
type edge struct {
	address string
	config  *tls.Config
}

func newEdge(address string, version uint16, certificates ...tls.Certificate) *edge {
	return &edge{address, &tls.Config{
		ServerName: serverName, InsecureSkipVerify: true, MinVersion: version, MaxVersion: version,
		Certificates: certificates, ClientSessionCache: tls.NewLRUClientSessionCache(8),
	}}
}

// pull makes one request over a connection of its own, and reports whether that resumed a
// session. In TLS 1.3 a refusal comes with the response only.
func (e *edge) pull() (resumed bool, err error) {
	connection, err := tls.DialWithDialer(&net.Dialer{Timeout: time.Minute}, "tcp", e.address, e.config)
	if err != nil {
		return false, err
	}
	defer connection.Close()
	resumed = connection.ConnectionState().DidResume
	fmt.Fprintf(connection, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", serverName)
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		return resumed, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && !strings.HasPrefix(string(body), "true ") {
		err = fmt.Errorf("the handler does not see who pulled: %q", body)
	}
	return resumed, err
}

// accepted fails the test unless a pull is accepted, by resumption or not.
func (e *edge) accepted(t *testing.T, when string, wantResumed bool) {
	t.Helper()
	if resumed, err := e.pull(); err != nil || resumed != wantResumed {
		t.Fatalf("%s: resumed %t, %v; want a response and resumed %t", when, resumed, err, wantResumed)
	}
}

func (e *edge) refused(t *testing.T, when string) {
	t.Helper()
	if resumed, err := e.pull(); err == nil {
		t.Fatalf("%s: the origin accepted a pull that it should refuse (resumed: %t)", when, resumed)
	}
}

// write writes the certificates of pairs to a new file of the test, or replaces it.
func write(t *testing.T, name string, pairs ...testpki.Pair) string {
	t.Helper()
	if !filepath.IsAbs(name) {
		name = filepath.Join(t.TempDir(), name)
	}
	writeText(t, name, text(pairs...))
	return name
}

func text(pairs ...testpki.Pair) (all string) {
	for _, pair := range pairs {
		all += string(pair.CertPEM())
	}
	return all
}

func writeText(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
