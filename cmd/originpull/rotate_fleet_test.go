package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/originpull/originpulltest"
	"github.com/originpull/originpull-go/originpull/rotate"
)

// manyZones is a simulator of any zones. It has a folder for files.
type manyZones struct {
	cloudflare
	dir string
	ids []string
}

func newManyZones(t *testing.T, n int) manyZones {
	options := atOnce
	options.AnyZone = true
	m := manyZones{cloudflare: newCloudflare(t, options), dir: t.TempDir()}
	for i := range n {
		m.ids = append(m.ids, fmt.Sprintf("%032x", i+1))
	}
	return m
}

// file writes a file and returns its name.
func (m manyZones) file(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(m.dir, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// rotate runs rotate.
func (m manyZones) rotate(ctx context.Context, args ...string) ran {
	return command(ctx, strings.NewReader(""), append([]string{"rotate", "--base-url", m.URL(), "--token-file", m.tokenFile}, args...)...)
}

// uploads returns how many uploads were accepted for each zone.
func (m manyZones) uploads() map[string]int {
	uploads := map[string]int{}
	for _, e := range m.Record() {
		if e.Kind == originpulltest.ResponseEvent && e.Operation == "UploadCertificate" && e.Status == 200 {
			uploads[e.Path]++
		}
	}
	return uploads
}

// entries reads a report.
func entries(t *testing.T, file string) (entries []rotate.Entry) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var entry rotate.Entry
		if err := json.Unmarshal([]byte(line), &entry); err == nil {
			entries = append(entries, entry)
		}
	}
	return entries
}

// TestRotateResumesTheSameRun: what a report says counts for runs with the same API that want
// the same. After a rehearsal, or with another flag, no zone is left out.
func TestRotateResumesTheSameRun(t *testing.T) {
	t.Parallel()
	rehearsal, m := newManyZones(t, 1), newManyZones(t, 1)
	report := filepath.Join(m.dir, "report")
	args := append([]string{"--zones", m.file(t, "zones", m.ids[0]), "--report", report, "--resume", report}, pairFiles(t, leafFor("mine", 365*24*time.Hour))...)
	for _, step := range []struct {
		name    string
		on      manyZones
		more    []string
		skipped bool
		enabled bool
	}{
		{"the rehearsal", rehearsal, []string{"--leave-enablement"}, false, false},
		{"the run after it", m, []string{"--leave-enablement"}, false, false},
		{"the same run", m, []string{"--leave-enablement", "--strict"}, true, false},
		{"a run that enables", m, nil, false, true},
		{"a run that disables", m, []string{"--disable"}, false, false},
	} {
		got := step.on.rotate(t.Context(), append(args, step.more...)...)
		skipped, noted := strings.Contains(got.stdout, "SKIPPED      1"), strings.Contains(got.stderr, "with another API or other flags, which do not count")
		if got.code != cli.Done || skipped != step.skipped || !skipped && step.name != "the rehearsal" && !noted || step.on.Enabled(m.ids[0]) != step.enabled {
			t.Errorf("%s: exit status %d, skipped %t, enabled %t, standard error\n%s", step.name, got.code, skipped, step.on.Enabled(m.ids[0]), got.stderr)
		}
	}
}

