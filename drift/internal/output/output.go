// Package output has the words that the packages of drift share when they say what
// they found.
package output

import (
	"fmt"
	"strings"

	"github.com/originpull/originpull-go/internal/printable"
)

// Findings returns a number of findings in words: "1 finding", "2 findings".
func Findings(n int) string {
	if n == 1 {
		return "1 finding"
	}
	return fmt.Sprintf("%d findings", n)
}

// Line returns what a document says on one line of no more than 500 bytes.
func Line(s string) string {
	const most = 500
	if s = printable.Line(s); len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
