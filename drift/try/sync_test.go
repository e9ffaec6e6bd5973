package try

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

// TestSyncPassesOnWhatItIsGiven: an id or a source can hold what the shell or make
// would take for something else.
func TestSyncPassesOnWhatItIsGiven(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("make", "--dry-run", "sync", "UPSTREAM=a b.yaml", "SOURCE=x \"y\" $HOME `z`")
	cmd.Dir = root
	output, err := cmd.CombinedOutput()
	if err != nil || strings.Contains(string(output), "`z`") || strings.Contains(string(output), "a b.yaml") {
		t.Errorf("the shell is to read it from its environment, not from its commands: %v\n%s", err, output)
	}
}
