package cli

import (
	"io"

	"github.com/originpull/originpull-go/internal/printable"
)

// Progress says on standard error which step of a long run has begun. On a terminal that
// is one line, which is replaced when the step ends.
type Progress struct {
	w        io.Writer
	terminal bool
}

// NewProgress returns a Progress that writes to w.
func NewProgress(w io.Writer) *Progress {
	return &Progress{w, isTerminal(w)}
}

// clearLine moves to the begin of the line and clears it.
const clearLine = "\r\x1b[K"

// Begin says that a step begins.
func (p *Progress) Begin(step string) {
	if p.terminal {
		io.WriteString(p.w, clearLine+"… "+printable.Line(step))
		return
	}
	printable.Fprintf(p.w, "begin %s\n", step)
}

// End clears the line of the step. The program then says how the step ended.
func (p *Progress) End() {
	if p.terminal {
		io.WriteString(p.w, clearLine)
	}
}

// Ended ends a step and leaves a line that says how, also for a step that is skipped and
// has not begun.
func (p *Progress) Ended(step, how string) {
	p.End()
	if p.terminal {
		printable.Fprintf(p.w, "%s: %s\n", step, how)
		return
	}
	printable.Fprintf(p.w, "end %s: %s\n", step, how)
}