// TestRotateZones: many zones by ids and names are rotated, with a report to resume from,
// also if its last line was not written to its end.
func TestRotateZones(t *testing.T) {
	t.Parallel()
	m := newManyZones(t, 6)
	list := m.file(t, "zones", "# ours\n"+strings.Join(m.ids, "\r\n")+"\n\n"+zoneTestName+" # by name\n")
	report := filepath.Join(m.dir, "report")
	mine := pairFiles(t, leafFor("mine", 365*24*time.Hour))
	args := append([]string{"--zones", list, "--report", report, "--resume", report}, mine...)
	got := m.rotate(t.Context(), append(args, "-o", "json")...)
	var summary map[string]any
	if err := json.Unmarshal([]byte(got.stdout), &summary); err != nil || got.code != cli.Done || summary["done"] != 7.0 || summary["zones"] != 7.0 {
		t.Fatalf("exit status %d, %v, standard output %s, standard error\n%s", got.code, err, got.stdout, got.stderr)
	}
	for field := range summary {
		if !strings.Contains(strings.ReplaceAll(rotateEnd, "\n", " "), field) {
			t.Errorf("the help does not document the field %q", field)
		}
	}
	if lines := strings.Count(got.stderr, "\n"); lines != 7 || !strings.Contains(got.stderr, "7 of 7: ") || !strings.Contains(got.stderr, zoneTestName+": done, 2 changes, ") {
		t.Errorf("standard error has not a line for each zone:\n%s", got.stderr)
	}
	if got := entries(t, report); len(got) != 7 {
		t.Errorf("the report has %d entries, want 7", len(got))
	}

	// The machine died while the entries of two zones were written.
	text, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	torn := slices.Concat(bytes.Join(lines[:5], nil), lines[5][:40])
	if err := os.WriteFile(report, torn, 0o600); err != nil {
		t.Fatal(err)
	}
	before := len(m.requests())
	got = m.rotate(t.Context(), args...)
	if got.code != cli.Done || !strings.Contains(got.stderr, "note: "+report+", line 6: it was not written to its end, and does not count\n") {
		t.Errorf("after a line that was torn: exit status %d, standard error\n%s", got.code, got.stderr)
	}
	// Two zones are looked at, after the name of one is found.
	if requests := len(m.requests()) - before; requests != 1+2*2 {
		t.Errorf("to go on took %d requests, want 5: %v", requests, m.requests()[before:])
	}
	if got := entries(t, report); len(got) != 7 {
		t.Errorf("the report has %d entries that can be read, want 7: those after the torn line have lines of their own", len(got))
	}
	if got = m.rotate(t.Context(), args...); got.code != cli.Done || !strings.Contains(got.stdout, "SKIPPED      7") {
		t.Errorf("once more: exit status %d, want all skipped:\n%s%s", got.code, got.stdout, got.stderr)
	}
	for zone, n := range m.uploads() {
		if n != 1 {
			t.Errorf("%s: %d uploads were accepted", zone, n)
		}
	}

	got = m.rotate(t.Context(), append([]string{"--zones", m.file(t, "twice", zoneTestName+"\n"+m.ZoneID()+"\n")}, mine...)...)
	if got.code != cli.Error || !strings.Contains(got.stderr, `line 2: the zone "`+m.ZoneID()+`" comes twice, first in`) {
		t.Errorf("a zone by name and id: exit status %d, standard error\n%s", got.code, got.stderr)
	}
	got = m.rotate(t.Context(), append([]string{"--zones", m.file(t, "unknown", zoneTestName+"\nexample.net\n")}, mine...)...)
	if got.code != cli.Failed || !strings.Contains(got.stderr, `unknown, line 2: the zone example.net was not found`) || !strings.Contains(got.stderr, `"Zone Read"`) {
		t.Errorf("a name that is not known: exit status %d, standard error\n%s", got.code, got.stderr)
	}
	if got = m.rotate(t.Context(), append([]string{"--zones", list, "--dry-run"}, mine...)...); got.code != cli.Done || strings.Count(got.stdout, "\nNothing to do now.\n") != 7 {
		t.Errorf("a dry run: exit status %d, standard output\n%s", got.code, got.stdout)
	}
}

// TestRotatePairs: each zone has its own pair, which is loaded when its turn has come.
func TestRotatePairs(t *testing.T) {
	t.Parallel()
	m := newManyZones(t, 4)
	for i, id := range m.ids {
		pair := leafFor("of "+id, 24*time.Hour)
		m.file(t, id+".pem", string(pair.CertPEM()))
		key := string(pair.KeyPEM())
		if i == 2 {
			key = "not a key"
		}
		m.file(t, id+".key", key)
	}
	m.file(t, "README", "other files do not count")
	report := filepath.Join(m.dir, "report.jsonl")
	got := m.rotate(t.Context(), "--pairs", m.dir, "--report", report)
	if got.code != cli.Failed || !strings.Contains(got.stderr, m.ids[2]+": failed: ") || !strings.Contains(got.stderr, "originpull: 1 of 4 zones failed\n  why:  "+m.ids[2]+": ") {
		t.Errorf("one key cannot be read: exit status %d, standard error\n%s", got.code, got.stderr)
	}
	for i, id := range m.ids {
		if active := m.active(id); (len(active) == 1) == (i == 2) {
			t.Errorf("zone %d: active are %v", i, active)
		}
	}
	if got := entries(t, report); len(got) != 4 {
		t.Errorf("the report has %d entries, want 4", len(got))
	}
}

