package try

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// small is a repository with a few files, one of them ignored.
func small(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module m\n", "spec/a.yaml": "a", "b.txt": "b", ".gitignore": "/bin\n"} {
		set(t, dir, name, text)
	}
	commit(t, dir)
	set(t, dir, "bin", "ignored")
	return dir
}

func set(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func get(dir, name string) string {
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return "none"
	}
	return string(data)
}

func copyOf(t *testing.T, root string) *Copy {
	t.Helper()
	c, err := NewCopy(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Remove() })
	return c
}

func TestCopyHoldsWhatCouldBeCommitted(t *testing.T) {
	t.Parallel()
	root := small(t)
	set(t, root, "new.txt", "new")
	set(t, root, "b.txt", "edited")
	if err := os.Remove(filepath.Join(root, "spec/a.yaml")); err != nil {
		t.Fatal(err)
	}
	c := copyOf(t, root)
	for name, want := range map[string]string{"go.mod": "module m\n", "new.txt": "new", "b.txt": "edited", "spec/a.yaml": "none", "bin": "none"} {
		if got := get(c.module.Dir, name); got != want {
			t.Errorf("%s holds %q, want %q", name, got, want)
		}
	}
	if second := copyOf(t, root); second.module.Dir == c.module.Dir {
		t.Error("two copies share a folder")
	}
	if _, err := NewCopy(t.Context(), filepath.Join(root, "spec")); err == nil {
		t.Error("no error for a folder that is not there")
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	c := copyOf(t, small(t))
	change(t, c)
	if changed, err := c.module.Changed(); err != nil || len(changed) != 3 {
		t.Fatalf("%d files have changed, want 3: %v", len(changed), err)
	}
	if err := c.module.Reset(); err != nil {
		t.Fatal(err)
	}
	if changed, err := c.module.Changed(); err != nil || len(changed) != 0 {
		t.Errorf("%d files have changed: %v", len(changed), err)
	}
}

// change edits, makes and removes a file of a copy.
func change(t *testing.T, c *Copy) {
	t.Helper()
	set(t, c.module.Dir, "spec/a.yaml", "a, and more")
	set(t, c.module.Dir, "new/c.txt", "c")
	if err := os.Remove(filepath.Join(c.module.Dir, "b.txt")); err != nil {
		t.Fatal(err)
	}
}

func TestKeep(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		result Result
		before func(t *testing.T, root string) // what happens to the tree in the meantime
		says   string                          // the error; empty if all is written
	}{
		"all":                    {Result{Verdict: Additive}, nil, ""},
		"breaking, and decided":  {Result{Verdict: Breaking}, nil, ""},
		"refused":                {Result{Verdict: Refused}, nil, "refused"},
		"undecided":              {Result{Verdict: Additive, Undecided: true}, nil, "decided first"},
		"another file is edited": {Result{}, func(t *testing.T, root string) { set(t, root, "go.mod", "module m\n\n") }, ""},
		"a file of it is edited": {Result{}, func(t *testing.T, root string) { set(t, root, "spec/a.yaml", "mine") }, "not committed, commit or stash them first; nothing is written: M spec/a.yaml"},
		"a file of it is there":  {Result{}, func(t *testing.T, root string) { set(t, root, "new/c.txt", "mine") }, "?? new/"},
		"a file of it is read-only": {Result{}, func(t *testing.T, root string) {
			if err := os.Chmod(filepath.Join(root, "spec/a.yaml"), 0o444); err != nil {
				t.Fatal(err)
			}
		}, "nothing is written: "},
		"a file of it is committed": {Result{}, func(t *testing.T, root string) { set(t, root, "spec/a.yaml", "theirs"); commit(t, root) }, "has changed since it was copied"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := small(t)
			c := copyOf(t, root)
			change(t, c)
			if test.before != nil {
				test.before(t, root)
			}
			before, removed := hashTree(t, root), stat(t, root, "b.txt")
			err := c.Keep(t.Context(), &test.result)
			if test.says != "" {
				if err == nil || !strings.Contains(err.Error(), test.says) {
					t.Errorf("error %v, want one that says %q", err, test.says)
				}
				if hashTree(t, root) != before {
					t.Error("the tree has changed all the same")
				}
				if !os.SameFile(removed, stat(t, root, "b.txt")) {
					t.Error("b.txt was removed and written again, though nothing was to be touched")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range map[string]string{"spec/a.yaml": "a, and more", "new/c.txt": "c", "b.txt": "none"} {
				if got := get(root, name); got != want {
					t.Errorf("%s holds %q, want %q", name, got, want)
				}
			}
		})
	}
}

func stat(t *testing.T, root, name string) os.FileInfo {
	t.Helper()
	info, err := os.Stat(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// TestKeepIsAllOrNothing fails the last of several files only as it is written: its
// folder is a link to nothing.
func TestKeepIsAllOrNothing(t *testing.T) {
	t.Parallel()
	root := small(t)
	if err := os.Remove(filepath.Join(root, "bin")); err != nil {
		t.Fatal(err)
	}
	c := copyOf(t, root)
	change(t, c)
	set(t, c.module.Dir, "zz/d.txt", "d")
	set(t, root, ".git/info/exclude", "/zz\n")
	before := hashTree(t, root)
	if err := os.Symlink("nowhere", filepath.Join(root, "zz")); err != nil {
		t.Skip("no symbolic links here")
	}
	if err := c.Keep(t.Context(), &Result{}); err == nil || !strings.Contains(err.Error(), "nothing is written") {
		t.Fatalf("error %v", err)
	}
	if err := os.Remove(filepath.Join(root, "zz")); err != nil {
		t.Fatal(err)
	}
	if hashTree(t, root) != before {
		t.Error("some of it is written")
	}
}
