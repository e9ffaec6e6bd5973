package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/rotate"
)

var killZones = flag.Int("rotate.zones", 0, "how many zones TestRotateKilled rotates; 200 take five minutes")

// posted matches an upload in the log of serve.
var posted = regexp.MustCompile(`^.*msg=responded.*method=POST path=/zones/([0-9a-f]{32})/origin_tls_client_auth status=(\d+)(.*)$`)

// accepted returns the zones of the uploads that took effect, with or without a response
// that says so.
func accepted(log string) (zones []string) {
	for line := range strings.Lines(log) {
		m := posted.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		if lost := strings.Contains(m[3], " fault=") && !strings.Contains(m[3], "rejected"); m[2] == "200" || lost {
			zones = append(zones, m[1])
		}
	}
	return zones
}

// TestRotateKilled kills a rotation of many zones three times, on a simulator where a few
// per cent of the requests fail, and resumes it each time. Each zone then has the new
// certificate alone, and none was uploaded twice.
func TestRotateKilled(t *testing.T) {
	if *killZones == 0 {
		t.Skip("it takes minutes: -rotate.zones 200")
	}
	s := start(t, "--tls", "--chaos", "7", "--rate-limit", "-1", "--deploy-delay", "2s", "--delete-delay", "2s")
	var ids []string
	for i := range *killZones {
		ids = append(ids, fmt.Sprintf("%032x", i+1))
	}
	client, err := originpull.New(originpull.WithToken("any"), originpull.WithBaseURL(s.url), originpull.WithTransport(s.client(t).Transport))
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	each := func(do func(zone *originpull.Zone) error) {
		var running sync.WaitGroup
		slots := make(chan struct{}, 20)
		for _, id := range ids {
			zone, err := client.Zone(id)
			if err != nil {
				t.Fatal(err)
			}
			slots <- struct{}{}
			running.Go(func() {
				defer func() { <-slots }()
				if err := do(zone); err != nil {
					t.Errorf("zone %s: %v", zone.ID(), err)
				}
			})
		}
		running.Wait()
	}
	old := keyPair(t, leafFor("old", 24*time.Hour))
	each(func(zone *originpull.Zone) error {
		_, err := rotate.Ensure(t.Context(), zone, old)
		if errors.Is(err, rotate.ErrDeployment) {
			return nil // the chaos: it is an old one all the same
		}
		return err
	})
	first := len(accepted(s.logged.String()))

	dir := t.TempDir()
	list, report := filepath.Join(dir, "zones"), filepath.Join(dir, "report")
	if err := os.WriteFile(list, []byte(strings.Join(ids, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	mine := leafFor("mine", 24*time.Hour)
	args := append(append([]string{"rotate", "--base-url", s.url, "--zones", list, "--report", report, "--stop-after", "-1"}, pairFiles(t, mine)...), "--resume", report)
	begin := time.Now()
	run := func(what string, args []string, until int) {
		written := killAt(t, s.caFile, report, until, args)
		t.Logf("%s ended after %s, the report has %d lines for %d zones", what, time.Since(begin).Round(time.Second), written, len(ids))
	}
	run("the run that was killed first", args, len(ids)/4)
	run("the run that was killed second", args, len(ids)/2)
	run("the run that was killed third", args, len(ids)*3/4)
	run("the last run", args, 0)

	// What the fault of a deployment needs is a person. That of a deletion needs a further run.
	want := keyPair(t, mine)
	again := map[string]bool{}
	each(func(zone *originpull.Zone) error {
		seen, err := observe(t, zone)
		if err != nil {
			return err
		}
		step := rotate.Plan(seen, rotate.Desired{Pair: want})
		if !errors.Is(step.Err, rotate.ErrDeployment) {
			return nil
		}
		mu.Lock()
		again[zone.ID()] = true
		mu.Unlock()
		for range 10 {
			if _, err = zone.Certificates.Delete(t.Context(), step.Certificate.ID); err == nil || errors.Is(err, originpull.ErrAlreadyDeleted) {
				return nil
			}
		}
		return err
	})
	t.Logf("in %d zones the deployment timed out by the fault of the simulator", len(again))
	run("a run that looks at all zones once more", args[:len(args)-2], 0)

	uploads := map[string]int{}
	for _, id := range accepted(s.logged.String())[first:] {
		uploads[id]++
	}
	converged := 0
	each(func(zone *originpull.Zone) error {
		seen, err := observe(t, zone)
		if err != nil {
			return err
		}
		active := 0
		for _, c := range seen.Certificates {
			if c.Status == originpull.StatusActive {
				active++
			}
		}
		mu.Lock()
		defer mu.Unlock()
		if step := rotate.Plan(seen, rotate.Desired{Pair: want}); step.Action != rotate.Done || active != 1 {
			return fmt.Errorf("it has %d active certificates, and is not done: %s", active, step)
		}
		if n := uploads[zone.ID()]; n != 1 && !again[zone.ID()] {
			return fmt.Errorf("%d uploads were accepted", n)
		}
		converged++
		return nil
	})
	t.Logf("%d of %d zones have the new certificate alone; %d uploads were accepted", converged, len(ids), len(accepted(s.logged.String()))-first)
}

// observe looks at a zone, where requests fail.
func observe(t *testing.T, zone *originpull.Zone) (seen rotate.Observed, err error) {
	for range 10 {
		if seen, err = rotate.Observe(t.Context(), zone); err == nil {
			break
		}
	}
	return seen, err
}

func keyPair(t *testing.T, pair testpki.Pair) originpull.KeyPair {
	t.Helper()
	parsed, err := originpull.ParseKeyPair(pair.CertPEM(), pair.KeyPEM())
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// killAt runs the program until the report has a number of lines, and kills it; or, if that
// is 0, until it ends by itself. It returns how many lines the report has.
func killAt(t *testing.T, ca, report string, lines int, args []string) int {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), runMain+"=1", "SSL_CERT_FILE="+ca, "CLOUDFLARE_API_TOKEN=any")
	var printed bytes.Buffer
	cmd.Stdout, cmd.Stderr = &printed, &printed
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { cmd.Wait(); close(ended) }()
	for running := true; running; {
		select {
		case <-ended:
			running = false
		case <-time.After(20 * time.Millisecond):
			if text, _ := os.ReadFile(report); lines > 0 && bytes.Count(text, []byte("\n")) >= lines {
				cmd.Process.Kill()
				<-ended
				running = false
			}
		}
	}
	if code := cmd.ProcessState.ExitCode(); lines == 0 && code != cli.Done && !strings.Contains(printed.String(), "deployment_timed_out") {
		t.Errorf("the run exits with %d:\n%s", code, printed.String())
	}
	text, _ := os.ReadFile(report)
	return bytes.Count(text, []byte("\n"))
}
