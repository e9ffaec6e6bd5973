package trial

import (
	"context"
	"fmt"
	"strings"
)

// failure is what fails with the new code, and the end of what was printed.
type failure struct{ text string }

func (f *failure) Error() string { return f.text }

// command runs the go command in a folder of the copy. The error is a [*failure] if
// it ran and failed.
func (c *Copy) command(ctx context.Context, dir string, args ...string) error {
	cmd := c.Command(ctx, dir, "go", args...)
	output, err := cmd.CombinedOutput()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	line := "go " + strings.Join(args, " ")
	for _, sign := range []string{"dial tcp", "no such host", "i/o timeout", "module lookup disabled"} {
		if strings.Contains(string(output), sign) {
			return fmt.Errorf("%s: what it needs cannot be had: %s", line, tail(output))
		}
	}
	if cmd.ProcessState == nil {
		return fmt.Errorf("%s: %w", line, err)
	}
	return &failure{line + " fails:\n" + tail(output)}
}

// tail is the end of a long output.
func tail(output []byte) string {
	const most = 4 << 10
	text := strings.TrimSpace(string(output))
	if len(text) > most {
		text = text[len(text)-most:]
		_, text, _ = strings.Cut(text, "\n")
	}
	return strings.ToValidUTF8(text, "?")
}
