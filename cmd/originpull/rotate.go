package main

import (
	"log/slog"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/operator"
)

// rotateFlags are the flags of rotate.
type rotateFlags struct {
	zone, zones, pairs string
	cert, key          string
	oldCert, oldKey    string
	origins, names     []string
	supersede          []string
	require            string
	grace, renewBefore time.Duration
	leave, disable     bool
	exec               string
	zoneSettings       bool
	dryRun, strict     bool
	canary, stopAfter  int
	thenWait           time.Duration
	report, resume     string
}

const rotateLong = `Rotate makes a certificate the live one of a zone, or of many. It uploads the
certificate, waits until it is active, deletes those that were uploaded before, and
enables the zone. It shows first what it will change, as a diff, then each step, and at
last what holds. Where all holds already it changes nothing, so a timer can run it.
All state is in the zone: if a run is interrupted, the next one completes it.

A new certificate is presented from the moment it is deployed. So name the origins with
--origin: each has to accept the certificate before it is uploaded. --exec runs a
command of yours once it is active; if that fails, nothing is deleted. The command gets
ORIGINPULL_ZONE and ORIGINPULL_SHA256, and no CLOUDFLARE_… of the environment.

With --renew-before nothing is due while the newest active certificate of the zone is
valid for longer than that; a rotation that has begun is completed. With --grace the
old certificates stay for a while, and a later run deletes them: the command says when.
If another program has uploaded a newer certificate, nothing is changed and the exit
status is 1, unless --supersede names it.

Many zones: --zones is a file with an id or a name a line, and comments behind #.
--pairs is a folder with ZONE.pem and ZONE.key for each zone. On a terminal there is a
bar for each stage, elsewhere a line for each zone. The report has a line of JSON for
each zone that has ended. With --resume FILE zones are left out that were done with the
same certificate less than a day before, by a run with the same API and the same flags
about what should hold; --report and --resume can be the same file.

`

const rotateEnd = `The token needs the permission "SSL and Certificates Write"; "Zone Read" too if zones
are given by their names, and "Zone Settings Read" with --zone-settings.
` + operator.Environment + `

In JSON the result for one zone is an object with these fields; more may be added:

  zone_id      the zone's id
  done         whether all holds that should
  error        why not; left out if it does
  desired      fingerprint of the desired certificate, SHA-256 in hexadecimal
  certificate  id of the certificate that is live, or of the desired one if that is
               not known; empty if the zone does not have it. status, sha256, subject
               and expires_on are about it
  enabled      whether the zone presents a certificate
  changes      what the run has changed, in order
  superseded, leaving, kept
               ids of the other certificates that were deleted, are being deleted, and
               stay
  next_at      when a further run has something to do; left out if never
  warnings     what is not as usual, or could not be known

That of many zones has the numbers zones, done, failed, skipped, interrupted, left,
requests and warnings, and next_at, the earliest. A line of the report has zone,
fingerprint, at, done, error, changes, requests, superseded, next_at, warnings, and
run, which is the same for runs with the same API that want the same.

Exit status: 0 done, or nothing is due; 1 failed, or a warning with --strict; 2 usage or
environment error; 4 denied, for many zones if that is all that failed.`

func newRotate(logger func(*cobra.Command) *slog.Logger) *cobra.Command {
	var f rotateFlags
	cmd := &cobra.Command{
		Use:   "rotate (--zone ZONE | --zones FILE) --cert FILE --key FILE | --pairs DIR",
		Short: "Make a certificate the live one of a zone, or of many",
		Long:  rotateLong + rotateEnd,
		Example: `  # Daily, from a timer: a month before the live one expires, if both origins accept it
  originpull rotate --zone example.com --cert client.pem --key client.key \
    --origin 192.0.2.1 --origin 192.0.2.2 --server-name www.example.com --grace 1d --renew-before 30d

  # Many zones: ten first, the others an hour later; the same command goes on after an interrupt
  originpull rotate --zones zones.txt --cert client.pem --key client.key \
    --canary 10 --then-wait 1h --report rotation.jsonl --resume rotation.jsonl`,
		Args: cli.Args(),
	}
	api := operator.API{Logger: logger}
	f.add(cmd)
	api.AddFlags(cmd)
	printer := operator.NewPrinter(cmd, rotationColumns)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		r, err := f.check(cmd, api.BaseURL())
		if err != nil {
			return err
		}
		if r.client, err = api.Client(cmd); err != nil {
			return err
		}
		if f.zone != "" {
			return r.one(cmd, printer)
		}
		return r.fleet(cmd, printer)
	}
	return cmd
}

