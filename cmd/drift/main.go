// Command drift reports whether an OpenAPI document still says what ours says,
// and what changed from one document to another.
//
// Its exit status is that of diff: 0 in step, 1 drift as severe as --fail-on,
// 2 an error. docs/drift.md is its guide.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/overlay"
	"github.com/originpull/originpull-go/internal/printable"
)

const (
	// memoryGoal makes the garbage collector work harder near the most that the
	// largest document may take.
	memoryGoal = 400 << 20
	// gcPercent has it work little before: a run is short, and most of what it makes
	// lasts as long.
	gcPercent = 400
)

// errDrift ends the program with the status of what is found; the report has said
// what.
var errDrift = &cli.Status{Code: cli.Failed}

func main() {
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(memoryGoal)
	cli.Main(newCommand())
}

// settings are the flags that several commands share.
type settings struct {
	config, prefix, output, failOn string
}

func newCommand() *cobra.Command {
	s := &settings{}
	cmd := &cobra.Command{
		Use:   "drift",
		Short: "Report what changed in an OpenAPI document, and only what changed",
		Long: `Drift reports whether an OpenAPI document still says what ours says, and what
changed from one document to another. It compares what is seen on the wire.

Exit status: 0 in step, 1 drift as severe as --fail-on, or something to decide;
2 usage or environment error, or a document that is refused.`,
	}
	cmd.PersistentFlags().StringVar(&s.config, "config", "drift.yaml", "the configuration `file`")
	cmd.AddCommand(checkCommand(s), diffCommand(s), fingerprintCommand(s), sliceCommand(s), acceptCommand(s), proposeCommand(s), tryCommand(), kindsCommand(s))
	return cmd
}

func (s *settings) addReportFlags(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&s.output, "output", "o", "text", "text, json, markdown or github (annotations)")
	cmd.Flags().StringVar(&s.failOn, "fail-on", "additive", "status 1 for breaking, additive, any or none")
}

// addPlainOutputFlag is for what has only two forms.
func (s *settings) addPlainOutputFlag(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&s.output, "output", "o", "text", "text or json")
	cmd.PreRunE = func(*cobra.Command, []string) error {
		if s.output != "text" && s.output != "json" {
			return cli.Usage("--output %q: want text or json", s.output)
		}
		return nil
	}
}

func (s *settings) addPrefixFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.prefix, "prefix", "", "the `path` to look under, instead of what the configuration names; / for all")
}

// load reads the configuration. With a prefix given, none is needed.
func (s *settings) load(cmd *cobra.Command) (*drift.Config, error) {
	if !slices.Contains([]string{"", "text", "json", "markdown", "github"}, s.output) {
		return nil, cli.Usage("--output %q: want text, json, markdown or github", s.output)
	}
	if !slices.Contains([]string{"", "breaking", "additive", "any", "none"}, s.failOn) {
		return nil, cli.Usage("--fail-on %q: want breaking, additive, any or none", s.failOn)
	}
	c, err := drift.LoadConfig(s.config)
	if errors.Is(err, os.ErrNotExist) && s.prefix != "" && !cmd.Flags().Changed("config") {
		c, err = &drift.Config{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	if s.prefix != "" {
		c.Prefix, c.Operations = s.prefix, nil
	}
	return c, nil
}

// open loads the configuration and reads the documents of the given sources.
func (s *settings) open(cmd *cobra.Command, sources ...string) (*drift.Config, []*drift.Document, error) {
	c, err := s.load(cmd)
	if err != nil {
		return nil, nil, err
	}
	docs, err := readAll(cmd.Context(), sources)
	return c, docs, err
}

// readAll reads documents at the same time. Standard input is read in order, as it may be
// named twice.
func readAll(ctx context.Context, sources []string) ([]*drift.Document, error) {
	docs, errs := make([]*drift.Document, len(sources)), make([]error, len(sources))
	var wait sync.WaitGroup
	for i, source := range sources {
		read := func() { docs[i], errs[i] = drift.Read(ctx, source) }
		if source == "-" {
			read()
		} else {
			wait.Go(read)
		}
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return docs, nil
}

// report writes a report and fails if it reaches --fail-on.
func (s *settings) report(cmd *cobra.Command, r *drift.Report) error {
	if err := r.Write(cmd.OutOrStdout(), s.output); err != nil {
		return err
	}
	if r.AtLeast(s.failOn) {
		return errDrift
	}
	return nil
}

func checkCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check DOC",
		Short: "Compare a document (a file, - or an https URL) with ours",
		Args:  cli.Args("DOC"),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, r, err := s.check(cmd, args[0])
			if err != nil {
				return err
			}
			return s.report(cmd, r)
		},
	}
	s.addReportFlags(cmd)
	return cmd
}

