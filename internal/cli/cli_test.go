package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/originpull"
)

func TestExitStatus(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		args   []string
		result error // of the command
		want   int
		stderr string
	}{
		{"done", []string{"work"}, nil, Done, ""},
		{"help", []string{"--help"}, nil, Done, ""},
		{"version", []string{"--version"}, nil, Done, ""},
		{"flag after an argument", []string{"work", "--fast"}, nil, Done, ""},
		{"failed", []string{"work"}, errors.New("the origin is open"), Failed, "tool: the origin is open\n"},
		{"denied", []string{"work"}, fmt.Errorf("step 1: %w", &originpull.Error{Operation: "GetSettings", Status: 403}), Denied, "lack the permission"},
		{"invalid input", []string{"work"}, fmt.Errorf("%w: zone id", originpull.ErrInvalidInput), Trouble, "zone id"},
		{"two errors", []string{"work"}, &Status{Failed, errors.Join(errors.New("first"), errors.New("second"))}, Failed, "tool: first\ntool: second\n"},
		{"a line break from outside", []string{"work"}, errors.New("no such field: ok\n::error::pwn"), Failed, `tool: no such field: ok\n::error::pwn` + "\n"},
		{"its own status", []string{"work"}, fmt.Errorf("read: %w", &Status{Trouble, errors.New("cut short")}), Trouble, "cut short"},
		{"unknown command", []string{"wrok"}, nil, Trouble, `unknown command "wrok"`},
		{"unknown flag", []string{"work", "--no"}, nil, Trouble, "See 'tool --help'"},
		{"argument too many", []string{"work", "more"}, nil, Trouble, "more"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			root := &cobra.Command{Use: "tool"}
			work := &cobra.Command{Use: "work", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error { return test.result }}
			work.Flags().Bool("fast", false, "")
			root.AddCommand(work)
			var stdout, stderr bytes.Buffer
			if got := Run(context.Background(), root, test.args, &stdout, &stderr); got != test.want {
				t.Errorf("tool %s exits with %d, want %d; it says %q", strings.Join(test.args, " "), got, test.want, stderr.String())
			}
			if !strings.Contains(stderr.String(), test.stderr) || (test.stderr == "") != (stderr.Len() == 0) {
				t.Errorf("tool %s says %q on stderr, want %q in it", strings.Join(test.args, " "), stderr.String(), test.stderr)
			}
		})
	}
}
