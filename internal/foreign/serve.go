// Package foreign holds the simulator to account by clients that others wrote.
package foreign

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
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
	return serve(tb, 1)[0]
}

// urlEnv has the base URL in the process that ServeTLS starts.
const urlEnv = "ORIGINPULL_FOREIGN_URL"

// ServeTLS is like Serve, for HTTPS. Go programs trust a CA by the environment variable
// SSL_CERT_FILE, which is read once. So ServeTLS runs the calling test once more, in a
// process with that variable, and returns the base URL there. In the first process it
// returns no URL: the test is done.
func ServeTLS(t *testing.T) (url string) {
	t.Helper()
	if url := os.Getenv(urlEnv); url != "" {
		return url
	}
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("Go asks the system here and ignores SSL_CERT_FILE")
	}
	lines := serve(t, 2, "--tls")
	again := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	again.Env = append(os.Environ(), urlEnv+"="+lines[0], "SSL_CERT_FILE="+lines[1])
	if out, err := again.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("a client that trusts the CA: %v\n%s", err, out)
	}
	return ""
}

// serve runs the program with flags and returns the lines that it prints first.
func serve(tb testing.TB, lines int, flags ...string) (printed []string) {
	tb.Helper()
	program := filepath.Join(tb.TempDir(), "originpull")
	build := exec.CommandContext(tb.Context(), "go", "build", "-o", program, "./cmd/originpull")
	build.Dir = filepath.Join("..", "..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		tb.Fatalf("go build: %v\n%s", err, out)
	}
	serve := exec.Command(program, append([]string{"serve", "--addr", "127.0.0.1:0"}, flags...)...)
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
	for reader := bufio.NewReader(out); len(printed) < lines; {
		line, err := reader.ReadString('\n')
		if err != nil {
			tb.Fatal(err)
		}
		printed = append(printed, strings.TrimSpace(line))
	}
	return printed
}
