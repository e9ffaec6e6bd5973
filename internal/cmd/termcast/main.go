// Termcast records what a command prints as an animated SVG of a terminal.
package main

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/cli"
)

// The terminal's size, and that of a character in it.
const (
	columns    = 100
	charWidth  = 8.0
	lineHeight = 19
	margin     = 16
)

// line is a line as it was printed.
type line struct {
	at        time.Duration
	text      string
	continues bool // the line before, which did not fit
}

func main() { cli.Main(newRoot()) }

func newRoot() *cobra.Command {
	root := &cobra.Command{Use: "termcast", Short: "Record what a command prints as an animated SVG"}
	var output, session string
	cmd := &cobra.Command{
		Use:   "record -o FILE -- COMMAND...",
		Short: "Run a command and write its lines, each at its time, to an SVG file",
		Example: "  termcast record -o docs/demo.svg -- originpull demo\n" +
			"  termcast record -o docs/check.svg --session \"originpull origin check\" -- sh internal/cmd/termcast/scenes/check.sh",
		Args: cli.Args("COMMAND..."),
		RunE: func(_ *cobra.Command, args []string) error { return record(output, session, args) },
	}
	cmd.Flags().StringVar(&session, "session", "", "the `name` of a session: the command prints the lines that a user types too, each behind \"$ \"")
	cmd.Flags().StringVarP(&output, "output", "o", "", "the SVG `file` to write (required)")
	cmd.MarkFlagRequired("output")
	root.AddCommand(cmd)
	return root
}

func record(output, session string, command []string) error {
	lines, err := run(command)
	if err != nil {
		return err
	}
	name := session
	if session == "" {
		name = strings.Join(command, " ")
		lines = append([]line{{text: "$ " + name}}, lines...)
	} else if len(lines) > 0 {
		begin := lines[0].at // what it prepares is not shown
		for i := range lines {
			lines[i].at -= begin
		}
	}
	return os.WriteFile(output, []byte(draw(name, lines, session != "")), 0o644)
}

// run runs a command and returns its lines. A command that fails is an error.
func run(command []string) ([]line, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), fmt.Sprintf("COLUMNS=%d", columns))
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = os.Stderr
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lines, err := read(stdout, func() time.Duration { return time.Since(start) })
	if err != nil {
		return nil, err
	}
	return lines, cmd.Wait()
}

func read(r io.Reader, now func() time.Duration) ([]line, error) {
	var lines []line
	scanner := bufio.NewScanner(r)
	for scanner.Scan() {
		for i, text := range wrap(scanner.Text()) {
			lines = append(lines, line{now(), text, i > 0})
		}
	}
	return lines, scanner.Err()
}

// wrap breaks a line at spaces if it does not fit the terminal, and keeps its
// indentation.
func wrap(text string) []string {
	indent := text[:len(text)-len(strings.TrimLeft(text, " "))]
	var lines []string
	for len(text) > columns {
		at := strings.LastIndex(text[:columns+1], " ")
		if at <= len(indent) {
			break
		}
		lines, text = append(lines, text[:at]), indent+text[at+1:]
	}
	return append(lines, text)
}

// passed and failed match the result of a step of the demo, or a verdict of origin check.
var (
	passed = regexp.MustCompile(`\[ok, [^\]]*\]|  enforced  `)
	failed = regexp.MustCompile(`\[FAILED, [^\]]*\]|  (?:off|optional|refuses yours)  `)
)

// class is how a line is drawn. In a session only what is typed stands out, and the lines of
// a diff have their colors.
func class(text string, session bool) string {
	switch {
	case !session && strings.HasPrefix(text, "    "):
		return "detail"
	case !session || strings.HasPrefix(text, "$ "):
		return "step"
	case strings.HasPrefix(text, "+ "):
		return "ok"
	case strings.HasPrefix(text, "- "):
		return "failed"
	}
	return "plain"
}

// draw draws the lines. Each appears at its time; where motion is not wanted, or the
// viewer knows no animation, all are there at once.
func draw(name string, lines []line, session bool) string {
	width := columns*charWidth + 2*margin
	height := len(lines)*lineHeight + 2*margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %d" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13" role="img" aria-label="Recording of %s">
<style>
  text { fill: #e6edf3; white-space: pre; animation: show 1ms backwards; }
  .step { font-weight: 600; }
  .detail { fill: #9198a1; }
  .ok { fill: #3fb950; }
  .failed { fill: #f85149; }
  @keyframes show { from { opacity: 0; } }
  @media (prefers-reduced-motion: reduce) { text { animation: none; } }
</style>
<rect width="100%%" height="100%%" rx="8" fill="#0d1117"/>
`, width, height, html.EscapeString(name))
	style := ""
	for i, l := range lines {
		if !l.continues {
			style = class(l.text, session)
		}
		if l.text == "" {
			continue
		}
		text := html.EscapeString(l.text)
		text = passed.ReplaceAllString(text, `<tspan class="ok">$0</tspan>`)
		text = failed.ReplaceAllString(text, `<tspan class="failed">$0</tspan>`)
		fmt.Fprintf(&b, `<text class="%s" x="%d" y="%d" xml:space="preserve" style="animation-delay:%.2fs">%s</text>`+"\n",
			style, margin, margin+lineHeight*i+14, l.at.Seconds(), text)
	}
	b.WriteString("</svg>\n")
	return b.String()
}
