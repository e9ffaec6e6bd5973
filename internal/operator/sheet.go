package operator

import (
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"

	"github.com/originpull/originpull-go/internal/cli"
)

// Color is an escape sequence of terminals.
type Color string

// The colors of what is good, what needs attention, and what is bad.
const (
	Green  Color = "\x1b[32m"
	Yellow Color = "\x1b[33m"
	Red    Color = "\x1b[31m"
)

// Paint returns text in a color, if w shows colors.
func Paint(w io.Writer, c Color, text string) string {
	if c == "" || !cli.Colored(w) {
		return text
	}
	return string(c) + text + "\x1b[0m"
}

// cell is one cell of a table.
type cell struct {
	text  string
	color Color
}

// sheet is a table to be laid out for the width of a terminal.
type sheet struct {
	header  []cell
	rows    [][]cell
	least   []int // width to which each column may be narrowed, 0 if it may not
	bare    bool  // without the header
	upright bool  // a line for each cell, its column's name in front
}

const gap = 2 // spaces between two columns

// write writes the table. On a terminal that is too narrow, columns are narrowed and their
// text broken over lines; where that is not enough, each cell has lines of its own.
// Elsewhere a row is a line.
func (s sheet) write(w io.Writer) error {
	width := Width(w)
	widths, fits := s.widths(width)
	if s.upright || !fits {
		return s.writeUpright(w, width)
	}
	t := newTable()
	if !s.bare {
		t.AppendHeader(line(w, s.header, widths))
	}
	for _, row := range s.rows {
		t.AppendRow(line(w, row, widths))
	}
	return render(w, t)
}

// widths returns the width of each column, and whether a row then fits into a line of the
// given width; 0 stands for any.
func (s sheet) widths(width int) (widths []int, fits bool) {
	sum := gap * (len(s.header) - 1)
	for i, head := range s.header {
		widest := 0
		if !s.bare {
			widest = text.StringWidthWithoutEscSequences(head.text)
		}
		for _, row := range s.rows {
			widest = max(widest, text.StringWidthWithoutEscSequences(row[i].text))
		}
		widths = append(widths, widest)
		sum += widest
	}
	for ; width > 0 && sum > width; sum-- {
		widest := -1 // of the columns that may be narrowed further
		for i, least := range s.least {
			if least > 0 && widths[i] > least && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return nil, false
		}
		widths[widest]--
	}
	return widths, true
}

// writeUpright writes a line for each cell, and an empty one between rows.
func (s sheet) writeUpright(w io.Writer, width int) error {
	names := 0
	for _, head := range s.header {
		names = max(names, text.StringWidthWithoutEscSequences(head.text))
	}
	if s.bare && s.upright {
		names = -gap
	}
	for r, row := range s.rows {
		t := newTable()
		for i, one := range row {
			most := text.StringWidthWithoutEscSequences(one.text)
			if width > 0 {
				most = max(min(most, width-names-gap), 1)
			}
			if names < 0 {
				t.AppendRow(line(w, []cell{one}, []int{most}))
			} else {
				t.AppendRow(line(w, []cell{s.header[i], one}, []int{names, most}))
			}
		}
		if r > 0 {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
		if err := render(w, t); err != nil {
			return err
		}
	}
	return nil
}

func newTable() table.Writer {
	t := table.NewWriter()
	style := table.Style{Name: "originpull", Box: table.StyleBoxDefault, Options: table.OptionsNoBordersAndSeparators}
	style.Box.PaddingLeft, style.Box.PaddingRight = "", strings.Repeat(" ", gap)
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	return t
}

func render(w io.Writer, t table.Writer) error {
	rendered := t.Render()
	if rendered == "" {
		return nil
	}
	_, err := io.WriteString(w, rendered+"\n")
	return err
}

// line returns the cells of a row, broken to the widths of their columns.
func line(w io.Writer, cells []cell, widths []int) table.Row {
	row := make(table.Row, len(cells))
	for i, one := range cells {
		lines := wrap(one.text, widths[i])
		for j := range lines {
			lines[j] = Paint(w, one.color, lines[j])
		}
		row[i] = strings.Join(lines, "\n")
	}
	return row
}

// wrap breaks a text into lines of a width, behind a space, comma, hyphen or underline if
// there is one.
func wrap(s string, width int) []string {
	if text.StringWidthWithoutEscSequences(s) <= width {
		return []string{s}
	}
	var lines []string
	line := ""
	for len(s) > 0 {
		part := s
		if i := strings.IndexAny(s, " ,-_"); i >= 0 {
			part = s[:i+1]
		}
		s = s[len(part):]
		if line != "" && text.StringWidthWithoutEscSequences(line+strings.TrimRight(part, " ")) > width {
			lines, line = append(lines, strings.TrimRight(line, " ")), ""
		}
		line += part
		for text.StringWidthWithoutEscSequences(strings.TrimRight(line, " ")) > width {
			first := text.Trim(line, width)
			if first == "" { // narrower than its first character
				break
			}
			lines, line = append(lines, first), line[len(first):]
		}
	}
	if line = strings.TrimRight(line, " "); line != "" {
		lines = append(lines, line)
	}
	return lines
}

// Width returns how many columns w shows in a line: COLUMNS of the environment, else those of
// the terminal, or 0 for any number if w is not one.
func Width(w io.Writer) int {
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	if file, ok := w.(*os.File); ok {
		if n, _, err := term.GetSize(int(file.Fd())); err == nil && n > 0 {
			return n
		}
	}
	return 0
}
