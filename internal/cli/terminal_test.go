package cli

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestColored(t *testing.T) {
	device, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0) // a character device, as terminals are
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for name, test := range map[string]struct {
		w             io.Writer
		term, noColor string
		want          bool
	}{
		"a terminal":                 {device, "xterm", "", runtime.GOOS != "windows"},
		"a terminal with NO_COLOR":   {device, "xterm", "1", false},
		"a terminal without escapes": {device, "dumb", "", false},
		"a file":                     {file, "xterm", "", false},
		"a buffer":                   {&bytes.Buffer{}, "xterm", "", false},
	} {
		t.Setenv("TERM", test.term)
		t.Setenv("NO_COLOR", test.noColor)
		if got := Colored(test.w); got != test.want {
			t.Errorf("%s: colored %t, want %t", name, got, test.want)
		}
	}
}
