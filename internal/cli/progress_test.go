package cli

import (
	"bytes"
	"testing"
)

// TestProgress: what has ended stays readable, a line each.
func TestProgress(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		terminal bool
		want     string
	}{
		"a file":     {false, "begin drift\\n\nend drift\\n: done\nend test: skipped\nbegin report\n"},
		"a terminal": {true, "\r\x1b[K… drift\\n\r\x1b[Kdrift\\n: done\n\r\x1b[Ktest: skipped\n\r\x1b[K… report\r\x1b[K"},
	} {
		var out bytes.Buffer
		p := NewProgress(&out)
		p.terminal = test.terminal
		p.Begin("drift\n")
		p.Ended("drift\n", "done")
		p.Ended("test", "skipped") // never begun
		p.Begin("report")
		p.End() // the program says how
		if out.String() != test.want {
			t.Errorf("%s: have %q, want %q", name, out.String(), test.want)
		}
	}
}
