package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/cli"
)

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"tonight"}, {"--no"}, {"run", "--report"}, {"run", "tonight"}, {"run", "--only", "contrakt"}, {"run", "--only", ""}} {
		var out, errs bytes.Buffer
		if got := cli.Run(t.Context(), newRoot(), args, &out, &errs); got != cli.Error || errs.Len() == 0 {
			t.Errorf("nightly %s: status %d, %q", args, got, errs.String())
		}
	}
}

// TestNoCommand: without a command no night begins.
func TestNoCommand(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	if got := cli.Run(t.Context(), newRoot(), nil, &out, &errs); got != cli.Done || !strings.Contains(out.String(), "Usage:") {
		t.Errorf("status %d, %q: want the help", got, out.String())
	}
}

// TestStoppedNight: every part of a night that is stopped at once is inconclusive, and
// the report is written.
func TestStoppedNight(t *testing.T) {
	for _, name := range []string{"UPSTREAM", "CLOUDFLARE_API_TOKEN", "CONTRACT_ZONE_ID"} {
		t.Setenv(name, "")
	}
	t.Setenv("PATH", t.TempDir())
	t.Chdir("../..")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	dir := t.TempDir()
	var out, errs bytes.Buffer
	if got := cli.Run(ctx, newRoot(), []string{"run", "--report", dir}, &out, &errs); got != cli.Error || !strings.Contains(errs.String(), dir) {
		t.Errorf("status %d, %q: want %d and where the report is", got, errs.String(), cli.Error)
	}
	if !strings.Contains(errs.String(), "begin contract: examples\n") {
		t.Errorf("standard error does not say which check begins:\n%s", errs.String())
	}
	for line := range strings.Lines(out.String()) {
		if !strings.HasPrefix(line, "inconclusive ") && !strings.HasPrefix(line, "warning ") {
			t.Errorf("a part that was stopped is reported as %q", line)
		}
	}
	for _, name := range []string{"index.html", "report.md", "report.json", "junit.xml", "history.json"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	file := filepath.Join(dir, "report.md")
	if got := cli.Run(ctx, newRoot(), []string{"run", "--report", file}, &out, &errs); got != cli.Error {
		t.Errorf("a report that cannot be written: status %d", got)
	}
}
