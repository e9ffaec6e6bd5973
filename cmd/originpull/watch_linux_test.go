package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// TestWatchRedraws: on a terminal the table is drawn again at each look, in its width, and an
// interrupt leaves it there.
func TestWatchRedraws(t *testing.T) {
	t.Setenv("TERM", "xterm")
	t.Setenv("COLUMNS", "")
	t.Setenv("NO_COLOR", "")
	c := newCloudflare(t, originpulltest.Options{})
	c.SetEnabled(zone, true)
	c.add(t, lasting(20))
	user, program := openTerminal(t, 80)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	status := make(chan int, 1)
	go func() {
		code := cli.Run(ctx, newRoot(), c.args("watch", "--interval", "1s"), program, io.Discard)
		io.WriteString(program, "END")
		status <- code
	}()
	var shown bytes.Buffer
	for part := make([]byte, 1<<12); !bytes.HasSuffix(shown.Bytes(), []byte("END")); {
		n, err := user.Read(part)
		if err != nil {
			t.Fatal(err)
		}
		shown.Write(part[:n])
		if strings.Count(shown.String(), "next look after 1s") == 2 {
			interrupt()
		}
	}
	screens := strings.Split(shown.String(), clearScreen)
	if code := <-status; code != cli.Done || len(screens) < 3 || screens[0] != "" {
		t.Fatalf("exit status %d, the terminal shows %q", code, shown.String())
	}
	for _, screen := range screens[1:3] {
		if !strings.Contains(screen, "ZONE") || !strings.Contains(screen, "\x1b[31mtodo\x1b[0m") || !strings.Contains(screen, "\x1b[33m") {
			t.Errorf("the screen is %q", screen)
		}
	}
}
