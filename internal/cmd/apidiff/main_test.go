package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// repository is a folder with a module that git keeps, as the working folder.
type repository struct {
	t   *testing.T
	dir string
}

func newRepository(t *testing.T) repository {
	t.Helper()
	r := repository{t, t.TempDir()}
	t.Chdir(r.dir)
	for name, text := range map[string]string{
		"go.mod":         "module example.com/m\n\ngo 1.26.0\n",
		"CHANGELOG.md":   "## Unreleased\n",
		"drift/drift.go": "package drift\n\nfunc Old() {}\n",
	} {
		r.write(name, text)
	}
	r.git("init", "--quiet")
	r.commit()
	return r
}

func (r repository) write(name, text string) {
	r.t.Helper()
	file := filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

func (r repository) commit() {
	r.t.Helper()
	r.git("add", "--all")
	r.git("-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgSign=false", "commit", "--quiet", "--message", "change")
}

func (r repository) git(args ...string) {
	r.t.Helper()
	if output, err := exec.Command("git", args...).CombinedOutput(); err != nil {
		r.t.Fatalf("git %v: %v\n%s", args, err, output)
	}
}

// run runs the program, and requires that it prints a text.
func (r repository) run(want string, args ...string) error {
	r.t.Helper()
	var out strings.Builder
	root := newRoot()
	root.SetArgs(append([]string{"since", "--"}, args...))
	root.SetOut(&out)
	root.SetErr(io.Discard)
	root.SilenceErrors, root.SilenceUsage = true, true
	err := root.ExecuteContext(r.t.Context())
	if !strings.Contains(out.String(), want) {
		r.t.Errorf("apidiff %v prints %q, want it to say %q; error %v", args, out.String(), want, err)
	}
	return err
}

func TestSinceTheLastVersion(t *testing.T) {
	r := newRepository(t)
	if err := r.run("Nothing is released yet"); err != nil {
		t.Errorf("fails without a version: %v", err)
	}
	r.git("tag", "v0.9.0")
	r.git("tag", "v0.10.0")
	r.git("tag", "v0.11.0-rc.1")
	r.git("tag", "vlater")
	r.write("more.txt", "more")
	if err := r.run("The Go API is that of v0.10.0."); err != nil {
		t.Error(err)
	}
	r.write("drift/drift.go", "package drift\n\nfunc Old() {}\n\nfunc New() {}\n")
	if err := r.run("compatible  drift.New: added"); err != nil {
		t.Errorf("a compatible change fails: %v", err)
	}
	r.write("drift/drift.go", "package drift\n")
	if err := r.run("BREAKING    drift.Old: removed"); !errors.Is(err, errUnnamed) || !strings.Contains(err.Error(), "drift.Old") {
		t.Errorf("a breaking change without an entry: %v", err)
	}
	for changelog, named := range map[string]bool{
		"## Unreleased\n\n### Breaking\n\n- `drift.Old` is gone.\n":           true,
		"## Unreleased\n\n### Breaking\n\n- `drift.Older` is gone.\n":         false,
		"## Unreleased\n\n### Changed\n\n- `drift.Old` is gone.\n":            false,
		"## Unreleased\n\n## 0.10.0\n\n### Breaking\n\n- `drift.Old` goes.\n": false,
	} {
		r.write("CHANGELOG.md", changelog)
		if err := r.run("BREAKING    drift.Old"); errors.Is(err, errUnnamed) == named || err != nil && !errors.Is(err, errUnnamed) {
			t.Errorf("with the changelog %q: %v", changelog, err)
		}
	}
}

// TestRelease looks at a version that is tagged, as CI does: it is compared with the
// one before, and its changes are under its own number.
func TestRelease(t *testing.T) {
	r := newRepository(t)
	r.git("tag", "v1.0.0")
	r.write("drift/drift.go", "package drift\n")
	for changelog, named := range map[string]bool{
		"## 1.1.0 - 2026-01-02\n\n### Breaking\n\n- `drift.Old` is gone.\n\n## 1.0.0\n":       true,
		"## Unreleased\n\n## [1.1.0]\n\n### Breaking\n\n- `drift.Old` is gone.\n\n## 1.0.0\n": true,
		"## Unreleased\n\n## 1.1.0\n\n## 1.0.0\n\n### Breaking\n\n- `drift.Old` is gone.\n":   false,
	} {
		r.write("CHANGELOG.md", changelog)
		r.commit()
		r.git("tag", "--force", "v1.1.0")
		if err := r.run("BREAKING    drift.Old"); errors.Is(err, errUnnamed) == named || err != nil && !errors.Is(err, errUnnamed) {
			t.Errorf("v1.1.0 with the changelog %q: %v", changelog, err)
		}
	}
}

func TestSinceARevision(t *testing.T) {
	r := newRepository(t)
	r.write("drift/drift.go", "package drift\n\nfunc Old(deep bool) {}\n")
	r.commit()
	if err := r.run("The Go API is that of HEAD.", "HEAD"); err != nil {
		t.Error(err)
	}
	if err := r.run("BREAKING    drift.Old: changed from func() to func(bool)", "HEAD~1"); !errors.Is(err, errUnnamed) {
		t.Errorf("a breaking change without an entry: %v", err)
	}
	for _, wrong := range []string{"no-such-revision", "--help", "HEAD~2"} {
		if err := r.run("", wrong); err == nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("revision %q: error %v, want one that names it", wrong, err)
		}
	}
	if err := r.run("", "HEAD", "HEAD"); err == nil {
		t.Error("takes two revisions")
	}
}

// TestShallow requires that a history without tags for being cut short is not
// taken for one without versions.
func TestShallow(t *testing.T) {
	r := newRepository(t)
	r.git("tag", "v1.0.0")
	r.write("more.txt", "more")
	r.commit()
	clone := t.TempDir()
	r.git("clone", "--quiet", "--depth", "1", "--no-tags", "file://"+r.dir, clone)
	t.Chdir(clone)
	if err := r.run(""); err == nil || !strings.Contains(err.Error(), "cut short") {
		t.Errorf("error %v", err)
	}
}
