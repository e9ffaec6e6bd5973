// Contract holds what answers to the promises of the API.
package main

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/spf13/cobra"

	contract "github.com/originpull/originpull-go/contract_test"
	"github.com/originpull/originpull-go/internal/cli"
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

Exit status: 0 all promises are kept, 1 one is broken, 2 it could not be tried,
4 the credentials were rejected.`,
	}
	root.PersistentFlags().BoolVar(&s.asJSON, "json", false, "print the report as JSON")
	root.PersistentFlags().BoolVar(&s.strict, "strict", false, "fail on drift, what answers hold beyond the document")
	root.AddCommand(runCommand(s), prismCommand(s), liveCommand(s), recordCommand(s), replayCommand(s), cleanCommand())
	return root
}

// tell prints a report and ends as it does.
func (s *settings) tell(cmd *cobra.Command, r contract.Report) error {
	r.Strict = s.strict
	var err error
	if s.asJSON {
		encoder := json.NewEncoder(cmd.OutOrStdout())
		encoder.SetIndent("", "  ")
		err = encoder.Encode(r)
	} else {
		err = r.WriteText(cmd.OutOrStdout())
	}
	return errors.Join(err, trouble(r.Err()))
}

// trouble gives what could not be tried its exit status.
func trouble(err error) error {
	if errors.Is(err, contract.ErrInUse) || errors.Is(err, contract.ErrStopped) || errors.Is(err, context.Canceled) {
		return &cli.Status{Code: cli.Trouble, Err: err}
	}
	return err
}
