//go:build unix

package originpull_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
)

// pipe returns a path by which the content can be read once, as <(…) of a shell is.
func pipe(t *testing.T, content []byte) string {
	t.Helper()
	if _, err := os.Stat("/dev/fd"); err != nil {
		t.Skip("there is no /dev/fd")
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	go func() {
		for _, b := range content { // in many pieces
			w.Write([]byte{b})
		}
		w.Close()
	}()
	return fmt.Sprintf("/dev/fd/%d", r.Fd())
}

// TestLoadKeyPairFromPipes reads what a shell hands over without a file.
func TestLoadKeyPairFromPipes(t *testing.T) {
	t.Parallel()
	leaf := testpki.Leaf("client.example", nil)
	both := pipe(t, slices.Concat(leaf.CertPEM(), leaf.KeyPEM()))
	for how, files := range map[string][2]string{
		"<(…) twice":                    {pipe(t, leaf.CertPEM()), pipe(t, leaf.KeyPEM())},
		"one pipe, as /dev/stdin twice": {both, both},
	} {
		pair, err := originpull.LoadKeyPair(files[0], files[1])
		if err != nil || !pair.Leaf().Equal(leaf.Certificate) {
			t.Errorf("%s: an operator cannot load it: %v", how, err)
		}
	}
}

// TestLoadKeyPairDoesNotHang refuses at once what would never end, or is not a file.
func TestLoadKeyPairDoesNotHang(t *testing.T) {
	t.Parallel()
	leaf, dir := testpki.Leaf("client.example", nil), t.TempDir()
	fifo, good, large := filepath.Join(dir, "fifo"), filepath.Join(dir, "client.pem"), filepath.Join(dir, "large.pem")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{good: leaf.CertPEM(), large: make([]byte, 1<<20+1)} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, says := range map[string]string{
		fifo:        "It is empty, or a pipe to which nothing writes",
		dir:         "is a directory",
		"/dev/zero": "it has more than 1 MiB, want a certificate or a key",
		large:       "it has more than 1 MiB",
		"/dev/null": "It is empty",
	} {
		for _, files := range [][2]string{{name, good}, {good, name}} {
			_, err := originpull.LoadKeyPair(files[0], files[1])
			if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: the user reads %v, want the name and %q in it", name, err, says)
			}
		}
	}
}
