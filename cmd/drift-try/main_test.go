package main

import (
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/cli"
)

// TestWrongUse: whoever uses the program in another way than its help says reads what is
// wrong, before anything is copied.
func TestWrongUse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args []string
		want string
	}{
		{nil, `drift-try: DOC is missing: want "drift-try DOC [flags]"`},
		{[]string{"a", "b"}, `drift-try: unexpected argument "b"`},
		{[]string{"a", "-o", "xml"}, `drift-try: --output "xml": want text or json`},
		{[]string{"a", "--nope"}, "drift-try: unknown flag: --nope"},
	} {
		var stdout, stderr strings.Builder
		status := cli.Run(t.Context(), newCommand(), test.args, &stdout, &stderr)
		if status != 2 || stdout.Len() > 0 || !strings.HasPrefix(stderr.String(), test.want) || !strings.HasSuffix(stderr.String(), "See 'drift-try --help'.\n") {
			t.Errorf("drift-try %v ends with %d and prints %q, want 2 and %q", test.args, status, stderr.String(), test.want)
		}
	}
}
