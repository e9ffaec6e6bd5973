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
	for _, args := range [][]string{{"tonight"}, {"--no"}, {"--report"}} {
		var out, errs bytes.Buffer
		if got := cli.Run(t.Context(), newRoot(), args, &out, &errs); got != cli.Trouble || errs.Len() == 0 {
			t.Errorf("nightly %s: status %d, %q", args, got, errs.String())
		}
	}
}

// TestStoppedNight: a night that is stopped at once has found out nothing, says so
// of every part, and is written down.
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
	if got := cli.Run(ctx, newRoot(), []string{"--report", dir}, &out, &errs); got != cli.Trouble || !strings.Contains(errs.String(), dir) {
		t.Errorf("status %d, %q: want %d and where the report is", got, errs.String(), cli.Trouble)
	}
	for line := range strings.Lines(out.String()) {
		if !strings.HasPrefix(line, "inconclusive ") && !strings.HasPrefix(line, "warning ") {
			t.Errorf("a part that was stopped is told as %q", line)
		}
	}
	for _, name := range []string{"index.html", "report.md", "report.json", "junit.xml", "history.json"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	file := filepath.Join(dir, "report.md")
	if got := cli.Run(ctx, newRoot(), []string{"--report", file}, &out, &errs); got != cli.Trouble {
		t.Errorf("a report that cannot be written: status %d", got)
	}
}
