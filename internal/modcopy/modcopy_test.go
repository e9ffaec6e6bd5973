package modcopy

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
)

// TestEnvironmentHoldsNoCredentials keeps what no one has looked at away from the
// token of whoever runs it.
func TestEnvironmentHoldsNoCredentials(t *testing.T) {
	withheld := strings.Fields("CLOUDFLARE_API_TOKEN CLOUDFLARE_API_KEY CLOUDFLARE_EMAIL CONTRACT_ZONE_ID GH_TOKEN GIT_DIR SIGNING_KEY AWS_ACCESS_KEY_ID " +
		"DB_PASSWORD PGPASSWORD GPG_PASSPHRASE CLIENT_SECRET CLIENT_SECRET_FILE GOOGLE_APPLICATION_CREDENTIALS npm_config_token SSH_AUTH_SOCK")
	for _, name := range withheld {
		t.Setenv(name, testpki.Token())
	}
	given := strings.Fields("HARMLESS GOFLAGS GOPROXY GOPRIVATE GOAUTH GOCACHE HTTPS_PROXY NO_PROXY LC_ALL")
	for _, name := range given {
		t.Setenv(name, "1")
	}
	var names []string
	for _, v := range folder(t).Command(t.Context(), ".", "go").Env {
		name, _, _ := strings.Cut(v, "=")
		names = append(names, name)
	}
	for _, name := range append(given, "PATH", "GOWORK") {
		if !slices.Contains(names, name) {
			t.Errorf("a command in the copy lacks %s", name)
		}
	}
	for _, name := range withheld {
		if slices.Contains(names, name) {
			t.Errorf("a command in the copy is given %s", name)
		}
	}
}

func folder(t *testing.T) *Folder {
	t.Helper()
	f, err := NewFolder("test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Remove() })
	return f
}

// TestFolderOfTheKilled: two that run have two folders, and the one that a killed
// process leaves behind is used again, for only there the compiler's cache serves; but
// not while something that it has started is still at work there.
func TestFolderOfTheKilled(t *testing.T) {
	const role = "MODCOPY_TEST_ROLE"
	switch os.Getenv(role) {
	case "killed":
		folder, err := NewFolder("test")
		if err == nil {
			os.Setenv(role, "left behind")
			child := folder.Command(t.Context(), ".", os.Args[0], "-test.run=^TestFolderOfTheKilled$")
			child.Stdin = os.Stdin
			err = errors.Join(os.WriteFile(filepath.Join(folder.Dir, "left"), nil, 0o600), child.Start())
		}
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(folder.Dir)
		select {} // until it is killed
	case "left behind":
		io.Copy(io.Discard, os.Stdin) // until it has no more to do
		return
	}
	for _, name := range []string{"TMPDIR", "TMP"} {
		t.Setenv(name, t.TempDir())
	}
	stdin, work, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer work.Close()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFolderOfTheKilled$")
	cmd.Env = append(os.Environ(), role+"=killed")
	cmd.Stdin = stdin
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = errors.Join(cmd.Start(), stdin.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	left := strings.TrimSuffix(line, "\n")
	if err != nil || !filepath.IsAbs(left) {
		t.Fatalf("another process has no folder: %q %v", line, err)
	}
	take := func() string {
		f, err := NewFolder("test")
		if err != nil {
			t.Fatal(err)
		}
		if found, err := os.ReadDir(f.Dir); err != nil || len(found) > 0 {
			t.Errorf("%s is to be empty, and holds %v %v", f.Dir, found, err)
		}
		if err := f.Remove(); err != nil {
			t.Error(err)
		}
		return f.Dir
	}
	if take() == left {
		t.Error("two that run share a folder")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait() // it was killed
	if runtime.GOOS != "windows" && take() == left {
		t.Error("it was killed, and its folder is taken from under what it has left at work")
	}
	work.Close()
	for start := time.Now(); take() != left; time.Sleep(10 * time.Millisecond) {
		if time.Since(start) > time.Minute {
			t.Fatalf("after it was killed, and all that it has started has ended, %s is not used: all is compiled again", left)
		}
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
