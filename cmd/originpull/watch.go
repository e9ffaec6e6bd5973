package main

import (
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/operator"
	"github.com/originpull/originpull-go/internal/zonewatch"
)

// watchCommand is a run of watch.
type watchCommand struct {
	api                   operator.API
	zone, zonesFile       string
	desiredFile, certFile string
	once, settings        bool
	interval              time.Duration
	listen, textFile      string
	printer               *operator.Printer[zonewatch.State]
	zones                 []string
	metrics               *zonewatch.Metrics
	lines                 map[string]string // what was printed last of each zone
	serving               string            // URL of the metrics, empty for none
}

func newWatch(logger func(*cobra.Command) *slog.Logger) *cobra.Command {
	w := &watchCommand{api: operator.API{Logger: logger}, lines: map[string]string{}}
	cmd := &cobra.Command{
		Use:   "watch (--zone ZONE | --zones FILE | --desired FILE)",
		Short: "Watch when certificates expire and what Cloudflare presents",
		Long:  watchHelp,
		Example: `  # For cron: print what there is to do, and write metrics for node_exporter.
  originpull watch --once --zones zones.txt --cert client.pem --token-file token \
    --textfile /var/lib/node_exporter/originpull.prom

  # For Prometheus: compare with a file, every ten minutes.
  originpull watch --desired desired.yaml --interval 10m --listen 127.0.0.1:9712 -o jsonl`,
		Args: cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error { return w.run(cmd) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&w.zone, "zone", "", operator.ZoneFlag)
	flags.StringVar(&w.zonesFile, "zones", "", "a `file` with zones, an id or name a line; what stands behind a # is ignored")
	flags.StringVar(&w.desiredFile, "desired", "", "a `file` with what should hold, see above; without --zone and --zones its zones are watched")
	flags.StringVar(&w.certFile, "cert", "", "a `file` with the certificate that should be the live one of every zone, enabled")
	flags.BoolVar(&w.once, "once", false, "look once, and exit with a status")
	operator.DurationVar(flags, &w.interval, "interval", 5*time.Minute, "from the begin of a look to that of the next")
	flags.BoolVar(&w.settings, "zone-settings", true, "read the SSL mode and global Authenticated Origin Pulls too")
	flags.StringVar(&w.listen, "listen", "", "serve metrics for Prometheus at this `host:port`, path /metrics; port 0 takes a free one")
	flags.StringVar(&w.textFile, "textfile", "", "write metrics to this `file`, for node_exporter")
	w.printer = operator.NewPrinter(cmd, watchColumns)
	w.api.AddFlags(cmd)
	for _, name := range []string{"zones", "desired", "cert", "textfile"} {
		cmd.MarkFlagFilename(name)
	}
	for _, name := range []string{"zone", "interval", "listen"} {
		cmd.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
	return cmd
}

// run watches until the command is interrupted, or looks once.
func (w *watchCommand) run(cmd *cobra.Command) error {
	if err := w.check(cmd); err != nil {
		return err
	}
	client, err := w.api.Client(cmd)
	if err != nil {
		return err
	}
	w.metrics = zonewatch.NewMetrics(w.zones)
	watcher := &zonewatch.Watcher{Client: client, Zones: w.zones, Settings: w.settings, Desired: w.desired(), Metrics: w.metrics}
	if w.listen != "" {
		end, err := w.serve(cmd)
		if err != nil {
			return err
		}
		defer end()
	}
	ticker := time.NewTicker(w.interval)
	defer ticker.Stop()
	for {
		states, err := watcher.Look(cmd.Context())
		switch {
		case err != nil && w.once:
			return err
		case err != nil: // watching ends with an interrupt
			return nil
		}
		if err := w.report(cmd, states); err != nil {
			return err
		}
		if w.once {
			return exitStatus(states)
		}
		select {
		case <-ticker.C:
		case <-cmd.Context().Done():
			return nil
		}
	}
}

// exitStatus returns the error with the exit status of the states.
func exitStatus(states []zonewatch.State) error {
	codes := map[zonewatch.Verdict]int{zonewatch.Fine: cli.Done, zonewatch.Todo: cli.Failed, zonewatch.Unknown: cli.Unknown, zonewatch.Denied: cli.Denied}
	if code := codes[zonewatch.Worst(states)]; code != cli.Done {
		return &cli.Status{Code: code}
	}
	return nil
}

// watchHelp documents the JSON of [zonewatch.State], the desired state and the metrics.
const watchHelp = `Watch looks at zones again and again: when their certificates expire (within 30 days
there is something to do, within 14 it is urgent), whether the zone is enabled, and
what Cloudflare should present to the origin. By its rule that is the active
certificate that was deployed last. The API does not show the order of deployments:
where several are active, what is presented is unknown.

On a terminal a table is drawn again at each look. Elsewhere there is a line for each
zone of which something else is known than before. With -o there is that at each look.
A zone that cannot be read does not hide the others.

A look costs two requests for each zone. The SSL mode and global Authenticated Origin
Pulls cost two more, in the first look and once an hour; they need the permission
"Zone Settings Read", and if the token lacks it, that is said and changes no verdict.
Certificates of single hostnames, which have precedence, are not looked at.

The token needs the permission "SSL and Certificates Read".
` + operator.Environment + `

The verdict on a zone is fine, todo, unknown or denied. What could not be read is
unknown, never fine.

Exit status with --once: 0 all zones are fine; 1 there is something to do; 2 usage or
environment error; 3 something is unknown; 4 denied. Of several, 1 comes before 4, and
4 before 3. Without --once watch ends on an interrupt, with 0.

What should hold stands in a file for --desired, in YAML or JSON. Either value can be
left out; {} desires nothing. The file, or that of --cert, is read again for each look.

  example.com:
    sha256: 5F:3C:…   # of the certificate that should be the live one
    enabled: true
  023e105f4ecef8ad9ca31a8372d0c353: {enabled: false}

In JSON a zone is an object with these fields; more may be added:

  zone          as it was named
  zone_id       empty if a name was not found
  at            when it was looked at, in RFC 3339
  verdict       fine, todo, unknown or denied
  todo          a list of texts: what there is to do
  unknown       the same: what is not known, and why
  notes         the same: what else there is to say
  enabled       true or false; null if not known
  presented     an object: what is zone (its own certificate), shared (Cloudflare's),
                none, none_or_shared or unknown; sha256 of the zone's; why
  drift         whether the zone is not as desired; null if not known, or if nothing is
                desired
  ssl_mode      off, flexible, full, strict or origin_pull; null if not read
  global        whether global Authenticated Origin Pulls is on; null if not read
  certificates  null if not read; else a list of objects with id, status, sha256,
                subject, expires_on, and days_left, which is negative once a certificate
                has expired; null if not known

The metrics of --listen and --textfile have the label zone, as it was named. What is not
known, or was not read in the last look, is absent:

  originpull_certificate_expiry_timestamp_seconds{id,sha256}
  originpull_certificate_status{id,sha256,status}  1; other for a status not known here
  originpull_certificates                          how many; the first 20 have metrics
  originpull_zone_enabled                          1 or 0
  originpull_zone_presented{what,sha256}           1; what is as above
  originpull_zone_drift                            1 or 0
  originpull_zone_verdict{verdict}                 1 for the verdict, 0 for the others
  originpull_zone_ssl_mode{mode}                   1
  originpull_zone_global_enabled                   1 or 0
  originpull_zone_last_success_timestamp_seconds   the last look that read certificates
                                                   and enablement
  originpull_looks_total                           all looks since the start
  originpull_looks_failed_total                    those that did not read both`
