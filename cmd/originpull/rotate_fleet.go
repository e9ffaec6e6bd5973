package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/operator"
	"github.com/originpull/originpull-go/internal/printable"
	"github.com/originpull/originpull-go/internal/rotation"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/rotate"
)

// fleetRow is what rotate prints for many zones. Its JSON is documented in rotateEnd.
type fleetRow struct {
	Zones       int       `json:"zones"`
	Done        int       `json:"done"`
	Failed      int       `json:"failed"`
	Skipped     int       `json:"skipped"`
	Interrupted int       `json:"interrupted"`
	Left        int       `json:"left"`
	Requests    int       `json:"requests"`
	Warnings    int       `json:"warnings"`
	NextAt      time.Time `json:"next_at,omitzero"`
}

func number(name string, of func(fleetRow) int) operator.Column[fleetRow] {
	return operator.Column[fleetRow]{Name: name, Text: func(r fleetRow) string { return strconv.Itoa(of(r)) }}
}

var fleetColumns = []operator.Column[fleetRow]{
	number("ZONES", func(r fleetRow) int { return r.Zones }),
	number("DONE", func(r fleetRow) int { return r.Done }),
	number("FAILED", func(r fleetRow) int { return r.Failed }),
	number("SKIPPED", func(r fleetRow) int { return r.Skipped }),
	number("INTERRUPTED", func(r fleetRow) int { return r.Interrupted }),
	number("LEFT", func(r fleetRow) int { return r.Left }),
	number("REQUESTS", func(r fleetRow) int { return r.Requests }),
	number("WARNINGS", func(r fleetRow) int { return r.Warnings }),
	{Name: "NEXT", Text: func(r fleetRow) string { return operator.FormatTime(r.NextAt, time.RFC3339) }},
}

// fleet rotates many zones.
func (r *rotator) fleet(cmd *cobra.Command, printer *operator.Printer[rotationRow]) error {
	summaryPrinter, ok := operator.Other(printer, fleetColumns)
	if !ok {
		return cli.Usage("-o columns=… is for one zone: want table, wide, json or jsonl")
	}
	var report *rotation.Report
	if r.report != "" && !r.dryRun {
		var err error
		if report, err = rotation.OpenReport(r.report, r.run); err != nil {
			return cli.Usage("--report: %w", err)
		}
	}
	zones, ids, err := r.find(cmd)
	switch {
	case err != nil:
	case r.dryRun:
		err = r.previewAll(cmd, zones, ids)
	default:
		err = r.runFleet(cmd, newFleetRun(r, cmd, ids, report), summaryPrinter)
	}
	if report != nil {
		if failed := report.Close(); failed != nil {
			err = errors.Join(err, &cli.Problem{What: "the report is not complete", Why: failed, Next: "run the command again: a zone that is missing in the report is looked at again", Code: cli.Failed})
		}
	}
	return err
}

// find returns the zones of the list and their ids.
func (r *rotator) find(cmd *cobra.Command) ([]*originpull.Zone, []string, error) {
	var zones []*originpull.Zone
	var ids []string
	for _, listed := range r.list {
		zone, err := operator.FindZone(cmd.Context(), r.client, listed.Name)
		if err != nil {
			if problem, ok := errors.AsType[*cli.Problem](err); ok {
				problem.What = listed.Place + ": " + problem.What
			}
			return nil, nil, operator.Failure(listed.Place+": the zone could not be looked up", err)
		}
		zones, ids = append(zones, zone), append(ids, zone.ID())
	}
	if err := rotation.CheckIDs(r.list, ids); err != nil {
		return nil, nil, &cli.Status{Code: cli.Error, Err: err}
	}
	return zones, ids, nil
}

// pair returns the key pair of the zone i of the list.
func (r *rotator) pair(i int) (originpull.KeyPair, error) {
	if listed := r.list[i]; listed.Cert != "" {
		return originpull.LoadKeyPair(listed.Cert, listed.Key)
	}
	return r.want.Pair, nil
}

// previewAll prints what a run would change in each zone. Zones that fail do not stop it.
func (r *rotator) previewAll(cmd *cobra.Command, zones []*originpull.Zone, ids []string) error {
	var failures failures
	for i, zone := range zones {
		pair, err := r.pair(i)
		if err == nil {
			err = r.preview(cmd, zone, r.desired(pair, ids[i], cmd.ErrOrStderr(), ""), cmd.OutOrStdout())
		}
		if cmd.Context().Err() != nil {
			return operator.Failure("the dry run has ended early", cmp.Or(err, context.Cause(cmd.Context())))
		}
		if err != nil {
			printable.Fprintf(cmd.ErrOrStderr(), "%s: %v\n", r.list[i].Name, err)
			failures.add(r.list[i].Name, err)
		}
	}
	return failures.err(fmt.Sprintf("%d of %s would fail", len(failures.all), printable.Count(len(zones), "zone")))
}

