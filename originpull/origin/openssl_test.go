package origin_test

import (
	"crypto/tls"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/testpki"
)

// TestOpenSSL has another implementation of TLS pull and resume its sessions.
func TestOpenSSL(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	removed, kept := testpki.CA("removed"), testpki.CA("kept")
	leaf := removed.Issue("ours", nil)
	dir := t.TempDir()
	certificate, key := write(t, filepath.Join(dir, "client.pem"), leaf), filepath.Join(dir, "client.key")
	if err := os.WriteFile(key, leaf.KeyPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	for version, flag := range map[uint16]string{tls.VersionTLS12: "-tls1_2", tls.VersionTLS13: "-tls1_3"} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			t.Parallel()
			bundle := trust(t, removed)
			address, session := serve(t, require(t, own(), bundle)), filepath.Join(t.TempDir(), "session")
			pull := func(arguments ...string) string {
				cmd := exec.CommandContext(t.Context(), "openssl", append([]string{"s_client", "-connect", address, "-servername", serverName, "-ign_eof", flag}, arguments...)...)
				cmd.Stdin = strings.NewReader("GET / HTTP/1.1\r\nHost: " + serverName + "\r\nConnection: close\r\n\r\n")
				out, _ := cmd.CombinedOutput() // its status is that of the connection
				return string(out)
			}
			expect := func(when string, accepted bool, reused string, arguments ...string) {
				t.Helper()
				out := pull(arguments...)
				if got := strings.Contains(out, "HTTP/1.1 200 OK"); got != accepted || !strings.Contains(out, reused) {
					t.Errorf("%s: accepted %t, want %t and %q:\n%s", when, got, accepted, reused, out)
				}
			}
			with := []string{"-cert", certificate, "-key", key}
			expect("without a certificate", false, "alert")
			expect("with ours", true, "New, ", append(with, "-sess_out", session)...)
			expect("resumed", true, "Reused, ", append(with, "-sess_in", session)...)
			expect("resumed without showing the certificate", true, "Reused, ", "-sess_in", session)
			set(t, bundle, kept)
			expect("resumed after the CA was removed", false, "New, ", append(with, "-sess_in", session)...)
		})
	}
}
