package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/operator"
	"github.com/originpull/originpull-go/internal/printable"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/rotate"
)

// rotationRow is what rotate prints for one zone. Its JSON is documented in rotateEnd.
type rotationRow struct {
	ZoneID      string            `json:"zone_id"`
	Done        bool              `json:"done"`
	Error       string            `json:"error,omitempty"`
	Desired     string            `json:"desired"`
	Certificate string            `json:"certificate"`
	Status      originpull.Status `json:"status"`
	SHA256      string            `json:"sha256"`
	Subject     string            `json:"subject"`
	ExpiresOn   time.Time         `json:"expires_on,omitzero"`
	Enabled     bool              `json:"enabled"`
	Changes     []string          `json:"changes"`
	Superseded  []string          `json:"superseded"`
	Leaving     []string          `json:"leaving"`
	Kept        []string          `json:"kept"`
	NextAt      time.Time         `json:"next_at,omitzero"`
	Warnings    []string          `json:"warnings"`
}

const leastText = 12 // width of a column of texts on a narrow terminal

var rotationColumns = []operator.Column[rotationRow]{
	{Name: "ZONE", Text: func(r rotationRow) string { return r.ZoneID }},
	{Name: "DONE", Text: func(r rotationRow) string { return strconv.FormatBool(r.Done) }, Color: func(r rotationRow) operator.Color { return goodOrBad(r.Done) }},
	{Name: "CERTIFICATE", Text: func(r rotationRow) string { return orHyphen(r.Certificate) }},
	{Name: "STATUS", Text: func(r rotationRow) string { return orHyphen(string(r.Status)) }},
	{Name: "SHA256", Text: func(r rotationRow) string { return orHyphen(r.SHA256) }, Wrap: leastText},
	{Name: "SUBJECT", Text: func(r rotationRow) string { return orHyphen(r.Subject) }, Wrap: leastText},
	{Name: "EXPIRES", Text: func(r rotationRow) string { return operator.FormatTime(r.ExpiresOn, time.RFC3339) }},
	{Name: "ENABLED", Text: func(r rotationRow) string { return strconv.FormatBool(r.Enabled) }},
	{Name: "CHANGES", Text: func(r rotationRow) string { return listed(r.Changes) }, Wrap: leastText},
	{Name: "SUPERSEDED", Text: func(r rotationRow) string { return listed(r.Superseded) }, Wrap: leastText},
	{Name: "LEAVING", Text: func(r rotationRow) string { return listed(r.Leaving) }, Wrap: leastText},
	{Name: "KEPT", Text: func(r rotationRow) string { return listed(r.Kept) }, Wrap: leastText},
	{Name: "NEXT", Text: func(r rotationRow) string { return operator.FormatTime(r.NextAt, time.RFC3339) }},
}

func goodOrBad(good bool) operator.Color {
	if good {
		return operator.Green
	}
	return operator.Red
}

