package main

import (
	"context"
	"log/slog"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/operator"
	"github.com/originpull/originpull-go/originpull"
)

// zoneCommand is a command about one zone.
type zoneCommand struct {
	api  operator.API
	zone string
}

func newZoneCommand(cmd *cobra.Command, logger func(*cobra.Command) *slog.Logger) *zoneCommand {
	z := &zoneCommand{api: operator.API{Logger: logger}}
	z.api.AddFlags(cmd)
	cmd.PersistentFlags().StringVar(&z.zone, "zone", "", operator.ZoneFlag)
	cmd.RegisterFlagCompletionFunc("zone", cobra.NoFileCompletions)
	return z
}

// open returns the zone.
func (z *zoneCommand) open(cmd *cobra.Command) (*originpull.Zone, error) {
	if err := operator.CheckZone(z.zone); err != nil {
		return nil, err
	}
	client, err := z.api.Client(cmd)
	if err != nil {
		return nil, err
	}
	return operator.FindZone(cmd.Context(), client, z.zone)
}

// settingsRow is what settings prints.
type settingsRow struct {
	ZoneID  string `json:"zone_id"`
	Enabled bool   `json:"enabled"`
}

var settingsColumns = []operator.Column[settingsRow]{
	{Name: "ZONE", Text: func(r settingsRow) string { return r.ZoneID }},
	{Name: "ENABLED", Text: func(r settingsRow) string { return strconv.FormatBool(r.Enabled) }, Color: func(r settingsRow) operator.Color {
		if r.Enabled {
			return operator.Green
		}
		return operator.Yellow
	}},
}

func newSettings(logger func(*cobra.Command) *slog.Logger) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "settings",
		Short: "Show or change whether a zone presents its certificate",
		Long: `Settings shows or changes the zone-level enablement: whether Cloudflare presents the
zone's certificate to the origin.

` + operator.Environment,
		Example: `  originpull settings get --zone example.com
  originpull settings enable --zone 023e105f4ecef8ad9ca31a8372d0c353`,
	}
	z := newZoneCommand(cmd, logger)
	cmd.AddCommand(
		newSettingsCommand(z, "get", "Show whether a zone is enabled", "shows", nil),
		newSettingsCommand(z, "enable", "Present the zone's certificate to the origin", "has Cloudflare present the zone's certificate to the origin, and shows", originpull.SettingsClient.Enable),
		newSettingsCommand(z, "disable", "Stop presenting the zone's certificate", `has Cloudflare stop presenting the zone's certificate. An origin that
requires it then refuses Cloudflare. It shows`, originpull.SettingsClient.Disable),
	)
	return cmd
}

// newSettingsCommand returns a command that makes a change, if there is one, and shows the
// settings.
func newSettingsCommand(z *zoneCommand, name, short, does string, change func(originpull.SettingsClient, context.Context, ...originpull.CallOption) error) *cobra.Command {
	cmd := &cobra.Command{
		Use:   name,
		Short: short,
		Long: `The command ` + does + ` the settings of the zone. In JSON they are an object:

    {"zone_id": "…", "enabled": true}

The token needs the permission "SSL and Certificates ` + map[bool]string{true: "Read", false: "Write"}[change == nil] + `".
` + operator.Environment,
		Example: `  originpull settings ` + name + ` --zone example.com
  originpull settings ` + name + ` --zone 023e105f4ecef8ad9ca31a8372d0c353 -o json --token-file token`,
		Args: cli.Args(),
	}
	printer := operator.NewPrinter(cmd, settingsColumns)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		zone, err := z.open(cmd)
		if err != nil {
			return err
		}
		if change != nil {
			if err := change(zone.Settings, cmd.Context()); err != nil {
				return operator.Failure("the settings of zone "+zone.ID()+" were not changed", err)
			}
		}
		settings, err := zone.Settings.Get(cmd.Context())
		if err != nil {
			return operator.Failure("the settings of zone "+zone.ID()+" were not read", err)
		}
		return printer.One(cmd.OutOrStdout(), settingsRow{zone.ID(), settings.Enabled})
	}
	return cmd
}
