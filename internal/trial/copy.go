package trial

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Copy is a copy of the module in a folder of its own: what git would commit of
// the working tree. Nothing that is done in it changes the tree, until Keep.
type Copy struct {
	root, dir string
	before    map[string][]byte // the files as they were copied, by their slashed names
	took      time.Duration
}

// NewCopy copies the module whose root is given. Remove has to follow.
func NewCopy(ctx context.Context, root string) (*Copy, error) {
	start := time.Now()
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	list, err := git(ctx, root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	if err != nil {
		return nil, err
	}
	c := &Copy{root: root, before: map[string][]byte{}}
	for name := range strings.SplitSeq(strings.Trim(list, "\x00"), "\x00") {
		switch data, err := os.ReadFile(filepath.Join(root, name)); {
		case err == nil:
			c.before[name] = data
		case !errors.Is(err, fs.ErrNotExist): // deleted, and not committed
			return nil, err
		}
	}
	if c.before["go.mod"] == nil {
		return nil, fmt.Errorf("%s is not the root of the module", root)
	}
	if c.dir, err = folder(); err != nil {
		return nil, err
	}
	for name, data := range c.before {
		file := filepath.Join(c.dir, name)
		info, err := os.Stat(filepath.Join(root, name))
		if err == nil {
			err = errors.Join(write(file, data), os.Chmod(file, info.Mode().Perm()))
		}
		if err != nil {
			return nil, errors.Join(err, c.Remove())
		}
	}
	c.took = time.Since(start)
	return c, nil
}

// folder makes an empty folder. Its name is always the same, unless that is in
// use: what is compiled for one trial serves the next, of whatever tree. The flag
// -trimpath would do as well, but only after compiling once more all that the
// module depends on, and that takes minutes.
func folder() (string, error) {
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("originpull-trial-%d", os.Getuid()))
	if err := os.Mkdir(dir, 0o700); !errors.Is(err, fs.ErrExist) {
		return dir, err
	}
	return os.MkdirTemp("", "originpull-trial-")
}

// Remove removes the folder.
func (c *Copy) Remove() error { return os.RemoveAll(c.dir) }

// Reset makes the copy again what it was at first.
func (c *Copy) Reset() error {
	changed, err := c.changed()
	if err != nil {
		return err
	}
	for name := range changed {
		file := filepath.Join(c.dir, name)
		if before, ok := c.before[name]; ok {
			err = write(file, before)
		} else {
			err = os.Remove(file)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// changed returns the files that are no longer as they were copied, and what they
// hold now; nil for one that is gone.
func (c *Copy) changed() (map[string][]byte, error) {
	changed := map[string][]byte{}
	for name := range c.before {
		changed[name] = nil
	}
	err := filepath.WalkDir(c.dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(c.dir, file)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(relative)
		if before, ok := c.before[name]; ok && bytes.Equal(before, data) {
			delete(changed, name)
		} else {
			changed[name] = data
		}
		return nil
	})
	return changed, err
}

// Keep writes what has changed in the copy into the tree, all of it or nothing.
// It refuses where the trial did, where a person has to decide first, and where
// that would overwrite what is not committed.
func (c *Copy) Keep(ctx context.Context, r *Result) error {
	if err := r.Err(); errors.Is(err, ErrRefused) || r.Undecided {
		return fmt.Errorf("nothing is written: %w", err)
	}
	changed, err := c.changed()
	if err != nil || len(changed) == 0 {
		return err
	}
	names := slices.Sorted(maps.Keys(changed))
	dirty, err := git(ctx, c.root, append([]string{"status", "--porcelain", "--"}, names...)...)
	if err != nil {
		return err
	}
	if dirty != "" {
		return fmt.Errorf("these files have changes that are not committed, commit or stash them first; nothing is written:\n%s", strings.TrimRight(dirty, "\n"))
	}
	for _, name := range names {
		now, err := os.ReadFile(filepath.Join(c.root, name))
		if before, ok := c.before[name]; ok && (err != nil || !bytes.Equal(now, before)) {
			return fmt.Errorf("%s has changed since it was copied: try again; nothing is written", name)
		}
	}
	for i, name := range names {
		if err := put(filepath.Join(c.root, name), changed[name]); err != nil {
			for _, done := range names[:i] {
				err = errors.Join(err, put(filepath.Join(c.root, done), c.before[done]))
			}
			return fmt.Errorf("nothing is written: %w", err)
		}
	}
	return nil
}

// put writes a file whole or not at all; without content it removes it.
func put(file string, data []byte) error {
	if data == nil {
		return os.Remove(file)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(file), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(data)
	if err = errors.Join(err, temp.Chmod(0o644), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), file)
}

func write(file string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o644)
}

func git(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	output, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, bytes.TrimSpace(failed.Stderr))
	}
	return string(output), err
}