func (s *settings) check(cmd *cobra.Command, source string) (*drift.Config, *drift.Report, error) {
	c, docs, err := s.open(cmd, source)
	if err != nil {
		return nil, nil, err
	}
	r, err := drift.Check(cmd.Context(), docs[0], c, time.Now())
	return c, r, err
}

func diffCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "List what changed from one document to another",
		Args:  cli.Args("OLD", "NEW"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, docs, err := s.open(cmd, args...)
			if err != nil {
				return err
			}
			r, err := drift.DiffReport(cmd.Context(), docs[0], docs[1], c)
			if err != nil {
				return err
			}
			return s.report(cmd, r)
		},
	}
	s.addReportFlags(cmd)
	s.addPrefixFlag(cmd)
	return cmd
}

func fingerprintCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "fingerprint DOC",
		Short: "Print a hash of what a document says on the wire",
		Args:  cli.Args("DOC"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, docs, err := s.open(cmd, args...)
			if err != nil {
				return err
			}
			fingerprint, err := drift.Fingerprint(docs[0], c.Scope())
			if err != nil {
				return fmt.Errorf("%s: %w", docs[0].Source(), err)
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), fingerprint)
			return err
		},
	}
	s.addPrefixFlag(cmd)
	return cmd
}

func sliceCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "slice DOC",
		Short: "Print what is compared as an OpenAPI document of its own",
		Args:  cli.Args("DOC"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, docs, err := s.open(cmd, args...)
			if err != nil {
				return err
			}
			var alike []*drift.Document
			if c.Spec != "" {
				ours, err := c.ReadSpec(cmd.Context())
				if err != nil {
					return err
				}
				alike = append(alike, ours)
			}
			slice, err := drift.Slice(docs[0], c.Scope(), alike...)
			if err != nil {
				return fmt.Errorf("%s: %w", docs[0].Source(), err)
			}
			text, err := overlay.Encode(slice)
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(text)
			return err
		},
	}
	s.addPrefixFlag(cmd)
	return cmd
}

func acceptCommand(s *settings) *cobra.Command {
	var reason, until, source string
	var ids []string
	cmd := &cobra.Command{
		Use:   "accept DOC --reason WHY",
		Short: "Record in the lock that the present findings were looked at",
		Args:  cli.Args("DOC"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if reason == "" {
				return cli.Usage("--reason is required")
			}
			c, r, err := s.check(cmd, args[0])
			if err != nil {
				return err
			}
			lock, err := c.ReadLock()
			if err != nil {
				return err
			}
			as := drift.Acceptance{Accepted: time.Now().Format(time.DateOnly), Until: until, Source: source, Reason: reason}
			recorded, left, err := lock.Accept(r, ids, as)
			if err != nil {
				return err
			}
			if err := c.WriteLock(lock); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s recorded in %s, %d left open\n", printable.Count(recorded, "finding"), c.Lock, left)
			return err
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why the findings are accepted (required)")
	cmd.Flags().StringArrayVar(&ids, "id", nil, "record only the finding, or the value of an enum, with this `id` (can be repeated)")
	cmd.Flags().StringVar(&until, "until", "", "the last `date` on which the acceptance holds, like 2006-01-02")
	cmd.Flags().StringVar(&source, "source", "", "what to record as the source, instead of the name or the URL of DOC")
	return cmd
}
