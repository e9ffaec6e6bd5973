package operator

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/printable"
)

// Column is a column of a table of rows of type T.
type Column[T any] struct {
	Name  string         // in upper case
	Text  func(T) string // what is shown of a row
	Short func(T) string // for -o table, if there it is shorter
	Color func(T) Color  // nil for none
	Wide  bool           // left out by -o table
	Wrap  int            // width to which the column may be narrowed where the terminal is too narrow, 0 if it may not
}

// Printer prints rows of type T as the flag -o says. In JSON a row is what its json tags
// say, and a list without rows is [].
type Printer[T any] struct {
	columns []Column[T]
	format  string   // table, wide, json, jsonl, or columns
	chosen  []string // of columns=…
	bare    bool     // noheader
}

// NewPrinter returns a printer, and adds -o to the command.
func NewPrinter[T any](cmd *cobra.Command, columns []Column[T]) *Printer[T] {
	p := &Printer[T]{columns: columns, format: "table"}
	names := strings.ToLower(strings.Join(p.names(), ","))
	cmd.Flags().VarP(p, "output", "o", "the `format`: table, wide, json, jsonl, columns="+names+", or noheader, which may be given besides")
	cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(
		[]string{"table", "wide", "json", "jsonl", "columns=" + names, "noheader"}, cobra.ShellCompDirectiveNoFileComp))
	return p
}

// Other returns a printer of rows of another type, in the format of p. Columns that were
// chosen are those of p, so then there is none.
func Other[U, T any](p *Printer[T], columns []Column[U]) (other *Printer[U], ok bool) {
	return &Printer[U]{columns: columns, format: p.format, bare: p.bare}, p.format != "columns"
}

func (p *Printer[T]) names() []string {
	var names []string
	for _, c := range p.columns {
		names = append(names, c.Name)
	}
	return names
}

// Set implements [pflag.Value].
func (p *Printer[T]) Set(value string) error {
	switch {
	case value == "noheader":
		p.bare = true
		return nil
	case slices.Contains([]string{"table", "wide", "json", "jsonl"}, value):
		p.format, p.chosen = value, nil
		return nil
	case !strings.HasPrefix(value, "columns="):
		return fmt.Errorf("want table, wide, json, jsonl, columns=NAME,… or noheader")
	}
	var chosen []string
	for name := range strings.SplitSeq(strings.TrimPrefix(value, "columns="), ",") {
		name = strings.ToUpper(name)
		if !slices.Contains(p.names(), name) {
			return fmt.Errorf("there is no column %q: want some of %s", name, strings.Join(p.names(), ","))
		}
		chosen = append(chosen, name)
	}
	p.format, p.chosen = "columns", chosen
	return nil
}

// String implements [pflag.Value].
func (p *Printer[T]) String() string { return p.format }

// Type implements [pflag.Value].
func (*Printer[T]) Type() string { return "format" }

// JSON reports whether the user wants JSON, as one value or as lines.
func (p *Printer[T]) JSON() bool { return p.format == "json" || p.format == "jsonl" }

// List prints rows. Each line of jsonl is a row; so List can be called for each row as it
// comes.
func (p *Printer[T]) List(w io.Writer, rows []T) error {
	switch p.format {
	case "json":
		if rows == nil {
			rows = []T{}
		}
		return printable.WriteJSON(w, rows)
	case "jsonl":
		for _, row := range rows {
			if err := WriteLine(w, row); err != nil {
				return err
			}
		}
		return nil
	}
	return p.text(w, rows, false)
}

// One prints a single row: in JSON as an object, as a table with a line for each column.
func (p *Printer[T]) One(w io.Writer, row T) error {
	switch p.format {
	case "json":
		return printable.WriteJSON(w, row)
	case "jsonl":
		return WriteLine(w, row)
	}
	return p.text(w, []T{row}, p.format != "columns")
}

// WriteLine writes a value as one line of JSON.
func WriteLine(w io.Writer, value any) error {
	var line strings.Builder
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	_, err := io.WriteString(w, printable.Quoted(line.String()))
	return err
}

// text prints rows as text, each as a line of a table or as lines of its own.
func (p *Printer[T]) text(w io.Writer, rows []T, upright bool) error {
	columns := p.shown()
	header := make([]cell, len(columns))
	widths := make([]int, len(columns)) // to which a column may be narrowed
	for i, c := range columns {
		header[i], widths[i] = cell{text: c.Name}, c.Wrap
	}
	cells := make([][]cell, len(rows))
	for r, row := range rows {
		for _, c := range columns {
			one := cell{text: printable.Line(c.Text(row))}
			if c.Short != nil && p.format == "table" && !upright {
				one.text = printable.Line(c.Short(row))
			}
			if c.Color != nil {
				one.color = c.Color(row)
			}
			cells[r] = append(cells[r], one)
		}
	}
	return sheet{header: header, rows: cells, least: widths, bare: p.bare, upright: upright}.write(w)
}

func (p *Printer[T]) shown() []Column[T] {
	var shown []Column[T]
	for _, name := range p.chosen {
		shown = append(shown, p.columns[slices.Index(p.names(), name)])
	}
	if p.format == "columns" {
		return shown
	}
	for _, c := range p.columns {
		if p.format == "wide" || !c.Wide {
			shown = append(shown, c)
		}
	}
	return shown
}
