package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	contract "github.com/originpull/originpull-go/contract_test"
	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/prism"
)

func runCommand(s *settings) *cobra.Command {
	var baseURL, zone, knownFile string
	var can []string
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the cases against the examples and the simulator, or another simulator",
		Long: `Run runs the cases against the document's examples and the simulator of this
module, or, with --base-url, against whatever answers there, with the token in
CLOUDFLARE_API_TOKEN. It changes the zone: for a live one use "contract live".`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if baseURL != "" {
				t, err := target(baseURL, zone, knownFile, can)
				if err != nil {
					return &cli.Status{Code: cli.Trouble, Err: err}
				}
				return s.tell(cmd, contract.Run(cmd.Context(), t))
			}
			examples, err := contract.DocumentExamples()
			if err != nil {
				return err
			}
			return errors.Join(s.tell(cmd, contract.Run(cmd.Context(), examples)), s.tell(cmd, contract.Run(cmd.Context(), contract.InProcess())))
		},
	}
	cmd.Flags().StringVar(&baseURL, "base-url", "", "what is held to the cases")
	cmd.Flags().StringVar(&zone, "zone", os.Getenv("CONTRACT_ZONE_ID"), "the zone, which the cases may change")
	cmd.Flags().StringSliceVar(&can, "can", []string{"memory", "own zone", "enabling"}, "what it can do, see docs/contract.md")
	cmd.Flags().StringVar(&knownFile, "known", "", "a `file` with the names of cases that are known to fail, one a line")
	return cmd
}

func target(baseURL, zone, knownFile string, can []string) (contract.Target, error) {
	t := contract.Target{Name: baseURL, BaseURL: baseURL, ZoneID: zone, Token: os.Getenv("CLOUDFLARE_API_TOKEN")}
	for _, ability := range can {
		t.Can = append(t.Can, contract.Ability(ability))
	}
	if t.Token == "" || t.ZoneID == "" {
		return t, errors.New("CLOUDFLARE_API_TOKEN and --zone (or CONTRACT_ZONE_ID) are needed")
	}
	if knownFile == "" {
		return t, nil
	}
	text, err := os.ReadFile(knownFile)
	for line := range strings.Lines(string(text)) {
		if name := strings.TrimSpace(line); name != "" && !strings.HasPrefix(name, "#") {
			t.Known = append(t.Known, name)
		}
	}
	return t, err
}

func prismCommand(s *settings) *cobra.Command {
	var upstream string
	cmd := &cobra.Command{
		Use:   "prism",
		Short: "Run the cases against Stoplight Prism, which needs npx",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := prism.OurContract(cmd.Context())
			if errors.Is(err, prism.ErrMissing) {
				fmt.Fprintf(cmd.OutOrStdout(), "SKIPPED: %v\n", err)
				return nil
			}
			if err == nil {
				err = s.tell(cmd, r)
			}
			if upstream == "" {
				fmt.Fprintln(cmd.OutOrStdout(), "SKIPPED: no document of upstream's is given (--upstream)")
				return err
			}
			theirs, failed := prism.UpstreamContract(cmd.Context(), upstream)
			if failed != nil {
				return errors.Join(err, &cli.Status{Code: cli.Trouble, Err: failed})
			}
			return errors.Join(err, s.tell(cmd, theirs))
		},
	}
	cmd.Flags().StringVar(&upstream, "upstream", os.Getenv("UPSTREAM"), "a document of upstream's, a file or an https URL (UPSTREAM)")
	return cmd
}

func replayCommand(s *settings) *cobra.Command {
	return &cobra.Command{
		Use:   "replay FILE...",
		Short: "Hold recordings to the SDK, the document and the simulator",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var all error
			for _, file := range args {
				recording, err := contract.ReadRecording(file)
				if err != nil {
					return &cli.Status{Code: cli.Trouble, Err: err}
				}
				all = errors.Join(all, s.tell(cmd, contract.Replay(cmd.Context(), recording)))
			}
			return all
		},
	}
}
