package module_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/originpull"
)

// TestInstall installs programs from the module as a proxy publishes it, and runs them as
// someone does who has no clone.
func TestInstall(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds programs")
	}
	bin, install := t.TempDir(), []string{"install"}
	runs := map[string]string{ // by what is run, what it prints
		"originpull --version": "originpull version " + originpull.Version + "\n",
		"originpull demo":      "",
		"drift --version":      "drift version " + originpull.Version + "\n",
		"drift-try --version":  "drift-try version " + originpull.Version + "\n",
		"contract --version":   "contract version " + originpull.Version + "\n",
	}
	for _, program := range []string{"originpull", "drift", "drift-try", "contract"} {
		install = append(install, modulePath+"/cmd/"+program+"@latest")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", install...)
	cmd.Dir, cmd.Env = newFolder(t, "install"), append(moduleProxy(t), "GOBIN="+bin)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(install, " "), err, out)
	}
	for run, want := range runs {
		words := strings.Fields(run)
		cmd := exec.CommandContext(ctx, filepath.Join(bin, words[0]), words[1:]...)
		cmd.Dir = t.TempDir()
		out, err := cmd.CombinedOutput()
		if err != nil || want != "" && string(out) != want || len(out) == 0 {
			t.Errorf("%s, installed without a clone: %v, want %q:\n%s", run, err, want, out)
		}
	}
}
