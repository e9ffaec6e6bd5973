package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/cli"
)

// TestInterrupted: who is interrupted says by what, and prints nothing that could be
// taken for a report.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	theirs := filepath.Join(l.dir, "theirs.yaml")
	if err := os.WriteFile(theirs, []byte(l.upstream), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("interrupt signal received"))
	for _, args := range [][]string{{"check", theirs}, {"propose", theirs}, {"diff", filepath.Join(l.dir, "ours.yaml"), theirs}, {"accept", theirs, "--reason", "any"}} {
		var out, errs strings.Builder
		status := cli.Run(ctx, newCommand(), append(args, "--config", filepath.Join(l.dir, "drift.yaml")), &out, &errs)
		if status != 2 || out.Len() > 0 || errs.String() != "drift: interrupt signal received\n" {
			t.Errorf("drift %s: status %d, prints %q and %q", args[0], status, out.String(), errs.String())
		}
	}
}
