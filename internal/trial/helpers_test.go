package trial

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/scratch"
)

// root is the root of the module.
const root = "../.."

// program is the command drift, built once.
var program string

func TestMain(m *testing.M) {
	code := m.Run()
	if program != "" {
		os.RemoveAll(filepath.Dir(program))
	}
	os.Exit(code)
}

// run runs drift in a folder, and returns what it prints and its exit status.
func run(t *testing.T, dir string, args ...string) (stdout string, status int) {
	t.Helper()
	cmd := exec.Command(build(t), args...)
	cmd.Dir = dir
	var errs bytes.Buffer
	cmd.Stderr = &errs
	output, err := cmd.Output()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if errs.Len() > 0 {
		t.Logf("drift %v: %s", args, &errs)
	}
	return string(output), cmd.ProcessState.ExitCode()
}

func build(t *testing.T) string {
	t.Helper()
	if program != "" {
		return program
	}
	dir, err := os.MkdirTemp("", "trial-test-")
	if err != nil {
		t.Fatal(err)
	}
	program = filepath.Join(dir, "drift")
	if output, err := exec.Command("go", "build", "-o", program, "../../cmd/drift").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return program
}

// clone is a repository of its own with the working tree of this one, all of it
// committed.
func clone(t *testing.T) string {
	t.Helper()
	c := copyOf(t, root)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(c.Dir)); err != nil {
		t.Fatal(err)
	}
	commit(t, dir)
	return dir
}

// reviewed skips a test where our document holds what it has adopted and nobody
// has looked at yet, as after make sync: the changes of the stand-in may be in it
// already, and would be none.
func reviewed(t *testing.T) {
	t.Helper()
	if strings.Contains(get(root, "spec/openapi.yaml"), "x-review:") {
		t.Skip("our document holds something that is still to be reviewed")
	}
}

// commit makes a folder a repository, and commits all that is in it.
func commit(t *testing.T, dir string) {
	t.Helper()
	for _, args := range [][]string{
		{"init", "--quiet"},
		{"config", "user.name", "test"},
		{"config", "user.email", "test@example.com"},
		{"config", "commit.gpgSign", "false"},
		{"add", "--all"},
		{"commit", "--quiet", "--message", "as it is"},
	} {
		if _, err := scratch.Git(t.Context(), dir, args...); err != nil {
			t.Fatal(err)
		}
	}
}

// hashTree is a hash of all files of a folder, those of git left out.
func hashTree(t *testing.T, dir string) string {
	t.Helper()
	hash := sha256.New()
	err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			if entry != nil && entry.Name() == ".git" {
				return filepath.SkipDir
			}
			return err
		}
		data, err := os.ReadFile(file)
		fmt.Fprintf(hash, "%s %d\n", file, len(data))
		hash.Write(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// standin writes the document that stands in for upstream's, with a change, and
// returns where.
func standin(t *testing.T, dir string, change ...string) string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"run", "./internal/standin"}, change...)...)
	cmd.Dir = dir
	var failed bytes.Buffer
	cmd.Stderr = &failed
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("standin %v: %v\n%s", change, err, &failed)
	}
	file := filepath.Join(t.TempDir(), "upstream.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// mention requires that texts stand somewhere in what a trial tells.
func mention(t *testing.T, what string, told []string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !slices.ContainsFunc(told, func(s string) bool { return strings.Contains(s, text) }) {
			t.Errorf("the %s do not say %q: %q", what, text, told)
		}
	}
}
