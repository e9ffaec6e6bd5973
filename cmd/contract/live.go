package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	contract "github.com/originpull/originpull-go/contract_test"
	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/printable"
)

// environmentHelp ends the help of every command on a live zone.
const environmentHelp = `

Environment: CONTRACT_ZONE_ID is the zone, CLOUDFLARE_API_TOKEN the token, and
CLOUDFLARE_BASE_URL where the API is served, empty for Cloudflare's.`

// live returns the zone that the environment names.
func (s *settings) live() (contract.Live, error) {
	l := contract.Live{
		Token: os.Getenv("CLOUDFLARE_API_TOKEN"), ZoneID: os.Getenv("CONTRACT_ZONE_ID"),
		BaseURL: os.Getenv("CLOUDFLARE_BASE_URL"), Force: s.force,
	}
	if l.Token == "" || l.ZoneID == "" {
		return l, cli.Usage("CLOUDFLARE_API_TOKEN and CONTRACT_ZONE_ID are needed")
	}
	return l, nil
}

func (s *settings) addForce(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().BoolVar(&s.force, "force", false, "run also if the zone is in use; the settings are then never changed")
	return s.reporting(cmd)
}

func liveCommand(s *settings) *cobra.Command {
	return s.addForce(&cobra.Command{
		Use:   "live",
		Short: "Run the cases on a live zone",
		Long: `Live runs the cases that need no zone of their own on a live zone. It removes what
a crashed run has left, refuses a zone that is in use, sends at most 10 requests for
each operation of the API, 60 for the present ones, and leaves the zone as it was found.` + environmentHelp,
		Args: cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := s.live()
			if err != nil {
				return err
			}
			return s.write(cmd, []contract.Report{contract.RunLive(cmd.Context(), l)})
		},
	})
}

func recordCommand(s *settings) *cobra.Command {
	return s.addForce(&cobra.Command{
		Use:   "record FILE",
		Short: "Run the cases on a live zone and write a recording with nothing private in it",
		Long: `Record does what live does and writes the exchanges to FILE, with everything
private replaced, when the run has finished. If it does not finish, FILE stays as
it is.` + environmentHelp,
		Args: cli.Args("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := s.live()
			if err != nil {
				return err
			}
			if l.Recorder, err = contract.NewRecorder(nil, l.BaseURL); err != nil {
				return err
			}
			r := contract.RunLive(cmd.Context(), l)
			if r.Error == "" { // an unfinished run proves nothing
				err = l.Recorder.Recording("originpull-go").Write(args[0])
			}
			return s.write(cmd, []contract.Report{r}, err)
		},
	})
}

func cleanCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "clean",
		Short: "Remove from a live zone what a crashed run has left",
		Long: `Clean deletes the certificates that crashed runs have left, and disables the zone
if one of them left it enabled. It prints what it removed.` + environmentHelp,
		Args: cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := new(settings).live()
			if err != nil {
				return err
			}
			done, err := contract.Clean(cmd.Context(), l)
			if err != nil && done == (contract.Cleaned{}) {
				return err // it has changed nothing
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s removed", printable.Count(done.Certificates, "certificate"))
			if done.Disabled {
				fmt.Fprint(cmd.OutOrStdout(), "; the zone, which a run had left enabled, disabled")
			}
			fmt.Fprintln(cmd.OutOrStdout())
			return err
		},
	}
}
