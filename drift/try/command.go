package try

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/originpull/originpull-go/internal/network"
)

// failure is what fails with the new code, and what was printed.
type failure struct{ text string }

func (f *failure) Error() string { return f.text }

// command runs the go command in a folder of the copy. The error is a [*failure] if
// it ran and failed.
func (c *Copy) command(ctx context.Context, dir string, args ...string) error {
	cmd := c.module.Command(ctx, dir, "go", args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	line := "go " + strings.Join(args, " ")
	if network.Unreachable(stderr.Bytes()) {
		return fmt.Errorf("%s: a module cannot be downloaded: %s", line, brief(stderr.String()))
	}
	if cmd.ProcessState == nil {
		return fmt.Errorf("%s: %w", line, err)
	}
	return &failure{line + " fails:\n" + brief(stderr.String()+stdout.String())}
}

// brief is an output without its middle where it is long: the cause can stand at
// either end.
func brief(output string) string {
	const most = 2 << 10 // of each end
	text := strings.TrimSpace(output)
	if len(text) > 2*most {
		text = text[:most] + "\n…\n" + text[len(text)-most:]
	}
	return strings.ToValidUTF8(text, "?")
}
