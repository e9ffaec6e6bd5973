package originpulltest_test

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// pipe is a connection in memory, both of its ends.
func pipe(t *testing.T) (here, there net.Conn) {
	t.Helper()
	l := originpulltest.NewListener()
	accepted := make(chan net.Conn)
	go func() {
		c, err := l.Accept()
		if err != nil {
			t.Error(err)
		}
		accepted <- c
	}()
	here, err := l.Dial(t.Context(), "tcp", "anywhere:443")
	if err != nil {
		t.Fatal(err)
	}
	return here, <-accepted
}

func TestMemoryConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		here, there := pipe(t)
		// No one reads yet, and writing goes on.
		for range 100 {
			if _, err := io.WriteString(here, strings.Repeat("x", 10_000)); err != nil {
				t.Fatal(err)
			}
		}
		here.Close()
		if got, err := io.ReadAll(there); len(got) != 1_000_000 || err != nil {
			t.Errorf("read %d bytes, %v; want all that was written before the end", len(got), err)
		}
		if _, err := there.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
			t.Errorf("writing to who has closed: %v", err)
		}
		if _, err := here.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("reading from what one has closed: %v", err)
		}
	})
}

func TestMemoryDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		here, there := pipe(t)
		begin := time.Now()
		here.SetDeadline(begin.Add(time.Minute))
		if _, err := here.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(begin) != time.Minute {
			t.Errorf("after %s: %v; want the deadline after a minute", time.Since(begin), err)
		}
		here.SetReadDeadline(time.Time{})
		go func() {
			time.Sleep(time.Hour)
			there.Write([]byte("x"))
		}()
		if n, err := here.Read(make([]byte, 1)); n != 1 || err != nil {
			t.Errorf("without a deadline: %d, %v", n, err)
		}
	})
}

func TestMemoryListenerClosed(t *testing.T) {
	t.Parallel()
	l := originpulltest.NewListener()
	l.Close()
	l.Close()
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("accept: %v", err)
	}
	if _, err := l.Dial(t.Context(), "tcp", "x"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dial: %v", err)
	}
}
