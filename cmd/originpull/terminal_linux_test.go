package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// openTerminal returns both ends of a terminal of a width.
func openTerminal(t *testing.T, columns uint16) (user, program *os.File) {
	t.Helper()
	user, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("there are no terminals here: %v", err)
	}
	t.Cleanup(func() { user.Close() })
	fd := int(user.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns})
	}
	if err != nil {
		t.Skipf("there are no terminals here: %v", err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("there are no terminals here: %v", err)
	}
	t.Cleanup(func() { program.Close() })
	return user, program
}

// onTerminal runs a command whose standard output is a terminal, and returns what that
// shows.
func onTerminal(t *testing.T, columns uint16, args ...string) string {
	t.Helper()
	user, program := openTerminal(t, columns)
	root := newRoot()
	root.SetIn(strings.NewReader(""))
	var stderr strings.Builder
	if code := cli.Run(t.Context(), root, args, program, &stderr); code != cli.Done {
		t.Fatalf("originpull %q exits with %d: %s", args, code, stderr.String())
	}
	io.WriteString(program, "END")
	var shown bytes.Buffer
	for part := make([]byte, 1<<12); !bytes.HasSuffix(shown.Bytes(), []byte("END")); {
		n, err := user.Read(part)
		if err != nil {
			t.Fatal(err)
		}
		shown.Write(part[:n])
	}
	return strings.ReplaceAll(strings.TrimSuffix(shown.String(), "END"), "\r\n", "\n")
}

// TestDeleteLast: the last active certificate of an enabled zone is deleted only by who has
// said so.
func TestDeleteLast(t *testing.T) {
	t.Parallel()
	const warns = "the zone is enabled, and no other certificate of it is active"
	tests := map[string]struct {
		disabled, second bool   // of the zone
		expired          bool   // of the second certificate
		both             bool   // certificates are deleted
		typed            string // on a terminal
		args             []string
		code             int
		deleted, warned  bool
	}{
		"no terminal":              {code: cli.Error, warned: true},
		"--yes":                    {args: []string{"--yes"}, deleted: true},
		"yes on a terminal":        {typed: "y\n", deleted: true, warned: true},
		"Yes, in full":             {typed: "YES\n", deleted: true, warned: true},
		"no on a terminal":         {typed: "n\n", code: cli.Failed, warned: true},
		"return on a terminal":     {typed: "\n", code: cli.Failed, warned: true},
		"end of input":             {typed: "\x04", code: cli.Failed, warned: true},
		"the zone is not enabled":  {disabled: true, deleted: true},
		"another one is active":    {second: true, deleted: true},
		"another one has expired":  {second: true, expired: true, code: cli.Error, warned: true},
		"all that are active":      {second: true, both: true, code: cli.Error, warned: true},
		"all that are active, yes": {second: true, both: true, args: []string{"--yes"}, deleted: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloudflare(t, originpulltest.Options{DeleteDelay: time.Hour})
			ids := []string{c.add(t, testpki.Leaf("first", nil))}
			if test.second {
				days := 90
				if test.expired {
					days = -1
				}
				second := c.add(t, lasting(days))
				if test.both {
					ids = append(ids, second)
				}
			}
			c.SetEnabled(zone, !test.disabled)
			var stdin io.Reader = strings.NewReader("y\n") // a pipe is not asked
			if test.typed != "" {
				user, program := openTerminal(t, 80)
				io.WriteString(user, test.typed)
				stdin = program
			}
			got := command(t.Context(), stdin, c.args(append(append([]string{"certificates", "delete"}, ids...), test.args...)...)...)
			deleted := c.Certificates(zone)[0].Status == "pending_deletion"
			if got.code != test.code || deleted != test.deleted || strings.Contains(got.stderr, warns) != test.warned {
				t.Errorf("exit status %d, deleted %t, stderr %q; want %+v", got.code, deleted, got.stderr, test)
			}
		})
	}
}

