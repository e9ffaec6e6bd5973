package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/originpull/originpull-go/internal/cli"
)

// TestOriginCheckWatchTerminal: a terminal shows the whole table again at each look, and what
// to do, until an interrupt.
func TestOriginCheckWatchTerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	t.Setenv("COLUMNS", "")
	f := newOriginFiles(t)
	address := f.serve(t, &tls.Config{}, http.NotFoundHandler())
	user, program := openTerminal(t, 80)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	status := make(chan int, 1)
	var stderr strings.Builder
	go func() {
		status <- cli.Run(ctx, newRoot(), []string{"origin", "check", address, "--watch", "--interval", "1ms", "--http-port", "0"}, program, &stderr)
		io.WriteString(program, "END")
	}()
	var shown bytes.Buffer
	for part := make([]byte, 1<<12); !bytes.HasSuffix(shown.Bytes(), []byte("END")); {
		n, err := user.Read(part)
		if err != nil {
			t.Fatal(err)
		}
		shown.Write(part[:n])
		if bytes.Count(shown.Bytes(), []byte("does NOT enforce")) >= 2 {
			interrupt()
		}
	}
	if code := <-status; code != cli.Failed || stderr.Len() > 0 {
		t.Errorf("exit status %d, stderr %q; want 1, the status of the last look", code, stderr.String())
	}
	frames := strings.Split(shown.String(), "\x1b[H\x1b[2J")
	for _, want := range []string{"every 1ms, until Ctrl-C", "ADDRESS", "\x1b[31moff\x1b[0m", "to do: Require a client certificate"} {
		if len(frames) < 3 || !strings.Contains(frames[1], want) || !strings.Contains(frames[2], want) {
			t.Errorf("the terminal shows %q; want %q in the first two frames", frames, want)
		}
	}
}

// TestOriginCheckNarrow: on a narrow terminal nothing of a row is cut.
func TestOriginCheckNarrow(t *testing.T) {
	f := newOriginFiles(t)
	address := f.serve(t, &tls.Config{ClientAuth: tls.RequestClientCert}, http.NotFoundHandler())
	for columns, most := range map[string]int{"80": 80, "40": 40} {
		t.Setenv("COLUMNS", columns)
		for _, format := range []string{"table", "wide"} {
			got := f.check(t, address, "-o", format)
			for line := range strings.Lines(got.stdout) {
				if text.StringWidthWithoutEscSequences(strings.TrimSuffix(line, "\n")) > most {
					t.Errorf("with %s columns -o %s prints a longer line: %s", columns, format, line)
				}
			}
			if whole := strings.Join(strings.Fields(got.stdout), ""); strings.Count(whole, address) != 2 || strings.Count(whole, "optional") != 2 {
				t.Errorf("with %s columns -o %s leaves something out:\n%s", columns, format, got.stdout)
			}
		}
	}
}
