package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	contract "github.com/originpull/originpull-go/contract_test"
	"github.com/originpull/originpull-go/internal/printable"
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
				t, err := target(baseURL, cmp.Or(zone, os.Getenv("CONTRACT_ZONE_ID")), knownFile, can)
				if err != nil {
					return trouble(err)
				}
				return s.tell(cmd, []contract.Report{contract.Run(cmd.Context(), t)})
			}
			for _, name := range []string{"zone", "can", "known"} {
				if cmd.Flags().Changed(name) {
					return trouble(fmt.Errorf("--%s says something of what --base-url names, which is missing", name))
				}
			}
			examples, err := contract.DocumentExamples()
			if err != nil {
				return trouble(err)
			}
			return s.tell(cmd, []contract.Report{contract.Run(cmd.Context(), examples), contract.Run(cmd.Context(), contract.InProcess())})
		},
	}
	cmd.Flags().StringVar(&baseURL, "base-url", "", "what is held to the cases")
	cmd.Flags().StringVar(&zone, "zone", "", "the zone, which the cases may change (default CONTRACT_ZONE_ID)")
	cmd.Flags().StringSliceVar(&can, "can", []string{"memory", "own zone", "enabling"}, "what it can do, see docs/contract.md")
	cmd.Flags().StringVar(&knownFile, "known", "", "a `file` with the names of cases that are known to fail, one a line")
	return s.reporting(cmd)
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
		Long: `Prism runs the cases against Stoplight Prism, a mock server that others wrote,
made from our document and from upstream's. What is missing, npx or a network to
install from or upstream's document, is said on standard error as SKIPPED.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var reports []contract.Report
			ours, err := prism.OurContract(cmd.Context())
			if errors.Is(err, prism.ErrMissing) {
				skipped(cmd, err.Error())
				return s.tell(cmd, nil)
			}
			if err == nil {
				reports = append(reports, ours)
			}
			upstream = cmp.Or(upstream, os.Getenv("UPSTREAM"))
			if upstream == "" {
				skipped(cmd, "no document of upstream's is given (--upstream)")
				return s.tell(cmd, reports, err)
			}
			theirs, failed := prism.UpstreamContract(cmd.Context(), upstream)
			if failed == nil {
				reports = append(reports, theirs)
			}
			return s.tell(cmd, reports, err, failed)
		},
	}
	cmd.Flags().StringVar(&upstream, "upstream", "", "a document of upstream's, a file or an https URL (default UPSTREAM)")
	return s.reporting(cmd)
}

func skipped(cmd *cobra.Command, why string) {
	printable.Fprintf(cmd.ErrOrStderr(), "SKIPPED: %s\n", why)
}

func replayCommand(s *settings) *cobra.Command {
	return s.reporting(&cobra.Command{
		Use:   "replay FILE...",
		Short: "Hold recordings to the SDK, the document and the simulator",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var reports []contract.Report
			var failed []error
			for _, file := range args {
				recording, err := contract.ReadRecording(file)
				if err != nil {
					failed = append(failed, err)
					continue
				}
				reports = append(reports, contract.Replay(cmd.Context(), recording))
			}
			return s.tell(cmd, reports, failed...)
		},
	})
}