// fleetRun is a run of many zones.
type fleetRun struct {
	*rotator
	ids     []string
	index   map[string]int // of each id
	display *rotation.Display
	report  *rotation.Report

	mu       sync.Mutex
	failures failures
	warnings int
	nextAt   time.Time
}

func newFleetRun(r *rotator, cmd *cobra.Command, ids []string, report *rotation.Report) *fleetRun {
	stderr := cmd.ErrOrStderr()
	// The log would tear the bars.
	debug, _ := cmd.Flags().GetBool("debug")
	bars := operator.IsTerminal(stderr) && os.Getenv("TERM") != "dumb" && !debug
	f := &fleetRun{rotator: r, ids: ids, index: map[string]int{}, report: report}
	f.display = rotation.NewDisplay(stderr, bars, len(ids), len(r.origins) > 0 && r.require != "nothing", r.exec != "")
	for i, id := range ids {
		f.index[id] = i
	}
	return f
}

func (r *rotator) runFleet(cmd *cobra.Command, f *fleetRun, printer *operator.Printer[fleetRow]) error {
	summary, err := rotate.Fleet{
		Client: r.client, Desired: f.desire, Options: r.options(f.event), Resume: r.earlier, Report: f.end,
		Canary: r.canary, CanaryPause: r.thenWait, StopAfter: r.stopAfter,
	}.Run(cmd.Context(), f.ids)
	f.display.Close()
	printed := printer.One(cmd.OutOrStdout(), fleetRow{
		Zones: len(f.ids), Done: summary.Done, Failed: summary.Failed, Skipped: summary.Skipped, Interrupted: summary.Interrupted,
		Left: summary.Left, Requests: summary.Requests, Warnings: f.warnings, NextAt: f.nextAt,
	})
	zones := printable.Count(len(f.ids), "zone")
	switch {
	case err != nil && cmd.Context().Err() != nil:
		return f.again(operator.Failure(fmt.Sprintf("the rotation of %s has ended early, the next run completes it", zones), err))
	case errors.Is(err, rotate.ErrStopped):
		return f.failures.err(fmt.Sprintf("%d of %s failed, and %d were not begun", summary.Failed, zones, summary.Left))
	case len(f.failures.all) > 0:
		return f.failures.err(fmt.Sprintf("%d of %s failed", summary.Failed, zones))
	case err != nil:
		return operator.Failure("no zone was rotated", err)
	case printed != nil:
		return printed
	}
	return r.warned(f.warnings)
}

// again adds to the error of an interrupted run how to go on.
func (f *fleetRun) again(err error) error {
	if problem, ok := errors.AsType[*cli.Problem](err); ok && f.rotator.report != "" {
		problem.Next = "run the command again with --resume " + f.rotator.report + ": nothing that it did is undone"
	}
	return err
}

// desire returns what should hold for a zone whose turn has come.
func (f *fleetRun) desire(_ context.Context, id string) (rotate.Desired, error) {
	i := f.index[id]
	f.display.Begin(id)
	pair, err := f.pair(i)
	if err != nil {
		return rotate.Desired{}, err
	}
	return f.desired(pair, id, f.display, f.list[i].Name+": "), nil
}

func (f *fleetRun) event(e rotate.Event) {
	f.display.Event(e)
	if e.Step.Action == rotate.Done {
		f.due(e.Step.NextAt)
	}
}

// due notes when a zone's next run is due.
func (f *fleetRun) due(at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !at.IsZero() && (f.nextAt.IsZero() || at.Before(f.nextAt)) {
		f.nextAt = at
	}
}

// end notes how a zone has ended.
func (f *fleetRun) end(entry rotate.Entry) {
	name := f.list[f.index[entry.Zone]].Name
	if f.report != nil {
		f.report.Write(entry)
	}
	f.display.End(name, entry)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.warnings += len(entry.Warnings)
	if entry.Err != nil {
		f.failures.add(name, entry.Err)
	}
}

// failures are those of zones.
type failures struct {
	all    []error
	denied int
}

func (f *failures) add(zone string, err error) {
	f.all = append(f.all, fmt.Errorf("%s: %w", zone, err))
	if errors.Is(err, originpull.ErrDenied) {
		f.denied++
	}
}

// err returns the error of a run with these failures, nil if there are none. It has the
// first one: all of them were printed when they happened.
func (f *failures) err(what string) error {
	if len(f.all) == 0 {
		return nil
	}
	err := operator.Failure(what, f.all[0])
	problem, ok := errors.AsType[*cli.Problem](err)
	if !ok {
		return err
	}
	problem = &cli.Problem{What: what, Why: problem.Why, Next: problem.Next, Code: cli.Failed}
	if f.denied == len(f.all) {
		problem.Code = cli.Denied
	}
	return problem
}
