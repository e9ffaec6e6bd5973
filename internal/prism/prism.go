//go:build unix

// Package prism runs Stoplight Prism, a mock server that others wrote, from an
// OpenAPI document, on the loopback interface.
package prism

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Package is what npx runs, pinned.
const Package = "@stoplight/prism-cli@5.14.2"

// ErrMissing says that Prism cannot be had here.
var ErrMissing = errors.New("the mock server Prism cannot be had")

// patience is how long Prism may take to start, its installation included.
const patience = 2 * time.Minute

// Start serves a document until stop is called, which waits for Prism's end. Paths
// are served without /client/v4.
func Start(ctx context.Context, document []byte) (url string, stop func(), err error) {
	npx, err := exec.LookPath("npx")
	if err != nil {
		return "", nil, fmt.Errorf("%w: npx is missing", ErrMissing)
	}
	dir, err := os.MkdirTemp("", "prism")
	if err != nil {
		return "", nil, err
	}
	file := filepath.Join(dir, "openapi.yaml")
	if err := os.WriteFile(file, document, 0o600); err != nil {
		return "", nil, err
	}
	port, err := freePort()
	if err != nil {
		return "", nil, err
	}
	cmd := exec.Command(npx, "--yes", Package, "mock", "--host", "127.0.0.1", "--port", port, file)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // npx starts a process of its own
	out, in := io.Pipe()
	cmd.Stdout, cmd.Stderr = in, in
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("%w: %w", ErrMissing, err)
	}
	ended := make(chan struct{})
	go func() { cmd.Wait(); in.Close(); close(ended) }()
	stop = func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		<-ended
		os.RemoveAll(dir)
	}
	if err := await(ctx, out); err != nil {
		stop()
		return "", nil, err
	}
	return "http://127.0.0.1:" + port, stop, nil
}

// await reads what Prism prints until it listens, and goes on reading so that
// Prism never waits for a reader.
func await(ctx context.Context, out io.Reader) error {
	listening, failed := make(chan struct{}), make(chan string, 1)
	go func() {
		var last string
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if strings.Contains(lines.Text(), "Prism is listening") {
				close(listening)
				io.Copy(io.Discard, out)
				return
			}
			if text := strings.TrimSpace(lines.Text()); text != "" {
				last = text
			}
		}
		failed <- last
	}()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case <-listening:
		return nil
	case last := <-failed:
		return fmt.Errorf("%w: it ended: %.200s", ErrMissing, last)
	case <-ctx.Done():
		return fmt.Errorf("%w: it does not start: %w", ErrMissing, ctx.Err())
	}
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}
