package main

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/originpull/originpull-go/internal/atomicfile"
	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/operator"
	"github.com/originpull/originpull-go/internal/printable"
	"github.com/originpull/originpull-go/internal/zonewatch"
)

// serve serves the metrics until end is called.
func (w *watchCommand) serve(cmd *cobra.Command) (end func(), err error) {
	if !isAddress(w.listen) {
		return nil, cli.Usage("--listen %q: want host:port with a port from 0 to 65535, such as 127.0.0.1:9712", w.listen)
	}
	listener, err := new(net.ListenConfig).Listen(cmd.Context(), "tcp", w.listen)
	if err != nil {
		return nil, cannotListen("--listen", w.listen, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(w.metrics.Registry(), promhttp.HandlerOpts{DisableCompression: true}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: time.Minute, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)}
	go server.Serve(listener)
	w.serving = "http://" + listener.Addr().String() + "/metrics"
	printable.Fprintf(cmd.ErrOrStderr(), "metrics: %s\n", w.serving)
	return func() { server.Close() }, nil
}

// report prints the states and writes the file with metrics.
func (w *watchCommand) report(cmd *cobra.Command, states []zonewatch.State) error {
	if w.textFile != "" {
		text, err := w.metrics.Text()
		if err == nil {
			err = atomicfile.Write(w.textFile, text)
		}
		if err != nil && w.once {
			return &cli.Problem{What: "the metrics were not written", Why: err, Next: "correct --textfile", Code: cli.Error}
		}
		if err != nil { // the file's age shows it
			printable.Fprintf(cmd.ErrOrStderr(), "the metrics were not written: %v\n", err)
		}
	}
	out := cmd.OutOrStdout()
	switch {
	case w.once || w.printer.JSON():
		return w.printer.List(out, states)
	case redraws(out):
		return w.redraw(out, states)
	case cmd.Flags().Changed("output"):
		return w.printer.List(out, states)
	}
	return w.printLines(out, states)
}

// redraws reports whether out is a terminal on which a table can be drawn again.
func redraws(out io.Writer) bool { return operator.IsTerminal(out) && os.Getenv("TERM") != "dumb" }

// clearScreen moves to the begin of the screen and clears it.
const clearScreen = "\x1b[H\x1b[2J"

// redraw draws the table on a clear screen. Of more zones than it has lines, those come
// first that are not fine.
func (w *watchCommand) redraw(out io.Writer, states []zonewatch.State) error {
	shown := slices.Clone(states)
	if _, lines, err := term.GetSize(int(out.(*os.File).Fd())); err == nil {
		shown = fit(shown, lines-4)
	}
	if _, err := io.WriteString(out, clearScreen); err != nil {
		return err
	}
	if err := w.printer.List(out, shown); err != nil {
		return err
	}
	hidden := ""
	if n := len(states) - len(shown); n > 0 {
		hidden = printable.Count(n, "more zone") + "; "
	}
	_, err := printable.Fprintf(out, "\n%slooked at %s, next look after %s\n", hidden, time.Now().Format(time.TimeOnly), operator.FormatDuration(w.interval))
	return err
}

// fit returns as many states as there are lines, those that are not fine first if not all
// fit.
func fit(states []zonewatch.State, lines int) []zonewatch.State {
	if len(states) <= lines || lines < 1 {
		return states
	}
	slices.SortStableFunc(states, func(a, b zonewatch.State) int { return zonewatch.CompareVerdicts(b.Verdict, a.Verdict) })
	return states[:lines]
}

// printLines prints a line for each zone of which something else is known than before.
func (w *watchCommand) printLines(out io.Writer, states []zonewatch.State) error {
	for _, s := range states {
		line := s.Line()
		if w.lines[s.Zone] == line {
			continue
		}
		w.lines[s.Zone] = line
		if _, err := printable.Fprintf(out, "%s %s\n", s.At.UTC().Format(time.RFC3339), line); err != nil {
			return err
		}
	}
	return nil
}

var watchVerdictColors = map[zonewatch.Verdict]operator.Color{zonewatch.Fine: operator.Green, zonewatch.Todo: operator.Red, zonewatch.Unknown: operator.Yellow, zonewatch.Denied: operator.Red}

var watchColumns = []operator.Column[zonewatch.State]{
	{Name: "ZONE", Text: func(s zonewatch.State) string { return s.Zone }, Wrap: 12},
	{Name: "VERDICT", Text: func(s zonewatch.State) string { return string(s.Verdict) }, Color: func(s zonewatch.State) operator.Color { return watchVerdictColors[s.Verdict] }},
	{Name: "ENABLED", Text: zonewatch.State.EnabledText},
	{Name: "PRESENTED", Text: func(s zonewatch.State) string { return s.Presented.String() }},
	{Name: "CERTIFICATES", Text: zonewatch.State.CertificatesText, Color: watchExpiryColor, Wrap: 20},
	{Name: "DRIFT", Text: zonewatch.State.DriftText},
	{Name: "SSL", Text: func(s zonewatch.State) string {
		if s.SSLMode == nil {
			return "-"
		}
		return *s.SSLMode
	}, Wide: true},
	{Name: "GLOBAL", Text: func(s zonewatch.State) string {
		if s.Global == nil {
			return "-"
		}
		return zonewatch.YesNo(s.Global)
	}, Wide: true},
	{Name: "REMARKS", Text: func(s zonewatch.State) string { return strings.Join(s.Remarks(), "; ") }, Wrap: 24},
}

// watchExpiryColor warns at the days at which Cloudflare sends mails.
func watchExpiryColor(s zonewatch.State) operator.Color {
	days, known := s.DaysLeft()
	switch {
	case !known || days >= zonewatch.WarnDays:
		return ""
	case days >= zonewatch.UrgentDays:
		return operator.Yellow
	}
	return operator.Red
}
