//go:build unix

// Package prism runs Stoplight Prism, a mock server and validating proxy that others
// wrote, from an OpenAPI document, on the loopback interface.
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

	"github.com/originpull/originpull-go/internal/modcopy"
	"github.com/originpull/originpull-go/internal/network"
)

// Package is what npx runs, pinned.
const Package = "@stoplight/prism-cli@5.14.2"

// ErrMissing means that Prism is not available: there is no npx, or no network to
// install from. A Prism that breaks is another error.
var ErrMissing = errors.New("the mock server Prism is not available")

const (
	patience = 2 * time.Minute // for its start, the installation included
	grace    = 2 * time.Second // for its end, before it is killed
)

// Start serves a document until stop is called, which waits for Prism's end. Paths
// are served without /client/v4.
func Start(ctx context.Context, document []byte) (url string, stop func(), err error) {
	return start(ctx, document, "mock")
}

// StartProxy passes requests to the API at the URL upstream and its responses back, until
// stop is called. What the document forbids of them is in the header Sl-Violations.
func StartProxy(ctx context.Context, document []byte, upstream string) (url string, stop func(), err error) {
	return start(ctx, document, "proxy", upstream)
}

// start runs a command of Prism's with the document and more arguments.
func start(ctx context.Context, document []byte, command string, args ...string) (url string, stop func(), err error) {
	npx, err := exec.LookPath("npx")
	if err != nil {
		return "", nil, fmt.Errorf("%w: npx is missing", ErrMissing)
	}
	port, err := freePort()
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "prism")
	if err != nil {
		return "", nil, err
	}
	file := filepath.Join(dir, "openapi.yaml")
	if err := os.WriteFile(file, document, 0o600); err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	out, end, err := serve(npx, append([]string{command, "--host", "127.0.0.1", "--port", port, file}, args...))
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	stop = func() {
		end()
		os.RemoveAll(dir)
	}
	if err := await(ctx, out); err != nil {
		stop()
		return "", nil, fmt.Errorf("start Prism: %w", err)
	}
	return "http://127.0.0.1:" + port, stop, nil
}

// serve starts Prism by npx; end ends it and all that it started.
func serve(npx string, args []string) (out io.Reader, end func(), err error) {
	cmd := exec.Command(npx, append([]string{"--yes", Package}, args...)...)
	cmd.Env = modcopy.Environment()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // npx starts a process of its own
	cmd.WaitDelay = grace                                 // a process that left the group may keep the output open
	read, write := io.Pipe()
	cmd.Stdout, cmd.Stderr = write, write
	if err := cmd.Start(); err != nil {
		return nil, nil, fmt.Errorf("start npx: %w", err)
	}
	ended := make(chan struct{})
	go func() { cmd.Wait(); write.Close(); close(ended) }()
	end = func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		read.Close() // no one reads any more, so nothing waits for a reader
		select {
		case <-ended:
		case <-time.After(grace):
			syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			<-ended
		}
	}
	return read, end, nil
}

// await reads what Prism prints until it listens, and goes on reading so that
// Prism never waits for a reader.
func await(ctx context.Context, out io.Reader) error {
	listening, failed := make(chan struct{}), make(chan error, 1)
	go func() {
		var last string
		cause := errors.New("it ended")
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			text := strings.TrimSpace(lines.Text())
			switch {
			case strings.Contains(text, "Prism is listening"):
				close(listening)
				io.Copy(io.Discard, out)
				return
			case network.Unreachable([]byte(text)):
				cause = fmt.Errorf("%w: no network to install it from", ErrMissing)
			}
			if text != "" {
				last = text
			}
		}
		failed <- fmt.Errorf("%w: %.200s", cause, last)
	}()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case <-listening:
		return nil
	case err := <-failed:
		return err
	case <-ctx.Done():
		return fmt.Errorf("it does not listen: %w", ctx.Err())
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
