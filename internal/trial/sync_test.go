package trial

import (
	"os/exec"
	"strings"
	"testing"
)

// TestSyncRefusesOtherApply: a maintainer who writes APPLY=yes must not take a dry
// run for the result.
func TestSyncRefusesOtherApply(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("make", "sync", "UPSTREAM=none.yaml", "APPLY=yes")
	cmd.Dir = root
	output, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(output), "APPLY=yes: say APPLY=1") {
		t.Errorf("make sync APPLY=yes: %v: %s", err, output)
	}
}
