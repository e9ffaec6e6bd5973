package rotation

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/originpull/originpull-go/internal/printable"
)

const (
	killAfter = 5 * time.Second // how long a command may take to end once its context has ended
	maxLine   = 1 << 16         // bytes of a line of its output before it is broken
)

// Command returns a function for [rotate.Desired].Prove that runs a shell command, with the
// zone's id and the certificate's fingerprint in ORIGINPULL_ZONE and ORIGINPULL_SHA256. The
// command does not get the environment's CLOUDFLARE_…, in which credentials are. What it
// prints goes to w, each line behind prefix. When the context ends, the command and all that
// it has started is ended.
func Command(command, zone, fingerprint string, w io.Writer, prefix string) func(context.Context) error {
	return func(ctx context.Context) error {
		lines := &lineWriter{w: w, prefix: prefix}
		defer lines.flush()
		cmd := exec.CommandContext(ctx, "sh", "-c", command)
		cmd.Env = append(withoutCredentials(os.Environ()), "ORIGINPULL_ZONE="+zone, "ORIGINPULL_SHA256="+fingerprint)
		cmd.Stdout, cmd.Stderr = lines, lines
		cmd.WaitDelay = killAfter
		end := ownGroup(cmd)
		err := cmd.Run()
		if ctx.Err() != nil {
			end()
			return ctx.Err()
		}
		if err != nil && !errors.Is(err, exec.ErrWaitDelay) { // what it has left running keeps its output open
			return fmt.Errorf("the command %q: %w", command, err)
		}
		return nil
	}
}

func withoutCredentials(environment []string) []string {
	return slices.DeleteFunc(environment, func(variable string) bool {
		return strings.HasPrefix(strings.ToUpper(variable), "CLOUDFLARE_")
	})
}

// lineWriter writes whole lines, escaped and each behind a prefix, so that what commands of
// several zones print at the same time can be told apart.
type lineWriter struct {
	w      io.Writer
	prefix string
	rest   []byte // of a line that has not ended
}

func (l *lineWriter) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		line, rest, found := bytes.Cut(l.rest, []byte("\n"))
		if !found {
			if len(l.rest) > maxLine {
				l.flush()
			}
			return len(p), nil
		}
		l.print(line)
		l.rest = append([]byte(nil), rest...)
	}
}

func (l *lineWriter) flush() {
	if len(l.rest) > 0 {
		l.print(l.rest)
		l.rest = nil
	}
}

func (l *lineWriter) print(line []byte) {
	printable.Fprintf(l.w, "%s%s\n", l.prefix, strings.TrimRight(string(line), "\r"))
}