// TestRotateStops: canaries and too many failures stop the rotation, and the exit status is
// that of a denial if that is all that failed.
func TestRotateStops(t *testing.T) {
	t.Parallel()
	m := newManyZones(t, 12)
	list := m.file(t, "zones", strings.Join(m.ids, "\n"))
	args := append([]string{"--zones", list}, pairFiles(t, leafFor("mine", time.Hour))...)
	for _, test := range []struct {
		what   string
		fails  func(zone string) bool
		status int // of the API
		args   []string
		code   int
		stderr string
		done   int // at least
	}{
		{"a canary fails", func(zone string) bool { return zone == m.ids[1] }, 403, []string{"--canary", "2", "--then-wait", "10s"}, cli.Denied, "1 of 12 zones failed, and 10 were not begun", 1},
		{"two fail", func(zone string) bool { return zone == m.ids[3] || zone == m.ids[4] }, 400, []string{"--stop-after", "-1", "--canary", "2", "--then-wait", "10s"}, cli.Failed, "2 of 12 zones failed\n", 10},
	} {
		m.SetFaults(func(r originpulltest.Request) originpulltest.Fault {
			if !test.fails(r.ZoneID) {
				return originpulltest.Fault{}
			}
			return originpulltest.Fault{Response: &originpulltest.Response{Status: test.status, Body: `{"success":false,"errors":[{"code":1000,"message":"not today"}],"messages":[],"result":null}`}}
		})
		got := m.rotate(t.Context(), append(args, test.args...)...)
		if got.code != test.code || !strings.Contains(got.stderr, test.stderr) {
			t.Errorf("%s: exit status %d, want %d; standard error, which needs %q:\n%s", test.what, got.code, test.code, test.stderr, got.stderr)
		}
		done := 0
		for _, id := range m.ids {
			done += len(m.active(id))
		}
		if done < test.done {
			t.Errorf("%s: %d zones have the certificate, want %d", test.what, done, test.done)
		}
	}
}

// TestRotateInterrupted: an interrupt ends the run, which says that the next one completes
// it, and what it had begun is completed.
func TestRotateInterrupted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be interrupted here")
	}
	t.Parallel()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, fleet := range []bool{false, true} {
		c := newCloudflare(t, originpulltest.Options{DeployDelay: time.Hour, AnyZone: true})
		list := pemFile(t, "zones", []byte(c.ZoneID()+"\n"))
		args := append([]string{"rotate", "--base-url", c.URL(), "--token-file", c.tokenFile}, pairFiles(t, leafFor("mine", time.Hour))...)
		if fleet {
			args = append(args, "--zones", list, "--report", filepath.Join(t.TempDir(), "report"))
		} else {
			args = append(args, "--zone", c.ZoneID())
		}
		cmd := exec.CommandContext(t.Context(), program, args...)
		cmd.Env = append(os.Environ(), runMain+"=1")
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for len(c.Certificates(c.ZoneID())) == 0 && t.Context().Err() == nil {
			time.Sleep(5 * time.Millisecond)
		}
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != cli.Failed || !strings.Contains(stderr.String(), "has ended early, the next run completes it\n  why:  it was interrupted\n  next: ") {
			t.Errorf("the exit status is %d, standard error\n%s", code, stderr.String())
		}
		if fleet != strings.Contains(stderr.String(), "--resume ") || fleet != strings.Contains(stdout.String(), "INTERRUPTED  1") {
			t.Errorf("how to go on with many zones %t: standard output\n%sstandard error\n%s", fleet, stdout.String(), stderr.String())
		}
	}
}
