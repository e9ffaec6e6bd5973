package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/operator"
	"github.com/originpull/originpull-go/internal/printable"
	"github.com/originpull/originpull-go/internal/rotation"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/probe"
	"github.com/originpull/originpull-go/originpull/rotate"
)

// rotateOptions are options of every run. In tests pauses are short.
var rotateOptions []rotate.Option

// rotator is what rotate was asked to do.
type rotator struct {
	rotateFlags
	client  *originpull.Client
	want    rotate.Desired // but for what differs by zone
	run     string         // stands for the API and for all that is wanted, in reports
	list    []rotation.Zone
	earlier []rotate.Entry
}

// check returns what the flags mean, or what is wrong with them. It reads the files that
// are needed before a request is made, which goes to the API of a URL.
func (f *rotateFlags) check(cmd *cobra.Command, baseURL string) (*rotator, error) {
	if err := f.checkTogether(cmd.Flags().Changed); err != nil {
		return nil, err
	}
	r := &rotator{rotateFlags: *f, run: f.runName(baseURL)}
	r.want = rotate.Desired{Grace: f.grace, RenewBefore: f.renewBefore}
	r.want.Origins = probe.Target{Addresses: f.origins, ServerNames: f.names}
	switch {
	case f.leave:
		r.want.Enablement = rotate.Leave
	case f.disable:
		r.want.Enablement = rotate.Disable
	}
	r.want.Require = map[string]rotate.Require{"": rotate.Default, "proof": rotate.Proof, "nothing": rotate.Nothing}[f.require]
	if err := r.loadPairs(); err != nil {
		return nil, err
	}
	if err := r.checkSupersede(); err != nil {
		return nil, err
	}
	if err := r.checkOrigins(); err != nil {
		return nil, err
	}
	// Of an empty zone a plan stops only for what is desired.
	if step := rotate.Plan(rotate.Observed{}, r.want); r.pairs == "" && step.Action == rotate.Stop {
		return nil, &cli.Problem{What: "the certificate cannot be the live one", Why: step.Err, Next: "give --cert and --key another pair: nothing was sent", Code: cli.Error}
	}
	return r, r.readLists(cmd.ErrOrStderr())
}