// TestInterruptAtQuestion: an interrupt does not wait for the user, and deletes nothing.
func TestInterruptAtQuestion(t *testing.T) {
	t.Parallel()
	c := newCloudflare(t, originpulltest.Options{})
	id := c.add(t, testpki.Leaf("only", nil))
	c.SetEnabled(zone, true)
	_, program := openTerminal(t, 80)
	ctx, interrupt := context.WithCancel(t.Context())
	asked := &whenWritten{text: "[y/N]", then: interrupt}
	root := newRoot()
	root.SetIn(program)
	code := cli.Run(ctx, root, c.args("certificates", "delete", id), io.Discard, asked)
	if code != cli.Failed || !strings.Contains(asked.String(), "nothing was changed\n  why:  it was interrupted") || c.Certificates(zone)[0].Status != "active" {
		t.Errorf("exit status %d, stderr %q", code, asked)
	}
}

// whenWritten calls then once, when text is written to it.
type whenWritten struct {
	safeBuffer
	text string
	then func()
	once sync.Once
}

func (w *whenWritten) Write(p []byte) (int, error) {
	n, err := w.safeBuffer.Write(p)
	if strings.Contains(w.String(), w.text) {
		w.once.Do(w.then) // a second interrupt would end the program at once
	}
	return n, err
}

// TestInterrupt: an interrupt of the program ends it soon, with what it has done on
// standard output and what it has not on standard error.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	c := newCloudflare(t, originpulltest.Options{DeployDelay: time.Hour})
	leaf := testpki.Leaf("client", nil)
	cert, key := pemFile(t, "c.pem", leaf.CertPEM()), pemFile(t, "c.key", leaf.KeyPEM())
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args := c.args("certificates", "upload", "--cert", cert, "--key", key, "--wait", "--timeout", "1h", "-o", "json")
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(os.Environ(), runMain+"=1")
	var stdout bytes.Buffer
	stderr := &whenWritten{text: "waiting until", then: func() { cmd.Process.Signal(os.Interrupt) }}
	cmd.Stdout, cmd.Stderr = &stdout, stderr
	cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != cli.Failed || !strings.Contains(stdout.String(), `"status": "pending_deployment"`) ||
		!strings.Contains(stderr.String(), "was uploaded, and is not active\n  why:  it was interrupted\n  next: ") {
		t.Errorf("exit status %d, stdout %q, stderr %q", code, stdout.String(), stderr)
	}
}

// TestColors: a terminal has colors, unless NO_COLOR is set; a file never has.
func TestColors(t *testing.T) {
	c := newCloudflare(t, originpulltest.Options{})
	c.add(t, testpki.Leaf("client", nil))
	t.Setenv("TERM", "xterm")
	t.Setenv("COLUMNS", "")
	args := c.args("certificates", "list")
	for noColor, want := range map[string]bool{"": true, "1": false} {
		t.Setenv("NO_COLOR", noColor)
		if shown := onTerminal(t, 80, args...); strings.Contains(shown, "\x1b[32mactive\x1b[0m") != want || strings.Contains(shown, "\x1b") != want {
			t.Errorf("with NO_COLOR=%q the terminal shows %q", noColor, shown)
		}
	}
	t.Setenv("NO_COLOR", "")
	if got := command(t.Context(), strings.NewReader(""), args...); strings.Contains(got.stdout, "\x1b") {
		t.Errorf("without a terminal the output is %q", got.stdout)
	}
}

// TestTokenOnTerminal: a token can be typed.
func TestTokenOnTerminal(t *testing.T) {
	t.Parallel()
	c := newCloudflare(t, originpulltest.Options{})
	user, program := openTerminal(t, 80)
	io.WriteString(user, c.Token()+"\n")
	got := command(t.Context(), program, c.args("settings", "get", "--token-file", "-")...)
	if got.code != cli.Done || !strings.Contains(got.stderr, "API token (it is not shown): ") {
		t.Errorf("exit status %d, stderr %q", got.code, got.stderr)
	}
}
