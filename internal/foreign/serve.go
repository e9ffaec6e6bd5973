// Package foreign holds the simulator to account by clients that others wrote.
package foreign

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// ZoneID is a zone that originpull serve has, as it has every other.
const ZoneID = "ffffffffffffffffffffffffffffffff"

// Serve builds the program originpull, runs its command serve until the test
// ends, and returns the base URL. Any token is good. It works in the tests of the
// packages just below.
func Serve(tb testing.TB) (url string) {
	tb.Helper()
	program := filepath.Join(tb.TempDir(), "originpull")
	build := exec.CommandContext(tb.Context(), "go", "build", "-o", program, "./cmd/originpull")
	build.Dir = filepath.Join("..", "..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		tb.Fatalf("go build: %v\n%s", err, out)
	}
	serve := exec.Command(program, "serve", "--addr", "127.0.0.1:0")
	out, err := serve.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := serve.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		serve.Process.Signal(os.Interrupt)
		if err := serve.Wait(); err != nil {
			tb.Errorf("originpull serve ended with %v", err)
		}
	})
	url, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		tb.Fatal(err)
	}
	return strings.TrimSpace(url)
}
