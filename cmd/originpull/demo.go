package main

import (
	"cmp"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/demo"
	"github.com/originpull/originpull-go/internal/printable"
)

func newDemo(logger func(*cobra.Command) *slog.Logger) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Watch Authenticated Origin Pulls work, on this machine alone",
		Long: `Demo starts a TLS server that accepts only your client certificate, a simulated
Cloudflare that pulls from it, and shows in steps: refused without the certificate,
upload, accepted, another certificate refused, replaced without a gap, a crash and
its recovery. It needs no account and no network.

Exit status: 0 if every step is as it should be, else 1.`,
		Example: `  originpull demo
  originpull demo --json --debug`,
		Args: cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			write := writeText
			if asJSON {
				write = writeJSON
			}
			if err := write(cmd, out, logger(cmd)); err != nil {
				return &cli.Status{Code: cli.Failed, Err: err}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object with all steps")
	return cmd
}

// writeText prints each step when it is done. Output that cannot be written is a
// failure: a demo that no one could read has shown nothing.
func writeText(cmd *cobra.Command, out io.Writer, logger *slog.Logger) error {
	_, printed := io.WriteString(out, "A TLS origin that accepts your certificate only, and a simulated Cloudflare.\n")
	colored := cli.Colored(out)
	err := demo.Run(cmd.Context(), logger, func(s demo.Step) {
		printed = cmp.Or(printed, writeStep(out, s, colored))
	})
	if err == nil {
		_, last := io.WriteString(out, "All as it should be.\n")
		printed = cmp.Or(printed, last)
	}
	return errors.Join(err, printed)
}

// The colors of a result, as in docs/demo.svg.
const (
	green   = "\x1b[32m"
	red     = "\x1b[31m"
	noColor = "\x1b[0m"
)

// writeStep prints one step, with its result in color if it is wanted.
func writeStep(out io.Writer, s demo.Step, colored bool) error {
	mark, color, what := "ok", green, s.Detail
	if s.Err != nil {
		mark, color, what = "FAILED", red, s.Err.Error()
	}
	result := "[%s, %s]"
	if colored {
		result = color + result + noColor
	}
	_, err := printable.Fprintf(out, "\n%2d. %s  "+result+"\n    %s\n", s.Number, s.Name, mark, rounded(s.Duration), what)
	return err
}

func rounded(d time.Duration) time.Duration {
	if d < 10*time.Millisecond {
		return d.Round(100 * time.Microsecond)
	}
	return d.Round(10 * time.Millisecond)
}

// report is what --json prints.
type report struct {
	OK    bool         `json:"ok"`
	Steps []reportStep `json:"steps"`
}

type reportStep struct {
	Step         int     `json:"step"`
	Name         string  `json:"name"`
	OK           bool    `json:"ok"`
	Detail       string  `json:"detail,omitempty"`
	Error        string  `json:"error,omitempty"`
	Milliseconds float64 `json:"milliseconds"`
}

func writeJSON(cmd *cobra.Command, out io.Writer, logger *slog.Logger) error {
	all := report{Steps: []reportStep{}}
	err := demo.Run(cmd.Context(), logger, func(s demo.Step) {
		step := reportStep{
			Step: s.Number, Name: s.Name, OK: s.Err == nil, Detail: s.Detail,
			Milliseconds: float64(s.Duration.Microseconds()) / 1000,
		}
		if s.Err != nil {
			step.Error = s.Err.Error()
		}
		all.Steps = append(all.Steps, step)
	})
	all.OK = err == nil
	if printed := printable.WriteJSON(out, all); printed != nil {
		return printed
	}
	return err
}
