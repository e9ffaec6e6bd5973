// Package modcopy copies a module to a temporary folder, where commands can change
// it freely.
package modcopy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Copy is a copy of a module in a folder of its own: the files of the working tree
// that git would commit, all of them writable. Changes in it leave the tree alone.
type Copy struct {
	Root   string            // of the module
	Before map[string][]byte // the files as they were copied, by their slashed names
	*Folder
}

// New copies the module with the given root. The purpose becomes a part of the
// folder's name. The caller must call Remove.
func New(ctx context.Context, root, purpose string) (*Copy, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	list, err := Git(ctx, root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	if err != nil {
		return nil, err
	}
	c := &Copy{Root: root, Before: map[string][]byte{}}
	for name := range strings.SplitSeq(strings.Trim(list, "\x00"), "\x00") {
		file := filepath.Join(root, name)
		if info, err := os.Stat(file); err == nil && info.IsDir() {
			continue // a repository of its own, or a link to a folder: nothing that is compiled
		}
		switch data, err := os.ReadFile(file); {
		case err == nil:
			c.Before[name] = data
		case !errors.Is(err, fs.ErrNotExist): // deleted, and not committed
			return nil, err
		}
	}
	if c.Before["go.mod"] == nil {
		return nil, fmt.Errorf("%s is not the root of the module", root)
	}
	if c.Folder, err = NewFolder(purpose); err != nil {
		return nil, err
	}
	for name, data := range c.Before {
		file := filepath.Join(c.Dir, name)
		info, err := os.Stat(filepath.Join(root, name))
		if err == nil {
			err = errors.Join(write(file, data), os.Chmod(file, info.Mode().Perm()|0o200))
		}
		if err != nil {
			return nil, errors.Join(err, c.Remove())
		}
	}
	return c, nil
}

// Folder is a folder for a copy. Its name is locked, by this process and by what it
// has started there.
type Folder struct {
	Dir    string
	remove func() error
}

// NewFolder makes an empty folder. Its name is the first of a few that nothing which
// runs has taken: what is compiled in one copy serves the next, of whatever tree. The
// lock on a name ends with the last process that holds it, so that the folder which one
// leaves that was killed is used again; the file of the lock stays, for another may be
// about to lock it. The flag -trimpath would do without names, but only after compiling
// once more all that the module depends on, and that takes minutes.
func NewFolder(purpose string) (*Folder, error) {
	const most = 64
	var err error
	for n := range most {
		dir := filepath.Join(os.TempDir(), fmt.Sprintf("originpull-%s-%d-%d", purpose, os.Getuid(), n))
		lock, failed := tryLock(dir + ".lock")
		if failed == nil {
			// What another user has made there cannot be removed, and is not used.
			if failed = errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700)); failed == nil {
				remove := sync.OnceValue(func() error { return errors.Join(os.RemoveAll(dir), lock.Close()) })
				return &Folder{dir, remove}, nil
			}
			failed = errors.Join(failed, lock.Close())
		}
		if err == nil || errors.Is(err, errInUse) {
			err = failed
		}
	}
	return nil, fmt.Errorf("no folder for a copy in %s: %w", os.TempDir(), err)
}

var errInUse = errors.New("all that there can be are in use")

// Remove removes the folder. It can be called again.
func (f *Folder) Remove() error { return f.remove() }

// Command is a command in a folder of the copy. When ctx ends, whatever it has
// started ends with it.
func (f *Folder) Command(ctx context.Context, dir, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = filepath.Join(f.Dir, dir)
	cmd.Env = Environment()
	cmd.WaitDelay = 5 * time.Second
	ownGroup(cmd)
	return cmd
}

// Reset makes the copy again what it was at first.
func (c *Copy) Reset() error {
	changed, err := c.Changed()
	if err != nil {
		return err
	}
	for name := range changed {
		file := filepath.Join(c.Dir, name)
		if before, ok := c.Before[name]; ok {
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

// Changed returns the files that are no longer as they were copied, and what they
// hold now; nil for one that is gone.
func (c *Copy) Changed() (map[string][]byte, error) {
	changed := map[string][]byte{}
	for name := range c.Before {
		changed[name] = nil
	}
	err := filepath.WalkDir(c.Dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(c.Dir, file)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(relative)
		if before, ok := c.Before[name]; ok && bytes.Equal(before, data) {
			delete(changed, name)
		} else {
			changed[name] = data
		}
		return nil
	})
	return changed, err
}

// Write writes a file of the copy.
func (c *Copy) Write(name string, data []byte) error { return write(filepath.Join(c.Dir, name), data) }

// Environment is that of a command in a copy: without credentials, since what it
// compiles and runs can be made of a document or by a release that no one has looked
// at, and without what binds git to another tree or Go to another workspace.
func Environment() []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return withheld.MatchString(name)
	})
	return append(env, "GOWORK=off")
}

// withheld are the names of variables that hold a credential or lead to one, or that
// are about another tree.
var withheld = regexp.MustCompile(`(?i)^(GIT|CLOUDFLARE|CONTRACT)_|KEY|PASSW|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|^SSH_AUTH_SOCK$`)

func write(file string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o644)
}

// Git returns what a git command prints. Where it fails for being no place for git,
// the error says why git is needed.
func Git(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C") // what it says is read
	output, err := cmd.Output()
	failed, ran := errors.AsType[*exec.ExitError](err)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", fmt.Errorf("the files of the module and their versions are asked from git, which is not installed: %w", err)
	case ran && bytes.Contains(failed.Stderr, []byte("not a git repository")):
		return "", fmt.Errorf("the files of the module and their versions are asked from git: run this in a clone of the repository: git %s: %s", args[0], bytes.TrimSpace(failed.Stderr))
	case ran && len(failed.Stderr) > 0:
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, bytes.TrimSpace(failed.Stderr))
	case err != nil:
		return "", fmt.Errorf("git %s: %w", args[0], err)
	}
	return string(output), nil
}