func orHyphen(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func listed(texts []string) string { return orHyphen(strings.Join(texts, ", ")) }

// newRotationRow returns the row of a run that ended with an error or nil. live is the
// certificate that is live if it is done.
func newRotationRow(zoneID string, want rotate.Desired, live rotate.Certificate, result rotate.Result, err error) rotationRow {
	shown := result.Certificate
	if err == nil && live.ID != "" {
		shown = live
	}
	row := rotationRow{
		ZoneID: zoneID, Done: err == nil, Desired: want.Pair.Fingerprint(),
		Certificate: shown.ID, Status: shown.Status, SHA256: shown.Fingerprint, Subject: shown.Subject, ExpiresOn: shown.ExpiresOn,
		Enabled: result.Enabled, Changes: []string{}, NextAt: result.NextAt, Warnings: append([]string{}, result.Warnings...),
		Superseded: certificateIDs(result.Superseded), Leaving: certificateIDs(result.Leaving), Kept: certificateIDs(result.Kept),
	}
	row.Kept = slices.DeleteFunc(row.Kept, func(id string) bool { return id == shown.ID })
	for _, step := range result.Changes {
		row.Changes = append(row.Changes, strings.TrimSpace(string(step.Action)+" "+step.Certificate.ID))
	}
	if err != nil {
		row.Error = err.Error()
	}
	return row
}

func certificateIDs(certificates []rotate.Certificate) []string {
	ids := []string{}
	for _, c := range certificates {
		ids = append(ids, c.ID)
	}
	return ids
}

// one rotates one zone: the plan before, each step, and what holds afterwards.
func (r *rotator) one(cmd *cobra.Command, printer *operator.Printer[rotationRow]) error {
	zone, err := operator.FindZone(cmd.Context(), r.client, r.zone)
	if err != nil {
		return err
	}
	stderr := cmd.ErrOrStderr()
	want := r.desired(r.want.Pair, zone.ID(), stderr, "")
	plan := stderr
	if r.dryRun {
		plan = cmd.OutOrStdout()
	}
	if err := r.preview(cmd, zone, want, plan); err != nil || r.dryRun {
		return err
	}
	steps := steps{w: stderr}
	result, err := rotate.Reconcile(cmd.Context(), zone, want, r.options(steps.report)...)
	for _, warning := range result.Warnings {
		printable.Fprintf(stderr, "warning: %s\n", warning)
	}
	if !result.NextAt.IsZero() {
		printable.Fprintf(stderr, "the next run is due at %s\n", result.NextAt.UTC().Format(time.RFC3339))
	}
	printed := printer.One(cmd.OutOrStdout(), newRotationRow(zone.ID(), want, steps.live, result, err))
	switch {
	case cmd.Context().Err() != nil && err != nil:
		return operator.Failure("the rotation of zone "+r.zone+" has ended early, the next run completes it", err)
	case err != nil:
		return operator.Failure("zone "+r.zone+" was not rotated", err)
	case printed != nil:
		return printed
	}
	return r.warned(len(result.Warnings))
}

// preview prints what a run would change. In a dry run it is an error if the run would stop.
func (r *rotator) preview(cmd *cobra.Command, zone *originpull.Zone, want rotate.Desired, w io.Writer) error {
	seen, err := rotate.Observe(cmd.Context(), zone)
	if err != nil {
		return operator.Failure("the zone was not looked at: "+zone.ID(), err)
	}
	printable.Fprintf(w, "zone %s\n", zone.ID())
	for line := range strings.Lines(rotate.Preview(seen, want)) {
		if _, err := fmt.Fprintln(w, operator.Paint(w, signColor(line), printable.Line(strings.TrimSuffix(line, "\n")))); err != nil {
			return err
		}
	}
	if step := rotate.Plan(seen, want); r.dryRun && step.Action == rotate.Stop {
		return operator.Failure("a run would not change zone "+zone.ID(), step.Err)
	}
	return nil
}

// signColor returns the color of a line of a diff.
func signColor(line string) operator.Color {
	return map[byte]operator.Color{'+': operator.Green, '-': operator.Red, '~': operator.Yellow, '?': operator.Yellow}[line[0]]
}

// steps prints the steps of a run.
type steps struct {
	w      io.Writer
	live   rotate.Certificate // of Done
	last   string             // what was printed last
	failed error              // of the last step
}

// report prints a step when it begins, and that the one before has failed if the run goes on.
// While a run waits it says so once.
func (s *steps) report(e rotate.Event) {
	if e.Ended {
		s.failed = e.Err
		if e.Err != nil && e.Step.Action == rotate.Ask { // what each origin said, a line each
			for _, row := range strings.Split(e.Err.Error(), "\n\t")[1:] {
				printable.Fprintf(s.w, "  %s\n", row)
			}
		}
		return
	}
	if s.failed != nil {
		printable.Fprintf(s.w, "  it failed, and the run looks again: %v\n", s.failed)
		s.failed, s.last = nil, ""
	}
	switch line := e.Step.String(); {
	case e.Step.Action == rotate.Stop: // it is the error of the run
	case line != s.last:
		printable.Fprintf(s.w, "%s\n", line)
		s.last = line
	}
	if e.Step.Action == rotate.Done {
		s.live = e.Step.Certificate
	}
}
