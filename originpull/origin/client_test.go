package origin_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/big"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/origin"
)

// TestClientOf: only a certificate that was verified counts as who pulled.
func TestClientOf(t *testing.T) {
	t.Parallel()
	ca := testpki.CA("our CA")
	leaf := ca.Issue("ours", func(c *x509.Certificate) { c.SerialNumber = big.NewInt(0xabc) }).Certificate
	for name, state := range map[string]*tls.ConnectionState{
		"no TLS": nil, "no certificate": {}, "not verified": {PeerCertificates: []*x509.Certificate{leaf}}, "empty chain": {VerifiedChains: [][]*x509.Certificate{{}}},
	} {
		if client, ok := origin.ClientOf(state); ok || client != (origin.Client{}) {
			t.Errorf("%s: %v is reported as who pulled", name, client)
		}
	}
	client, ok := origin.ClientOf(&tls.ConnectionState{VerifiedChains: [][]*x509.Certificate{{leaf, ca.Certificate}}})
	sum := sha256.Sum256(leaf.Raw)
	if want := (origin.Client{Subject: "CN=ours", SHA256: hex.EncodeToString(sum[:]), Serial: "abc", Certificate: leaf}); !ok || client != want {
		t.Errorf("client %v, want %v", client, want)
	}
}

// TestClientPrintable: a name cannot control the terminal or begin a line of a log.
func TestClientPrintable(t *testing.T) {
	t.Parallel()
	leaf := testpki.Leaf("a\x1b[2J\nb\u202ec \"q\"", nil).Certificate
	client, _ := origin.ClientOf(&tls.ConnectionState{VerifiedChains: [][]*x509.Certificate{{leaf}}})
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("pulled", "client", client)
	encoded, err := json.Marshal(client)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{client.Subject, client.String(), fmt.Sprint(client), strings.TrimSuffix(log.String(), "\n"), string(encoded)} {
		if strings.ContainsAny(text, "\x1b\n\u202e") {
			t.Errorf("%q is not printable", text)
		}
	}
	if !strings.Contains(log.String(), "client.sha256="+client.SHA256) || !strings.Contains(log.String(), "client.serial="+client.Serial) {
		t.Errorf("the log has %q, want the client's fields", log.String())
	}
}
