package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	contract "github.com/originpull/originpull-go/contract_test"
	"github.com/originpull/originpull-go/internal/cli"
)

// environment is told by every command on a live zone.
const environment = `

The zone is CONTRACT_ZONE_ID, the token CLOUDFLARE_API_TOKEN; CLOUDFLARE_BASE_URL
is another place where the API is served, empty for Cloudflare's.`

// live is the zone that the environment names.
func (s *settings) live() (contract.Live, error) {
	l := contract.Live{
		Token: os.Getenv("CLOUDFLARE_API_TOKEN"), ZoneID: os.Getenv("CONTRACT_ZONE_ID"),
		BaseURL: os.Getenv("CLOUDFLARE_BASE_URL"), IKnow: s.iKnow,
	}
	if l.Token == "" || l.ZoneID == "" {
		return l, &cli.Status{Code: cli.Trouble, Err: errors.New("CLOUDFLARE_API_TOKEN and CONTRACT_ZONE_ID are needed")}
	}
	return l, nil
}

func (s *settings) addIKnow(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().BoolVar(&s.iKnow, "i-know", false, "run though the zone is in use; the enablement is never touched")
	return s.reporting(cmd)
}

func liveCommand(s *settings) *cobra.Command {
	return s.addIKnow(&cobra.Command{
		Use:   "live",
		Short: "Run the cases on a live zone, with 60 requests at most",
		Long: `Live runs the cases that need no zone to themselves on a live zone. It removes
what a run that crashed has left, refuses a zone that is in use, sends at most 60
requests and leaves the zone as it was found.` + environment,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := s.live()
			if err != nil {
				return err
			}
			return s.tell(cmd, []contract.Report{contract.RunLive(cmd.Context(), l)})
		},
	})
}

func recordCommand(s *settings) *cobra.Command {
	return s.addIKnow(&cobra.Command{
		Use:   "record FILE",
		Short: "Run the cases on a live zone and write a recording with nothing private in it",
		Long: `Record does what live does and writes the exchanges to FILE, with everything
private replaced, once the run has come to its end. Whatever FILE holds stays if
it does not.` + environment,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := s.live()
			if err != nil {
				return err
			}
			if l.Recorder, err = contract.NewRecorder(nil, l.BaseURL); err != nil {
				return trouble(err)
			}
			r := contract.RunLive(cmd.Context(), l)
			if r.Trouble == "" { // a part of a run is no evidence
				err = l.Recorder.Recording("originpull-go").Write(args[0])
			}
			return s.tell(cmd, []contract.Report{r}, err)
		},
	})
}

func cleanCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "clean",
		Short: "Remove from a live zone what a run that crashed has left",
		Long: `Clean removes the certificates that runs have left, and disables the zone if one
of them left it enabled. It says what it removed.` + environment,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := new(settings).live()
			if err != nil {
				return err
			}
			done, err := contract.Clean(cmd.Context(), l)
			if err != nil && done == (contract.Cleaned{}) {
				return trouble(err) // nothing is known of what there is
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d certificates removed", done.Certificates)
			if done.Disabled {
				fmt.Fprint(cmd.OutOrStdout(), "; the zone, which a run left enabled, disabled")
			}
			fmt.Fprintln(cmd.OutOrStdout())
			return trouble(err)
		},
	}
}