// runName returns what stands in a report for the API and for what the flags want of each zone,
// but for its certificate. A rehearsal does not stand for the run that it was for.
func (f *rotateFlags) runName(baseURL string) string {
	text := fmt.Sprintf("%q %q %q %q %q %q %s %s %t %t", baseURL, f.origins, f.names, f.supersede, f.require, f.exec, f.grace, f.renewBefore, f.leave, f.disable)
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// checkTogether returns the error of flags that do not go together.
func (f *rotateFlags) checkTogether(changed func(string) bool) error {
	given := 0
	for _, name := range []string{"zone", "zones", "pairs"} {
		if changed(name) {
			given++
		}
	}
	if given != 1 {
		return cli.Usage("want one of --zone, --zones and --pairs")
	}
	if changed("zone") {
		if err := operator.CheckZone(f.zone); err != nil {
			return err
		}
		for _, name := range []string{"canary", "then-wait", "stop-after", "report", "resume"} {
			if changed(name) {
				return cli.Usage("--%s is for many zones: want --zones or --pairs", name)
			}
		}
	}
	for _, name := range []string{"zones", "pairs", "report", "resume", "exec", "old-cert", "old-key"} {
		if value, _ := f.text(name); changed(name) && value == "" {
			return cli.Usage("--%s is empty", name)
		}
	}
	switch {
	case changed("pairs") && (changed("cert") || changed("key")):
		return cli.Usage("--pairs has the certificates and keys: leave out --cert and --key")
	case f.leave && f.disable:
		return cli.Usage("want one of --leave-enablement and --disable")
	case changed("require") && f.require != "proof" && f.require != "nothing":
		return cli.Usage("--require %q: want proof or nothing", f.require)
	case f.require == "proof" && len(f.origins) == 0:
		return cli.Usage("--require proof needs --origin")
	case changed("server-name") && len(f.origins) == 0:
		return cli.Usage("--server-name needs --origin")
	case changed("old-cert") != changed("old-key"):
		return cli.Usage("--old-cert and --old-key need each other")
	case changed("old-cert") && len(f.origins) == 0:
		return cli.Usage("--old-cert needs --origin")
	case changed("canary") && f.canary < 1:
		return cli.Usage("--canary %d: want 1 or more", f.canary)
	case changed("then-wait") && !changed("canary"):
		return cli.Usage("--then-wait needs --canary")
	case f.stopAfter == 0 || f.stopAfter < -1:
		return cli.Usage("--stop-after %d: want 1 or more, or -1 for never", f.stopAfter)
	case f.dryRun && changed("output"):
		return cli.Usage("--dry-run prints a diff: leave out -o")
	case f.dryRun && (changed("report") || changed("resume")):
		return cli.Usage("--dry-run writes no report and looks at every zone: leave out --report and --resume")
	}
	return nil
}

// text returns the value of a flag that is text.
func (f *rotateFlags) text(name string) (string, bool) {
	value, ok := map[string]string{
		"zones": f.zones, "pairs": f.pairs, "report": f.report, "resume": f.resume, "exec": f.exec, "old-cert": f.oldCert, "old-key": f.oldKey,
	}[name]
	return value, ok
}

// loadPairs loads the desired certificate, unless each zone has its own, and the old one.
func (r *rotator) loadPairs() (err error) {
	if r.pairs == "" {
		if r.want.Pair, err = loadPair(r.cert, r.key, false); err != nil {
			return err
		}
	}
	if r.oldCert == "" {
		return nil
	}
	// The origins are asked about it, whatever it is.
	if r.want.Old, err = originpull.LoadKeyPair(r.oldCert, r.oldKey, originpull.AllowWeak()); err != nil {
		return &cli.Problem{What: "the old certificate and its key cannot be used", Why: err, Next: "give --old-cert and --old-key another pair, or leave them out: nothing was sent", Code: cli.Error}
	}
	return nil
}

func (r *rotator) checkSupersede() error {
	var named []string
	for _, value := range r.supersede {
		switch value {
		case "older", "all":
			if len(r.supersede) > 1 {
				return cli.Usage("--supersede %s: it does not go with others", value)
			}
			if value == "all" {
				r.want.Supersede = rotate.All()
			}
			return nil
		}
		fingerprint := strings.ToLower(strings.ReplaceAll(value, ":", ""))
		if digest, err := hex.DecodeString(fingerprint); err != nil || len(digest) != 32 {
			return cli.Usage("--supersede %q: want older, all, or the SHA-256 of a certificate, 64 hexadecimal digits, as originpull certificates list -o wide shows it", value)
		}
		if fingerprint == r.want.Pair.Fingerprint() {
			return cli.Usage("--supersede %s: that is the certificate of --cert itself", value)
		}
		named = append(named, fingerprint)
	}
	r.want.Supersede = rotate.Named(named...)
	return nil
}

// checkOrigins returns what is wrong with the origins, their names, or the certificate that
// they are asked about. Since the context has ended, nothing is sent.
func (r *rotator) checkOrigins() error {
	if len(r.origins) == 0 {
		return nil
	}
	ended, end := context.WithCancel(context.Background())
	end()
	_, err := probe.Check(ended, r.want.Origins, probe.Certificates{New: r.want.Pair.TLSCertificate(), Old: r.want.Old.TLSCertificate()})
	if errors.Is(err, probe.ErrNotClientAuth) {
		return &cli.Problem{What: "the origins cannot accept the certificate", Why: err, Next: "give a certificate whose extended key usage includes clientAuth, or none", Code: cli.Error}
	}
	if err != nil {
		return cli.Usage("--origin and --server-name: %w", err)
	}
	return nil
}

// readLists reads the list of zones, and the report to resume from.
func (r *rotator) readLists(stderr io.Writer) (err error) {
	switch {
	case r.zones != "":
		r.list, err = rotation.ReadZones(r.zones)
	case r.pairs != "":
		r.list, err = rotation.FindPairs(r.pairs)
	}
	if err != nil {
		return &cli.Status{Code: cli.Error, Err: err}
	}
	if r.resume == "" {
		return nil
	}
	var notes []string
	r.earlier, notes, err = rotation.ReadReport(r.resume, r.run)
	if errors.Is(err, fs.ErrNotExist) && r.resume == r.report {
		return nil // the first run
	}
	if err != nil {
		return cli.Usage("--resume: %w", err)
	}
	for _, note := range notes {
		printable.Fprintf(stderr, "note: %s\n", note)
	}
	return nil
}

// desired returns what should hold for a zone. What --exec prints goes to w behind prefix.
func (r *rotator) desired(pair originpull.KeyPair, zoneID string, w io.Writer, prefix string) rotate.Desired {
	want := r.want
	want.Pair = pair
	if r.exec != "" {
		want.Prove = rotation.Command(r.exec, zoneID, pair.Fingerprint(), w, prefix)
	}
	return want
}

// options returns the options of a run.
func (r *rotator) options(progress func(rotate.Event)) []rotate.Option {
	options := append([]rotate.Option{rotate.WithProgress(progress)}, rotateOptions...)
	if r.zoneSettings {
		options = append(options, rotate.WithZoneSettings(r.client))
	}
	return options
}

// warned returns the error of warnings with --strict.
func (r *rotator) warned(warnings int) error {
	if warnings == 0 || !r.strict {
		return nil
	}
	return &cli.Status{Code: cli.Failed, Err: fmt.Errorf("%s, and --strict", printable.Count(warnings, "warning"))}
}
