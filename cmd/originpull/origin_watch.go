package main

import (
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/operator"
	"github.com/originpull/originpull-go/internal/printable"
)

// runWatch looks until the command is interrupted. On a terminal it draws the table again;
// elsewhere, and as JSON lines, it writes a line for each row when that has changed.
func (f *originCheck) runWatch(cmd *cobra.Command, printer *operator.Printer[originRow]) error {
	out := cmd.OutOrStdout()
	format := cmd.Flags().Lookup("output").Value.String()
	if format == "json" {
		return cli.Usage("-o json: a watch has no end: want -o jsonl with --watch")
	}
	show := lines(out, format == "jsonl")
	if redraws(out) && !printer.JSON() {
		show = func(at time.Time, rows []originRow) error {
			if _, err := printable.Fprintf(out, clearScreen+"%s, every %s, until Ctrl-C\n\n", at.Format(time.TimeOnly), operator.FormatDuration(f.interval)); err != nil {
				return err
			}
			if err := printer.List(out, rows); err != nil {
				return err
			}
			conclude(out, rows) // and no more, so that a screen has room for it
			return nil
		}
	}
	return watch(cmd.Context(), f.interval, f.look, show)
}

// watch looks and shows what is seen until the context ends. It returns the status of the
// last look that was complete.
func watch(ctx context.Context, interval time.Duration, look func(context.Context) ([]originRow, error), show func(time.Time, []originRow) error) error {
	var status error
	for seen := false; ; seen = true {
		rows, err := look(ctx)
		if ctx.Err() != nil && seen {
			return status
		}
		if err != nil {
			return err
		}
		if err := show(time.Now(), rows); err != nil {
			return err
		}
		status = originStatus(rows)
		select {
		case <-ctx.Done():
			return status
		case <-time.After(interval):
		}
	}
}

// lines returns a function that writes the rows that have changed, with the time.
func lines(w io.Writer, json bool) func(time.Time, []originRow) error {
	type key struct{ address, serverName, tls string }
	last := map[key]string{}
	return func(at time.Time, rows []originRow) error {
		for _, r := range rows {
			k := key{r.Address, r.ServerName, r.TLS}
			if last[k] == r.String() {
				continue
			}
			last[k] = r.String()
			r.Time = at.UTC().Format(time.RFC3339)
			var err error
			if json {
				err = operator.WriteLine(w, r)
			} else {
				_, err = printable.Fprintf(w, "%s %s\n", r.Time, r.String())
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
}
