package scratch

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/testpki"
)

// TestEnvironmentHoldsNoCredentials keeps what nobody has looked at away from the
// token of whoever runs it.
func TestEnvironmentHoldsNoCredentials(t *testing.T) {
	for _, name := range []string{"CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_KEY", "CLOUDFLARE_EMAIL", "CONTRACT_ZONE_ID", "GH_TOKEN", "GIT_DIR"} {
		t.Setenv(name, testpki.Token())
	}
	t.Setenv("HARMLESS", "1")
	env := (&Copy{Dir: t.TempDir()}).Command(t.Context(), ".", "go").Env
	if !slices.Contains(env, "HARMLESS=1") || !slices.Contains(env, "GOWORK=off") {
		t.Error("a command in the copy lacks what it needs of the environment")
	}
	for _, v := range env {
		if len(v) > 8 && (v[:8] == "CLOUDFLA" || v[:8] == "CONTRACT" || v[:8] == "GH_TOKEN" || v[:8] == "GIT_DIR=") {
			t.Errorf("a command in the copy is given %.12s…", v)
		}
	}
}

// TestFolderOfTheKilled: two that run have two folders, and the one that a killed
// process leaves behind is used again, for only there the compiler's cache serves.
func TestFolderOfTheKilled(t *testing.T) {
	const another = "SCRATCH_TEST_IS_KILLED"
	if os.Getenv(another) != "" {
		dir, _, err := Folder("test")
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "left"), nil, 0o600)
		}
		fmt.Println(dir, err)
		io.Copy(io.Discard, os.Stdin) // until it is killed
		return
	}
	for _, name := range []string{"TMPDIR", "TMP"} {
		t.Setenv(name, t.TempDir())
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFolderOfTheKilled$")
	cmd.Env = append(os.Environ(), another+"=1")
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	left, ok := strings.CutSuffix(line, " <nil>\n")
	if err != nil || !ok {
		t.Fatalf("another process has no folder: %q %v", line, err)
	}
	take := func() string {
		dir, remove, err := Folder("test")
		if err != nil {
			t.Fatal(err)
		}
		if found, err := os.ReadDir(dir); err != nil || len(found) > 0 {
			t.Errorf("%s is to be empty, and holds %v %v", dir, found, err)
		}
		if err := remove(); err != nil {
			t.Error(err)
		}
		return dir
	}
	if take() == left {
		t.Error("two that run share a folder")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait() // it was killed
	if dir := take(); dir != left {
		t.Errorf("after it was killed, %s is used and not %s, which it has left: all is compiled anew", dir, left)
	}
}

// TestNewLeavesOutFolders: git lists a repository within, and a link to a folder, as
// one file.
func TestNewLeavesOutFolders(t *testing.T) {
	root := t.TempDir()
	for _, args := range [][]string{{"init", "--quiet"}, {"init", "--quiet", "within"}} {
		if _, err := Git(t.Context(), root, args...); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "go.mod"), []byte("module m\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(t.TempDir(), filepath.Join(root, "link")); err != nil {
		t.Skip("no symbolic links here")
	}
	c, err := New(t.Context(), root, "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Remove() })
	if len(c.Before) != 1 {
		t.Errorf("copied are %d files, want go.mod alone", len(c.Before))
	}
}

// TestGitSaysWhatItIsNeededFor: git's own words would leave a user to guess.
func TestGitSaysWhatItIsNeededFor(t *testing.T) {
	nowhere := t.TempDir()
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(nowhere))
	if _, err := New(t.Context(), nowhere, "test"); err == nil || !strings.Contains(err.Error(), "run this in a clone of the repository") {
		t.Errorf("outside of a repository a user reads: %v", err)
	}
	t.Setenv("PATH", nowhere)
	if _, err := New(t.Context(), nowhere, "test"); err == nil || !strings.Contains(err.Error(), "git, which is not installed") {
		t.Errorf("without git a user reads: %v", err)
	}
}
