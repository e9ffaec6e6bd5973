package cli

import (
	"bytes"
	"testing"
)

func TestProgress(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		terminal bool
		want     string
	}{
		"a file":     {false, "begin drift\\n\nend drift\\n: done\n"},
		"a terminal": {true, "\r\x1b[K… drift\\n\r\x1b[K"},
	} {
		var out bytes.Buffer
		p := NewProgress(&out)
		p.terminal = test.terminal
		p.Begin("drift\n")
		p.Ended("drift\n", "done")
		if out.String() != test.want {
			t.Errorf("%s: have %q, want %q", name, out.String(), test.want)
		}
	}
}