// add adds the flags to those of the command.
func (f *rotateFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.zone, "zone", "", operator.ZoneFlag)
	flags.StringVar(&f.zones, "zones", "", "a `file` that lists zones, see above")
	flags.StringVar(&f.pairs, "pairs", "", "a `folder` with the certificates and keys of zones, see above")
	flags.StringVar(&f.cert, "cert", "", "a `file` in PEM with the certificate, and any intermediates below it")
	flags.StringVar(&f.key, "key", "", "a `file` in PEM with the private key; it may be the same file")
	f.addProof(flags)
	flags.StringSliceVar(&f.supersede, "supersede", []string{"older"}, "which other certificates are replaced, `older, all or SHA256`: older ones; or newer ones too, all or those of a fingerprint; may be repeated")
	operator.DurationVar(flags, &f.grace, "grace", 0, "how long the other certificates stay after the upload, such as 1d")
	operator.DurationVar(flags, &f.renewBefore, "renew-before", 0, "how long before the live certificate expires it is replaced, such as 30d (default at once)")
	flags.BoolVar(&f.leave, "leave-enablement", false, "leave the zone enabled or disabled as it is")
	flags.BoolVar(&f.disable, "disable", false, "disable the zone rather than enable it")
	flags.BoolVar(&f.zoneSettings, "zone-settings", false, "warn if the zone's SSL mode or global Authenticated Origin Pulls defeat the certificate; two more requests a zone")
	flags.BoolVar(&f.dryRun, "dry-run", false, "show what would be changed, and change nothing")
	flags.BoolVar(&f.strict, "strict", false, "exit with status 1 if there are warnings")
	flags.IntVar(&f.canary, "canary", 0, "the first `N` zones of many come first; the others follow if none of them has failed")
	operator.DurationVar(flags, &f.thenWait, "then-wait", 0, "how long to wait after --canary")
	flags.IntVar(&f.stopAfter, "stop-after", 5, "after `N` failures no further zone is begun, -1 for never")
	flags.StringVar(&f.report, "report", "", "a `file` to which the report of many zones is added, as lines of JSON")
	flags.StringVar(&f.resume, "resume", "", "the report, a `file`, of a run that was interrupted")
	for _, name := range []string{"zones", "cert", "key", "old-cert", "old-key", "report", "resume"} {
		cmd.MarkFlagFilename(name)
	}
	cmd.MarkFlagDirname("pairs")
	for _, name := range []string{"zone", "origin", "server-name", "exec"} {
		cmd.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
	cmd.RegisterFlagCompletionFunc("supersede", cobra.FixedCompletions([]string{"older", "all"}, cobra.ShellCompDirectiveNoFileComp))
	cmd.RegisterFlagCompletionFunc("require", cobra.FixedCompletions([]string{"proof", "nothing"}, cobra.ShellCompDirectiveNoFileComp))
}

// addProof adds the flags about what has to be proven.
func (f *rotateFlags) addProof(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.origins, "origin", nil, "an origin to ask, `HOST[:PORT]`, and not a proxied name; may be repeated")
	flags.StringArrayVar(&f.names, "server-name", nil, "a host `name` that is proxied to the origins; may be repeated (default the host of each origin)")
	flags.StringVar(&f.require, "require", "", "what is needed before a change, `proof or nothing` (default proof if there is an --origin)")
	flags.StringVar(&f.oldCert, "old-cert", "", "a `file` with the certificate that is live today: the origins are asked about it too, for comparison")
	flags.StringVar(&f.oldKey, "old-key", "", "a `file` with its private key")
	flags.StringVar(&f.exec, "exec", "", "a `command` for sh that has to succeed before others are deleted and the zone is enabled")
}
