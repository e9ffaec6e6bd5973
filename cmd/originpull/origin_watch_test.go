package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/originpull/probe"
)

// TestWatch: each change is shown once, with its time, and the status is that of the last
// look before the interrupt.
func TestWatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithTimeout(t.Context(), 9*time.Second)
		defer interrupt()
		looks := 0
		look := func(context.Context) ([]originRow, error) {
			looks++
			verdict := []probe.Verdict{probe.Off, probe.Off, probe.Optional, probe.Enforced, probe.Enforced}[looks-1]
			return []originRow{{Result: probe.Result{Address: "192.0.2.1:443", ServerName: "a", TLS: "1.3", Verdict: verdict, Reason: "why", Verified: true}}}, nil
		}
		var out strings.Builder
		err := watch(ctx, 2*time.Second, look, lines(&out, false))
		var want strings.Builder
		for seconds, verdict := range []string{0: "off", 4: "optional", 6: "enforced"} {
			if verdict != "" {
				want.WriteString("2000-01-01T00:00:0" + strconv.Itoa(seconds) + "Z 192.0.2.1:443 a TLS 1.3: " + verdict + ": why\n")
			}
		}
		if err != nil || looks != 5 || out.String() != want.String() {
			t.Errorf("%d looks, %v, printed:\n%swant 5 looks, and\n%s", looks, err, out.String(), want.String())
		}
	})
}

// TestWatchInterrupt: an interrupt in the middle of a look leaves the status of the one before
// it; without one before it, nothing was checked.
func TestWatchInterrupt(t *testing.T) {
	t.Parallel()
	interrupted := errors.New("it was interrupted")
	for complete, want := range []error{0: interrupted, 1: &cli.Status{Code: cli.Failed}} {
		synctest.Test(t, func(t *testing.T) {
			ctx, interrupt := context.WithTimeout(t.Context(), time.Minute)
			defer interrupt()
			looks := 0
			look := func(ctx context.Context) ([]originRow, error) {
				if looks++; looks > complete {
					<-ctx.Done()
					return nil, interrupted
				}
				return []originRow{{Result: probe.Result{Verdict: probe.Off}}}, nil
			}
			err := watch(ctx, time.Second, look, lines(io.Discard, false))
			if !reflect.DeepEqual(err, want) {
				t.Errorf("interrupted after %d looks: %#v, want %#v", complete, err, want)
			}
		})
	}
}

// TestOriginCheckWatch: the command shows what the origin does, until an interrupt.
func TestOriginCheckWatch(t *testing.T) {
	t.Parallel()
	f := newOriginFiles(t)
	var enforce atomic.Bool
	off, on := &tls.Config{Certificates: []tls.Certificate{f.origin.TLS()}}, f.enforcing()
	on.Certificates = off.Certificates
	address := f.serve(t, &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		if enforce.Load() {
			return on, nil
		}
		return off, nil
	}}, http.NotFoundHandler())
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	read, stdout := io.Pipe()
	status := make(chan int, 1)
	go func() {
		status <- cli.Run(ctx, newRoot(), []string{"origin", "check", address, "--watch", "--interval", "1ms", "--server-name", originName,
			"--cert", f.cert, "--key", f.keyFile, "--http-port", "0", "-o", "jsonl"}, stdout, io.Discard)
		stdout.Close()
	}()
	seen := json.NewDecoder(read)
	for enforced := 0; enforced < 2; {
		var r originRow
		if err := seen.Decode(&r); err != nil {
			t.Fatal(err)
		}
		if _, err := time.Parse(time.RFC3339, r.Time); err != nil {
			t.Errorf("a line without a time: %v", r)
		}
		if r.Verdict == probe.Enforced {
			enforced++
		}
		enforce.Store(true)
	}
	interrupt()
	go io.Copy(io.Discard, read)
	if code := <-status; code != cli.Done {
		t.Errorf("exit status %d after the origin enforced and the interrupt, want 0", code)
	}
}
