//go:build unix

package upgrade

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestInterrupted stops the check while a generator hangs: it ends, and nothing of
// it is left.
func TestInterrupted(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	t.Parallel()
	_, env := publish(t, maker+"@v1.6.0")
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		generator, err := os.Open(pipe) // once the generator has opened it too
		if err == nil {
			cancel()
			_, err = io.Copy(io.Discard, generator) // until the generator ends
		}
		ended <- err
	}()
	if _, err := checkShop(t, ctx, append(env, "MAKER_PIPE="+pipe)); !errors.Is(err, context.Canceled) {
		t.Errorf("have %v, want that it was interrupted", err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
