package cli

import (
	"bytes"
	"context"
	"testing"

	"github.com/spf13/cobra"
)

// TestFlagErrors: whoever gives a flag a wrong value reads which flag it is and what it wants.
func TestFlagErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"--fast=maybe":                 `--fast "maybe": want true or false`,
		"--pause=5":                    `--pause "5": want a duration such as 500ms or 2m`,
		"--times=many":                 `--times "many": want a whole number`,
		"--times=1e3":                  `--times "1e3": want a whole number`,
		"--times=99999999999999999999": `--times "99999999999999999999": want a whole number, and this one is too large`,
		"--seed=-1":                    `--seed "-1": want a whole number, 0 or more`,
		"--seed":                       "flag needs an argument: --seed",
		"--slow":                       "unknown flag: --slow",
	}
	for arg, want := range tests {
		root := &cobra.Command{Use: "tool"}
		work := &cobra.Command{Use: "work", RunE: func(*cobra.Command, []string) error { return nil }}
		flags := work.Flags()
		flags.Bool("fast", false, "")
		flags.Duration("pause", 0, "")
		flags.Int("times", 0, "")
		flags.Uint64("seed", 0, "")
		root.AddCommand(work)
		var stdout, stderr bytes.Buffer
		want = "tool: " + want + "\nSee 'tool work --help'.\n"
		if got := Run(context.Background(), root, []string{"work", arg}, &stdout, &stderr); got != Error || stderr.String() != want {
			t.Errorf("with %s the program prints %q and exits with %d, want %q and %d", arg, stderr.String(), got, want, Error)
		}
	}
}
