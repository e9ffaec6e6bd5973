package scratch

import (
	"os"
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
