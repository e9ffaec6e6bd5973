// Package testorigin starts nginx, Apache and HAProxy as origins of tests, in the modes in
// which they treat client certificates. A test on a server that is not installed is skipped,
// and says so.
package testorigin

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/originpull/originpull-go/originpull/probe"
)

// Server is a web server that may be installed.
type Server struct {
	Name  string
	Modes []Mode

	program   string
	arguments func(dir, file string) []string
	config    func(dir string, addresses []string, modes []Mode) string
}

// Mode is how a server treats client certificates.
type Mode struct {
	Name  string
	Lines string          // of the configuration; OURS and WRONG stand for the files of our CA and of another
	Want  []probe.Verdict // of TLS 1.2 and 1.3, or of both
}

// Verdict returns what is right for TLS 1.2, the first row, and 1.3.
func (m Mode) Verdict(row int) probe.Verdict { return m.Want[row%len(m.Want)] }

// Need skips the test if the server is not installed, and returns its program.
func (s Server) Need(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath(s.program)
	if err != nil {
		t.Skipf("NOT TESTED: %s is not installed, so nothing is tried on it: %v", s.Name, err)
	}
	return program
}

// StartModes starts the server, and returns an address for each of its modes. Each serves
// originPEM, a certificate with its key, and trusts ours or wrong, each a CA in PEM.
func (s Server) StartModes(t *testing.T, originPEM, ours, wrong []byte) []string {
	t.Helper()
	s.Need(t)
	dir := t.TempDir()
	for name, content := range map[string][]byte{"origin.pem": originPEM, "ours.pem": ours, "wrong.pem": wrong} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return s.Start(t, len(s.Modes), func(_ string, addresses []string) string { return s.config(dir, addresses, s.Modes) })
}

// Start starts the server on as many free ports as wanted, with a configuration that may keep
// its own files in dir, and waits until it accepts connections. It ends with the test. Another
// program may take a port in between; then Start tries again.
func (s Server) Start(t *testing.T, ports int, config func(dir string, addresses []string) string) []string {
	t.Helper()
	program, dir := s.Need(t), t.TempDir()
	file := filepath.Join(dir, "configuration")
	var printed string
	for range 3 {
		addresses := FreeAddresses(t, ports)
		if err := os.WriteFile(file, []byte(config(dir, addresses)), 0o600); err != nil {
			t.Fatal(err)
		}
		var started bool
		if printed, started = run(t, addresses, program, s.arguments(dir, file)...); started {
			return addresses
		}
	}
	t.Fatalf("%s does not start:\n%s", program, printed)
	return nil
}

// Run starts a program that is an origin, and waits until it accepts connections on address.
// It ends with the test.
func Run(t *testing.T, program, address string) {
	t.Helper()
	if printed, started := run(t, []string{address}, program); !started {
		t.Fatalf("%s does not start:\n%s", program, printed)
	}
}

// run starts a program, until the test ends if it accepts connections on all addresses. If it
// does not, run returns what it has printed.
func run(t *testing.T, addresses []string, program string, arguments ...string) (printed string, started bool) {
	t.Helper()
	var output bytes.Buffer
	cmd := exec.Command(program, arguments...)
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { cmd.Wait(); close(ended) }()
	stop := func() { end(cmd); <-ended }
	if !ready(addresses, ended) {
		stop()
		return output.String(), false
	}
	t.Cleanup(func() {
		stop()
		if t.Failed() {
			t.Logf("%s has printed:\n%s", program, output.String())
		}
	})
	return "", true
}

// FreeAddresses returns loopback addresses with ports that no one listens on. The ports are below
// those that the system gives to connections and to listeners that ask for any: one of these
// would soon be taken by another test.
func FreeAddresses(t *testing.T, n int) []string {
	t.Helper()
	var addresses []string
	for range 1000 {
		if len(addresses) == n {
			return addresses
		}
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20_000+rand.N(12_000)))
		if err != nil {
			continue // it is in use
		}
		defer listener.Close()
		addresses = append(addresses, listener.Addr().String())
	}
	t.Fatalf("there are no %d free ports", n)
	return nil
}

// ready reports whether all addresses accept connections before the program ends.
func ready(addresses []string, ended <-chan struct{}) bool {
	for range 500 {
		open := 0
		for _, address := range addresses {
			connection, err := net.Dial("tcp", address)
			if err != nil {
				break
			}
			connection.Close()
			open++
		}
		if open == len(addresses) {
			return true
		}
		select {
		case <-ended:
			return false
		case <-time.After(20 * time.Millisecond):
		}
	}
	return false
}

// end ends a program and what it has started, which SIGTERM makes all three do.
func end(cmd *exec.Cmd) {
	cmd.Process.Signal(syscall.SIGTERM)
	timer := time.AfterFunc(5*time.Second, func() { cmd.Process.Kill() })
	defer timer.Stop()
}

// NginxFolders are the lines of the http block that keep nginx's files in dir.
func NginxFolders(dir string) string {
	lines := ""
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		lines += fmt.Sprintf("%s_temp_path %s/%s;\n", kind, dir, kind)
	}
	return lines
}
