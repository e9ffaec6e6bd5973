// Contract holds what answers to the promises of the API.
package main

import (
	"errors"

	"github.com/spf13/cobra"

	contract "github.com/originpull/originpull-go/contract_test"
	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/printable"
	"github.com/originpull/originpull-go/originpull"
)

func main() { cli.Main(newRoot()) }

// settings are the flags that commands share.
type settings struct{ asJSON, strict, iKnow bool }

func newRoot() *cobra.Command {
	s := &settings{}
	root := &cobra.Command{
		Use:   "contract",
		Short: "Hold what answers to the promises of the API",
		Long: `Contract runs the same cases against whatever answers, and says which of the
SDK, the document and the counterpart is out of step.

Exit status: 0 all promises are kept, or what is missing was skipped; 1 one is
broken; 2 it could not be tried, or not to its end; 4 the credentials were
rejected.`,
	}
	root.AddCommand(runCommand(s), prismCommand(s), liveCommand(s), recordCommand(s), replayCommand(s), cleanCommand())
	return root
}

// reporting gives a command the flags of those that print reports.
func (s *settings) reporting(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().BoolVar(&s.asJSON, "json", false, "print the reports as a JSON array")
	cmd.Flags().BoolVar(&s.strict, "strict", false, "fail on drift, what answers hold beyond the document")
	return cmd
}

// tell prints reports and ends as the worst of them does, or as what kept others
// from being made.
func (s *settings) tell(cmd *cobra.Command, reports []contract.Report, failed ...error) error {
	errs := make([]error, 0, len(reports)+len(failed))
	for i := range reports {
		reports[i].Strict = s.strict
		errs = append(errs, ended(reports[i]))
		if s.asJSON {
			continue
		}
		if err := reports[i].WriteText(cmd.OutOrStdout()); err != nil {
			return err
		}
	}
	if s.asJSON {
		if err := printable.WriteJSON(cmd.OutOrStdout(), append([]contract.Report{}, reports...)); err != nil {
			return err
		}
	}
	for _, err := range failed {
		errs = append(errs, trouble(err))
	}
	return worst(errs)
}

// ended is the end of a run with its exit status.
func ended(r contract.Report) error {
	err := r.Err()
	if err != nil && !r.Untried() {
		return &cli.Status{Code: cli.Failed, Err: err}
	}
	return trouble(err)
}

// trouble is the end of what could not be tried.
func trouble(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, originpull.ErrDenied):
		return &cli.Status{Code: cli.Denied, Err: err}
	}
	return &cli.Status{Code: cli.Trouble, Err: err}
}

// worst is all errors together, with the status of a broken promise if there is
// one, or else of the first.
func worst(errs []error) error {
	all := errors.Join(errs...)
	for _, err := range errs {
		var status *cli.Status
		if errors.As(err, &status) && status.Code == cli.Failed {
			return &cli.Status{Code: cli.Failed, Err: all}
		}
	}
	return all
}
