package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	contract "github.com/originpull/originpull-go/contract_test"
	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// TestStatusOfLiveZones: the commands on a live zone end alike where they cannot do
// what they are for.
func TestStatusOfLiveZones(t *testing.T) {
	sim := serve(t, originpulltest.Options{})
	inUse := serve(t, originpulltest.Options{})
	if err := inUse.SetEnabled(zone, true); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "recording.json")
	for _, test := range []struct {
		name, token, url string
		live, clean      int
		says             string
	}{
		{"it is well", sim.Token(), sim.URL(), cli.Done, cli.Done, ""},
		{"the token is refused", "another", sim.URL(), cli.Denied, cli.Denied, "credentials"},
		{"no one listens", "any", closedURL(t), cli.Error, cli.Error, "connection refused"},
		{"the base URL is malformed", "any", "not a url", cli.Error, cli.Error, "not a url"},
		{"the zone is in use", inUse.Token(), inUse.URL(), cli.Error, cli.Done, "in use"},
	} {
		t.Run(test.name, func(t *testing.T) {
			environ(t, test.token, zone, test.url)
			for _, args := range [][]string{{"live"}, {"record", file}} {
				_, stderr := contractOf(t, test.live, args...)
				if !strings.Contains(stderr, test.says) || (test.says == "") != (stderr == "") {
					t.Errorf("contract %s says %q, want %q in it", args[0], stderr, test.says)
				}
			}
			if stdout, _ := contractOf(t, test.clean, "clean"); (stdout != "") != (test.clean == cli.Done) {
				t.Errorf("contract clean ends with %d and prints %q", test.clean, stdout)
			}
		})
	}
}

// TestRecord: a run that could not be made leaves the file as it was; one that
// could writes a recording that replays, and names the provider.
func TestRecord(t *testing.T) {
	sim := serve(t, originpulltest.Options{})
	file := filepath.Join(t.TempDir(), "recording.json")
	if err := os.WriteFile(file, []byte("evidence"), 0o600); err != nil {
		t.Fatal(err)
	}
	environ(t, "another", zone, sim.URL())
	contractOf(t, cli.Denied, "record", file)
	if text, err := os.ReadFile(file); err != nil || string(text) != "evidence" {
		t.Errorf("a run that failed left %q, %v in place of what was there", text, err)
	}
	environ(t, sim.Token(), zone, sim.URL())
	output, _ := contractOf(t, cli.Done, "record", "--json", file)
	if names := targets(t, output); len(names) != 1 || names[0] != sim.URL() {
		t.Errorf("the run is named %q, want it named for where it was made, %s", names, sim.URL())
	}
	recording, err := contract.ReadRecording(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(recording.Provider, "127.0.0.1:") || len(recording.Exchanges) < 10 || recording.Exchanges[0].Case == "" {
		t.Errorf("%d exchanges, with %q", len(recording.Exchanges), recording.Provider)
	}
	contractOf(t, cli.Done, "replay", file)
	contractOf(t, cli.Error, "record", filepath.Join(file, "no-folder"))
}

func TestCleanTellsWhatItRemoved(t *testing.T) {
	sim := serve(t, originpulltest.Options{})
	environ(t, sim.Token(), zone, sim.URL())
	if text, _ := contractOf(t, cli.Done, "clean"); text != "0 certificates removed\n" {
		t.Errorf("of a clean zone it says %q", text)
	}
	contractOf(t, cli.Done, "live", "--force")
	if text, _ := contractOf(t, cli.Done, "clean"); text != "0 certificates removed\n" {
		t.Errorf("after a run that ended well it says %q", text)
	}
}

// TestPrism takes npx away, and puts one that breaks in its place.
func TestPrism(t *testing.T) {
	environ(t, "", "", "")
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	output, stderr := contractOf(t, cli.Error, "prism", "--json")
	if names := targets(t, output); len(names) != 0 || !strings.Contains(stderr, "SKIPPED, nothing was checked") {
		t.Errorf("without npx: %q, %q", output, stderr)
	}
	if err := os.WriteFile(filepath.Join(bin, "npx"), []byte("#!/bin/sh\necho broken\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	output, stderr = contractOf(t, cli.Error, "prism", "--json")
	if names := targets(t, output); len(names) != 0 || !strings.Contains(stderr, "broken") {
		t.Errorf("with an npx that breaks: %q, %q", output, stderr)
	}
}
