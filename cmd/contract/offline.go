package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	contract "github.com/originpull/originpull-go/contract_test"
	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/printable"
	"github.com/originpull/originpull-go/internal/prism"
)

func runCommand(s *settings) *cobra.Command {
	var baseURL, zone, otherZone, knownFile string
	var can []string
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the cases against the examples and the simulator, or another provider",
		Long: `Run runs the cases against the examples of the document and the simulator of this
module. With --base-url it runs them against the API that is served there, with the
token in CLOUDFLARE_API_TOKEN, and changes the zone. For a live zone use "contract
live".`,
		Args: cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if baseURL != "" {
				t, err := target(baseURL, cmp.Or(zone, os.Getenv("CONTRACT_ZONE_ID")), knownFile, can)
				if err != nil {
					return err
				}
				if t.OtherZoneID = otherZone; otherZone != "" && !slices.Contains(t.Capabilities, contract.OtherZone) {
					t.Capabilities = append(t.Capabilities, contract.OtherZone)
				}
				return s.write(cmd, []contract.Report{contract.Run(cmd.Context(), t)})
			}
			for _, name := range []string{"zone", "other-zone", "can", "known"} {
				if cmd.Flags().Changed(name) {
					return cli.Usage("--%s needs --base-url", name)
				}
			}
			examples, err := contract.DocumentExamples()
			if err != nil {
				return err
			}
			return s.write(cmd, []contract.Report{contract.Run(cmd.Context(), examples), contract.Run(cmd.Context(), contract.InProcess())})
		},
	}
	cmd.Flags().StringVar(&baseURL, "base-url", "", "the `url` where the API to check is served")
	cmd.Flags().StringVar(&zone, "zone", "", "the `id` of the zone, which the cases change (default CONTRACT_ZONE_ID)")
	cmd.Flags().StringVar(&otherZone, "other-zone", "", "the `id` of a second zone, which the cases only look at: adds the capability other-zone")
	cmd.Flags().StringSliceVar(&can, "can", []string{"stateful", "own-zone", "settings"}, "the `capabilities` of the provider, see docs/contract.md")
	cmd.Flags().StringVar(&knownFile, "known", "", "a `file` with the names of the cases that are known to fail, one a line")
	return s.reporting(cmd)
}

func target(baseURL, zone, knownFile string, can []string) (contract.Target, error) {
	t := contract.Target{Name: baseURL, BaseURL: baseURL, ZoneID: zone, Token: os.Getenv("CLOUDFLARE_API_TOKEN")}
	for _, capability := range can {
		t.Capabilities = append(t.Capabilities, contract.Capability(capability))
	}
	if t.Token == "" || t.ZoneID == "" {
		return t, cli.Usage("CLOUDFLARE_API_TOKEN and --zone (or CONTRACT_ZONE_ID) are needed")
	}
	if knownFile == "" {
		return t, nil
	}
	text, err := os.ReadFile(knownFile)
	for line := range strings.Lines(string(text)) {
		if name := strings.TrimSpace(line); name != "" && !strings.HasPrefix(name, "#") {
			t.KnownFailures = append(t.KnownFailures, name)
		}
	}
	return t, err
}

func prismCommand(s *settings) *cobra.Command {
	var upstream string
	cmd := &cobra.Command{
		Use:   "prism",
		Short: "Run the cases against Stoplight Prism, which needs npx",
		Long: `Prism runs the cases against Stoplight Prism three times: as a mock server of our
document, as a validating proxy between the cases and the simulator, and as a mock
server of upstream's document. If npx or the network to install from is missing,
nothing was checked, and the exit status is 2. If upstream's document is missing, it
prints SKIPPED and the reason on standard error.`,
		Args: cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var reports []contract.Report
			ours, err := prism.OurContract(cmd.Context())
			if errors.Is(err, prism.ErrMissing) {
				return s.write(cmd, nil, fmt.Errorf("SKIPPED, nothing was checked: %w", err))
			}
			if err == nil {
				reports = append(reports, ours)
			}
			proxied, broken := prism.ProxyContract(cmd.Context())
			if broken == nil {
				reports = append(reports, proxied)
			}
			upstream = cmp.Or(upstream, os.Getenv("UPSTREAM"))
			if upstream == "" {
				skipped(cmd, "--upstream names no document")
				return s.write(cmd, reports, err, broken)
			}
			theirs, failed := prism.UpstreamContract(cmd.Context(), upstream)
			if failed == nil {
				reports = append(reports, theirs)
			}
			return s.write(cmd, reports, err, broken, failed)
		},
	}
	cmd.Flags().StringVar(&upstream, "upstream", "", "upstream's `document`, a file or an https URL (default UPSTREAM)")
	return s.reporting(cmd)
}

func skipped(cmd *cobra.Command, why string) {
	printable.Fprintf(cmd.ErrOrStderr(), "SKIPPED: %s\n", why)
}

func replayCommand(s *settings) *cobra.Command {
	return s.reporting(&cobra.Command{
		Use:   "replay FILE...",
		Short: "Check recordings against the SDK, the document and the simulator",
		Args:  cli.Args("FILE..."),
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
			return s.write(cmd, reports, failed...)
		},
	})
}
