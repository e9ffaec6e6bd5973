package cli

import (
	"io"
	"os"
	"runtime"
)

// isTerminal reports whether w is a terminal that understands escape sequences.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}

// Colored reports whether to write colors to w: to a terminal, unless the environment
// has TERM=dumb, or NO_COLOR with a value. It is false on Windows, where a console can
// print the escape sequences instead.
func Colored(w io.Writer) bool {
	return isTerminal(w) && os.Getenv("NO_COLOR") == "" && runtime.GOOS != "windows"
}
