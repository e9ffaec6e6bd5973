package try

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/modcopy"
)

// root is the root of the module.
const root = "../.."

// base is a repository of its own with the working tree of this one, made once. It
// stands in a folder that is always the same, so that what is compiled in it serves
// the next run too.
var base struct {
	parent      *modcopy.Folder
	dir, commit string
}

func TestMain(m *testing.M) {
	// What the tests start is short and takes little memory: the garbage collector would
	// have a fifth of its time.
	if os.Getenv("GOGC") == "" {
		os.Setenv("GOGC", "400")
	}
	// A program that is stamped with the commit is linked again for each.
	os.Setenv("GOFLAGS", strings.TrimSpace(os.Getenv("GOFLAGS")+" -buildvcs=false"))
	code := m.Run()
	if base.parent != nil {
		base.parent.Remove()
	}
	os.Exit(code)
}

// fresh returns the repository as it was at first: all is committed, none of the
// changes of fakeupstream has been followed, and the programs are built.
func fresh(t *testing.T) string {
	t.Helper()
	if base.parent == nil {
		var err error
		if base.parent, err = modcopy.NewFolder("trial-test"); err != nil {
			t.Fatal(err)
		}
		base.dir = filepath.Join(base.parent.Dir, "main")
		base.commit = settle(t, base.dir)
	}
	do(t, base.dir, "git", "reset", "--quiet", "--hard", base.commit)
	do(t, base.dir, "git", "clean", "--quiet", "-d", "--force")
	return base.dir
}

// settle makes the repository, and returns its commit.
func settle(t *testing.T, dir string) string {
	t.Helper()
	c := copyOf(t, root)
	if err := errors.Join(os.CopyFS(dir, os.DirFS(c.module.Dir)), c.Remove()); err != nil {
		t.Fatal(err)
	}
	// What is beside the module is beside it there too.
	shared, err := filepath.Abs(root + "/../shared")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(shared); err == nil {
		if err := os.Symlink(shared, filepath.Join(dir, "../shared")); err != nil {
			t.Fatal(err)
		}
	}
	if !*check {
		prune(t, dir)
	}
	freeze(t, dir)
	if get(dir, "spec/openapi.yaml") != get(root, "spec/openapi.yaml") {
		do(t, dir, "go", "generate", "./...")
	}
	set(t, dir, "CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n### Added\n\n- What there is.\n")
	do(t, dir, "go", "build", "-o", "bin/", "./cmd/drift", "./cmd/drift-try", "./internal/cmd/fakeupstream")
	commit(t, dir)
	return strings.TrimSpace(do(t, dir, "git", "rev-parse", "HEAD"))
}

// aside is what a trial compiles and this package has no test of: with -check, it is
// there too.
var aside = []string{
	"bench", "cmd/contract", "cmd/nightly", "cmd/originpull", "examples", "internal/cmd/apidiff", "internal/cmd/leakscan", "internal/cmd/termcast",
	"internal/cmd/upgradecheck", "internal/demo", "internal/foreign", "internal/nightly", "internal/prism", "internal/upgrade",
}

// prune takes that out of a folder, and the tests of what stays: of those that a trial
// runs, the rules of the document and of generated code and the contract itself stay.
func prune(t *testing.T, dir string) {
	t.Helper()
	for _, name := range aside {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	// The linter takes longer to link than all rules of ours to run.
	if err := os.Remove(filepath.Join(dir, "spec/lint_test.go")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".", "cmd/drift", "cmd/drift-try", "contract_test", "drift", "internal", "originpull"} {
		err := filepath.WalkDir(filepath.Join(dir, name), func(file string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && name == "." && file != dir:
				return filepath.SkipDir
			case strings.HasSuffix(file, "_test.go") && entry.Name() != "contract_test.go":
				return os.Remove(file)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// freeze gives a folder our document, and what is compared with it, as they were
// before any change of fakeupstream was followed.
func freeze(t *testing.T, dir string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(dir, "overlays/upstream")); err != nil {
		t.Fatal(err)
	}
	frozen := os.DirFS(root + "/internal/cmd/fakeupstream/testdata/ours")
	err := fs.WalkDir(frozen, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(frozen, name)
		set(t, dir, name, string(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// files returns what git would commit of a folder. No copy stays for that: the one that
// a trial makes has its name, where all but what the trial changes is compiled.
func files(t *testing.T, root string) map[string][]byte {
	t.Helper()
	c := copyOf(t, root)
	if err := c.Remove(); err != nil {
		t.Fatal(err)
	}
	return c.module.Before
}

// do runs a command that has to succeed, and returns what it prints.
func do(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	var failed bytes.Buffer
	cmd.Stderr = &failed
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, &failed)
	}
	return string(output)
}

// run runs drift in the repository, and returns what it prints and its exit status.
func run(t *testing.T, dir string, args ...string) (stdout string, status int) {
	t.Helper()
	cmd := exec.Command("bin/drift", args...)
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
		if _, err := modcopy.Git(t.Context(), dir, args...); err != nil {
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

// fakeUpstream writes the document that stands in for upstream's, with changes, and
// returns where.
func fakeUpstream(t *testing.T, dir string, changes ...string) string {
	t.Helper()
	if len(changes) == 0 {
		changes = []string{"unchanged"}
	}
	text := do(t, dir, "bin/fakeupstream", changes...)
	file := filepath.Join(t.TempDir(), "upstream.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// mention requires that texts stand somewhere in what a trial says.
func mention(t *testing.T, what string, said []string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, text) }) {
			t.Errorf("the %s do not say %q: %q", what, text, said)
		}
	}
}
