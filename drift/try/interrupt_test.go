//go:build unix

package try

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestInterrupt ends a trial in the middle of its work, as Ctrl-C does, and
// requires that neither its folder nor anything it has started stays.
func TestInterrupt(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	dir, temp := fresh(t), t.TempDir()
	cmd := exec.Command("bin/drift", "try", fakeUpstream(t, dir, "new-field"))
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TMPDIR="+temp)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	// By then the go command is at work in the copy: the document has changed there.
	for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		folders, err := filepath.Glob(filepath.Join(temp, "originpull-trial-*/CHANGELOG.md"))
		if err != nil || time.Since(start) > time.Minute {
			t.Fatalf("the trial does not begin: %v", err)
		}
		if len(folders) == 1 && get(filepath.Dir(folders[0]), "spec/upstream.lock") != get(dir, "spec/upstream.lock") {
			break
		}
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; cmd.ProcessState.ExitCode() != 2 {
		t.Errorf("it ends with %v, want status 2", err)
	}
	left, err := os.ReadDir(temp)
	left = slices.DeleteFunc(left, func(e os.DirEntry) bool { return strings.HasSuffix(e.Name(), ".lock") })
	if err != nil || len(left) > 0 {
		t.Errorf("%d folders are left: %v %v", len(left), left, err)
	}
}
