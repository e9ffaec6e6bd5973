package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/atomicfile"
	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/operator"
	"github.com/originpull/originpull-go/internal/rotation"
	"github.com/originpull/originpull-go/internal/zonewatch"
)

// check checks the flags and reads the files, before a request is made.
func (w *watchCommand) check(cmd *cobra.Command) error {
	given := cmd.Flags().Changed
	switch {
	case given("zone") && given("zones"):
		return cli.Usage("--zone and --zones: want one of them")
	case !given("zone") && !given("zones") && !given("desired"):
		return cli.Usage("no zone: want --zone ZONE, --zones FILE or --desired FILE")
	case given("cert") && given("desired"):
		return cli.Usage("--cert and --desired both say what is desired: want one of them")
	case w.interval < time.Second:
		return cli.Usage("--interval %s: want 1s or more", operator.FormatDuration(w.interval))
	case w.once && given("interval"):
		return cli.Usage("--interval needs more than one look, and there is --once")
	case !w.once && w.printer.String() == "json":
		return cli.Usage("-o json: a watch has no end: want -o jsonl, or --once")
	case w.once && given("listen"):
		return cli.Usage("--listen needs a program that goes on, and there is --once: write metrics with --textfile")
	}
	if given("textfile") {
		if err := checkTextFile(w.textFile); err != nil {
			return cli.Usage("--textfile %q: %w", w.textFile, err)
		}
	}
	var desired zonewatch.Desired
	if given("cert") || given("desired") {
		var err error
		if given("cert") {
			_, err = wantCertificate(w.certFile)
		} else {
			desired, err = readDesired(w.desiredFile)
		}
		if err != nil {
			return cli.Usage("%s: %w", map[bool]string{true: "--cert", false: "--desired"}[given("cert")], err)
		}
	}
	return w.chooseZones(given, desired)
}

// chooseZones finds out which zones are watched.
func (w *watchCommand) chooseZones(given func(string) bool, desired zonewatch.Desired) error {
	switch {
	case given("zone"):
		if err := operator.CheckZone(w.zone); err != nil {
			return err
		}
		w.zones = []string{strings.ToLower(w.zone)}
	case given("zones"):
		zones, err := rotation.ReadZones(w.zonesFile)
		if err != nil {
			return cli.Usage("--zones: %w", err)
		}
		for _, zone := range zones {
			w.zones = append(w.zones, strings.ToLower(zone.Name))
		}
	default:
		w.zones = desired.Zones()
	}
	for _, zone := range w.zones {
		if _, named := desired[zone]; given("desired") && !named {
			return cli.Usage("--desired %q does not name zone %s: name it there in the same way, by its id or its name", w.desiredFile, zone)
		}
	}
	return nil
}

// desired returns what reads the desired state, nil if there is none. The files are read
// for each look: a certificate is renewed while watch runs.
func (w *watchCommand) desired() func() (zonewatch.Desired, error) {
	switch {
	case w.desiredFile != "":
		return func() (zonewatch.Desired, error) { return readDesired(w.desiredFile) }
	case w.certFile != "":
		return func() (zonewatch.Desired, error) {
			want, err := wantCertificate(w.certFile)
			desired := zonewatch.Desired{}
			for _, zone := range w.zones {
				desired[zone] = want
			}
			return desired, err
		}
	}
	return nil
}

func readDesired(file string) (zonewatch.Desired, error) {
	data, err := operator.ReadFile(file, maxFile)
	if err != nil {
		return nil, err
	}
	desired, err := zonewatch.ParseDesired(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return desired, nil
}

// wantCertificate returns that the certificate of a file is the live one, of an enabled zone.
func wantCertificate(file string) (zonewatch.Want, error) {
	leaf, err := readLeaf(file)
	if err != nil {
		return zonewatch.Want{}, fmt.Errorf("%s: %w", file, err)
	}
	sum, enabled := sha256.Sum256(leaf.Raw), true
	return zonewatch.Want{SHA256: hex.EncodeToString(sum[:]), Enabled: &enabled}, nil
}

// checkTextFile returns the error of a file that cannot be written, or that is not one with
// metrics of watch: it would be lost, and it may be a key.
func checkTextFile(file string) error {
	if err := atomicfile.Writable(file); err != nil {
		return err
	}
	info, err := os.Stat(file)
	switch {
	case file == "" || err == nil && !info.Mode().IsRegular():
		return errors.New("want the name of a file")
	case err != nil:
		_, err = os.Stat(filepath.Dir(file))
		return err
	}
	const first = "# HELP originpull_"
	begin := make([]byte, len(first))
	opened, err := os.Open(file)
	if err != nil {
		return err
	}
	defer opened.Close()
	n, err := io.ReadFull(opened, begin)
	if n > 0 && string(begin[:n]) != first {
		return errors.New("it exists and has no metrics of watch: want the name of a new file")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}
