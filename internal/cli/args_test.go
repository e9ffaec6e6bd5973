package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestArgs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		names, args []string
		want        string // on stderr, empty if the arguments are right
	}{
		"none":                 {nil, nil, ""},
		"one for none":         {nil, []string{"x\n"}, `tool: unexpected argument "x\n": want "tool work [flags]"`},
		"one":                  {[]string{"DOC"}, []string{"a"}, ""},
		"none for one":         {[]string{"DOC"}, nil, `tool: DOC is missing: want "tool work DOC [flags]"`},
		"two for one":          {[]string{"DOC"}, []string{"a", "b"}, `tool: unexpected argument "b": want "tool work DOC [flags]"`},
		"one for two":          {[]string{"OLD", "NEW"}, []string{"a"}, `tool: NEW is missing: want "tool work OLD NEW [flags]"`},
		"three for one and up": {[]string{"FILE..."}, []string{"a", "b", "c"}, ""},
		"none for one and up":  {[]string{"FILE..."}, nil, `tool: FILE is missing: want "tool work FILE... [flags]"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := &cobra.Command{Use: "tool"}
			work := &cobra.Command{Use: strings.Join(append([]string{"work"}, test.names...), " "), Args: Args(test.names...), RunE: func(*cobra.Command, []string) error { return nil }}
			work.Flags().Bool("fast", false, "")
			root.AddCommand(work)
			want, status := "", Done
			if test.want != "" {
				want, status = test.want+"\nSee 'tool work --help'.\n", Error
			}
			var stdout, stderr bytes.Buffer
			if got := Run(context.Background(), root, append([]string{"work"}, test.args...), &stdout, &stderr); got != status || stderr.String() != want {
				t.Errorf("with %q the program prints %q and exits with %d, want %q and %d", test.args, stderr.String(), got, want, status)
			}
		})
	}
}
