// Contract checks whether a provider behaves as the API does.
package main

import (
	"errors"

	"github.com/spf13/cobra"

	contract "github.com/originpull/originpull-go/contract_test"
	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/printable"
)

func main() { cli.Main(newRoot()) }

// settings are the flags that commands share.
type settings struct{ asJSON, strict, force bool }

func newRoot() *cobra.Command {
	s := &settings{}
	root := &cobra.Command{
		Use:   "contract",
		Short: "Check whether a provider behaves as the API does",
		Long: `Contract runs the same cases against any provider of the API: the simulator, a
mock server, the live API, a stub of yours. It says which of the SDK, the document
and the provider is at fault.

Exit status: 0 cases passed, and none failed; 1 a case failed; 2 usage or
environment error, or a run that could not be finished or that verified nothing; 4 the
credentials were rejected.`,
	}
	root.AddCommand(runCommand(s), prismCommand(s), liveCommand(s), recordCommand(s), replayCommand(s), cleanCommand())
	return root
}

// reporting adds the flags of the commands that print reports.
func (s *settings) reporting(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().BoolVar(&s.asJSON, "json", false, "print the reports as a JSON array")
	cmd.Flags().BoolVar(&s.strict, "strict", false, "fail on drift: responses with more than the document names")
	return cmd
}

// write prints reports and returns the error of the worst of them, or of those that
// could not be made.
func (s *settings) write(cmd *cobra.Command, reports []contract.Report, failed ...error) error {
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
	return worst(append(errs, failed...))
}

// ended returns the error of a run with its exit status.
func ended(r contract.Report) error {
	err := r.Err()
	if err != nil && !r.Inconclusive() {
		return &cli.Status{Code: cli.Failed, Err: err}
	}
	return err
}

// worst joins all errors, with the exit status of a failed case if there is one.
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
