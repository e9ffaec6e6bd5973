package document

import "github.com/originpull/originpull-go/internal/printable"

// Line returns what a document says on one line of no more than 500 bytes.
func Line(s string) string { return printable.Cut(s, 500) }
